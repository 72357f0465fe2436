"""The order of a source's records while they are split, joined, added and moved: a piece table of runs of ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pyroaring import BitMap64

from curator.storage.runs import FIRST_DERIVED, Run, Runs

START = -1
"""The place before all records."""


class Layout(NamedTuple):
    """An order at one moment."""

    runs: Runs
    in_place: Sequence[int]
    """The numbers of the runs that are lines of the source in their own place; their ids ascend."""


class Order:
    """Each place holds a record. The lines of the source are places in their own order; others stand behind a place.

    A place is the id of the record that it was made for. A record that is moved leaves its place empty, where what
    stands behind it stays, and gets a new place, a number of its own.
    """

    def __init__(self) -> None:
        self._behind: dict[int, list[int]] = {}
        """Places right behind a place, in order."""
        self._anchor: dict[int, int] = {}
        """Behind which place a place stands; lines of the source are not in it."""
        self._empty: set[int] = set()
        self._moved: dict[int, int] = {}
        """The record in a place that is not called by its id."""
        self._place: dict[int, int] = {}
        """The place of a record that was moved."""
        self._laid_out: Layout | None = None

    @property
    def layout(self) -> Layout:
        """The order as it is now; kept until it changes."""
        if self._laid_out is None:
            self._laid_out = self._flattened()
        return self._laid_out

    @property
    def moved(self) -> BitMap64:
        """The records that do not stand in the place that was made for them."""
        return BitMap64(self._place)

    def place(self, record: int) -> int:
        """The place that a record stands in."""
        return self._place.get(record, record)

    def insert(self, places: Iterable[int], behind: int) -> None:
        """Put new places right behind a place, or behind START."""
        new = list(places)
        self._behind.setdefault(behind, [])[:0] = new
        self._anchor.update(dict.fromkeys(new, behind))
        self._laid_out = None

    def remove(self, places: Iterable[int]) -> None:
        """Take back what `insert` did; nothing may stand behind these places any more."""
        for place in places:
            anchor = self._anchor.pop(place)
            left = self._behind[anchor]
            left.remove(place)
            if not left:
                del self._behind[anchor]
        self._laid_out = None

    def vacate(self, records: Iterable[int]) -> None:
        """Leave the places of records empty; what stands behind them stays."""
        self._empty.update(self.place(one) for one in records)
        self._laid_out = None

    def refill(self, records: Iterable[int]) -> None:
        """Take back what `vacate` did."""
        self._empty.difference_update(self.place(one) for one in records)
        self._laid_out = None

    def move(self, record: int, place: int, behind: int) -> int:
        """Move a record to a new place, whose number nothing else has. Returns the place that it leaves."""
        before = self.place(record)
        self._empty.add(before)
        self._place[record], self._moved[place] = place, record
        self.insert([place], behind)
        return before

    def move_back(self, record: int, before: int) -> None:
        """Take back what `move` did, from the place that it returned."""
        place = self._place[record]
        self.remove([place])
        del self._moved[place]
        if before == record:
            del self._place[record]
        else:
            self._place[record] = before
        self._empty.discard(before)
        self._laid_out = None

    def _flattened(self) -> Layout:
        runs: list[Run] = list(self._records_behind(START))
        in_place: list[int] = []
        lines = sorted({place for place in (*self._behind, *self._empty) if START < place < FIRST_DERIVED})
        start = 0
        for line in lines:
            end = line + (line not in self._empty)
            if end > start:
                in_place.append(len(runs))
                runs.append((start, end - start))
            runs.extend(self._records_behind(line))
            start = line + 1
        in_place.append(len(runs))
        runs.append((start, FIRST_DERIVED - start))
        return Layout(Runs(runs), tuple(in_place))

    def _records_behind(self, place: int) -> Iterator[Run]:
        waiting = self._behind.get(place, [])[::-1]
        while waiting:
            one = waiting.pop()
            if one not in self._empty:
                yield self._moved.get(one, one), 1
            waiting.extend(self._behind.get(one, [])[::-1])
