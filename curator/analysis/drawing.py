"""Random choices that are the same on every machine and with every version of Python and numpy, given a seed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Rows = NDArray[np.int64]

_STEP = 0x9E3779B97F4A7C15
_FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def drawn(numbers: Numbers, seed: int) -> Numbers:
    """A random number of 64 bits for each number, the same for the same one (SplitMix64, Steele et al. 2014)."""
    start = np.uint64((seed + 1) * _STEP & ((1 << 64) - 1))
    mixed = _mixed(numbers + start)
    return _mixed(mixed ^ start)


def _mixed(numbers: Numbers) -> Numbers:
    mixed = (numbers ^ (numbers >> np.uint64(30))) * _FACTORS[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _FACTORS[1]
    return mixed ^ (mixed >> np.uint64(31))


def shuffled(count: int, seed: int) -> Rows:
    """The numbers below a count in random order."""
    return np.argsort(drawn(np.arange(count, dtype=np.uint64), seed), kind="stable")


def shares(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """A number cut up by weights: each part within one of its exact share, all of them together the number."""
    common = lcm(*(weight.denominator for weight in weights))
    whole_weights = [int(weight * common) for weight in weights]
    whole = sum(whole_weights)
    if not whole:
        return [0] * len(whole_weights)
    parts, rests = map(list, zip(*(divmod(total * weight, whole) for weight in whole_weights), strict=True))
    by_rest = sorted(range(len(parts)), key=lambda place: (-rests[place], place))
    for place in by_rest[: total - sum(parts)]:
        parts[place] += 1
    return parts


def sample(groups: Sequence[Rows], count: int, seed: int) -> Rows:
    """That many rows of some groups, of each as many as its size asks for, ascending. There are so many rows."""
    chosen = []
    for rows, number in zip(groups, shares(count, [len(one) for one in groups]), strict=True):
        order = np.argsort(drawn(rows.astype(np.uint64), seed), kind="stable")
        chosen.append(rows[order[:number]])
    return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)
