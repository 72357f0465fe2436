"""Saving, history, and files that others have a hand in."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from piloting import PATIENCE, WIDE, Driven, chat, running, wait_for, write

from curator.session import saving as session_saving
from curator.tui.screens.confirm import Confirm
from curator.tui.screens.waiting import Waiting
from curator.tui.widgets.line_editor import LineEditor

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """A file of ten records."""
    return write(tmp_path / "ten.jsonl", (chat(f"question {n}", f"answer {n}") for n in range(1, 11)))


async def edit(run: Driven, number: int, text: str) -> None:
    """Put a text before what the first message of a record says."""
    await run.go_to(number)
    await run.press("e")
    await run.type(text)
    await run.press("escape", "escape")


async def save(run: Driven, key: str = "s") -> None:
    """Save, and wait for the proof."""
    await run.press("ctrl+s")
    await run.asked("Save ten.jsonl?")
    await run.press(key)
    await run.said("read back and proved")
    await run.until(lambda: run.app.screen is run.main)


def first_texts(content: bytes) -> list[str]:
    return [json.loads(line)["messages"][0]["content"] for line in content.splitlines()]


# Save


async def test_a_save_says_its_numbers_and_undo_reaches_across_it(ten: Path) -> None:
    before = ten.read_bytes()
    async with running(ten, size=WIDE) as run:
        await edit(run, 2, "New ")
        await run.press("4", "G", "x", "G", "equals_sign")
        await run.press("ctrl+s")
        await run.asked("Save ten.jsonl?")
        for words in ("1 changed", "1 new", "1 left out", "8 identical", "in all"):
            assert words in run.words
        assert ten.read_bytes() == before
        await run.press("escape")
        await run.press("ctrl+s")
        await run.asked("Save ten.jsonl?")
        wanted = b"".join(run.lines)
        await run.press("enter")
        await run.said("ten.jsonl: 2 changed, 8 identical; read back and proved")
        assert ten.read_bytes() == wanted
        assert "edited" not in run.text_of(run.main.title_bar)
        await run.press("ctrl+s")
        await run.said("holds all of it already")
        await run.press("u", "u", "u")
        assert b"".join(run.lines) == before
        await edit(run, 1, "Other ")
        await save(run)
        assert ten.read_bytes() == b"".join(run.lines)
        await run.press("u")
        await save(run)
        assert ten.read_bytes() == before
        await run.until(lambda: run.app.session.totals.records == 10)
    assert {one.name for one in ten.parent.iterdir()} == {"ten.jsonl", "ten.jsonl.curator"}


async def test_undo_reaches_across_a_save_and_a_restart(ten: Path) -> None:
    before = ten.read_bytes()
    async with running(ten) as run:
        await edit(run, 2, "New ")
        await save(run)
    async with running(ten) as run:
        await run.until(lambda: len(run.lines) == 10)
        await run.press("u")
        assert b"".join(run.lines) == before
        await run.press("ctrl+r")
        assert first_texts(b"".join(run.lines))[1] == "New question 2"


async def test_the_old_content_is_kept_where_it_is_asked_for(ten: Path) -> None:
    before = ten.read_bytes()
    async with running(ten) as run:
        await edit(run, 1, "New ")
        await save(run, "b")
    assert ten.with_name("ten.jsonl~").read_bytes() == before
    assert first_texts(ten.read_bytes())[0] == "New question 1"


async def test_another_name_is_asked_for_and_checked(ten: Path) -> None:
    before = ten.read_bytes()
    async with running(ten, size=WIDE) as run:
        await edit(run, 1, "New ")
        await run.press("ctrl+s")
        await run.asked("Save ten.jsonl?")
        await run.press("a")
        assert run.app.screen.query_one(LineEditor).text_stored == str(ten.with_name("ten.edited.jsonl"))
        await run.press("ctrl+a", "ctrl+k")
        for name, words in (
            (str(ten), "the file that is open"),
            (str(ten.parent), "is a folder"),
            (str(ten.parent / "none" / "x"), "There is no folder"),
            ("~nobody-of-that-name/x", "There is no such user"),
            (str(ten.parent / ("x" * 300)), "File name too long"),
        ):
            await run.press("ctrl+a", "ctrl+k")
            await run.type(name)
            await run.press("enter")
            assert words in run.words
        await run.press("ctrl+a", "ctrl+k")
        await run.type(str(ten.parent / "other.jsonl"))
        await run.press("enter")
        await run.said("other.jsonl: 1 changed, 9 identical")
        assert "1 edited" in run.text_of(run.main.title_bar)
    assert ten.read_bytes() == before
    assert first_texts((ten.parent / "other.jsonl").read_bytes())[0] == "New question 1"


async def test_keys_wait_until_the_file_is_written(ten: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()
    write_it = session_saving.save

    def held(*arguments: object, **keys: object) -> object:
        go_on.wait(PATIENCE)
        return write_it(*arguments, **keys)  # type: ignore[arg-type]

    monkeypatch.setattr(session_saving, "save", held)
    async with running(ten) as run:
        await run.press("x", "ctrl+s")
        await run.asked("Save ten.jsonl?")
        await run.press("s")
        assert isinstance(run.app.screen, Waiting)
        await run.press("enter", "escape", "x", "q", "u")
        assert isinstance(run.app.screen, Waiting)
        assert run.titles == ["drop #1"]
        go_on.set()
        await run.said("read back and proved")
        assert len(ten.read_bytes().splitlines()) == 9


@contextmanager
def appending(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that holds a file open, and appends what it is sent."""
    script = (
        "import sys\nfile = open(sys.argv[1], 'ab', 0)\nprint(flush=True)\n"
        "for line in sys.stdin.buffer: file.write(line)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdin=-1, stdout=-1) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdout.readline()
        try:
            yield program
        finally:
            program.kill()


async def test_a_file_that_others_write_to_is_saved_under_another_name_only(ten: Path) -> None:
    async with running(ten, size=WIDE) as run:
        await edit(run, 1, "New ")
        with appending(ten) as program:
            await run.press("ctrl+s")
            await run.asked("It cannot be saved in place.")
            assert f"process {program.pid}" in run.words
            assert "a Enter save under another name" in run.words
            await run.press("s", "b")
            assert isinstance(run.app.screen, Confirm)
            await run.press("enter", "enter")
            await run.said("ten.edited.jsonl: 1 changed, 9 identical")
    assert first_texts(ten.read_bytes())[0] == "question 1"


async def test_a_file_that_grows_is_followed(ten: Path) -> None:
    new = json.dumps(chat("a late question", "a late answer")).encode() + b"\n"
    async with running(ten, size=WIDE) as run:
        await run.audited()
        await edit(run, 1, "New ")
        with appending(ten) as program:
            assert program.stdin is not None
            program.stdin.write(new * 3 + new[:20] + b"\n")
            program.stdin.flush()
            await run.until(lambda: len(run.app.session) == 14, "for the new records")
            await run.until(lambda: run.app.session.complete and run.app.session.totals.malformed == 1)
            await run.until(lambda: "14 records" in run.text_of(run.main.totals_bar))
            await edit(run, 12, "Now ")
            assert first_texts(b"".join(run.lines[:-1]))[11] == "Now a late question"
        await run.press("ctrl+s")
        await run.asked("It cannot be saved in place.")
        assert "grew within the last minute" in run.words


async def test_what_happens_to_the_file_meanwhile_is_told_at_the_save(ten: Path) -> None:
    async with running(ten, size=WIDE) as run:
        await edit(run, 1, "New ")
        other = ten.with_name("other")
        other.write_bytes(ten.read_bytes())
        other.replace(ten)
        await run.press("ctrl+s")
        await run.asked("was replaced since it was opened")
        await run.press("escape")
        assert run.titles == ["edit message 1 of #1"]


async def test_a_file_that_is_gone_can_be_edited_and_saved_under_another_name(ten: Path) -> None:
    async with running(ten, size=WIDE) as run:
        await run.go_to(1)
        await run.press("e")
        await run.type("New ")
        ten.unlink()
        await run.press("escape")
        assert run.titles == ["edit message 1 of #1"]
        await run.press("ctrl+s")
        await run.asked("is not there any more; save under another name")
        await run.press("a", "enter")
        await run.said("ten.edited.jsonl: 1 changed, 9 identical")
    assert first_texts(ten.with_name("ten.edited.jsonl").read_bytes())[0] == "New question 1"


# History


async def test_any_state_is_gone_to(ten: Path) -> None:
    before = ten.read_bytes()
    async with running(ten, size=WIDE) as run:
        await run.press("h")
        await run.said("Nothing has been done to this file yet.")
        await run.press("x", "a", "equals_sign")
        wanted = b"".join(run.lines)
        await run.press("h")
        assert "3 in force" in run.dialog
        assert "saved here" not in run.dialog
        await run.press("G", "enter")
        await run.said("3 steps taken.")
        assert b"".join(run.lines) == before
        await run.press("h", "g", "enter")
        assert b"".join(run.lines) == wanted
        await save(run)
        await run.press("u", "h")
        assert "1 undone" in run.dialog
        assert run.dialog.index("saved here") < run.dialog.index("duplicate")
        await run.press("escape", "w", "h")
        assert "3 in force" in run.dialog


# Several programs, and files that changed


@contextmanager
def holding(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another program that holds the journal of a file."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom pyroaring import BitMap64\n"
        "from curator.session import Session\nfrom curator.settings import Settings\n"
        "session = Session([Path(sys.argv[1])], Settings(workers=-1))\nsession.editor.open_journals()\n"
        "session.sources[0].opened.index.finish()\n"
        "session.editor.tag({session.sources[0]: BitMap64([0])}, 'theirs', 'tag #1: theirs')\n"
        "print(flush=True)\nsys.stdin.readline()\nsession.close()"
    )
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, env={"PYTHONPATH": str(PROJECT)}) as program:
        assert program.stdout is not None
        program.stdout.readline()
        try:
            yield program
        finally:
            if program.poll() is None:
                program.kill()


