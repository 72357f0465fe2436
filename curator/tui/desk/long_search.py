"""Something that takes its time behind the screen, with a meter before it; it can be left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Generic, TypeVar

from curator.tui.background import SECONDS_BETWEEN_REPORTS
from curator.tui.desk.desk import Desk

Answer = TypeVar("Answer")

Steps = Callable[[], Iterator[tuple[float, Answer]]]
"""How far it is, from 0 to 1, with the answer so far; called in a thread, where it may wait for workers."""


class LongSearch(Generic[Answer]):
    """Runs steps to their end; `then` gets the last answer on the screen's side, unless it was left."""

    def __init__(self, desk: Desk, title: str, steps: Steps[Answer], then: Callable[[Answer], object]) -> None:
        from curator.tui.screens.looking import Looking

        self._desk = desk
        self._steps = steps
        self._then = then
        self._left = False
        self._view = Looking(title)

    def begin(self) -> None:
        """Show the meter, and begin."""
        self._desk.app.push_screen(self._view, lambda _: self._leave())
        self._desk.background.run(self._run, self._fail)

    def _leave(self) -> None:
        self._left = True

    def _run(self) -> Callable[[], object]:
        told = time.monotonic()
        answer: Answer | None = None
        for share, so_far in self._steps():
            if self._left:
                return lambda: None
            answer = so_far
            if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._desk.background.tell(partial(self._view.show_share, share))
        return lambda: self._end(answer)

    def _fail(self) -> None:
        """The steps ended before their time."""
        self._end(None)

    def _end(self, answer: Answer | None) -> None:
        if not self._left:
            self._left = True
            self._desk.leave(self._view, None)
            if answer is not None:
                self._then(answer)
