"""curator split: what is written, what stays as it was, and what is said of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.engine import audit
from curator.errors import UnreadableError, UsageError

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "samples"
MARK = b"\xef\xbb\xbf"


def record(turns: int, **more: Any) -> dict[str, Any]:
    said = [
        {"role": role, "content": f"{role} {turn}"} for turn in range(1, turns + 1) for role in ("user", "assistant")
    ]
    return {"messages": [{"role": "system", "content": "Be brief."}, *said], **more}


def line_of(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def records_in(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


class Folder:
    """A folder with an input file, and the command run in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.out = path / "out.jsonl"

    def split(self, content: bytes, *options: str) -> Exit:
        (self.path / "in.jsonl").write_bytes(content)
        return commands.run("split", [str(self.path / "in.jsonl"), "-o", str(self.out), *options])

    @property
    def names(self) -> list[str]:
        return sorted(one.name for one in self.path.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_exploding_a_file(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.split(line_of(record(2)) + line_of(record(1)), "--by", "turn") is Exit.CLEAN
    first, second, third = records_in(folder.out.read_bytes())
    assert first == {"messages": record(2)["messages"][:3]}
    assert [message.get("weight") for message in second["messages"]] == [None, None, 0, None, None]
    assert third == record(1)
    told = capsys.readouterr()
    assert told.out == ""
    assert "records: 2 in, 3 out; 1 split." in told.err
    assert "tokens: 62 before, 86 after." in told.err
    assert "trained tokens: 9 before, 9 after." in told.err
    assert "for 25 epochs before" in told.err
    assert folder.names == ["in.jsonl", "out.jsonl"]


@pytest.mark.parametrize("by", [("turn",), ("pair",), ("window", "--turns", "2"), ("fit", "--budget", "60")])
def test_what_is_not_split_is_copied_byte_for_byte(folder: Folder, by: tuple[str, ...]) -> None:
    untouched = [
        b'{"messages": [ {"role":"user","content":"caf\\u00e9"},{"role":"assistant","content":"1.10"} ] }\r\n',
        b"\n",
        b"  \n",
        b'{"messages": [\n',
        b"\xff\xfe\n",
        b"[1, 2]\n",
    ]
    last = b'{"messages": [{"role":"user","content":"no line end"}]}'
    folder.split(MARK + b"".join(untouched) + line_of(record(5)) + last, "--by", *by)
    written = folder.out.read_bytes()
    assert written.startswith(MARK + b"".join(untouched))
    assert written.endswith(b"\n" + last)
    assert len(written) > len(MARK + b"".join(untouched) + last) + len(line_of(record(1)))


def test_a_file_without_anything_to_split_is_the_same(folder: Folder) -> None:
    for sample in ("broken", "prompt_completion", "over_long"):
        content = (SAMPLES / f"{sample}.jsonl").read_bytes()
        folder.split(content, "--by", "fit", "--budget", "10,000,000", "--force")
        assert folder.out.read_bytes() == content


def test_the_byte_order_mark_stays_before_the_first_piece(folder: Folder) -> None:
    folder.split(MARK + line_of(record(2)), "--by", "pair")
    assert folder.out.read_bytes().startswith(MARK + b'{"messages"')
    assert folder.out.read_bytes().count(MARK) == 1


def test_chunks_do_not_matter(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (SAMPLES / "examiner.jsonl").read_bytes() + (SAMPLES / "tools.jsonl").read_bytes()
    folder.split(content, "--by", "window", "--turns", "2")
    whole = folder.out.read_bytes()
    monkeypatch.setattr(audit, "CHUNK_BYTES", ())
    monkeypatch.setattr(audit, "LARGEST_CHUNK", 1)
    folder.split(content, "--by", "window", "--turns", "2", "--force")
    assert folder.out.read_bytes() == whole


def test_pieces_keep_within_the_budget_of_the_audit(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.split(line_of(record(9)), "--by", "fit", "--budget", "60", "--overlap", "1") is Exit.CLEAN
    capsys.readouterr()
    commands.run("stats", [str(folder.out), "--json", "--context-length", "60"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["over_context"] == 0
    assert answer["trained_tokens"] == 27
    assert answer["records"] > 1


def test_the_default_budget_is_the_longest_example(folder: Folder) -> None:
    folder.split(line_of(record(9)), "--by", "fit", "--context-length", "60")
    assert len(records_in(folder.out.read_bytes())) > 1
    folder.split(line_of(record(9)), "--by", "fit", "--force")
    assert folder.out.read_bytes() == line_of(record(9))


def test_a_turn_over_the_budget_is_told(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    content = line_of(record(1)) + line_of(record(2))
    assert folder.split(content * 4, "--by", "fit", "--budget", "5") is Exit.FINDINGS
    assert (
        "curator: 8 records: a turn is over the budget on its own; it is not cut (lines 1, 2, 3, 4, 5, ...).\n"
        in capsys.readouterr().err
    )
    assert [len(one["messages"]) for one in records_in(folder.out.read_bytes())] == [3, 3, 3] * 4


def test_pieces_keep_what_encoding_anew_would_lose(folder: Folder) -> None:
    odd = line_of(record(2))[:-2] + b', "id": 1, "id": 2,  "score": 1.10, "none": NaN}\n'
    assert folder.split(odd, "--by", "pair") is Exit.CLEAN
    lines = folder.out.read_bytes().splitlines()
    assert len(lines) == 2
    assert all(line.endswith(b', "id": 1, "id": 2,  "score": 1.10, "none": NaN}') for line in lines)


def test_pieces_end_as_their_line_does(folder: Folder) -> None:
    folder.split(line_of(record(2))[:-1] + b"\r\n" + line_of(record(2))[:-1], "--by", "pair")
    first, second, third, fourth = folder.out.read_bytes().splitlines(keepends=True)
    assert first.endswith(b"}\r\n")
    assert second.endswith(b"}\r\n")
    assert third.endswith(b"}\n")
    assert fourth.endswith(b"}\n")


def test_large_integers_stay_exact(folder: Folder) -> None:
    folder.split(line_of(record(2, seed=2**70)), "--by", "pair")
    assert [one["seed"] for one in records_in(folder.out.read_bytes())] == [2**70, 2**70]


def test_preference_records_are_copied_and_told(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    content = (SAMPLES / "preference.jsonl").read_bytes()
    assert folder.split(content, "--by", "turn") is Exit.FINDINGS
    assert folder.out.read_bytes() == content
    assert "15 records: a preference record compares two answers" in capsys.readouterr().err


def test_a_dialect_without_a_mask_is_told(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.split((SAMPLES / "sharegpt.jsonl").read_bytes(), "--by", "turn") is Exit.CLEAN
    assert "so the repeated history is trained too (lines 2, 4, 8, 9, 11, ...)." in capsys.readouterr().err


def test_pairs_without_the_system_prompt(folder: Folder) -> None:
    folder.split(line_of(record(2)), "--by", "pair", "--no-system")
    assert [one["messages"][0]["role"] for one in records_in(folder.out.read_bytes())] == ["user", "user"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--by", "window"], "needs `--turns W`"),
        (["--by", "turn", "--turns", "2"], "--turns goes with `--by window`"),
        (["--by", "window", "--turns", "0"], "at least 1"),
        (["--by", "pair", "--budget", "7"], "--budget goes with `--by fit`"),
        (["--by", "turn", "--no-system"], "--no-system goes with `--by pair`"),
        (["--by", "line"], "invalid choice"),
        ([], "--by"),
    ],
)
def test_refused_command_lines(folder: Folder, options: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        folder.split(line_of(record(2)), *options)
    assert folder.names == ["in.jsonl"]


def test_an_existing_file_is_only_replaced_by_force(folder: Folder) -> None:
    folder.out.write_text("mine")
    folder.out.chmod(0o640)
    with pytest.raises(UsageError, match="is there already"):
        folder.split(line_of(record(2)), "--by", "pair")
    assert folder.out.read_text() == "mine"
    folder.split(line_of(record(2)), "--by", "pair", "--force")
    assert len(records_in(folder.out.read_bytes())) == 2
    assert folder.out.stat().st_mode & 0o777 == 0o640
    assert folder.names == ["in.jsonl", "out.jsonl"]


def test_the_input_is_only_replaced_by_force(folder: Folder) -> None:
    folder.out = folder.path / "in.jsonl"
    with pytest.raises(UsageError, match="is the file that is read"):
        folder.split(line_of(record(2)), "--by", "pair")
    assert folder.out.read_bytes() == line_of(record(2))
    folder.split(line_of(record(2)), "--by", "pair", "--force")
    assert len(records_in(folder.out.read_bytes())) == 2


def test_links_are_kept(folder: Folder) -> None:
    (folder.path / "real.jsonl").write_text("old")
    folder.out.symlink_to("real.jsonl")
    folder.split(line_of(record(2)), "--by", "pair", "--force")
    assert folder.out.is_symlink()
    assert len(records_in((folder.path / "real.jsonl").read_bytes())) == 2


@pytest.mark.parametrize("out", ["nowhere/out.jsonl", "pipe", "."])
def test_places_that_cannot_be_written(folder: Folder, out: str) -> None:
    os.mkfifo(folder.path / "pipe")
    folder.out = folder.path / out
    with pytest.raises(UsageError):
        folder.split(line_of(record(2)), "--by", "pair", "--force")
    assert folder.names == ["in.jsonl", "pipe"]


FAULTY = """
import resource, signal, sys
from curator.__main__ import main

fault, *sys.argv[1:] = sys.argv[1:]
if fault == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
else:
    from curator.storage import replacing
    replacing.os.fsync = lambda _: signal.raise_signal(signal.SIGINT)
main()
"""


@pytest.mark.parametrize(("fault", "outcome"), [("full", Exit.UNREADABLE), ("interrupt", Exit.INTERRUPTED)])
def test_nothing_is_left_behind_after_a_fault(folder: Folder, fault: str, outcome: Exit) -> None:
    folder.out.write_text("mine")
    (folder.path / "in.jsonl").write_bytes(line_of(record(2)))
    command = [sys.executable, "-c", FAULTY, fault, "split", "in.jsonl", "-o", "out.jsonl", "--by", "pair", "--force"]
    done = subprocess.run(command, cwd=folder.path, capture_output=True, env={**os.environ, "PYTHONPATH": str(PROJECT)})
    assert done.returncode == outcome, done.stderr
    assert (b"File too large. What was there is unchanged" in done.stderr) == (fault == "full")
    assert folder.out.read_text() == "mine"
    assert folder.names == ["in.jsonl", "out.jsonl"]


def test_what_a_killed_split_left_is_removed_by_the_next(folder: Folder) -> None:
    (folder.path / f".out.jsonl.curator-{'0' * 16}.tmp").write_text("half")
    folder.split(line_of(record(2)), "--by", "pair")
    assert folder.names == ["in.jsonl", "out.jsonl"]


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        commands.run("split", [str(tmp_path / "no.jsonl"), "-o", str(tmp_path / "out"), "--by", "turn"])
    assert not list(tmp_path.iterdir())


def test_the_program_writes_to_stdout(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(line_of(record(2)) + b"{\n")
    command = [sys.executable, "-m", "curator", "split", "in.jsonl", "-o", "-", "--by", "pair"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONPATH": str(PROJECT)})
    assert done.returncode == Exit.CLEAN
    assert done.stdout.endswith(b"}\n{\n")
    assert done.stdout.count(b"\n") == 3
    assert b"curator: records: 2 in, 3 out; 1 split; 1 malformed, copied as they are.\n" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["in.jsonl"]
