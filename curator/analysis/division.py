"""How records are to be divided, as users say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from curator.errors import UsageError

SIDES = ("train", "validation", "test")

_WEIGHT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_COUNT = re.compile(r"[0-9][0-9,_]{0,17}")


@dataclass(frozen=True, slots=True)
class Division:
    """How much goes to which side: weights of all sides, or numbers of records of all but the first."""

    ratio: tuple[Fraction, ...] = ()
    counts: tuple[int, ...] = ()
    seed: int = 0

    @property
    def sides(self) -> tuple[str, ...]:
        """The names of the sides that there are."""
        return SIDES[: len(self.ratio) or len(self.counts) + 1]


def ratio_of(text: str) -> tuple[Fraction, ...]:
    """Weights of training, validation and test: `90:10` or `90:5:5`. Raises UsageError."""
    parts = [part.strip() for part in text.split(":")]
    if not 2 <= len(parts) <= len(SIDES) or not all(map(_WEIGHT.fullmatch, parts)):
        raise UsageError(f"A ratio is two or three numbers, such as 90:10 or 90:5:5, not {text!r}.")
    weights = tuple(map(Fraction, parts))
    if not sum(weights):
        raise UsageError("A ratio has at least one number above 0.")
    return weights


def counts_of(text: str) -> tuple[int, ...]:
    """Numbers of records of validation, and of test: `500` or `500:500`. Raises UsageError."""
    parts = [part.strip() for part in text.split(":")]
    if len(parts) >= len(SIDES) or not all(map(_COUNT.fullmatch, parts)):
        raise UsageError(f"It takes one or two numbers of records, such as 500 or 500:500, not {text!r}.")
    counts = tuple(int(re.sub("[,_]", "", part)) for part in parts)
    if not all(counts):
        raise UsageError("A file of 0 records is none: give a number above 0.")
    return counts
