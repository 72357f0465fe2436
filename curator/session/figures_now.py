"""Columns of a source's records as they are now, as arrays: those of the audit, and those of what was edited."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap64

from curator.analysis.report import Columns
from curator.session.current_records import ids_of_lines
from curator.session.working_source import WorkingSource
from curator.storage.runs import FIRST_DERIVED

if TYPE_CHECKING:
    from numpy import bool_, uint64
    from numpy.typing import NDArray


class FiguresNow:
    """A snapshot of one source's figures, as far as they are known."""

    def __init__(self, source: WorkingSource) -> None:
        self._source = source
        self._lines = source.opened.columns.figures()
        self._elsewhere = source.edited.not_original
        self._edited, self._ids = source.figures.current(source.edited.unsaved)

    def where(self, test: Callable[[Columns], NDArray[bool_]]) -> BitMap64:
        """The records whose figures pass a test, which gives true or false for each row of columns."""
        import numpy

        lines = set_of(numpy.flatnonzero(test(self._lines)))
        found = ids_of_lines(self._source, lines) - self._elsewhere
        back = self._elsewhere - self._source.edited.unsaved
        place = self._source.edited.content.line_number
        found |= BitMap64([one for one in back if (line := place(one)) is not None and line in lines])
        return found | BitMap64([self._ids[row] for row in numpy.flatnonzero(test(self._edited)).tolist()])

    def values(self, ids: NDArray[uint64], of: Callable[[Columns], array[int]]) -> NDArray[uint64]:
        """The values of a column for records, shape of `ids`; 0 where they are not known."""
        import numpy

        values = numpy.zeros(len(ids), dtype=numpy.uint64)
        column = as_numbers(of(self._lines))
        if self._source.edited.content.saved.untouched:
            there = ids < numpy.uint64(len(column))
            values[there] = column[ids[there]]
        else:
            put(values, ids, self._ids_by_line(), column)
        put(values, ids, numpy.array(self._ids, dtype=numpy.uint64), as_numbers(of(self._edited)))
        return values

    def _ids_by_line(self) -> NDArray[uint64]:
        import numpy

        number, saved = len(self._lines), self._source.edited.content.saved
        runs = [
            numpy.arange(first, first + min(count, number, FIRST_DERIVED), dtype=numpy.uint64)
            for first, count in saved.lines.runs
        ]
        return numpy.concatenate(runs)[:number]


def put(values: NDArray[uint64], ids: NDArray[uint64], known: NDArray[uint64], of_known: NDArray[uint64]) -> None:
    """Put the values of known ids where these stand among `ids`."""
    import numpy

    if not len(known):
        return
    order = numpy.argsort(known, kind="stable")
    ascending = known[order]
    places = numpy.minimum(ascending.searchsorted(ids), len(ascending) - 1)
    there = ascending[places] == ids
    values[there] = of_known[order[places[there]]]


def set_of(numbers: Any) -> BitMap64:
    """An array of whole numbers as a set."""
    import numpy

    return BitMap64(array("Q", numbers.astype(numpy.uint64).tobytes()))


def as_numbers(column: array[int]) -> NDArray[uint64]:
    """A column as an array of unsigned 64-bit numbers."""
    import numpy

    return numpy.frombuffer(column, dtype=f"u{column.itemsize}").astype(numpy.uint64, copy=False)
