"""Records of all sources in an order of their own, with their positions found both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from pyroaring import BitMap64

from curator.storage.runs import Run

if TYPE_CHECKING:
    from numpy import int64, uint64
    from numpy.typing import NDArray

SOURCE_BITS = 44
"""An id takes fewer bits; the number of the source stands before it."""
ID_MASK = (1 << SOURCE_BITS) - 1


def packed(source: int, record: int) -> int:
    """A record of a source as one number."""
    return source << SOURCE_BITS | record


def unpacked(number: int) -> tuple[int, int]:
    """Source and id."""
    return number >> SOURCE_BITS, number & ID_MASK


class Ordered:
    """Records in an order, less those that are gone meanwhile, with new ones behind them; 16 bytes a record."""

    def __init__(self, order: NDArray[uint64]) -> None:
        """`order` holds packed records, shape (n,)."""
        import numpy

        self._order = order
        self._places = numpy.argsort(order)
        self._ascending = order[self._places]
        self._gone = self._shifts = numpy.zeros(0, dtype=numpy.int64)
        self._new: list[int] = []

    def update(self, gone: Sequence[BitMap64], derived: Sequence[BitMap64]) -> None:
        """From now on leave out the records that are gone, and add the derived ones that are not; by source."""
        import numpy

        places = [self._places_of(number, some) for number, some in enumerate(gone)]
        self._gone = numpy.sort(numpy.concatenate(places)) if places else self._gone
        self._shifts = self._gone - numpy.arange(len(self._gone))
        self._new = [
            packed(number, record)
            for number, (some, lost) in enumerate(zip(derived, gone, strict=True))
            for record in some - lost
            if self._place_of(packed(number, record)) is None
        ]

    def _places_of(self, source: int, records: BitMap64) -> NDArray[int64]:
        """Where some records of a source stand in the order, as far as they do; in no order."""
        import numpy

        numbers = numpy.frombuffer(records.to_array(), dtype=numpy.uint64) | numpy.uint64(source << SOURCE_BITS)
        found = self._ascending.searchsorted(numbers)
        inside = found < len(self._ascending)
        found, numbers = found[inside], numbers[inside]
        places: NDArray[int64] = self._places[found[self._ascending[found] == numbers]]
        return places

    def listed(self, source: int, records: BitMap64) -> BitMap64:
        """Those of some records of a source that stand in the order."""
        import numpy

        places = self._places_of(source, records)
        places = places[~numpy.isin(places, self._gone)]
        new = BitMap64([unpacked(one)[1] for one in self._new if unpacked(one)[0] == source])
        return BitMap64((self._order[places] & numpy.uint64(ID_MASK)).tolist()) | (records & new)

    def sums(self, parts: Sequence[tuple[int, BitMap64, Sequence[int]]]) -> Callable[[int], int]:
        """A function that adds up what belongs to records before a position.

        Each part holds a source, some of its records, all of which are listed, and a number for each, ascending by id.
        """
        import numpy

        positions = numpy.concatenate([self._positions(source, records) for source, records, _ in parts])
        numbers = numpy.concatenate([numpy.asarray(some, dtype=numpy.int64) for _, _, some in parts])
        order = numpy.argsort(positions)
        positions = positions[order]
        sums = numpy.concatenate([numpy.zeros(1, dtype=numpy.int64), numpy.cumsum(numbers[order])])
        return lambda position: int(sums[positions.searchsorted(position)])

    def _positions(self, source: int, records: BitMap64) -> NDArray[int64]:
        """The positions of some records of a source, all of which are listed, in the order of their ids."""
        import numpy

        places = self._places_of(source, records)
        new = [number for number in self._new if unpacked(number)[0] == source and unpacked(number)[1] in records]
        positions = numpy.asarray(places - self._gone.searchsorted(places), dtype=numpy.int64)
        behind = [len(self) - len(self._new) + self._new.index(number) for number in sorted(new)]
        return numpy.concatenate([positions, numpy.asarray(behind, dtype=numpy.int64)])

    def __len__(self) -> int:
        return len(self._order) - len(self._gone) + len(self._new)

    def at(self, position: int) -> tuple[int, int]:
        """Source and id of the record at a position."""
        behind = position - len(self._order) + len(self._gone)
        if behind >= 0:
            return unpacked(self._new[behind])
        before = int(self._shifts.searchsorted(position, "right"))
        return unpacked(int(self._order[position + before]))

    def numbers(self, start: int, end: int) -> list[int]:
        """The packed records at positions [start, end)."""
        numbers: list[int] = self._numbers(start, end).tolist()
        return numbers

    def sets(self, start: int, end: int) -> dict[int, BitMap64]:
        """By the number of the source: its records at positions [start, end)."""
        import numpy

        numbers = self._numbers(start, end)
        sources, ids = numbers >> numpy.uint64(SOURCE_BITS), numbers & numpy.uint64(ID_MASK)
        return {int(one): BitMap64(ids[sources == one].tolist()) for one in numpy.unique(sources)}

    def _numbers(self, start: int, end: int) -> NDArray[uint64]:
        import numpy

        shifts, new = self._shifts, self._new
        known = len(self._order) - len(shifts)
        positions = numpy.arange(start, max(start, min(end, known)))
        behind = numpy.array(new[max(0, start - known) : max(0, end - known)], dtype=numpy.uint64)
        return numpy.concatenate([self._order[positions + shifts.searchsorted(positions, "right")], behind])

    def position_of(self, source: int, record: int) -> int | None:
        """Where a record stands; None where it does not."""
        number = packed(source, record)
        place = self._place_of(number)
        if place is None:
            return len(self) - len(self._new) + self._new.index(number) if number in self._new else None
        before = int(self._gone.searchsorted(place))
        gone = before < len(self._gone) and int(self._gone[before]) == place
        return None if gone else place - before

    def _place_of(self, number: int) -> int | None:
        import numpy

        found = int(self._ascending.searchsorted(numpy.uint64(number)))
        there = found < len(self._ascending) and int(self._ascending[found]) == number
        return int(self._places[found]) if there else None

    def stretch(self, start: int, end: int) -> Iterator[tuple[int, Run]]:
        """The runs of ids at positions [start, end), each with its source."""
        import numpy

        numbers = self._numbers(start, end)
        breaks = numpy.flatnonzero(numbers[1:] != numbers[:-1] + numpy.uint64(1)) + 1
        for run in numpy.split(numbers, breaks) if len(numbers) else ():
            source, first = unpacked(int(run[0]))
            yield source, (first, len(run))
