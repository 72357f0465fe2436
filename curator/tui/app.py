"""The terminal program: it opens the main screen and routes."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import CursorPosition, Event, Key, Paste
from textual.message import Message

from curator.edits.opening import Opened
from curator.session import Session
from curator.session.working_source import WorkingSource
from curator.tui.background import Background
from curator.tui.commands import CuratorCommands
from curator.tui.key_queue import KeyQueue
from curator.tui.pacing import FramePacer
from curator.tui.screens.main import MainScreen
from curator.tui.terminal_keys import TerminalDriver


class CuratorApp(App[int]):
    """Shows one session until the user quits, or the terminal is gone."""

    TITLE = "curator"
    CSS_PATH: ClassVar = ["app.tcss", "screens/main.tcss", "screens/money.tcss", "screens/duplicates.tcss"]
    COMMANDS: ClassVar = {CuratorCommands}
    ENABLE_COMMAND_PALETTE = True
    NOTIFICATION_TIMEOUT = 4

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "quit", show=False),
        Binding("ctrl+q", "leave", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False),
    ]

    def __init__(self, session: Session, outcomes: list[tuple[WorkingSource, Opened]] | None = None) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.session = session
        self.others: tuple[Path, ...] = ()
        """Files to go on with when this session is left."""
        self.pacer = FramePacer(self)
        self._keys = KeyQueue(self, super().on_event)
        self.background = Background(session, self._post)
        self.main = MainScreen(session, self.background, self.pacer, outcomes or [])

    def _post(self, message: Message) -> None:
        """Hand a message of the background work to the main screen; from any thread."""
        if self.is_running:
            self.main.post_message(message)

    def get_default_screen(self) -> MainScreen:
        """The main screen is the one below all others."""
        return self.main

    async def on_event(self, event: Event) -> None:
        """Keys go one by one; all else is Textual's to route."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._keys.add(event)
        else:
            await super().on_event(event)

    def on_mount(self) -> None:
        """Choose the theme, listen to signals, and begin the long work once the first screen is drawn."""
        theme = self.session.settings.theme
        if theme in self.available_themes:
            self.theme = theme
        else:
            known = ", ".join(sorted(self.available_themes))
            self.notify(f"There is no theme {theme!r}; known are {known}.", severity="warning", markup=False)
        self.app_resume_signal.subscribe(self, lambda _: self._resumed())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal, number)
        self.call_after_refresh(self._first_screen_drawn)

    def _first_screen_drawn(self) -> None:
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        self.background.start()
        self.main.first_screen_drawn()

    def _resumed(self) -> None:
        self.pacer.answered()
        self.refresh(layout=True)

    def _on_signal(self, number: int) -> None:
        self.main.leaving()
        self.background.stop()
        self.exit(return_code=128 + number)

    def _fatal_error(self) -> None:
        """A fault of the program itself: leave without a traceback on the screen; `launch` raises it again."""
        self.background.stop()
        self._close_messages_no_wait()

    @property
    def fault(self) -> Exception | None:
        """What made the program leave, if it was a fault of its own."""
        return self._exception

    def on_cursor_position(self, event: CursorPosition) -> None:
        """The terminal's answer to the pacer."""
        event.stop()
        self.pacer.answered()

    def open_others(self, paths: Sequence[Path]) -> None:
        """Leave this session, and go on with other files."""
        self.others = tuple(paths)
        self.action_leave()

    def action_leave(self) -> None:
        """Quit at once; what is being typed is kept."""
        left = self.main.leaving()
        self.background.stop()
        self.exit(0, message=left or None)
