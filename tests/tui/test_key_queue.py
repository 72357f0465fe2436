"""Keys that arrive together are dealt with strictly one after another: none is lost, none comes before its turn."""

from __future__ import annotations

import json
import random
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from piloting import NARROW, WIDE, chat, running, write
from pty_driver import Terminal

from curator.session import Session
from curator.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """A file of ten records."""
    return write(tmp_path / "ten.jsonl", (chat(f"question {n}", f"answer {n}") for n in range(1, 11)))


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_text_is_typed_put_right_and_committed_in_one_go(ten: Path, size: tuple[int, int]) -> None:
    async with running(ten, size=size) as run:
        await run.follows()
        await run.burst("e", "Helxo", "backspace", "backspace", "lo, q ", "escape", "j", "e", "No. ", "escape", "u")
        await run.until(lambda: len(run.app.session.sources[0].edited.batches) == 2 and len(run.titles) == 1)
        messages = json.loads(run.lines[0])["messages"]
        assert [one["content"] for one in messages] == ["Hello, q question 1", "answer 1"]
        assert not run.main.editor.display


async def test_dialogs_get_what_is_meant_for_them(ten: Path) -> None:
    async with running(ten, tags="tone,facts") as run:
        await run.burst("t", "too long", "enter", "j", "t", "2", "x", "N", "a note", "enter", ":", "7", "enter", "a")
        await run.until(lambda: len(run.titles) == 5)
        assert run.titles == ["tag #1: too long", "tag #2: facts", "drop #2", "note on #2", "accepted #7"]
        assert run.records.cursor == 7


async def test_the_same_keys_many_times_do_it_as_often(ten: Path) -> None:
    async with running(ten) as run:
        await run.burst("xu" * 20, "x", "x", "u")
        await run.until(lambda: len(run.app.session.sources[0].edited.batches) == 2 and len(run.titles) == 1)
        assert run.titles == ["drop #1"]
        assert len(run.lines) == 9


async def test_a_choice_is_made_before_what_follows_it(ten: Path) -> None:
    async with running(ten) as run:
        await run.follows()
        await run.burst(
            "enter", "j", "R", "j", "j", "enter", "i", "enter", "new", "escape", "W", "escape", "space", "J"
        )
        await run.until(lambda: len(run.titles) == 4)
        roles = [one["role"] for one in json.loads(run.lines[0])["messages"]]
        assert roles[:2] == ["user", "tool"]
        assert len(roles) == 3
        assert [one + 1 for one in run.app.session.sources[0].marked] == [1]


async def test_a_burst_is_what_the_same_keys_are_one_by_one(tmp_path: Path) -> None:
    rng = random.Random(7)
    keys = ["j", "k", "x", "u", "a", "r", "=", "space", "enter", "escape", "d", "W", "H", "K", "J", "ctrl", "+", "V"]
    pressed = [key for key in rng.choices(keys, k=40) if key != "ctrl"]
    outcomes = []
    for number, at_once in enumerate((True, False)):
        path = write(tmp_path / f"{number}.jsonl", (chat(f"question {n}", f"answer {n}") for n in range(1, 11)))
        async with running(path, size=WIDE) as run:
            await run.follows()
            for keys_at_once in [pressed] if at_once else [[key] for key in pressed]:
                await run.burst(*keys_at_once)
            outcomes.append((run.titles, run.lines, list(run.app.session.sources[0].marked), run.records.cursor))
    assert outcomes[0] == outcomes[1]


# From a terminal


@pytest.fixture
def terminal(ten: Path) -> Iterator[Terminal]:
    """The program on a terminal that sends whatever it is given in one piece."""
    environment = {"PYTHONPATH": str(PROJECT), "CURATOR_TEST_RUN": uuid.uuid4().hex}
    command = [sys.executable, "-m", "curator", str(ten), "--workers", "1"]
    with Terminal(command, environment=environment, columns=100, rows=30) as terminal:
        terminal.wait_for("audit complete")
        terminal.wait_for("#1 ")
        yield terminal


def test_what_a_terminal_sends_in_one_piece_is_done_in_order(terminal: Terminal, ten: Path) -> None:
    up, text = "\x1b[A", "Hello there"
    terminal.send(
        f"e{text}xyz\x7f\x7f\x7f, \x1bjeNo.\x1buK\x1b:9\r=j{up}xttone\r{'xu' * 5}\x1b\x1b:3\ra]\x1bN one [two] \rq"
    )
    assert terminal.wait_for_exit() == 0
    session = Session([ten], Settings(workers=-1))
    try:
        session.editor.open_journals()
        session.sources[0].opened.index.finish()
        titles = [one.title for one in session.sources[0].edited.batches]
        assert titles == [
            "edit message 1 of #1",
            "move message 2 of #1",
            "duplicate #9",
            "drop #10",
            "tag #10: tone",
            "accepted #3",
            "note on #4",
        ]
        contents = [one["content"] for one in json.loads(session.record(0).line)["messages"]]
        assert contents == ["answer 1", f"{text}, question 1"]
    finally:
        session.close()
    assert {one.name for one in ten.parent.iterdir()} == {"ten.jsonl", "ten.jsonl.curator"}
