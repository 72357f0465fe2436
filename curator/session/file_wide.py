"""What is found in a source's records by looking at whole files."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from pyroaring import BitMap64

from curator.analysis.comparing_records import Marked
from curator.analysis.findings import Finding
from curator.analysis.lint.rules import BY_NUMBER
from curator.analysis.totals import Totals
from curator.edits.saved import SavedState
from curator.session.values import Place
from curator.storage.spilled import SpilledColumn


class Rows:
    """The records of a source as rows: its lines, then the records that are no lines of it, by id."""

    def __init__(self, lines: int, saved: SavedState, others: array[int]) -> None:
        self.lines = lines
        self._saved = saved
        self._others = others

    def __len__(self) -> int:
        return self.lines + len(self._others)

    def of(self, record: int) -> int | None:
        """The row of a record; None where it has none."""
        place = bisect_left(self._others, record)
        if place < len(self._others) and self._others[place] == record:
            return self.lines + place
        line = self._saved.lines.place_of(record)
        return line if line is not None and line < self.lines else None

    def record(self, row: int) -> int:
        """The id of a row's record."""
        return self._saved.lines.at(row) if row < self.lines else self._others[row - self.lines]

    def records(self, rows: array[int]) -> BitMap64:
        """The ids of several."""
        lines = bisect_left(rows, self.lines)
        if self._saved.untouched:
            found = BitMap64(array("Q", rows[:lines]))
        else:
            found = BitMap64([self._saved.lines.at(line) for line in rows[:lines]])
        return found | BitMap64([self._others[row - self.lines] for row in rows[lines:]])


class Pairs:
    """Rows that a rule finds, each with the row of another record and a number; in files if there are many."""

    def __init__(self, marked: Marked) -> None:
        self.rows, self._others, self._numbers = (
            _column(packed) for packed in (marked.rows, marked.others, marked.numbers)
        )

    def of(self, row: int) -> tuple[int, int] | None:
        """The other row and the number of a row; None where the rule has not found it."""
        place = bisect_left(self.rows, row)
        if place == len(self.rows) or self.rows[place] != row:
            return None
        return self._others[place], self._numbers[place]


class SharedRows:
    """Rows that stand in several sources, counted on from source to source."""

    def __init__(self, pairs: Pairs, rows: Sequence[Rows]) -> None:
        self._pairs = pairs
        self._rows = rows
        self._starts = [0, *accumulate(map(len, rows))]

    def of_source(self, number: int) -> array[int]:
        """The rows of one source, counted from its own first, that an earlier source has too."""
        start, found = self._starts[number], self._pairs.rows
        first, end = (bisect_left(found, self._starts[one]) for one in (number, number + 1))
        return array("I", (row - start for row in found[first:end]))

    def other(self, number: int, row: int) -> Place | None:
        """The record that one of a source's rows repeats; None where it repeats none."""
        found = self._pairs.of(self._starts[number] + row)
        if found is None:
            return None
        source = bisect_right(self._starts, found[0]) - 1
        return Place(source, self._rows[source].record(found[0] - self._starts[source]))


def _column(packed: bytes) -> SpilledColumn:
    column = SpilledColumn("I")
    column.extend(array("I", packed))
    return column


@dataclass(frozen=True, slots=True, eq=False)
class FileWide:
    """What was found in one source; another time is another value."""

    rows: Rows | None = None
    pairs: Mapping[int, Pairs] = field(default_factory=dict)
    """By the number of the rule: rows with others of this source."""
    shared: SharedRows | None = None
    """Where this source is asked for what stands in others too."""
    records: Mapping[int, BitMap64] = field(default_factory=dict)
    """By the number of the rule: the ids of the records that it finds."""
    on_file: tuple[Finding, ...] = ()
    """What is to be said of the file as a whole."""
    any: BitMap64 = field(init=False)
    """All records that a rule finds. Not to be changed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "any", BitMap64().union(*self.records.values()))

    def bits_of(self, record: int) -> int:
        """The rules that find a record, as bits."""
        if record not in self.any:
            return 0
        return sum(1 << number for number, records in self.records.items() if record in records)

    def with_bits(self, bits: int) -> BitMap64:
        """The records that one of some rules finds."""
        return BitMap64().union(*(records for number, records in self.records.items() if bits >> number & 1))

    def count_into(self, totals: Totals) -> None:
        """Add the records that each rule finds."""
        for number, records in self.records.items():
            totals.findings[BY_NUMBER[number].code] += len(records)


NOTHING = FileWide()
