"""Looks for the causes of what is found, behind the screen: once all is audited, and anew when that has changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from curator.session import Session
from curator.tui.background import SECONDS_BETWEEN_REPORTS, Background

if TYPE_CHECKING:
    from curator.session.causes import Group


class CauseSearch:
    """The causes as far as they are known; `changed` is called on the screen's side when there are more."""

    def __init__(self, session: Session, background: Background, changed: Callable[[], object]) -> None:
        self._session = session
        self._background = background
        self._changed = changed
        self._stopped = False
        self._key: object = None
        self.groups: list[Group] = []
        """Those with most records first."""

    def follow(self) -> None:
        """Begin to look if all is audited, and anything is other than it was when that was done last."""
        session = self._session
        key = session.audits, *(source.figures.revision for source in session.sources)
        if session.complete and key != self._key:
            self._key = key
            self._background.run(lambda: self._look(key))

    def stop(self) -> None:
        """What is being looked for is of no use any more."""
        self._stopped = True

    def _look(self, key: object) -> Callable[[], object]:
        from curator.session.causes import causes_now

        session, told = self._session, time.monotonic()
        executor, workers = self._background.executor
        groups: list[Group] = []
        for found in causes_now(
            session.sources, lambda source: session.spec(source.opened), session.limit, executor, workers
        ):
            if self._stopped or key != self._key:
                return lambda: None
            groups = found.ranked()
            if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._background.tell(partial(self._take, groups, key))
        return partial(self._take, groups, key)

    def _take(self, groups: list[Group], key: object) -> None:
        if not self._stopped and key == self._key:
            self.groups = groups
            self._changed()
