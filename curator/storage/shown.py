"""What is to be seen of an order when some records are hidden."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from pyroaring import BitMap64

from curator.storage.ids import ids_within
from curator.storage.pieces import Layout
from curator.storage.runs import Run


class Shown:
    """Positions from 0, without gaps, of the records of a layout that are not hidden. Immutable."""

    def __init__(self, layout: Layout, hidden: BitMap64) -> None:
        self._runs, self._in_place = layout
        self._hidden = hidden
        self._lines = [self._runs.runs[number][0] for number in self._in_place]
        self._starts = self._runs.starts
        if hidden:
            self._starts = (0, *accumulate(self._seen(first, count) for first, count in self._runs.runs))

    def _seen(self, first: int, count: int) -> int:
        """How many of some consecutive ids are to be seen."""
        if not self._hidden:
            return count
        if count == 1:
            return int(first not in self._hidden)
        return count - self._hidden.range_cardinality(first, first + count)

    def before_line(self, line: int) -> int:
        """How many records are to be seen before a line of the source; perhaps fewer if it was taken from its place."""
        place = bisect_right(self._lines, line) - 1
        if place < 0:
            return 0
        number = self._in_place[place]
        first, count = self._runs.runs[number]
        return self._starts[number] + self._seen(first, min(count, line - first))

    def at(self, position: int) -> int:
        """The id at a position."""
        number = bisect_right(self._starts, position) - 1
        first, count = self._runs.runs[number]
        rest = position - self._starts[number]
        if not self._hidden:
            return first + rest
        low, high = 0, count - 1
        while low < high:
            middle = (low + high) // 2
            if self._seen(first, middle + 1) > rest:
                high = middle
            else:
                low = middle + 1
        return first + low

    def position_of(self, record: int) -> int | None:
        """Where a record is to be seen; None where it is not."""
        number = self._runs.run_of(record)
        if number is None or record in self._hidden:
            return None
        first = self._runs.runs[number][0]
        return self._starts[number] + self._seen(first, record - first)

    def stretch(self, start: int, end: int) -> Iterator[Run]:
        """The runs of ids at positions [start, end)."""
        number = bisect_right(self._starts, start) - 1
        while start < end:
            first, count = self._runs.runs[number]
            at, last = self.at(start), first + count
            for run in self._gaps_left_out(at, last):
                length = min(run[1], end - start)
                yield run[0], length
                start += length
                if start >= end:
                    return
            number += 1
            while number < len(self._runs.runs) and self._starts[number + 1] == self._starts[number]:
                number += 1

    def _gaps_left_out(self, first: int, end: int) -> Iterator[Run]:
        """The runs of [first, end) that are to be seen; `first` is."""
        if not self._hidden:
            yield first, end - first
            return
        for gone in ids_within(self._hidden, first, end):
            if gone > first:
                yield first, gone - first
            first = gone + 1
        if first < end:
            yield first, end - first
