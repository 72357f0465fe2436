"""curator convert: all records or none, losses first, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.errors import UsageError

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "samples"
QUESTION = {"role": "user", "content": "Which rose?"}
ANSWER = {"role": "assistant", "content": "Gallica."}
CALL = {"id": "a", "type": "function", "function": {"name": "frost", "arguments": "{}"}}
SOUND = {"messages": [QUESTION, ANSWER], "id": 1}
LOSSY = {"messages": [QUESTION, {**ANSWER, "weight": 0}, QUESTION, ANSWER]}
REFUSED = {"messages": [QUESTION, {"role": "assistant", "content": None, "tool_calls": [CALL]}]}


def line_of(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


class Folder:
    """A folder with input files, and the command run in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.out = path / "out.jsonl"

    def convert(self, records: list[Any], *options: str, out: bool = True) -> Exit:
        (self.path / "in.jsonl").write_bytes(b"".join(map(line_of, records)))
        target = ["-o", str(self.out)] if out else []
        return commands.run("convert", [str(self.path / "in.jsonl"), *target, "--workers", "inline", *options])

    @property
    def written(self) -> list[Any]:
        return [json.loads(line) for line in self.out.read_bytes().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_all_records_are_written_where_nothing_is_lost(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.convert([SOUND, SOUND], "--to", "alpaca") is Exit.CLEAN
    assert folder.written == [{"instruction": "Which rose?", "output": "Gallica.", "id": 1}] * 2
    talk = capsys.readouterr().err
    assert "2 records: 2 without loss, 0 with a loss, 0 not to be converted." in talk
    assert "out.jsonl: 2 records written;" in talk
    assert sorted(one.name for one in folder.path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_nothing_is_written_unless_all_is_settled(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    everything = [SOUND, LOSSY, REFUSED, SOUND]
    for options in ((), ("--skip",), ("--allow-lossy",)):
        assert folder.convert(everything, "--to", "alpaca", *options) is Exit.FINDINGS
        assert not folder.out.exists()
    talk = capsys.readouterr().err
    assert (
        "cannot be converted: 1 record: calls of tools, which the dialect cannot hold (line 3); line 3: message 2"
        in talk
    )
    assert "lossy: 1 record: answers that were not trained would be trained (line 2)" in talk
    assert "nothing was written; --skip leaves the 1 record out that cannot be converted and --allow-lossy" in talk
    assert folder.convert(everything, "--to", "alpaca", "--skip", "--allow-lossy") is Exit.CLEAN
    assert len(folder.written) == 3
    assert folder.convert(everything, "--to", "alpaca", "--skip-lossy", "--force") is Exit.CLEAN
    assert len(folder.written) == 2


def test_a_dry_run_writes_nothing(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.convert([SOUND], "--to", "claude", "--dry-run", out=False) is Exit.FINDINGS
    assert folder.convert([SOUND], "--to", "claude", "--dry-run", "--drop-keys", out=False) is Exit.CLEAN
    assert "told: 1 record: further keys are left out, as asked (line 1); line 1: `id`." in capsys.readouterr().err
    assert [one.name for one in folder.path.iterdir()] == ["in.jsonl"]


def test_each_loss_on_a_line_of_its_own(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.convert([SOUND, LOSSY, REFUSED, "no record"], "--to", "alpaca", "--dry-run", "--report", out=False)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["line"], one["cause"], one["weight"]) for one in told] == [
        (2, "trained-too", "lossy"),
        (3, "calls", "cannot be converted"),
        (4, "no-record", "cannot be converted"),
    ]


def test_stdout_gets_all_or_nothing(folder: Folder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert folder.convert([SOUND, REFUSED], "--to", "alpaca", "-o", "-", out=False) is Exit.FINDINGS
    assert capfdbinary.readouterr().out == b""
    assert folder.convert([SOUND], "--to", "alpaca", "-o", "-", out=False) is Exit.CLEAN
    assert json.loads(capfdbinary.readouterr().out) == {"instruction": "Which rose?", "output": "Gallica.", "id": 1}


def test_several_files_of_several_dialects_become_one(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(SAMPLES / name) for name in ("alpaca.jsonl", "claude.jsonl", "sharegpt.jsonl")]
    assert (
        commands.run("convert", [*files, "--to", "openai-chat", "-o", str(folder.out), "--allow-lossy"]) is Exit.CLEAN
    )
    assert all("messages" in one for one in folder.written)
    assert "claude.jsonl: 6 records:" in capsys.readouterr().err


def test_workers_and_this_process_write_the_same(folder: Folder, shared_data: Path) -> None:
    for workers in ("inline", "2"):
        out = folder.path / f"{workers}.jsonl"
        source = str(shared_data / "chat" / "sgd_small.jsonl")
        assert commands.run("convert", [source, "--to", "sharegpt", "-o", str(out), "--workers", workers]) is Exit.CLEAN
    assert (folder.path / "inline.jsonl").read_bytes() == (folder.path / "2.jsonl").read_bytes()


def test_lines_of_the_same_dialect_keep_their_bytes(folder: Folder) -> None:
    line = b'{ "instruction":"a" , "output" : "\\u00e9", "x": 1.10 }\n'
    (folder.path / "in.jsonl").write_bytes(line + b"\n" + line)
    assert (
        commands.run("convert", [str(folder.path / "in.jsonl"), "--to", "alpaca", "-o", str(folder.out)]) is Exit.CLEAN
    )
    assert folder.out.read_bytes() == line * 2


@pytest.mark.parametrize("options", [(), ("--report", "-o", "-"), ("-o", "in.jsonl")])
def test_what_cannot_be_asked(folder: Folder, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.path)
    with pytest.raises(UsageError):
        folder.convert([SOUND], "--to", "alpaca", *options, out=False)
    with pytest.raises(UsageError, match="that is read"):
        folder.convert([SOUND], "--to", "alpaca", "-o", "in.jsonl", "--force", out=False)
