"""Which records of many are the same, or nearly, by the hashes of what they say. Rows are numbers from 0 on, in order.

Candidates for near duplicates are found band by band, so that memory grows with the records and not with the bands.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from curator.analysis.drawing import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Buckets = tuple[Rows, Rows, Rows]

_HALF = np.uint64(32)
_LOW = np.uint64((1 << 32) - 1)

NEIGHBOURS = 4
"""In a bucket of a band each row is compared with the first, and where it is not like it with so many that follow."""
AT_ONCE = 1 << 20
"""Hashes of which each row may have any number are read, and sorted, about so many at once."""
LARGEST_HASH = (1 << 64) - 1
FEWEST_REMEMBERED = 1 << 16
"""Pairs compared in vain that are remembered at least."""


class Stored(Protocol):
    """Hashes that are read in stretches, as those in a file are."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: slice, /) -> array[int]: ...


class Unions:
    """Rows that belong together. Each set goes by its first row."""

    def __init__(self, rows: int) -> None:
        self.firsts: Rows = np.arange(rows, dtype=np.int64)
        """The first row of the set of each."""

    def join_equal(self, hashes: Numbers) -> None:
        """Put rows with equal hashes together; 0 is none."""
        one, other = pairs_of_equal(hashes)
        self.join(one, other)

    def join_common(self, hashes: Stored, ends: Rows, most: int, rows: Rows | None = None) -> Rows:
        """Put rows together that have a hash in common, of which each may have any number; 0 is none.

        A hash that occurs more than `most` times counts for nothing; returns the rows that have such ones.
        A row's hashes end at its number in `ends`, and begin where those of the one before end; `rows` are those that
        `ends` is of, if not all in order. It is done by ranges of the hashes, so that memory does not grow with them.
        """
        without = np.zeros(len(ends), dtype=np.bool_)
        parts = 2 * len(hashes) // max(AT_ONCE, len(ends)) + 1
        for part in range(parts):
            low, high = max(1, part * LARGEST_HASH // parts + 1), (part + 1) * LARGEST_HASH // parts
            found, places = _in_range(hashes, low, high)
            without[np.searchsorted(ends, places[blot_out(found, most)], side="right")] = True
            one, other = pairs_of_equal(found)
            ones, others = (np.searchsorted(ends, places[side], side="right") for side in (one, other))
            self.join(*((ones, others) if rows is None else (rows[ones], rows[others])))
        common = np.flatnonzero(without)
        return common if rows is None else rows[common]

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


def _in_range(hashes: Stored, low: int, high: int) -> tuple[Numbers, Rows]:
    """The hashes of a range, with where they stand."""
    found, places = [], []
    for at in range(0, len(hashes), AT_ONCE):
        some = np.frombuffer(hashes[at : at + AT_ONCE], dtype=np.uint64)
        here = np.flatnonzero((some >= np.uint64(low)) & (some <= np.uint64(high)))
        found.append(some[here])
        places.append(here + at)
    if not found:
        return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    return np.concatenate(found), np.concatenate(places)


def blot_out(hashes: Numbers, most: int) -> Rows:
    """Set hashes that occur more than `most` times to 0; returns the rows where they stood."""
    order, _, sizes = _runs(hashes, np.flatnonzero(hashes))
    rows = order[np.repeat(sizes > most, sizes)]
    hashes[rows] = 0
    return rows


def pairs_of_equal(hashes: Numbers) -> tuple[Rows, Rows]:
    """Each row with an earlier one of the same hash, the first such; 0 is none."""
    order, starts, sizes = _runs(hashes, np.flatnonzero(hashes))
    firsts = np.repeat(order[starts], sizes) if len(order) else order
    later = order != firsts
    return firsts[later], order[later]


def with_first(buckets: Buckets) -> Iterator[tuple[Rows, Rows]]:
    """The first row of each bucket beside all others of it."""
    order, starts, sizes = buckets
    firsts = np.repeat(order[starts], sizes) if len(order) else order
    other = order != firsts
    yield firsts[other], order[other]


def with_following(buckets: Buckets) -> Iterator[tuple[Rows, Rows]]:
    """Each row beside the next few of its bucket."""
    order, _, sizes = buckets
    bucket = np.repeat(np.arange(len(sizes)), sizes)
    for step in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
        same = bucket[step:] == bucket[:-step]
        yield order[:-step][same], order[step:][same]


def _coded(one: Rows, other: Rows) -> Numbers:
    """Each pair as one number, in the same order."""
    return (one.astype(np.uint64) << _HALF) | other.astype(np.uint64)


def _runs(hashes: Numbers, rows: Rows) -> Buckets:
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
    """Pairs of rows that are still to be compared, band by band; most compared in vain are not compared again."""

    def __init__(self, unions: Unions, rows: Rows) -> None:
        self._unions = unions
        self._rows = rows
        """One of each set of records that are exactly the same."""
        slots = max(FEWEST_REMEMBERED, 1 << max(0, len(rows) - 1).bit_length())
        self._vain: Numbers = np.zeros(slots, dtype=np.uint64)
        """Pairs compared in vain, each in a slot of its own choice, where a later one takes its place."""

    def rounds(self, keys: Numbers) -> Iterator[tuple[Rows, Rows]]:
        """The pairs of a band, given the key of each row, 0 for none, in two rounds ordered by the first row.

        What came of a round is to be taken before the next is asked for.
        """
        buckets = _runs(keys, self._rows[keys[self._rows] != 0])
        for pairs in (with_first, with_following):
            coded = np.unique(np.concatenate([self._rows[:0].astype(np.uint64), *map(self._open, pairs(buckets))]))
            yield (coded >> _HALF).astype(np.int64), (coded & _LOW).astype(np.int64)

    def _open(self, pairs: tuple[Rows, Rows]) -> Numbers:
        """Those pairs, coded, that are not known to be together, nor not to be alike."""
        one, other = pairs
        apart = self._unions.firsts[one] != self._unions.firsts[other]
        coded = _coded(one[apart], other[apart])
        unknown: Numbers = coded[self._vain[self._slots(coded)] != coded]
        return unknown

    def take(self, one: Rows, other: Rows, alike: Flags) -> None:
        """What came of comparing some pairs."""
        self._unions.join(one[alike], other[alike])
        coded = _coded(one[~alike], other[~alike])
        self._vain[self._slots(coded)] = coded

    def _slots(self, coded: Numbers) -> Rows:
        return (drawn(coded, 0) & np.uint64(len(self._vain) - 1)).astype(np.int64)


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


def sets_without(firsts: Rows, theirs: Flags) -> tuple[Sets, Rows]:
    """The sets that have none of some rows, and the other rows of those that do."""
    shared = np.zeros(len(firsts), dtype=np.bool_)
    shared[firsts[theirs]] = True
    gone = shared[firsts]
    return sets_of(np.where(gone, np.arange(len(firsts)), firsts)), np.flatnonzero(gone & ~theirs)


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
