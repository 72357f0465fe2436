"""curator grep: what is found where, in every form, and exit codes as grep has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.cli import commands
from curator.cli.difference_text import wants_colour
from curator.cli.exit_codes import Exit
from curator.cli.grep import as_text
from curator.errors import UsageError
from curator.records.searching import SlowPatternError
from curator.session.match_texts import Hit


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


def test_no_more_records_than_asked_for(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grep("lamp", "-m", "1", file, file) == 0
    lines = [f"{file}:1: message 1 user: a lamp", f"{file}:1: message 2 assistant: The Lamp and a LAMP"]
    assert capsys.readouterr().out.splitlines() == lines * 2
    assert grep("lamp", "-m1", "-c", file) == 0
    assert capsys.readouterr().out == f"{file}:1\n"
    assert grep("lamp", "-m1", "-v", "--lines", file) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_tools_keys_and_names_are_searched_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tool = {"type": "function", "function": {"name": "find_bus", "description": "Buses to a place"}}
    call = {"id": "1", "type": "function", "function": {"name": "find_bus", "arguments": "{}"}}
    says = [{"role": "user", "content": "Hi"}, {"role": "assistant", "tool_calls": [call]}]
    path = tmp_path / "tools.jsonl"
    path.write_text(json.dumps({"messages": says, "tools": [tool], "source": {"bus": 7}}))
    assert grep("bus", path) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path}:1: message 2 assistant: find_bus",
        f"{path}:1: tools: find_bus(): Buses to a place",
        f'{path}:1: keys: source: {{"bus":7}}',
    ]
    assert grep("bus", "--role", "text", "--json", path) == 0
    assert json.loads(capsys.readouterr().out)["message"] == 2
    assert grep("places", "--role", "tools", path) == 1


def test_matches_are_coloured_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    hit = Hit(0, 1, "user", 1, "a lamp", ((2, 6),))
    assert as_text("a.jsonl", 1, hit, coloured=True) == "a.jsonl:1: message 1 user: a \x1b[1;31mlamp\x1b[0m"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colour("auto")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour("auto")


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


def test_what_begins_like_a_weight_is_a_pattern_all_the_same(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(record("fine -:)"))
    assert commands.run("grep", ["--workers", "inline", "--", "-:)", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}:1: message 1 user: fine -:)\n"
    with pytest.raises(UsageError):
        grep("-:)", file)
