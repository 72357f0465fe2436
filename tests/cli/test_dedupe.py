"""curator dedupe: what is kept byte for byte, and what is said of the rest."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.errors import UsageError

MARK = b"\xef\xbb\xbf"


def line(user: str, assistant: str, end: bytes = b"\n", **more: Any) -> bytes:
    messages = [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return json.dumps({"messages": messages, **more}).encode() + end


def dedupe(*arguments: object) -> Exit:
    return commands.run("dedupe", list(map(str, arguments)))


def test_kept_lines_keep_their_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = line("When?", "Noon.", b"\r\n"), line("When?", "Noon.", note="  x")
    odd, last = b"  not json\n\n", line("Where?", "Here.", b"")
    (tmp_path / "a.jsonl").write_bytes(MARK + one + odd + two + last)
    (tmp_path / "b.jsonl").write_bytes(MARK + last + b"\n" + line("Who?", "I.", b""))
    assert dedupe(tmp_path / "a.jsonl", tmp_path / "b.jsonl", "-o", tmp_path / "out.jsonl") == Exit.CLEAN
    assert (tmp_path / "out.jsonl").read_bytes() == MARK + one + odd + last + b"\n" + line("Who?", "I.", b"")
    assert "6 records in, 4 kept; 2 dropped (2 exact) of 2 groups" in capsys.readouterr().err


def test_a_file_without_duplicates_comes_out_as_it_is(tmp_path: Path, shared_data: Path) -> None:
    for name in ("chat/oasst_en_threads.jsonl", "broken/openai_finetuning_blank_lines.jsonl", "chat/sgd_small.jsonl"):
        assert dedupe(shared_data / name, "-o", tmp_path / "out.jsonl", "--force") == Exit.CLEAN
        assert (tmp_path / "out.jsonl").read_bytes() == (shared_data / name).read_bytes()


def test_a_dry_run_writes_nothing_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line("When?", "Noon.") * 3 + line("when", "noon"))
    assert dedupe(path, "--dry-run", "--near", "--json") == Exit.FINDINGS
    told = json.loads(capsys.readouterr().out)
    assert {key: told[key] for key in ("records", "kept", "dropped", "exact")} == {
        "records": 4,
        "kept": 1,
        "dropped": 3,
        "exact": 2,
    }
    assert told["groups"][0]["kind"] == "near" and [one["line"] for one in told["groups"][0]["records"]] == [1, 2, 3, 4]
    assert [one.name for one in tmp_path.iterdir()] == ["a.jsonl"]
    assert dedupe(path, "--dry-run", "--report", "--by", "prompt") == Exit.FINDINGS
    assert "1, 2, 3" in capsys.readouterr().out


@pytest.mark.parametrize("packed", [False, True])
def test_the_longest_of_near_ones_stays(tmp_path: Path, packed: bool) -> None:
    said = "the ferry to the island leaves at noon from the second quay on the left side of the harbour"
    path = tmp_path / "a.jsonl"
    content = line("When?", said) + line("When?", said + " today")
    path.write_bytes(gzip.compress(content) if packed else content)
    dedupe(path, "--near", "0.7", "--keep", "longest", "-o", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == line("When?", said + " today")


def test_what_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line("When?", "Noon."))
    for arguments, words in (
        (("-o", path), "is the file that is read"),
        (("-o", "-", "--json"), "cannot both go to stdout"),
        ((), "one of the arguments -o/--output --dry-run is required"),
        (("--dry-run", "--near", "1.5"), "takes a number above 0, up to 1"),
    ):
        with pytest.raises(UsageError, match=words):
            dedupe(path, *arguments)
    assert path.read_bytes() == line("When?", "Noon.")


def test_what_an_exam_has_is_dropped_and_the_exam_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, exam, out = tmp_path / "a.jsonl", tmp_path / "exam.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(line("When?", "Noon.") * 2 + line("Who?", "I.") * 2 + line("Where?", "Here.") + b"\n")
    exam.write_bytes(line("when", "noon", id=4) + b"\n" + line("Why?", "So."))
    dedupe(path, "--without", exam, "--near", "-o", out)
    assert out.read_bytes() == line("Who?", "I.") + line("Where?", "Here.") + b"\n"
    told = capsys.readouterr().err
    assert "5 records in, 2 kept; 1 dropped (1 exact, 0 near) of 1 group" in told
    assert f"2 more dropped that {exam} has too." in told
    assert dedupe(path, "--without", exam, "--by", "prompt", "--dry-run", "--json") == Exit.FINDINGS
    assert json.loads(capsys.readouterr().out)["elsewhere"] == 0
    with pytest.raises(UsageError, match="is a file that is read"):
        dedupe(path, "--without", exam, "-o", exam, "--force")
