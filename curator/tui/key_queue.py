"""One key at a time: what a key does is done before the next one is looked at.

Textual hands keys on through the queues of the widgets, and runs bindings only when a key has come up to the app again;
letters are taken on the way. So of keys that arrive together, as they do over a slow line, a letter would overtake a
backspace before it, and what is meant for a dialog would reach the screen below it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.widget import Widget

LONGEST_WAIT = 1.0
"""Seconds after which a key is taken to have got lost with the widget that it was given to."""

Typed = Key | Paste


class KeyQueue:
    """Gives keys to the app, the next one when the one before has been dealt with on its way up to the app."""

    def __init__(self, app: App[int], give: Callable[[Typed], Awaitable[None]]) -> None:
        self._app = app
        self._give = give
        self._waiting: deque[Typed] = deque()
        self._number = 0
        """Of the key that is on its way; those with lower numbers have arrived or are given up."""
        self._late: Timer | None = None

    @property
    def idle(self) -> bool:
        """Whether all keys have been dealt with."""
        return self._late is None and not self._waiting

    async def add(self, event: Typed) -> None:
        """Take a key that was pressed, or a text that was pasted."""
        self._waiting.append(event)
        if self._late is None:
            await self._next()

    async def _next(self) -> None:
        if not self._waiting:
            return
        self._number += 1
        number = self._number
        self._late = self._app.set_timer(LONGEST_WAIT, lambda: self._arrived(number))
        target: Widget = self._app.focused or self._app.screen
        await self._give(self._waiting.popleft())
        self._follow(target, lambda: self._follow(target, lambda: self._settle(number, target)))

    def _follow(self, pump: MessagePump | None, then: Callable[[], object]) -> None:
        """Go the way that a key goes, behind it; the second time behind the messages that its action has sent."""
        if pump is None or pump is self._app:
            self._app.call_later(then)
        elif not pump.call_later(self._follow, pump._parent, then):
            self._follow(pump._parent, then)

    def _settle(self, number: int, target: Widget) -> None:
        """What the key does is done; what it has given the keys to must be laid out before the next."""
        screen = self._app.screen
        if target is (self._app.focused or screen):
            self._app.call_later(self._arrived, number)
        else:
            screen.call_after_refresh(self._arrived, number)

    async def _arrived(self, number: int) -> None:
        if number == self._number and self._late is not None:
            self._late.stop()
            self._late = None
            await self._next()
