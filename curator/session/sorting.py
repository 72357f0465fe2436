"""The listed records in the order of columns."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from curator.analysis.report import Columns
from curator.edits.labels import Verdict
from curator.errors import UsageError
from curator.session.facade import Session
from curator.session.figures_now import FiguresNow
from curator.session.ordered import SOURCE_BITS, Ordered
from curator.session.view import View
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

VERDICTS = (Verdict.REJECTED, Verdict.NEEDS_WORK, Verdict.ACCEPTED)

_FIGURES: dict[str, Callable[[Columns], array[int]]] = {
    "tokens": lambda columns: columns.tokens,
    "trained": lambda columns: columns.trained,
    "messages": lambda columns: columns.messages,
    "turns": lambda columns: columns.turns,
    "dialect": lambda columns: columns.dialect,
    "problems": lambda columns: array("Q", map(int.bit_count, columns.findings)),
}
SORTABLE = {
    "tokens": "tokens",
    "trained": "trained tokens",
    "messages": "messages",
    "turns": "turns",
    "problems": "how many rules are broken",
    "dialect": "how the record is written",
    "verdict": "rejected, needs work, accepted",
    "tags": "how many tags",
}


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column to sort by."""

    column: str
    falling: bool = False

    @property
    def title(self) -> str:
        """As it is typed and shown."""
        return f"-{self.column}" if self.falling else self.column


def sort_keys(text: str) -> tuple[SortKey, ...]:
    """The keys of `tokens -turns`: columns by weight, a minus before those that fall. Raises UsageError."""
    keys = []
    for word in text.replace(",", " ").split():
        key = SortKey(word.lstrip("-+"), word.startswith("-"))
        if key.column not in SORTABLE:
            raise UsageError(f"There is no column {key.column!r} to sort by; known are {', '.join(SORTABLE)}.")
        keys.append(key)
    return tuple(keys)


def sorted_view(session: Session, keys: Sequence[SortKey]) -> View:
    """The records that are listed now, in the order of these columns; equal ones stay as they stand in the files.

    Figures that the audit has not reached count as 0. Without keys the order is that of the files.
    """
    import numpy

    listing = session.listing
    view = replace(listing.view, ordered=None, order_title=" ".join(key.title for key in keys))
    if not keys:
        return view
    in_file_order = _ids_in_file_order(session)
    columns = [
        numpy.concatenate([_values(source, ids, key) for source, ids in in_file_order] or [_none()]) for key in keys
    ]
    numbers = [ids | numpy.uint64(source.number << SOURCE_BITS) for source, ids in in_file_order]
    order = numpy.lexsort(columns[::-1])
    return replace(view, ordered=Ordered(numpy.concatenate(numbers or [_none()])[order]))


def _none() -> NDArray[uint64]:
    import numpy

    return numpy.zeros(0, dtype=numpy.uint64)


def _ids_in_file_order(session: Session) -> list[tuple[WorkingSource, NDArray[uint64]]]:
    import numpy

    listing = session.listing
    found = []
    for source in session.sources:
        runs = listing.shown(source).stretch(0, listing.length_of(source))
        arrays = [numpy.arange(first, first + count, dtype=numpy.uint64) for first, count in runs]
        found.append((source, numpy.concatenate(arrays or [_none()])))
    return found


def _values(source: WorkingSource, ids: NDArray[uint64], key: SortKey) -> NDArray[uint64]:
    """What records are sorted by, ascending."""
    import numpy

    if key.column in _FIGURES:
        values = FiguresNow(source).values(ids, _FIGURES[key.column])
    else:
        values = _labels(source, ids, key.column)
    return numpy.uint64((1 << 64) - 1) - values if key.falling else values


def _labels(source: WorkingSource, ids: NDArray[uint64], column: str) -> NDArray[uint64]:
    import numpy

    labels = source.edited.overlay.labels
    values = numpy.zeros(len(ids), dtype=numpy.uint64)
    if column == "verdict":
        sets = [(labels.verdicts[verdict], place + 1) for place, verdict in enumerate(VERDICTS)]
    else:
        sets = [(held, 1) for held in labels.tags.values()]
    for held, weight in sets:
        there = numpy.isin(ids, numpy.frombuffer(held.to_array(), dtype=numpy.uint64))
        values[there] += numpy.uint64(weight)
    return values
