"""Divides records into training, validation and test so that nothing that is tested was trained on.

A set of records that belong together goes to one side, which follows from what they say and the seed: by a ratio alone
it depends on nothing else. Exact counts are reached by going through the sets in an order that follows from the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from curator.analysis.division import Division
from curator.analysis.drawing import drawn, shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Rows = NDArray[np.int64]
    Sides = NDArray[np.int8]

NOWHERE = -1
"""The side of rows that are no records."""


@dataclass(frozen=True, slots=True)
class Records:
    """What is to be divided, a row each."""

    keys: Numbers
    """What a row says, as a hash; 0 for what is no record."""
    firsts: Rows
    """The first row of those that it has to stay with."""
    strata: Rows | None = None
    """The number of the stratum that it is to be spread evenly with; None without strata."""


def divide(records: Records, division: Division) -> Sides:
    """The side of each row."""
    rows = np.flatnonzero(records.keys)
    lowest = np.full(len(records.keys), np.iinfo(np.uint64).max, dtype=np.uint64)
    draws = drawn(records.keys, division.seed)
    np.minimum.at(lowest, records.firsts[rows], draws[rows])
    # Drawn once more, as the lowest of many would fall to the first side too often.
    lowest = drawn(lowest, division.seed)
    sides = np.full(len(records.keys), NOWHERE, dtype=np.int8)
    if division.ratio and records.strata is None:
        sides[rows] = _by_threshold(lowest[records.firsts[rows]], division.ratio)
        return sides
    strata = np.zeros(len(sides), dtype=np.int64) if records.strata is None else records.strata
    heads, begins, sizes = np.unique(records.firsts[rows], return_index=True, return_counts=True)
    order = np.argsort(lowest[heads], kind="stable")
    of_heads = _filled(sizes[order], strata[rows[begins[order]]], _quotas(strata[rows], division))
    of_all = np.full(len(records.keys), NOWHERE, dtype=np.int8)
    of_all[heads[order]] = of_heads
    sides[rows] = of_all[records.firsts[rows]]
    return sides


def _by_threshold(draws: Numbers, ratio: Sequence[Fraction]) -> Sides:
    """Each by its own draw, so that it does not depend on the others."""
    whole, so_far = sum(ratio), Fraction(0)
    ends = []
    for weight in ratio[:-1]:
        so_far += weight
        ends.append(min(int(so_far / whole * (1 << 64)), (1 << 64) - 1))
    return np.searchsorted(np.array(ends, dtype=np.uint64), draws, side="right").astype(np.int8)


def _quotas(strata: Rows, division: Division) -> list[list[int]]:
    """For each stratum the records of each side but the first."""
    sizes: list[int] = np.bincount(strata).tolist() if len(strata) else []
    if division.ratio:
        # Strata may be many, and then most are of a few sizes.
        by_size = {size: shares(size, division.ratio)[1:] for size in set(sizes)}
        return [by_size[size].copy() for size in sizes]
    by_side = [shares(count, sizes) for count in division.counts]
    return [[side[stratum] for side in by_side] for stratum in range(len(sizes))]


def _filled(sizes: Rows, strata: Rows, quotas: list[list[int]]) -> Sides:
    """The side of each set, in the order given: the last one that still has room for all of it, else the first."""
    sides = np.zeros(len(sizes), dtype=np.int8)
    for place, (size, stratum) in enumerate(zip(sizes.tolist(), strata.tolist(), strict=True)):
        left = quotas[stratum]
        for side in range(len(left), 0, -1):
            if 0 < size <= left[side - 1]:
                left[side - 1] -= size
                sides[place] = side
                break
    return sides
