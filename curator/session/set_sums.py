"""Sums over records that were chosen, such as the marked ones: they follow the choice, the audit and edits."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from threading import RLock

from pyroaring import BitMap64

from curator.analysis.totals import Totals
from curator.session.by_rule import ByRule
from curator.session.edited_figures import EditedFigures, blocks_of
from curator.session.excused_sums import leave_out
from curator.session.recount import Counting
from curator.session.working_source import WorkingSource


class SetSums:
    """The sums over a set of one source's records, block by block: what changes costs the blocks that it is in."""

    def __init__(self, figures: EditedFigures) -> None:
        self._figures = figures
        self._blocks: dict[int, tuple[int, Totals]] = {}
        """By block: how new its figures were when it was summed up, and what of the set is in it."""
        self._sum = Totals()
        self._stale: set[int] = set()
        self._seen = 0
        self.records = BitMap64()
        """The set. Not to be changed."""

    @property
    def totals(self) -> Totals:
        """The sums as far as they were worked out. Not to be changed."""
        return self._sum

    def choose(self, records: BitMap64) -> None:
        """Sum up other records from now on."""
        if records is not self.records:
            self._stale.update(blocks_of(records ^ self.records))
            self.records = records

    @property
    def settled(self) -> bool:
        """Whether the sums are those of the set as it is now, as far as figures are known."""
        self._look()
        return not self._stale

    def settle(self, limit: int, most: int) -> bool:
        """Work out anew at most so many blocks. Whether all are done."""
        self._look()
        for _ in range(min(most, len(self._stale))):
            block = self._stale.pop()
            known = self._blocks.pop(block, None)
            if known is not None:
                self._sum.subtract(known[1])
            age = self._figures.age_of(block)
            found = self._figures.sums_in(block, self.records, limit)
            if found is not None:
                self._sum.merge(found)
                self._blocks[block] = age, found
        return not self._stale

    def _look(self) -> None:
        """Find the blocks whose figures are newer than what was summed up."""
        if self._seen == self._figures.news:
            return
        self._seen = self._figures.news
        for block in blocks_of(self.records):
            if block not in self._blocks or self._blocks[block][0] < self._figures.age_of(block):
                self._stale.add(block)


class Chosen:
    """These records, by source, with a word for what they are, and their sums. For any thread."""

    def __init__(self, sources: Sequence[WorkingSource], lock: RLock, counting: Counting, by_rule: ByRule) -> None:
        self._by_rule = by_rule
        self._sums = {source: SetSums(source.figures) for source in sources}
        self._lock = lock
        self._counting = counting
        self.word = ""
        """What they are, such as "marked"; empty while none are chosen."""

    def choose(self, word: str, records: Mapping[WorkingSource, BitMap64]) -> None:
        """Sum up these records from now on; sources that are left out have none."""
        none = BitMap64()
        with self._lock:
            self.word = word
            for source, sums in self._sums.items():
                chosen = records.get(source, none)
                if chosen or sums.records:
                    sums.choose(chosen)

    def records_of(self, source: WorkingSource) -> BitMap64:
        """Those of one source. Not to be changed."""
        return self._sums[source].records

    def __len__(self) -> int:
        return sum(len(sums.records) for sums in self._sums.values())

    @property
    def settled(self) -> bool:
        """Whether the sums are those of the records as they are now, as far as figures are known."""
        with self._lock:
            return all(sums.settled for sums in self._sums.values())

    @property
    def totals(self) -> Totals:
        """The sums over those of the records that are there, as far as they were worked out, less what is excused."""
        total = Totals()
        with self._lock:
            for source, sums in self._sums.items():
                total.merge(sums.totals)
                leave_out(total, self._by_rule, source, sums.records)
        return total

    def settle(self, most: int) -> bool:
        """Let the sums follow in so many blocks of records at most. Whether all is done.

        Who waits to change a record gets a turn after each block.
        """
        for sums in self._sums.values():
            for _ in range(most):
                with self._lock:
                    if sums.settle(self._counting.limit, 1):
                        break
                time.sleep(0)
        return self.settled
