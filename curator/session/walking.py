"""The nearest record with a problem, or without a verdict."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pyroaring import BitMap64

from curator.session.file_wide import FileWide
from curator.session.ignoring import is_excused
from curator.session.listing import Listing
from curator.session.view import View
from curator.session.working_source import WorkingSource
from curator.storage.runs import Run
from curator.storage.shown import Shown


class _Problems(NamedTuple):
    """Ids of a source's records with a finding."""

    in_place: tuple[Sequence[int] | BitMap64, ...]
    """Of those that stand in their line's own place, each ascending."""
    elsewhere: BitMap64

    @property
    def all(self) -> BitMap64:
        """All of them."""
        return self.elsewhere.union(*(BitMap64(array("Q", some)) for some in self.in_place))


class Walk:
    """Goes over a listing from record to record of a kind."""

    def __init__(self, sources: Sequence[WorkingSource], listing: Listing) -> None:
        self._sources = sources
        self._listing = listing
        self._known: dict[int, tuple[tuple[int, int, int, FileWide, View], _Problems]] = {}

    def problem(self, position: int, step: int, limit: int) -> int | None:
        """The nearest position after (`step` 1) or before (-1) another one whose record has a finding.

        Records that are excused from all that was found in them are passed over; `limit` is the longest example.
        """
        found = self._problem(position, step)
        while found is not None and is_excused(*self._listing.locate(found), limit):
            found = self._problem(found, step)
        return found

    def _problem(self, position: int, step: int) -> int | None:
        if self._listing.view.ordered is not None:
            return self._within_order(position, step, lambda source: self._problems(source).all)
        for source in self._sources if step > 0 else self._sources[::-1]:
            start = self._listing.start_of(source)
            found = self._problem_in(source, position - start, step)
            if found is not None:
                return start + found
        return None

    def within(self, position: int, step: int, having: Callable[[WorkingSource], BitMap64]) -> int | None:
        """The nearest position after or before another one whose record is in a set of its source's records."""
        if self._listing.view.ordered is not None:
            return self._within_order(position, step, having)
        for source in self._sources if step > 0 else self._sources[::-1]:
            start = self._listing.start_of(source)
            displaced = source.edited.overlay.derived | source.edited.moved
            records = having(source) - self._listing.view.outside.get(source.number, BitMap64())
            found = self._nearest(
                source, _Problems((records - displaced,), records & displaced), position - start, step
            )
            if found is not None:
                return start + found
        return None

    def _within_order(self, position: int, step: int, having: Callable[[WorkingSource], BitMap64]) -> int | None:
        """The same in a list that is sorted: few records are looked up, among many the next one is near."""
        sets = {source.number: having(source) for source in self._sources}
        end = len(self._listing)
        if sum(map(len, sets.values())) ** 2 > end:
            for one in range(position + step, end if step > 0 else -1, step):
                source, record = self._listing.locate(one)
                if record in sets[source.number]:
                    return one
            return None
        positions = [self._listing.position_of(source, one) for source in self._sources for one in sets[source.number]]
        known = [one for one in positions if one is not None and (one > position if step > 0 else one < position)]
        return (min(known) if step > 0 else max(known)) if known else None

    def _problem_in(self, source: WorkingSource, after: int, step: int) -> int | None:
        return self._nearest(source, self._problems(source), after, step)

    def _nearest(self, source: WorkingSource, problems: _Problems, after: int, step: int) -> int | None:
        return nearest_of(self._listing.shown(source), problems.in_place, problems.elsewhere, after, step)

    def _problems(self, source: WorkingSource) -> _Problems:
        """The records of a source that have a finding."""
        problems, edited, view = source.opened.problems, source.edited, self._listing.view
        outside, in_files = view.outside.get(source.number), source.file_wide
        if not outside and not edited.touched and not edited.moved and edited.content.saved.untouched:
            return _Problems((problems, in_files.any), BitMap64())
        key = len(problems), edited.overlay.revision, source.figures.revision, in_files, view
        known = self._known.get(source.number)
        if known is None or known[0] != key:
            known = self._known[source.number] = key, _problems_of(source, outside or BitMap64())
        return known[1]

    def without(self, position: int, step: int, having: Callable[[WorkingSource], BitMap64]) -> int | None:
        """The nearest position after or before another one whose record is not in a set of its source's records."""
        end = len(self._listing)
        runs = list(self._listing.stretch(position + 1, end) if step > 0 else self._listing.stretch(0, position))
        for source, run in runs if step > 0 else reversed(runs):
            found = _first_without(having(source), run) if step > 0 else _last_without(having(source), run)
            if found is not None:
                return self._listing.position_of(source, found)
        return None


def _problems_of(source: WorkingSource, outside: BitMap64) -> _Problems:
    edited, lines = source.edited, source.edited.content.saved.lines
    problems = source.opened.problems
    ids = BitMap64(list(problems) if edited.content.saved.untouched else [lines.at(line) for line in problems])
    other = BitMap64([one for one in ids & edited.touched if edited.content.line_number(one) is None])
    ids = (ids - other | source.figures.problems | source.file_wide.any) - edited.hidden - outside
    displaced = edited.overlay.derived | edited.moved
    return _Problems((ids - displaced,), ids & displaced)


def nearest_of(
    shown: Shown, in_place: Sequence[Sequence[int] | BitMap64], elsewhere: BitMap64, after: int, step: int
) -> int | None:
    """The position of the nearest of some records after (`step` 1) or before (-1) another position of their source.

    All of them are to be seen; those `in_place` stand in their lines' own places, each ascending.
    """
    positions = [_nearest_in_place(shown, some, after, step) for some in in_place]
    positions += map(shown.position_of, elsewhere)
    known = [one for one in positions if one is not None and (one > after if step > 0 else one < after)]
    return (min(known) if step > 0 else max(known)) if known else None


def _nearest_in_place(shown: Shown, lines: Sequence[int] | BitMap64, after: int, step: int) -> int | None:
    """The position of the nearest of some lines, which stand in their own places."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        before = shown.before_line(lines[middle])
        if before > after if step > 0 else before >= after:
            high = middle
        else:
            low = middle + 1
    number = low if step > 0 else low - 1
    return shown.before_line(lines[number]) if 0 <= number < len(lines) else None


def _first_without(records: BitMap64, run: Run) -> int | None:
    """The first id of a run that is not in a set."""
    first, count = run
    if records.range_cardinality(first, first + count) == count:
        return None
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        if records.range_cardinality(first, first + middle + 1) <= middle:
            high = middle
        else:
            low = middle + 1
    return first + low


def _last_without(records: BitMap64, run: Run) -> int | None:
    """The last id of a run that is not in a set."""
    first, count = run
    end = first + count
    if records.range_cardinality(first, end) == count:
        return None
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        if records.range_cardinality(end - middle - 1, end) <= middle:
            high = middle
        else:
            low = middle + 1
    return end - low - 1
