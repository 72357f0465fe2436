"""Curation on a real terminal, by keys alone: what is on disk afterwards, and what outlasts a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from piloting import chat, write
from tmux import Tmux, programs, terminal_of, until

from curator.cli import commands

MODEL = ["--model", "gpt-3.5-turbo-0125"]


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A terminal of 80 columns and 24 rows."""
    with terminal_of(tmp_path, 80, 24) as terminal:
        yield terminal


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A file of three records, the last of them with 100 kB on a line."""
    return write(tmp_path / "three.jsonl", [chat("one", "two"), chat("three", "four"), chat("word " * 20_000, "long")])


def pieces_of(line: bytes, folder: Path) -> bytes:
    """What the headless command makes of a line."""
    one, out = folder / "one.jsonl", folder / "pieces.jsonl"
    one.write_bytes(line)
    assert commands.run("split", [str(one), "-o", str(out), "--by", "fit", "--budget", "6000", *MODEL]) == 0
    return out.read_bytes()


def test_a_sample_is_curated_from_opening_to_reopening(
    tmux: Tmux, project: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path / "over_long.jsonl"
    before = (project / "samples" / "over_long.jsonl").read_bytes()
    path.write_bytes(before)
    lines = before.splitlines(keepends=True)
    text = json.loads(lines[0])["messages"][1]["content"]
    edited = lines[0].replace(
        json.dumps(text, ensure_ascii=False)[1:].encode(), b"Well. " + json.dumps(text, ensure_ascii=False)[1:].encode()
    )
    pieces = pieces_of(lines[6], tmp_path_factory.mktemp("pieces"))
    assert len(edited) == len(lines[0]) + 6
    assert len(pieces.splitlines()) == 3

    tmux.run(path.name, *MODEL)
    tmux.wait_for("audit complete")
    tmux.keys("Enter", "j", "e")
    tmux.wait_for("edit message 2 of #1")
    tmux.type("Well. ")
    tmux.wait_for("(+")
    tmux.keys("Escape", "Escape")
    tmux.wait_for("1 edited")
    tmux.keys("j", "t")
    tmux.wait_for("Tag #2")
    tmux.type("too dry")
    tmux.keys("Enter")
    tmux.wait_for("[too dry]")
    tmux.keys("j", "r")
    tmux.wait_for(" 4 of 12")
    tmux.keys("7", "G", "s")
    tmux.wait_for("to fit: pieces of at most 16,385 tokens")
    tmux.keys("Enter")
    tmux.wait_for("Most tokens of a piece:")
    tmux.keys("C-a", "C-k")
    tmux.type("6,000")
    tmux.keys("Enter")
    tmux.wait_for("Split #7?")
    tmux.wait_for("piece 3")
    tmux.keys("Enter")
    tmux.wait_for("7 of 14")

    tmux.keys("u", "u", "u", "u", "u")
    tmux.wait_for("There is nothing to undo.")
    tmux.wait_for("of 12")
    tmux.wait_without("edited")
    assert "[too dry]" not in tmux.screen
    assert path.read_bytes() == before
    tmux.keys("C-r", "C-r", "C-r", "C-r", "C-r")
    tmux.wait_for("There is nothing to redo.")
    tmux.wait_for("7 of 14")
    tmux.keys("C-s")
    tmux.wait_for("Save over_long.jsonl?")
    for words in ("1 changed", "3 new", "1 left out", "10 identical"):
        assert words in tmux.screen
    tmux.keys("s")
    tmux.wait_for("read back and proved")
    assert path.read_bytes() == b"".join([edited, *lines[1:6], pieces, *lines[7:]])
    tmux.keys("q")
    tmux.wait_for_end(0)
    assert {one.name for one in tmp_path.iterdir()} == {"over_long.jsonl", "over_long.jsonl.curator"}

    tmux.run(path.name, *MODEL)
    tmux.wait_for("audit complete")
    tmux.wait_for("7 of 14")
    tmux.keys("g", "Enter")
    tmux.wait_for("Well. ")
    tmux.keys("Escape", "j")
    tmux.wait_for("tag: too dry")
    tmux.keys("j")
    tmux.wait_for("rejected")
    tmux.keys("u", "u", "u", "u")
    tmux.wait_for("of 12")
    tmux.keys("C-s")
    tmux.wait_for("Save over_long.jsonl?")
    tmux.keys("s")
    tmux.wait_for("read back and proved")
    assert path.read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_what_is_being_typed_outlasts_the_end_of_the_program(tmux: Tmux, three: Path, number: signal.Signals) -> None:
    tmux.run(three.name)
    tmux.wait_for("audit complete")
    tmux.keys("e")
    tmux.wait_for("edit message 1 of #1")
    tmux.type("half a")
    tmux.wait_for("half aone")
    if number == signal.SIGKILL:
        time.sleep(1.2)
    os.kill(tmux.program, number)
    until(lambda: not programs(tmux.marker), "the end")
    with terminal_of(three.parent, 80, 24) as other:
        other.run(three.name)
        other.wait_for("An edit was not finished.")
        assert "half aone" in other.screen
        other.keys("e")
        other.wait_for("edit message 1 of #1")
        other.type("!")
        other.wait_for("!half aone")
        other.keys("Escape", "Escape")
        other.wait_for("1 edited")
        other.keys("q")
        other.wait_for_end(0)


def test_what_no_journal_takes_is_kept_aside_and_told_at_the_end(tmux: Tmux, three: Path) -> None:
    tmux.run(three.name)
    tmux.wait_for("audit complete")
    tmux.keys("e")
    tmux.type("Typed here: ")
    tmux.wait_for("Typed here: one")
    os.truncate(three, 10)
    tmux.keys("Escape")
    tmux.wait_for("became shorter")
    tmux.wait_for("Typed here: one")
    tmux.keys("C-q")
    tmux.wait_for_end(0)
    words = "".join(tmux.screen.split())
    assert "whatwasbeingtypedcouldnotbekeptinthejournal" in words
    kept = Path(re.search(r"itisin(/\S+?\.txt)\.", words)[1])  # type: ignore[index]
    assert kept.read_text() == "Typed here: one"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.unlink()


def test_a_long_text_goes_through_the_users_own_editor(tmux: Tmux, three: Path) -> None:
    editor = three.parent / "my editor"
    editor.write_text('#!/bin/sh\nread answer; printf "from outside: $answer" > "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    tmux.type(f"export EDITOR=\"'{editor}'\"")
    tmux.keys("Enter")
    tmux.run(three.name)
    tmux.wait_for("audit complete")
    tmux.keys("G", "e")
    tmux.wait_for("$EDITOR.")
    tmux.keys("E")
    tmux.wait_for("before")
    tmux.type("yes")
    tmux.keys("Enter")
    tmux.wait_for("from outside: yes")
    tmux.wait_for("1 edited")
    tmux.keys("C-s")
    tmux.wait_for("Save three.jsonl?")
    tmux.keys("Enter")
    tmux.wait_for("read back and proved")
    lines = three.read_bytes().splitlines(keepends=True)
    assert lines[2] == json.dumps(chat("from outside: yes", "long")).encode() + b"\n"
    tmux.keys("u")
    tmux.wait_for("Undone")
    tmux.keys("q")
    tmux.wait_for_end(0)
