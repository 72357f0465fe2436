"""One frame at a time: the next one is made when the terminal has shown the last.

A held key asks for 30 frames a second, and a slow line would show them late, one by one. So after each frame the
terminal is asked for its cursor position, and until it answers, only the newest wish is kept.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App
from textual.timer import Timer

ASK = "\x1b[6n"
"""Report the cursor position (ECMA-48, DSR)."""

LONGEST_WAIT = 1.0
"""Seconds after which a terminal is taken to have missed the question."""


class FramePacer:
    """Runs the requested frames as soon as the terminal keeps up; one asked for again while it waits is run once."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._wishes: dict[Callable[[], object], None] = {}
        self._waiting: Timer | None = None
        self._asks = True

    def request(self, frame: Callable[[], object]) -> None:
        """Run `frame` now, or when the terminal has shown what was drawn before."""
        self._wishes[frame] = None
        if self._waiting is None:
            self._run()

    def answered(self) -> None:
        """The terminal has shown all that was written up to the question."""
        self._asks = True
        self._go_on()

    def _run(self) -> None:
        wishes, self._wishes = self._wishes, {}
        for frame in wishes:
            frame()
        if self._asks:
            self._waiting = self._app.set_timer(LONGEST_WAIT, self._unanswered)
            self._app.call_after_refresh(self._ask)

    def _ask(self) -> None:
        driver = self._app._driver
        if driver is not None and not self._app.is_headless:
            driver.write(ASK)
        else:
            self._go_on()

    def _unanswered(self) -> None:
        self._asks = False
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        if self._wishes:
            self._run()
