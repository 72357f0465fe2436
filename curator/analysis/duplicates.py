"""Which records of many are the same, or nearly, by the hashes of what they say. Rows are numbers from 0 on, in order.

Candidates for near duplicates are found band by band, so that memory grows with the records and not with the bands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_HALF = np.uint64(32)
_LOW = np.uint64((1 << 32) - 1)

NEIGHBOURS = 4
"""In a bucket of a band each row is compared with so many that follow it, and with the first."""


class Unions:
    """Rows that belong together. Each set goes by its first row."""

    def __init__(self, rows: int) -> None:
        self.firsts: Rows = np.arange(rows, dtype=np.int64)
        """The first row of the set of each."""

    def join_equal(self, hashes: Numbers) -> None:
        """Put rows with equal hashes together; 0 is none."""
        one, other = pairs_of_equal(hashes)
        self.join(one, other)

    def join_common(self, hashes: Numbers, rows: Rows) -> None:
        """Put rows together that have a hash in common, of which each may have any number."""
        one, other = pairs_of_equal(hashes)
        self.join(rows[one], rows[other])

    def join(self, one: Rows, other: Rows) -> None:
        """Put each of some rows together with the one that stands beside it."""
        while True:
            firsts = self.firsts
            roots, others = firsts[one], firsts[other]
            apart = roots != others
            if not apart.any():
                return
            high, low = np.maximum(roots[apart], others[apart]), np.minimum(roots[apart], others[apart])
            np.minimum.at(firsts, high, low)
            self._settle()

    def _settle(self) -> None:
        while True:
            above = self.firsts[self.firsts]
            if np.array_equal(above, self.firsts):
                return
            self.firsts = above


def pairs_of_equal(hashes: Numbers) -> tuple[Rows, Rows]:
    """Each row with an earlier one of the same hash, the first such; 0 is none."""
    order, starts, sizes = _runs(hashes, np.flatnonzero(hashes))
    firsts = np.repeat(order[starts], sizes) if len(order) else order
    later = order != firsts
    return firsts[later], order[later]


def candidates(keys: Numbers, rows: Rows) -> tuple[Rows, Rows]:
    """Of some rows, pairs whose key of a band is the same: with the first of the bucket, and with the next few."""
    order, starts, sizes = _runs(keys, rows)
    if not len(order):
        return order, order
    firsts, bucket = np.repeat(order[starts], sizes), np.repeat(np.arange(len(sizes)), sizes)
    ones, others = [firsts[order != firsts]], [order[order != firsts]]
    for step in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
        same = bucket[step:] == bucket[:-step]
        ones.append(order[:-step][same])
        others.append(order[step:][same])
    found = np.unique(_coded(np.concatenate(ones), np.concatenate(others)))
    return (found >> _HALF).astype(np.int64), (found & _LOW).astype(np.int64)


def _coded(one: Rows, other: Rows) -> Numbers:
    """Each pair as one number, in the same order."""
    return (one.astype(np.uint64) << _HALF) | other.astype(np.uint64)


def _runs(hashes: Numbers, rows: Rows) -> tuple[Rows, Rows, Rows]:
    """Of some rows those whose hash occurs more than once, run by run, with where runs begin and how long they are."""
    order = rows[np.argsort(hashes[rows], kind="stable")]
    if not len(order):
        return order, order, order
    new = np.concatenate(([True], hashes[order][1:] != hashes[order][:-1]))
    sizes = np.diff(np.append(np.flatnonzero(new), len(order)))
    several = sizes > 1
    order, sizes = order[np.repeat(several, sizes)], sizes[several]
    return order, np.cumsum(sizes) - sizes, sizes


class Doubtful:
    """Pairs of rows that are still to be compared, band by band; those compared in vain are not compared again."""

    def __init__(self, unions: Unions, rows: Rows) -> None:
        self._unions = unions
        self._rows = rows
        """One of each set of records that are exactly the same."""
        self._vain: Numbers = np.empty(0, dtype=np.uint64)

    def pairs(self, keys: Numbers) -> tuple[Rows, Rows]:
        """The pairs of a band that are not known to be together, nor not to be alike, ordered by the first row."""
        one, other = candidates(keys, self._rows)
        firsts = self._unions.firsts
        open_ = (firsts[one] != firsts[other]) & ~np.isin(_coded(one, other), self._vain)
        return one[open_], other[open_]

    def take(self, one: Rows, other: Rows, alike: Flags) -> None:
        """What came of comparing some pairs."""
        self._unions.join(one[alike], other[alike])
        self._vain = np.concatenate((self._vain, _coded(one[~alike], other[~alike])))


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of two or more rows, the largest first, each ascending."""

    rows: Rows
    starts: Rows
    sizes: Rows

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, number: int) -> Rows:
        start = int(self.starts[number])
        return self.rows[start : start + int(self.sizes[number])]

    def __iter__(self) -> Iterator[Rows]:
        return (self[number] for number in range(len(self)))

    @property
    def numbers(self) -> Rows:
        """The set that each of `rows` is of."""
        order = np.argsort(self.starts)
        return np.repeat(order, self.sizes[order])

    def distinct(self, values: Numbers) -> int:
        """How many different values the sets have, each counted by itself, given the value of each of `rows`."""
        order = np.lexsort((values, self.numbers))
        sets, ordered = self.numbers[order], values[order]
        return int(len(order) > 0) + int(((sets[1:] != sets[:-1]) | (ordered[1:] != ordered[:-1])).sum())

    def best(self, values: Numbers) -> Flags:
        """For each of `rows`, whether it has the largest value of its set; of equal ones it is the first alone."""
        numbers = self.numbers
        order = np.lexsort((self.rows, -values.astype(np.int64), numbers))
        best = np.zeros(len(self.rows), dtype=np.bool_)
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = numbers[order][1:] != numbers[order][:-1]
        best[order[first]] = True
        return best


def sets_of(firsts: Rows) -> Sets:
    """The sets of more than one row, given the first of the set of each."""
    order, starts, sizes = _runs(firsts.astype(np.uint64) + np.uint64(1), np.arange(len(firsts)))
    return _ordered(order, starts, sizes)


def contradictions(prompts: Numbers, answers: Numbers) -> Sets:
    """Sets of rows with the same prompt, whose answers are not all the same; rows without an answer do not count."""
    order, starts, sizes = _runs(prompts, np.flatnonzero((prompts != 0) & (answers != 0)))
    if not len(order):
        return _ordered(order, starts, sizes)
    differs = answers[order] != np.repeat(answers[order[starts]], sizes)
    mixed = np.logical_or.reduceat(differs, starts)
    order, sizes = order[np.repeat(mixed, sizes)], sizes[mixed]
    return _ordered(order, np.cumsum(sizes) - sizes, sizes)


def _ordered(order: Rows, starts: Rows, sizes: Rows) -> Sets:
    """The largest first; of equal ones that which begins first."""
    by_size = np.lexsort((order[starts], -sizes)) if len(order) else np.arange(0)
    return Sets(order, starts[by_size], sizes[by_size])
