"""Sets of records by the rule that finds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyroaring import BitMap64

from curator.analysis.lint.rules import OVER_CONTEXT
from curator.analysis.report import Columns


class ProblemSets:
    """Records, or lines, with findings. Sets that are handed out are not to be changed."""

    def __init__(self) -> None:
        self.any = BitMap64()
        """All of them."""
        self._by_rule: dict[int, BitMap64] = {}

    def of(self, number: int) -> BitMap64:
        """Those that a rule finds."""
        return self._by_rule.get(number, BitMap64())

    def add(self, found: Iterable[tuple[int, int]]) -> None:
        """Take in records with the bits of the rules that find them."""
        by_bits: defaultdict[int, list[int]] = defaultdict(list)
        for record, bits in found:
            by_bits[bits].append(record)
        for bits, records in by_bits.items():
            some = BitMap64(records)
            self.any = self.any | some
            for number in numbers_in(bits):
                self._by_rule[number] = self.of(number) | some

    def remove(self, records: BitMap64) -> None:
        """Forget records."""
        if self.any.intersect(records):
            self.any = self.any - records
            self._by_rule = {number: held - records for number, held in self._by_rule.items()}


def bits_of(columns: Columns, row: int, limit: int) -> int:
    """The rules that find the record of a row, that of over-long records included; `limit` 0 stands for none."""
    over = OVER_CONTEXT.bit if limit and columns.tokens[row] > limit else 0
    return columns.findings[row] | over


def numbers_in(bits: int) -> Iterator[int]:
    """The numbers of the rules whose bits are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
