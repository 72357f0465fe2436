"""Work behind the screen that fails is told of, and whatever waited for it gives the keys back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from pathlib import Path
from threading import Event

import pytest
from piloting import PATIENCE, WIDE, HeldWork, chat, running, write

from curator.errors import UnwritableError
from curator.session import Session, costing, sweeping
from curator.session import exporting as session_exporting
from curator.session import saving as session_saving
from curator.tui.desk import desk
from curator.tui.screens import splitting
from curator.tui.screens.waiting import Waiting

FAULTS = [
    OSError("Input/output error"),
    BrokenExecutor("a process was terminated abruptly"),
    UnwritableError("The disk is full; nothing was written."),
]


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """A file of ten records."""
    return write(tmp_path / "ten.jsonl", (chat(f"question {n}", f"answer {n}") for n in range(1, 11)))


def failing(fault: Exception, go_on: Event | None = None) -> Callable[..., object]:
    """Work that raises a fault, once it may."""

    def fail(*_: object, **__: object) -> object:
        if go_on is not None:
            go_on.wait(PATIENCE)
        raise fault

    return fail


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_save_that_fails(ten: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    before = ten.read_bytes()
    monkeypatch.setattr(session_saving, "save", failing(fault))
    async with running(ten, size=WIDE) as run:
        await run.press("x", "ctrl+s")
        await run.asked("Save ten.jsonl?")
        await run.press("s")
        await run.said(str(fault))
        await run.until(lambda: run.app.screen is run.main)
        await run.press("u")
        assert run.titles == []
    assert ten.read_bytes() == before


async def test_the_palette_over_a_save_does_not_keep_the_keys(ten: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()
    monkeypatch.setattr(session_saving, "save", failing(FAULTS[0], go_on))
    async with running(ten, size=WIDE) as run:
        await run.press("x", "ctrl+s")
        await run.asked("Save ten.jsonl?")
        await run.press("s", "ctrl+p")
        assert [isinstance(one, Waiting) for one in run.app.screen_stack] == [False, True, False]
        go_on.set()
        await run.said("Input/output error")
        await run.until(lambda: run.app.screen is run.main)
        await run.press("u")
        assert run.titles == []


async def test_an_export_that_fails(ten: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_exporting, "export", failing(FAULTS[0]))
    async with running(ten, size=WIDE) as run:
        await run.press("X")
        await run.asked("all records")
        await run.press("enter", "enter", "enter", "enter")
        await run.said("Input/output error")
        await run.until(lambda: run.app.screen is run.main)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_search_that_fails(ten: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    monkeypatch.setattr(sweeping, "find_changes", failing(fault))
    async with running(ten, size=WIDE) as run:
        await run.audited()
        await run.follows()
        await run.press("percent_sign", "j", "j", "enter", "a", "tab", "b", "enter")
        await run.said(str(fault))
        await run.until(lambda: run.app.screen is run.main)
        assert run.titles == []


async def test_a_save_after_the_workers_died_works_the_second_time(ten: Path, work: HeldWork) -> None:
    async with running(ten, size=WIDE) as run:
        await run.audited()
        await run.follows()
        await run.press("percent_sign", "j", "j", "enter")
        await run.type("question")
        await run.press("tab", "ctrl+k")
        await run.type("riddle")
        await run.press("enter")
        await run.asked("10 records change.")
        await run.press("enter")
        await run.until(lambda: run.app.session.sources[0].figures.settled)
        work.die()
        for words in ("a worker process ended unexpectedly", "10 changed, 0 identical; read back and proved"):
            await run.press("ctrl+s")
            await run.asked("Save ten.jsonl?")
            await run.press("s")
            await run.said(words)
            await run.until(lambda: run.app.screen is run.main)
    assert ten.read_bytes().count(b"riddle") == 10


async def test_a_long_record_is_read_behind_the_screen(ten: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()
    read = Session.record

    def held(session: Session, position: int) -> object:
        go_on.wait(PATIENCE)
        if position == 2:
            raise FAULTS[0]
        return read(session, position)

    monkeypatch.setattr(desk, "LONG_LINE", 10)
    monkeypatch.setattr(Session, "record", held)
    async with running(ten, size=WIDE) as run:
        await run.until(lambda: "reading" in run.text_of(run.main.header))
        await run.press("j")
        go_on.set()
        await run.follows()
        assert "question 2" in run.text_of(run.reader)
        await run.press("j")
        await run.until(lambda: "cannot be read any more" in run.text_of(run.main.header))
        await run.said("Input/output error")
        await run.press("k")
        await run.follows()


async def test_figures_that_cannot_be_counted_are_no_longer_waited_for(
    ten: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costing, "over_portions", failing(FAULTS[1]))
    monkeypatch.setattr(splitting, "tried", failing(FAULTS[1]))
    async with running(ten, size=WIDE) as run:
        await run.audited()
        await run.press("c")
        await run.asked("not counted")
        await run.press("s")
        await run.asked("could not be tried out")
        await run.press("escape", "escape", "b")
        await run.asked("This could not be counted")
        await run.press("escape")
        assert run.app.screen is run.main
