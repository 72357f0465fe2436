"""Runs the terminal program without a terminal, and reads what it draws."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any, ParamSpec, TypeVar

from textual import events
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from curator.engine.executors import InlineExecutor
from curator.session import Session
from curator.settings import Settings
from curator.tui.app import CuratorApp
from curator.tui.screens.main import MainScreen

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 20.0
NARROW, WIDE = (80, 24), (200, 50)
NAMED = {"enter": "\r", "escape": "\x1b", "backspace": "\x7f", "tab": "\t", "space": " ", "down": None, "up": None}
"""Keys that have names, with the characters that come with them from a terminal."""


def wait_for(holds: Callable[[], object]) -> None:
    """Wait, outside of a running program, until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


class HeldWork(Executor):
    """Runs what is submitted in the caller's thread, one at a time; nothing while it is held."""

    def __init__(self) -> None:
        self._free = Event()
        self._free.set()
        self._dead = False

    def hold(self) -> None:
        """Let whoever submits from now on wait."""
        self._free.clear()

    def go_on(self) -> None:
        """Let everything run."""
        self._free.set()

    def die(self) -> None:
        """Be like worker processes that were killed."""
        self._dead = True

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        self._free.wait(PATIENCE)
        if self._dead:
            raise BrokenExecutor("a process was terminated abruptly")
        return InlineExecutor().submit(fn, *args, **kwargs)


class Driven:
    """A running program, as a test sees it."""

    def __init__(self, app: CuratorApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.main: MainScreen = app.main
        self.records = app.main.records
        self.reader = app.main.reader

    async def press(self, *keys: str) -> None:
        """Press keys, by Textual's names, without waiting between them; then let the program draw what they do."""
        for key in keys:
            if len(key) == 1:
                self.app.post_message(events.Key(_character_to_key(key), key))
            else:
                self.app.post_message(events.Key(key, NAMED.get(key, key_to_character(key))))
        await self.pilot.pause(0)
        await self.until(lambda: self.app._keys.idle or self.app._exit, "for keys")
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*({"\n": "enter", "\t": "tab"}.get(one, one) for one in text))

    async def burst(self, *keys: str) -> None:
        """Press keys; those that have no name are texts to be typed."""
        await self.press(*(one for key in keys for one in ([key] if key in NAMED else key)))

    async def go_to(self, number: int) -> None:
        """Put the cursor on a record, counted from 1, and wait for it."""
        self.records.go_to(number - 1)
        await self.until(
            lambda: self.main.report is not None and self.text_of(self.main.header).split()[:1] == [f"#{number:,}"]
        )

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Let the program run until something holds."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"waited in vain {what}\n" + "\n".join(self.texts(self.main))
            await self.pilot.pause(0.01)

    async def audited(self) -> None:
        """Wait for the end of the audit, and for its figures on the screen."""
        await self.until(lambda: "audit complete" in self.text_of(self.main.title_bar), "for the audit")

    async def asked(self, text: str) -> None:
        """Wait for a dialog that says something."""
        await self.until(lambda: text in self.dialog, f"for {text!r}, there is {self.dialog}")

    @property
    def dialog(self) -> str:
        """What stands on the screen that covers the main one; nothing if none does."""
        screen = self.app.screen
        return "" if screen is self.main else "\n".join(one.text for one in screen._compositor.render_strips())

    @property
    def words(self) -> str:
        """The same as one line, without frames."""
        return " ".join(self.dialog.replace("│", " ").split())

    @property
    def lines(self) -> list[bytes]:
        """The lines of the records that are to be seen, as they are now."""
        session = self.app.session
        return [session.record(position).line for position in range(len(session))]

    @property
    def titles(self) -> list[str]:
        """What was done, and is in force."""
        edited = self.app.session.sources[0].edited
        return [one.title for one in edited.batches if one.number <= edited.cursor]

    async def said(self, text: str) -> None:
        """Wait until the program says something in a notification."""
        await self.until(lambda: any(text in one for one in self.notices), f"for {text!r}, said was {self.notices}")

    async def follows(self) -> None:
        """Wait until the reader shows the record under the cursor, with its figures."""
        await self.until(
            lambda: (
                self.text_of(self.main.header).split()[:1] == [f"#{self.records.cursor + 1:,}"]
                and "token" in self.text_of(self.main.header)
            ),
            "for the reader",
        )

    async def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(columns, rows)
        await self.pilot.pause()

    def strips(self, widget: Widget) -> list[Strip]:
        """The lines that a widget of the line API draws."""
        return [widget.render_line(y) for y in range(widget.size.height)]

    def texts(self, widget: Widget) -> list[str]:
        """The text of a widget's lines; of a screen, those of its parts."""
        if widget is self.main:
            parts = (self.main.title_bar, self.records, self.main.header, self.reader, self.main.totals_bar)
            return [text for part in parts for text in self.texts(part)]
        return [strip.text for strip in self.strips(widget)]

    def text_of(self, widget: Widget) -> str:
        """A widget's lines as one text."""
        return "\n".join(self.texts(widget))

    @property
    def notices(self) -> list[str]:
        """What the program has said in notifications that still stand."""
        return [one.message for one in self.app._notifications]


@asynccontextmanager
async def running(*paths: Path, size: tuple[int, int] = NARROW, **settings: Any) -> AsyncIterator[Driven]:
    """The program on files, until the end of the block; what it raises is raised there."""
    session = Session(paths, Settings(**settings))
    app = CuratorApp(session, session.editor.open_journals())
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            yield Driven(app, pilot)
    finally:
        app.background.stop()
        session.close()
    await asyncio.sleep(0)


def chat(*texts: str, **keys: Any) -> dict[str, Any]:
    """A record whose messages are said by user and assistant in turn."""
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)], **keys}


def write(path: Path, records: Iterable[Mapping[str, Any] | str | bytes]) -> Path:
    """A file of records; texts and bytes are lines as they are."""
    lines = [one if isinstance(one, str | bytes) else json.dumps(one, ensure_ascii=False) for one in records]
    path.write_bytes(b"".join((one.encode() if isinstance(one, str) else one) + b"\n" for one in lines))
    return path
