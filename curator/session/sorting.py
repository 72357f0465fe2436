"""The listed records in the order of columns."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from curator.analysis.predicates.paths import path_keys, spelt_path
from curator.analysis.report import Columns
from curator.edits.labels import Verdict
from curator.errors import UsageError
from curator.session.facade import Session
from curator.session.figures_now import FiguresNow, put
from curator.session.groups import Groups, known_groups
from curator.session.listing import Listing
from curator.session.ordered import SOURCE_BITS, Ordered
from curator.session.path_values import Ranks
from curator.session.view import View
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s,"])+')

NO_PATH = "A path is keys with points between them, such as meta.score; a key with points in it stands in quotes."
"""What is told of something typed that is no path."""

ByPath = Mapping[int, Ranks]
"""By the number of the source the places of its records."""
NO_PATHS: Mapping[str, ByPath] = {}

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
    "bytes": "length in bytes",
    "group": "the groups that D listed last",
}
"""Columns, and what they are; beside them any key by its path, such as `.meta.score`."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column to sort by."""

    column: str
    """One of SORTABLE, or a path with a point before it."""
    falling: bool = False

    @property
    def title(self) -> str:
        """As it is typed and shown."""
        return f"-{self.column}" if self.falling else self.column


def sort_keys(text: str) -> tuple[SortKey, ...]:
    """The keys of `tokens -turns .meta.score`: by weight, a minus before those that fall. Raises UsageError."""
    keys = []
    for word in _WORD.findall(text):
        key = SortKey(word.lstrip("-+"), word.startswith("-"))
        if key.column not in SORTABLE and not is_path(key.column):
            raise UsageError(
                f"There is no column {key.column!r} to sort by; known are {', '.join(SORTABLE)},"
                " and keys of the records by their path, such as `.meta.score`."
            )
        keys.append(key)
    return tuple(keys)


def is_path(column: str) -> bool:
    """Whether what is sorted by is a key of the records, by its path."""
    return column.startswith(".") and bool(path_keys(column))


def typed_path(text: str) -> str:
    """The path that someone typed who was asked for one: the point before it may be left out. Empty where it is none.

    Names with blanks in them need no quotes here.
    """
    keys = path_keys(text.strip())
    return spelt_path(keys) if keys else ""


def sorted_view(
    session: Session, keys: Sequence[SortKey], view: View | None = None, ranks: Mapping[str, ByPath] = NO_PATHS
) -> View:
    """The records of a view (None: that in force) in the order of these columns; equal ones stay as in the files.

    `ranks` has the places for keys that are paths. Figures that the audit has not reached count as 0. Without keys the
    order is that of the files. Raises UsageError for `group` where no groups were listed.
    """
    import numpy

    before = session.listing.view if view is None else view
    view = replace(before, ordered=None, order_title=" ".join(key.title for key in keys))
    if not keys:
        return view
    in_file_order = _ids_in_file_order(session, view)
    columns = [
        numpy.concatenate(
            [_values(source, ids, key, ranks, session.groups) for source, ids in in_file_order] or [_none()]
        )
        for key in keys
    ]
    numbers = [ids | numpy.uint64(source.number << SOURCE_BITS) for source, ids in in_file_order]
    order = _order(columns)
    return replace(view, ordered=Ordered(numpy.concatenate(numbers or [_none()])[order]))


def _order(columns: Sequence[NDArray[uint64]]) -> NDArray[uint64]:
    """The places of rows sorted by columns, the first one weighing most; equal rows stay in their order."""
    import numpy

    length = len(columns[0])
    places = numpy.arange(length, dtype=numpy.uint64)
    bits = max(1, length).bit_length()
    order = places
    for column in columns[::-1]:
        here = column[order]
        here = here - here.min() if length else here
        if length and int(here.max()).bit_length() + bits > 64:
            order = order[numpy.argsort(here, kind="stable")]
            continue
        both = here << numpy.uint64(bits) | places  # one number sorts several times as fast as a stable order of two
        both.sort()
        order = order[both & numpy.uint64((1 << bits) - 1)]
    return order


def _none() -> NDArray[uint64]:
    import numpy

    return numpy.zeros(0, dtype=numpy.uint64)


def _ids_in_file_order(session: Session, view: View) -> list[tuple[WorkingSource, NDArray[uint64]]]:
    import numpy

    listing = Listing(session.sources)
    listing.view, listing.with_dropped = view, True  # so that one that is restored has its place
    found = []
    for source in session.sources:
        runs = listing.shown(source).stretch(0, listing.length_of(source))
        arrays = [numpy.arange(first, first + count, dtype=numpy.uint64) for first, count in runs]
        found.append((source, numpy.concatenate(arrays or [_none()])))
    return found


def _values(
    source: WorkingSource, ids: NDArray[uint64], key: SortKey, ranks: Mapping[str, ByPath], groups: Groups | None
) -> NDArray[uint64]:
    """What records are sorted by, ascending."""
    import numpy

    if is_path(key.column):
        known = ranks[key.column].get(source.number)
        values = numpy.zeros(len(ids), dtype=numpy.uint64)
        if known is not None:
            put(values, ids, known.ids, known.ranks)
    elif key.column == "group":
        values = known_groups(groups).places(source, ids)
    elif key.column == "bytes":
        values = _bytes(source, ids)
    elif key.column in _FIGURES:
        values = FiguresNow(source).values(ids, _FIGURES[key.column])
    else:
        values = _labels(source, ids, key.column)
    return numpy.uint64((1 << 64) - 1) - values if key.falling else values


def _bytes(source: WorkingSource, ids: NDArray[uint64]) -> NDArray[uint64]:
    """The lengths of records' lines as they are now."""
    import numpy

    index, content = source.opened.index, source.edited.content
    ends = numpy.frombuffer(index.ends_between(0, source.opened.source.size), dtype=numpy.uint64)
    lengths = numpy.diff(ends, prepend=numpy.uint64(0))
    values = numpy.zeros(len(ids), dtype=numpy.uint64)
    runs = [
        numpy.arange(first, first + min(count, len(lengths)), dtype=numpy.uint64)
        for first, count in content.saved.lines.runs
    ]
    on_lines = numpy.concatenate(runs or [_none()])[: len(lengths)]
    put(values, ids, on_lines, lengths[: len(on_lines)])
    unsaved = source.edited.unsaved
    changed = numpy.frombuffer(unsaved.to_array(), dtype=numpy.uint64)
    put(values, ids, changed, numpy.array([content.length(one) for one in unsaved], dtype=numpy.uint64))
    return values


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