async def test_a_second_program_may_only_read_and_says_who_may_change(ten: Path) -> None:
    with holding(ten) as program:
        async with running(ten, size=WIDE) as run:
            await run.said(f"(process {program.pid}); it is opened for reading only")
            assert "read only" in run.text_of(run.main.title_bar)
            assert "[theirs]" in run.texts(run.records)[0]
            await run.audited()
            for keys in ("x", "e", "a", "t x enter", "i", "W", "equals_sign", "plus", "u", "space", "percent_sign"):
                await run.press(*keys.split())
                await run.press("escape", "escape")
                assert run.app.screen is run.main
            assert run.titles == ["tag #1: theirs"]
            await run.press("ctrl+s")
            await run.until(lambda: run.notices)
        program.communicate(b"\n")
    async with running(ten, size=WIDE) as run:
        assert "read only" not in run.text_of(run.main.title_bar)
        await run.press("x")
        assert run.titles == ["tag #1: theirs", "drop #1"]


async def test_what_a_program_held_that_was_killed_is_free(ten: Path) -> None:
    with holding(ten) as program:
        program.kill()
        wait_for(lambda: program.poll() is not None)
        async with running(ten) as run:
            assert run.notices == []
            await run.press("x", "u")
            assert run.titles == ["tag #1: theirs"]


async def test_changes_are_carried_over_to_a_file_that_was_changed(ten: Path) -> None:
    async with running(ten) as run:
        await edit(run, 2, "New ")
        await edit(run, 4, "Lost ")
        await run.press("5", "G", "a")
    lines = ten.read_bytes().splitlines(keepends=True)
    time.sleep(0.01)
    ten.write_bytes(b"".join([json.dumps(chat("first", "x")).encode() + b"\n", *lines[:3], *lines[4:]]))
    async with running(ten, size=WIDE) as run:
        await run.asked("The file has changed.")
        assert "2 of the changes fit" in run.dialog
        assert "edit message 1 of #4" in run.dialog
        await run.press("escape")
        assert len(run.lines) == 10
        await run.press("x")
        assert len(run.lines) == 10
    async with running(ten, size=WIDE) as run:
        await run.asked("The file has changed.")
        await run.press("c")
        await run.said("2 changes are carried over; h lists")
        assert first_texts(b"".join(run.lines))[:4] == ["first", "question 1", "New question 2", "question 3"]
        assert run.app.session.standing(4).verdict == "accepted"
        await run.press("x")
        assert len(run.lines) == 9
    async with running(ten) as run:
        assert run.app.screen is run.main
