"""The number that may be typed before a motion, as in `12j`."""

from __future__ import annotations

from collections.abc import Container

from textual.events import Key

MOST_DIGITS = 12


class Count:
    """Collects digits until a motion takes them; a key that is no motion forgets them."""

    def __init__(self) -> None:
        self._digits = ""

    def __bool__(self) -> bool:
        """Whether a number has been typed."""
        return bool(self._digits)

    def hear(self, event: Key, motions: Container[str]) -> None:
        """Take a digit, or forget the number at a key that is none of `motions`; Escape does nothing else then."""
        if event.character and event.character.isdecimal() and (self._digits or event.character != "0"):
            self._digits = (self._digits + event.character)[:MOST_DIGITS]
            event.stop()
        elif self._digits and event.key not in motions:
            self.clear()
            if event.key == "escape":
                event.stop()

    def taken(self) -> int:
        """The number, or 1 if none was typed; the next one is begun anew."""
        number = int(self._digits or 1)
        self.clear()
        return number

    def clear(self) -> None:
        """Forget the number."""
        self._digits = ""
