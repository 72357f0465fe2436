"""The records of all sources as one list of positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyroaring import BitMap64

from curator.session.ordered import Ordered
from curator.session.view import View
from curator.session.working_source import WorkingSource
from curator.storage.runs import FIRST_DERIVED, Run
from curator.storage.shown import Shown

ALL = View()
"""All records, in the order of the files."""


class Listing:
    """Positions from 0 over the sources, one after the other, without what was dropped unless that is asked for.

    A view leaves records out, or orders them otherwise. While lines are still being found, the positions known are
    those up to the first source that is not complete.
    """

    def __init__(self, sources: Sequence[WorkingSource]) -> None:
        self._sources = sources
        self.with_dropped = False
        self.view = ALL
        self._shown: dict[int, tuple[tuple[int, bool, View], Shown]] = {}
        self._ordered_at: tuple[object, ...] = ()

    def shown(self, source: WorkingSource) -> Shown:
        """What is to be seen of a source, in file order."""
        overlay = source.edited.overlay
        outside = self.view.outside.get(source.number)
        if not outside:
            return self.unfiltered(source)
        key = overlay.revision, self.with_dropped, self.view
        known = self._shown.get(source.number)
        if known is None or known[0] != key:
            hidden = outside if self.with_dropped else outside | overlay.dropped
            known = self._shown[source.number] = key, Shown(overlay.order.layout, hidden)
        return known[1]

    def length_of(self, source: WorkingSource) -> int:
        """How many records of a source are to be seen, as far as they are known."""
        known = source.edited.known_lines
        return self.shown(source).before_line(min(known, self.view.known.get(source.number, known)))

    def _lengths(self) -> Iterator[tuple[WorkingSource, int]]:
        """The sources that have positions, with how many."""
        for source in self._sources:
            yield source, self.length_of(source)
            if not source.opened.index.complete:
                return

    @property
    def ordered(self) -> Ordered | None:
        """The order of the view, without what is gone by now; None for that of the files."""
        ordered = self.view.ordered
        if ordered is not None:
            state = (self.view, self.with_dropped, *(source.edited.overlay.revision for source in self._sources))
            if state != self._ordered_at:
                ordered.update(
                    [self._gone(source) for source in self._sources],
                    [source.edited.overlay.derived for source in self._sources],
                )
                self._ordered_at = state
        return ordered

    def _gone(self, source: WorkingSource) -> BitMap64:
        hidden = source.edited.hidden
        return hidden - source.edited.overlay.dropped if self.with_dropped else hidden

    def __len__(self) -> int:
        ordered = self.ordered
        return sum(length for _, length in self._lengths()) if ordered is None else len(ordered)

    def locate(self, position: int) -> tuple[WorkingSource, int]:
        """The source and the id at a position. Raises IndexError where nothing is known."""
        ordered = self.ordered
        if ordered is not None and 0 <= position < len(ordered):
            number, record = ordered.at(position)
            return self._sources[number], record
        rest = position
        for source, length in self._lengths() if position >= 0 and ordered is None else ():
            if rest < length:
                return source, self.shown(source).at(rest)
            rest -= length
        raise IndexError(position)

    def start_of(self, source: WorkingSource) -> int:
        """The position of a source's first record, in file order."""
        start = 0
        for one, length in self._lengths():
            if one is source:
                break
            start += length
        return start

    def position_of(self, source: WorkingSource, record: int) -> int | None:
        """Where a record is to be seen; None where it is not."""
        ordered = self.ordered
        if ordered is not None:
            return ordered.position_of(source.number, record)
        position = self.shown(source).position_of(record)
        if position is None or position >= self.length_of(source):
            return None
        return self.start_of(source) + position

    def nearest(self, source: WorkingSource, record: int) -> int:
        """The position of a record, or of the first one listed behind it; the first of all in an order of its own."""
        position = self.position_of(source, record)
        if position is None and self.view.ordered is None:
            behind = self.shown(source).before_line(record) if record < FIRST_DERIVED else 0
            position = self.start_of(source) + min(behind, self.length_of(source))
        return max(0, min(position or 0, len(self) - 1))

    def number_of(self, source: WorkingSource, record: int) -> int:
        """The number of a record, counted from 1 over all records in the order of the files; 0 for a hidden one."""
        start = 0
        for one in self._sources:
            if one is source:
                break
            start += one.edited.length(with_dropped=self.with_dropped)
        place = self.unfiltered(source).position_of(record)
        return 0 if place is None else start + place + 1

    @property
    def number_of_all(self) -> int:
        """How many records there are without a view, as far as they are known: the highest number of one."""
        return sum(one.edited.length(with_dropped=self.with_dropped) for one in self._sources)

    def numbered(self, number: int) -> tuple[WorkingSource, int] | None:
        """The source and the id of the record with a number, counted from 1, listed or not."""
        rest = number - 1
        for source in self._sources if rest >= 0 else ():
            length = source.edited.length(with_dropped=self.with_dropped)
            if rest < length:
                return source, self.unfiltered(source).at(rest)
            rest -= length
        return None

    def unfiltered(self, source: WorkingSource) -> Shown:
        """What would be to be seen of a source without a view, in file order."""
        return source.edited.overlay.shown(with_dropped=self.with_dropped)

    def behind(self, source: WorkingSource, record: int) -> int | None:
        """The record behind another one in its file; None behind the last, as far as the file is known."""
        place = self.unfiltered(source).position_of(record)
        length = source.edited.length(with_dropped=self.with_dropped)
        return None if place is None or place + 1 >= length else self.unfiltered(source).at(place + 1)

    def in_file_order(self, source: WorkingSource, records: BitMap64) -> list[int]:
        """Those of some records that are not hidden, in the order of their file, listed or not."""
        places = [(self.unfiltered(source).position_of(one), one) for one in records]
        return [one for place, one in sorted((place, one) for place, one in places if place is not None)]

    def first_seen(self, source: WorkingSource, records: BitMap64) -> int | None:
        """The first of some records, by id, that is listed; else the first that would be without a view."""
        there = records - self._gone(source)
        listed = next((one for one in there if self.position_of(source, one) is not None), None)
        return next(iter(there), None) if listed is None else listed

    def listed(self, source: WorkingSource, records: BitMap64) -> BitMap64:
        """Those of some records that are to be seen."""
        ordered, view = self.ordered, self.view
        if ordered is not None:
            return ordered.listed(source.number, records)
        seen = records - self._gone(source) - view.outside.get(source.number, BitMap64())
        known = source.edited.known_lines
        behind = BitMap64()
        behind.add_range(min(known, view.known.get(source.number, known)), known)
        return seen - behind

    def stretch(self, start: int, end: int) -> Iterator[tuple[WorkingSource, Run]]:
        """The runs of ids at positions [start, end)."""
        ordered = self.ordered
        if ordered is not None:
            for number, run in ordered.stretch(start, min(end, len(ordered))):
                yield self._sources[number], run
            return
        first = 0
        for source, length in self._lengths():
            low, high = max(start - first, 0), min(end - first, length)
            if low < high:
                yield from ((source, run) for run in self.shown(source).stretch(low, high))
            first += length
