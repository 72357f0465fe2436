"""Figures of records that are not as the audit read them, and what they change in the totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from pyroaring import BitMap64

from curator.analysis.report import Columns
from curator.analysis.totals import Totals
from curator.edits.edited_source import EditedSource
from curator.edits.versions import Sweep
from curator.engine.data_set import OpenSource, problem_lines
from curator.session.problem_sets import ProblemSets, bits_of
from curator.storage.ids import ids_from
from curator.storage.runs import FIRST_DERIVED

BLOCK_BITS = 12
"""Totals are worked out anew for blocks of 4,096 ids."""


class Found(NamedTuple):
    """Where the figures of a record stand."""

    columns: Columns
    row: int


@dataclass(slots=True)
class Layer:
    """Figures of the records that a sweep changed, in the order of their ids."""

    records: BitMap64 = field(default_factory=BitMap64)
    columns: Columns = field(default_factory=Columns.large)
    complete: bool = False


class EditedFigures:
    """The figures of one source's records as they are now, on top of the audit's columns of its lines."""

    def __init__(self, opened: OpenSource, edited: EditedSource) -> None:
        self._opened = opened
        self._edited = edited
        self._rows = Columns.large()
        self._slots: dict[int, tuple[int, int]] = {}
        """By id: the number of the text that the figures are of, and their row."""
        self._layers: dict[int, Layer] = {}
        self._blocks: dict[int, Totals] = {}
        """By block: what its records as they are now have more than the source's lines, or less."""
        self._sum = Totals()
        self._dirty: set[int] = set()
        self.found = ProblemSets()
        """The problems, by rule."""
        self.revision = 0
        """Grows whenever totals or problems change."""
        self.news = 0
        """Grows whenever the figures of some record may have become others."""
        self._ages: dict[int, int] = {}
        """By block: `news` when figures in it changed last."""
        self._all_new = 0
        """`news` when all figures changed last."""
        self.waiting = BitMap64()
        """Records whose figures are not known yet."""

    def find(self, record: int) -> Found | None:
        """The figures of a record as it is now; None while they are not known."""
        line = self._edited.content.line_number(record)
        if line is not None:
            columns = self._opened.columns
            return Found(columns, line) if line < len(columns) else None
        version = self._edited.overlay.versions.of(record)
        slot = self._slots.get(record)
        if slot is not None and slot[0] == version:
            return Found(self._rows, slot[1])
        layer = self._layers.get(version)
        if layer is not None and record in layer.records:
            return Found(layer.columns, layer.records.rank(record) - 1)
        return None

    def take(self, record: int, version: int, columns: Columns) -> None:
        """The figures of a text of a record: one row."""
        slot = self._slots.get(record)
        if slot is None:
            self._slots[record] = version, len(self._rows)
            self._rows.extend(columns)
        else:
            self._slots[record] = version, slot[1]
            self._rows.put(slot[1], columns)
        if self.find(record) is not None:
            self.waiting.discard(record)
        self._dirty.add(record >> BLOCK_BITS)
        self._renew((record >> BLOCK_BITS,))

    def wanted(self, most: int) -> list[int]:
        """Some records whose figures are asked for and not known. Those that need none any more are forgotten."""
        while some := list(islice(self.waiting, most)):
            needed = [one for one in some if self._needs_figures(one)]
            self.waiting -= BitMap64(some) - BitMap64(needed)
            if needed:
                return needed
        return []

    def _needs_figures(self, record: int) -> bool:
        """Whether the figures of a record are not known and will not come with the audit of the source's lines."""
        there = record < FIRST_DERIVED or record in self._edited.overlay.derived
        return there and self._edited.content.line_number(record) is None and self.find(record) is None

    def has_layer(self, sweep: Sweep) -> bool:
        """Whether the figures of a sweep's records are known."""
        layer = self._layers.get(sweep.number)
        return layer is not None and layer.complete

    def begin_layer(self, sweep: Sweep) -> None:
        """The figures of a sweep's records are about to come, from the first of them on."""
        self._layers[sweep.number] = Layer()

    def take_layer(self, sweep: Sweep, records: BitMap64, columns: Columns) -> None:
        """The figures of more records of a sweep; they follow those known in the order of their ids."""
        layer = self._layers[sweep.number]
        layer.records |= records
        layer.columns.extend(columns)
        self.touched(records)

    def end_layer(self, sweep: Sweep) -> None:
        """All figures of a sweep's records are known."""
        self._layers[sweep.number].complete = True

    def touched(self, records: BitMap64) -> None:
        """The text of records, or whether they are there, has changed."""
        blocks = tuple(blocks_of(records))
        self._dirty.update(blocks)
        self._renew(blocks)

    def ask_for(self, records: BitMap64) -> None:
        """Figures of these records are wanted where they are not known."""
        self.waiting |= records

    def audited(self, first: int, end: int) -> None:
        """The audit has reached lines [first, end) of the source."""
        blocks = range(first >> BLOCK_BITS, ((end - 1) >> BLOCK_BITS) + 1)
        untouched = self._edited.content.saved.untouched
        if self._edited.touched:
            self._dirty.update(blocks if untouched else blocks_of(self._edited.touched))
        if untouched:
            self._renew(blocks)
        elif end >= len(self._opened.index):
            self._renew_all()

    def begin_anew(self) -> None:
        """Everything that was known is void: another token rule, another dialect, or a source that was written anew."""
        self._rows, self._slots, self._layers = Columns.large(), {}, {}
        self.waiting = BitMap64()
        self.limit_changed()

    def limit_changed(self) -> None:
        """The longest example is another one."""
        self._blocks, self._sum = {}, Totals()
        self.revision += 1
        self._renew_all()
        self.touched(self._edited.touched)

    def _renew(self, blocks: Iterable[int]) -> None:
        self.news += 1
        self._ages.update(dict.fromkeys(blocks, self.news))

    def _renew_all(self) -> None:
        self.news += 1
        self._all_new, self._ages = self.news, {}

    def age_of(self, block: int) -> int:
        """`news` when figures of a block's records changed last."""
        return self._ages.get(block, self._all_new)

    @property
    def problems(self) -> BitMap64:
        """Records that are not as the audit read them and have a finding, or are over the longest example."""
        return self.found.any

    # Totals

    def settle(self, limit: int, most: int) -> bool:
        """Work out anew at most so many blocks whose records changed. Whether all are done."""
        for _ in range(most):
            if not self._dirty:
                break
            block = self._dirty.pop()
            self.revision += 1
            before = self._blocks.pop(block, None)
            after = self._difference(block, limit)
            if before is not None:
                self._sum.subtract(before)
            if after is not None:
                self._sum.merge(after)
                self._blocks[block] = after
        return not self._dirty

    @property
    def settled(self) -> bool:
        """Whether the totals are those of the records as they are now, as far as figures are known."""
        return not self._dirty

    @property
    def known(self) -> bool:
        """Whether the totals are those of the records as they are now, and no figures are on their way."""
        return self.settled and not self.waiting and all(map(self.has_layer, self._edited.overlay.versions.sweeps))

    @property
    def difference(self) -> Totals:
        """What the records as they are now have more than the source's lines; less is below zero."""
        return self._sum

    def sums_in(self, block: int, records: BitMap64, limit: int) -> Totals | None:
        """The sums over those of some records that are in a block and there, as far as known; None without any."""
        here = records & _all_of(block)
        if not here:
            return None
        now = here & self._edited.unsaved
        total = Totals()
        total.add(self.current(now)[0], limit)
        total.add(self._opened.columns.take(self._audited_lines(here - now - self._edited.hidden)), limit)
        return total

    def _difference(self, block: int, limit: int) -> Totals | None:
        all_here = _all_of(block)
        self.found.remove(all_here)
        here = self._edited.touched & all_here
        if not here:
            return None
        hidden = here & self._edited.hidden
        now = here & self._edited.unsaved
        gone = hidden | now
        current, known = self.current(now)
        self.found.add((known[row], bits_of(current, row, limit)) for row in problem_lines(current, limit, 0))
        total = Totals()
        total.add(current, limit)
        lines = Totals()
        lines.add(self._opened.columns.take(self._audited_lines(gone)), limit)
        total.subtract(lines)
        return total

    def current(self, records: BitMap64) -> tuple[Columns, list[int]]:
        """The figures of records as far as they are known, and of which they are."""
        columns, known = Columns(), list[int]()
        versions = self._edited.overlay.versions
        for number, layer in self._layers.items():
            swept = versions.swept_by(number, records & layer.records)
            columns.extend(_rows(layer, swept))
            known += swept
            records = records - swept
        for record in records:
            found = self.find(record)
            if found is not None:
                columns.extend(found.columns.stretch(found.row, found.row + 1))
                known.append(record)
        return columns, known

    def _audited_lines(self, records: BitMap64) -> Iterator[int]:
        """The lines of the source on which records stood when it was last written, as far as the audit has come."""
        known = len(self._opened.columns)
        if self._edited.content.saved.untouched:
            return (line for line in records if line < known and line < FIRST_DERIVED)
        places = map(self._edited.content.saved.lines.place_of, records)
        return (line for line in places if line is not None and line < known)


def _rows(layer: Layer, records: BitMap64) -> Columns:
    """The figures of records of a layer."""
    if not records:
        return Columns()
    first, end = layer.records.rank(records.min()) - 1, layer.records.rank(records.max())
    if end - first == len(records):
        return layer.columns.stretch(first, end)
    return layer.columns.take(layer.records.rank(one) - 1 for one in records)


def _all_of(block: int) -> BitMap64:
    return BitMap64(range(block << BLOCK_BITS, (block + 1) << BLOCK_BITS))


def blocks_of(records: BitMap64) -> Iterator[int]:
    """The blocks that hold at least one of the records."""
    record = next(iter(records), None)
    while record is not None:
        block = record >> BLOCK_BITS
        yield block
        record = next(ids_from(records, (block + 1) << BLOCK_BITS), None)
