"""The nearest record with a problem, or without a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyroaring import BitMap64

from curator.session.listing import Listing
from curator.session.working_source import WorkingSource
from curator.storage.runs import Run


class Walk:
    """Goes over a listing from record to record of a kind."""

    def __init__(self, sources: Sequence[WorkingSource], listing: Listing) -> None:
        self._sources = sources
        self._listing = listing
        self._in_place: dict[int, tuple[tuple[int, int, int], BitMap64]] = {}

    def problem(self, position: int, step: int) -> int | None:
        """The nearest position after (`step` 1) or before (-1) another one whose record has a finding."""
        for source in self._sources if step > 0 else self._sources[::-1]:
            start = self._listing.start_of(source)
            found = self._problem_in(source, position - start, step)
            if found is not None:
                return start + found
        return None

    def _problem_in(self, source: WorkingSource, after: int, step: int) -> int | None:
        shown = self._listing.shown(source)
        elsewhere = source.figures.problems & (source.edited.overlay.derived | source.edited.moved)
        positions = [self._problem_in_place(source, after, step), *map(shown.position_of, elsewhere)]
        known = [one for one in positions if one is not None and (one > after if step > 0 else one < after)]
        return (min(known) if step > 0 else max(known)) if known else None

    def _problem_in_place(self, source: WorkingSource, after: int, step: int) -> int | None:
        """The position of the nearest record with a finding that stands in its line's own place."""
        shown, lines = self._listing.shown(source), self._problem_lines(source)
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

    def _problem_lines(self, source: WorkingSource) -> Sequence[int] | BitMap64:
        """Ids of records with a finding that stand in their line's own place, ascending."""
        problems, edited = source.opened.problems, source.edited
        if not edited.touched and not edited.moved and edited.content.saved.untouched:
            return problems
        key = len(problems), edited.overlay.revision, source.figures.revision
        known = self._in_place.get(source.number)
        if known is None or known[0] != key:
            lines = edited.content.saved.lines
            ids = BitMap64(problems if edited.content.saved.untouched else [lines.at(line) for line in problems])
            ids = (ids - edited.touched) | (source.figures.problems - edited.hidden - edited.overlay.derived)
            known = self._in_place[source.number] = key, ids - edited.moved
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
