"""Which records are listed, and in which order: a view is taken behind the screen, and left step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.analysis.predicates import Everything
from curator.session.listing import ALL
from curator.session.view import View
from curator.session.working_source import WorkingSource
from curator.tui.desk.long_search import LongSearch
from curator.tui.desk.places import Places

if TYPE_CHECKING:
    from curator.session.sorting import SortKey

MOST_STEPS = 8
"""Views that are kept to go back to."""
SECONDS_BETWEEN_VIEWS = 2.0
"""Seconds until a view is taken anew while the audit goes on."""


class Viewing(Places):
    """What filter, order and facets have in common."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("O", "original_order", "all records, in the order of the files"),
        Binding("ctrl+l", "view_anew", "filter and sort again, as the records are now"),
    ]

    range_start = -1
    _steps_back: tuple[tuple[View, tuple[int, bool, float]], ...] = ()
    """The views to go back to, with what they were taken in."""
    _asked = 0
    """The number of the view that was asked for last; answers to older questions are not shown."""
    _taken = (0, True, 0.0)
    """The audit that the view in force was taken in, whether it was complete, and when that was."""

    def list_by(
        self,
        title: str,
        order: Sequence[SortKey],
        then: Callable[[], object] = lambda: None,
        *,
        start: View | None = None,
    ) -> None:
        """List the records that a filter is true of, in an order; `then` is called when they are there.

        With `start` the records are those of that view, whatever its order. Records that have to be read are read
        behind the screen, with a meter. Raises FilterError.
        """
        from curator.analysis.predicates.parsing import parse
        from curator.session.viewing import reads_texts, views

        predicate = parse(title, self.session.settings.named_filters)
        audit = self._now()
        self._asked += 1
        asked = self._asked
        records = None if start is None else replace(start, ordered=None)

        def steps() -> Iterator[tuple[float, View]]:
            yield from views(self.session, title.strip(), predicate, order, *self.background.executor, records)

        def show(view: View) -> None:
            if asked == self._asked:
                self.step_to(view, audit)
                then()

        def at_once() -> Callable[[], object]:
            *_, (_, view) = steps()
            return lambda: show(view)

        if reads_texts(predicate if start is None else Everything(), order):
            what = f"Looking for records where {title.strip()}" if title.strip() else "Reading what is sorted by"
            LongSearch(self, what, steps, show).begin()
        else:
            self.background.run(at_once)

    def _take_behind(self, view: View, order: Sequence[SortKey]) -> None:
        """Take a view anew without a meter, even where records have to be read: the old one stays in sight till then.

        It is not shown where the user has asked for something else meanwhile.
        """
        from curator.session.viewing import views

        audit, asked = self._now(), self._asked

        def current() -> bool:
            return asked == self._asked and self.session.listing.view is view

        def work() -> Callable[[], object]:
            taken = view
            for _, so_far in views(self.session, view.title, view.predicate, order, *self.background.executor):
                taken = so_far
                if not current():
                    return lambda: None
            return lambda: self.step_to(taken, audit) if current() else None

        self.background.run(work)

    def _now(self) -> tuple[int, bool, float]:
        """What a view that is taken now is taken in: the audit, whether all is known, and the time."""
        session = self.session
        return session.audits, session.complete and session.file_findings.known, time.monotonic()

    def step_to(self, view: View, audit: tuple[int, bool, float] | None = None) -> None:
        """Show another view; the one that is left can be gone back to, if it asks for something else.

        `audit` is what it was taken in, where that was not just now.
        """
        left, self._taken = self._taken, audit or self._now()
        before = self.session.listing.view
        same = (view.title, view.order_title) == (before.title, before.order_title)
        reordered = view.title == before.title and view.order_title and before.order_title
        if view is ALL:
            self._steps_back = ()
        elif not same and not reordered:
            self._steps_back = (*self._steps_back, (before, left))[-MOST_STEPS:]
        self.show_view(view)
        self.audit_grew()  # it may have come to its end while records were read

    def show_view(self, view: View) -> None:
        """List other records, or in another order; the cursor stays on its record, or goes to the next one behind."""
        listing, cursor = self.session.listing, self.records.cursor
        at = listing.locate(cursor) if cursor < len(self.session) else self._last_place
        self._last_place = at
        listing.view = view
        self.range_start = -1
        self.update_rows()
        self.records.forget()
        if at is not None:
            self.records.go_to(listing.nearest(*at))
        if not self._still_read():
            self.read(self.records.cursor)
        self.update_bars()

    def _still_read(self) -> bool:
        """Whether the record under the cursor is the one that is read already, at the same place in the list."""
        cursor, record = self.records.cursor, self.record
        if record is None or self.wanted != cursor or cursor >= len(self.session):
            return False
        return self.session.listing.locate(cursor) == (self.source, record.place.id)

    _last_place: tuple[WorkingSource, int] | None = None
    """The record that the cursor was on before nothing was listed."""

    def step_back(self) -> bool:
        """Go back to what was listed before. Whether there was something."""
        view = self.session.listing.view
        if view is ALL:
            return False
        *rest, (before, self._taken) = self._steps_back or ((ALL, self._taken),)
        self._steps_back = tuple(rest)
        self._asked += 1
        self.show_view(before)
        self.audit_grew()  # since that was left
        return True

    def action_original_order(self) -> None:
        """List all records in the order of the files again."""
        if self.session.listing.view is not ALL:
            self._asked += 1
            self.step_to(ALL)

    def action_view_anew(self) -> None:
        """Take the view anew: what does not match any more goes, what matches now comes."""
        view = self.session.listing.view
        if view is not ALL:
            self.take_anew(view)

    def take_anew(self, view: View) -> None:
        """Ask once more for what a view shows."""
        from curator.session.sorting import sort_keys

        self.attempt(lambda: self.list_by(view.title, sort_keys(view.order_title)))

    def audit_grew(self) -> None:
        """A view that depends on figures follows the audit: at its end, and now and then where no record is read."""
        view, session = self.session.listing.view, self.session
        audit, complete, taken = self._taken
        if view is ALL or (complete and audit == session.audits):
            return
        from curator.session.sorting import sort_keys
        from curator.session.viewing import follows_audit, reads_texts

        order = sort_keys(view.order_title)
        slow = reads_texts(view.predicate, order)
        due = not slow and time.monotonic() - taken >= SECONDS_BETWEEN_VIEWS
        now = self._now()
        if not (due or now[1]) or not follows_audit(view):
            return
        self._taken = now
        self._take_behind(view, order)
