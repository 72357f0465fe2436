"""A stage for one widget or dialog, without a session behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

import curator.tui
from curator.tui.visible import to_show

STYLES = Path(curator.tui.__file__).parent / "app.tcss"


class Stage(App[int]):
    """Shows a widget, and keeps the messages it posts; or a screen, and keeps its answer."""

    CSS_PATH: ClassVar = [STYLES]

    def __init__(self, shown: Widget) -> None:
        super().__init__()
        self.shown = shown
        self.heard: list[Message] = []
        self.answers: list[Any] = []

    def compose(self) -> ComposeResult:
        """The widget, if it is none that covers the screen."""
        if not isinstance(self.shown, Screen):
            yield self.shown

    def on_mount(self) -> None:
        """Show the screen, or give the widget the keys."""
        if isinstance(self.shown, Screen):
            self.push_screen(self.shown, self.answers.append)
        else:
            self.shown.focus()

    def drawn(self) -> list[str]:
        """The lines of the whole screen."""
        return [strip.text for strip in self.screen._compositor.render_strips()]

    def text(self) -> str:
        """The whole screen as one text, in which nothing acts on a terminal."""
        lines = self.drawn()
        assert not any(to_show().search(line) or "\t" in line for line in lines)
        return "\n".join(lines)


@asynccontextmanager
async def on_stage(shown: Widget, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Stage, Pilot[int]]]:
    """A widget or screen on a stage, until the end of the block."""
    stage = Stage(shown)
    async with stage.run_test(size=size) as pilot:
        await pilot.pause()
        yield stage, pilot
