"""curator grep: what is found where, in every form, and exit codes as grep has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.errors import UsageError
from curator.records.searching import SlowPatternError


def record(*texts: str) -> str:
    roles = ("user", "assistant")
    return json.dumps({"messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    lines = [record("a lamp", "The Lamp\nand a LAMP"), "", record("caf\u00e9", "no"), "{broken lamp"]
    path.write_bytes("\n".join(lines).encode())
    return path


def grep(*arguments: object) -> Exit:
    return commands.run("grep", [*map(str, arguments), "--workers", "inline"])


def test_messages_with_their_places(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grep("lamp", file) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:1: message 1 user: a lamp",
        f"{file}:1: message 2 assistant: The Lamp and a LAMP",
        f"{file}:4: {{broken lamp",
    ]


def test_case_roles_and_regular_expressions(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grep("Lamp", file, "--role", "assistant") == 0
    assert capsys.readouterr().out == f"{file}:1: message 2 assistant: The Lamp and a LAMP\n"
    assert grep("LAMP", "-i", "-c", file) == 0
    assert capsys.readouterr().out == f"{file}:2\n"
    assert grep("lamp", "-s", file, "--role", "assistant") == 1
    assert grep("caf.$", "-E", file) == 0
    assert capsys.readouterr().out == f"{file}:3: message 1 user: caf\u00e9\n"


def test_lines_come_byte_for_byte(file: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert grep("caf\u00e9", "--lines", file) == 0
    assert capfdbinary.readouterr().out == file.read_bytes().split(b"\n")[2] + b"\n"
    assert grep("caf\u00e9", "--lines", "-n", file) == 0
    assert capfdbinary.readouterr().out.startswith(f"{file}:3:{{".encode())


def test_the_others_the_names_and_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grep("lamp", "-v", file) == 0
    assert capsys.readouterr().out == f"{file}:3: caf\u00e9\n"
    assert grep("lamp", "-l", file, file) == 0
    assert capsys.readouterr().out == f"{file}\n{file}\n"
    assert grep("lamp", "--json", file) == 0
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {
        "path": str(file),
        "line": 1,
        "message": 1,
        "role": "user",
        "matches": 1,
        "text": "a lamp",
        "spans": [[2, 6]],
    }
    assert second["matches"] == 2
    assert third["message"] is None


def test_nothing_found_and_faults(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grep("zebra", file) == 1
    assert capsys.readouterr().out == ""
    with pytest.raises(UsageError, match="not understood"):
        grep("(", "-E", file)
    with pytest.raises(UsageError, match="nothing to look for"):
        grep("", file)
    file.write_text(record("x" * 5000))
    with pytest.raises(SlowPatternError):
        grep("(x+x+)+[yz]", "-E", file)
