"""What the main screen tells the user: a sentence at a time, faults among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual.screen import Screen

from curator.errors import CuratorError
from curator.tui.visible import one_line

T = TypeVar("T")


class Telling(Screen[None]):
    """A screen that says things for a moment, and never lets them hide what it asks."""

    def say(self, sentence: str, *, severity: str = "information") -> None:
        """Tell the user something, for a moment; what was said before gives way, other warnings and errors excepted."""
        words = one_line(sentence, 400)
        self._forget_said(words)
        if severity == "error":
            self.notify(words, severity="error", markup=False)
        elif severity == "warning":
            self.notify(words, severity="warning", markup=False)
        else:
            self.notify(words, markup=False)

    def _forget_said(self, again: str = "") -> None:
        for one in tuple(self.app._notifications):
            if one.severity == "information" or one.message == again:
                self.app._unnotify(one)

    def on_screen_suspend(self) -> None:
        """What was said must not hide what is asked now."""
        self._forget_said()

    def leave(self, screen: Screen[T], answer: T) -> None:
        """Take a screen away with an answer, together with what may stand on it, such as the command palette."""
        while not screen.is_active and screen in self.app.screen_stack:
            self.app.screen.dismiss()
        if screen.is_active:
            screen.dismiss(answer)

    def attempt(self, work: Callable[[], object]) -> bool:
        """Do something; a fault that the user can act on is told in its sentence. Whether it was done."""
        try:
            work()
        except CuratorError as error:
            self.say(str(error), severity="error")
            return False
        return True
