"""A sequence of record ids as runs of consecutive ones."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

FIRST_DERIVED = 1 << 40
"""Ids from here on are of records that no line of the source was read for: pieces, duplicates, new ones."""

Run = tuple[int, int]
"""The first id, and how many consecutive ones."""

_PAIR = struct.Struct("<QQ")


class Runs:
    """Ids in a certain order, each at most once. Immutable; finding one costs a binary search.

    The last run may be open: its count reaches up to FIRST_DERIVED, for a source whose lines are still being found.
    """

    def __init__(self, runs: Iterable[Run]) -> None:
        self.runs: Sequence[Run] = tuple(runs)
        self.starts: Sequence[int] = (0, *accumulate(count for _, count in self.runs))
        """The place of each run's first id, and the place after the last."""
        self._by_id = sorted((first, number) for number, (first, _) in enumerate(self.runs))

    @classmethod
    def of_lines(cls) -> Runs:
        """Every line of a source in its own order, however many there are."""
        return cls([(0, FIRST_DERIVED)])

    def run_of(self, record: int) -> int | None:
        """The number of the run that holds an id; None where none does."""
        after = bisect_right(self._by_id, (record, len(self.runs)))
        if not after:
            return None
        first, number = self._by_id[after - 1]
        return number if record - first < self.runs[number][1] else None

    def place_of(self, record: int) -> int | None:
        """Where an id stands, counted from 0; None where it does not."""
        number = self.run_of(record)
        return None if number is None else self.starts[number] + record - self.runs[number][0]

    def at(self, place: int) -> int:
        """The id at a place."""
        number = bisect_right(self.starts, place) - 1
        return self.runs[number][0] + place - self.starts[number]

    def lines_known(self, places: int) -> int:
        """The first line of the source, by id, that does not stand at one of the first `places` places."""
        unknown = [FIRST_DERIVED]
        for (first, count), start in zip(self.runs, self.starts, strict=False):
            if first < FIRST_DERIVED and start + count > places:
                unknown.append(first + max(0, places - start))
        return min(unknown)

    def to_bytes(self) -> bytes:
        """The runs, packed."""
        return b"".join(_PAIR.pack(*run) for run in self.runs)

    @classmethod
    def from_bytes(cls, packed: bytes) -> Runs:
        """Runs as `to_bytes` packed them."""
        return cls(_PAIR.iter_unpack(packed))
