"""Answers that a model sees so often in training that it will recite them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from xxhash import xxh3_64_intdigest

RECITED_FROM = 32
"""Sights of one answer in training, epochs x copies, from which a model recites it."""
MOST_ANSWERS = 100_000


def is_recited(epochs: int, copies: int) -> bool:
    """Whether an answer that stands in the data so many times is seen often enough to be recited."""
    return epochs * copies >= RECITED_FROM


def recitation_warning(epochs: int, copies: int) -> str:
    """What to tell of an answer with so many exact copies; empty where there is nothing to fear."""
    if copies < 2 or not is_recited(epochs, copies):
        return ""
    return (
        f"One answer stands in the data {copies:,} times and is seen {epochs * copies:,} times in {epochs:,}"
        f" epoch{'s' * (epochs > 1)}: from {RECITED_FROM} on a model recites it. Drop copies, or train fewer epochs."
    )


class Repeats:
    """How often each answer occurs, by the hash of its text. In bounded memory, so counts may be too low."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, answers: Iterable[str]) -> None:
        """Count some answers; empty ones are none."""
        self._counts.update(xxh3_64_intdigest(one.encode("utf-8", "surrogatepass")) for one in answers if one)
        self._bound()

    def merge(self, other: Repeats) -> None:
        """Add what was counted elsewhere."""
        self._counts.update(other._counts)
        self._bound()

    @property
    def most(self) -> int:
        """Copies of the most frequent answer; 0 where there is none."""
        return max(self._counts.values(), default=0)

    def _bound(self) -> None:
        if len(self._counts) > MOST_ANSWERS:
            self._counts = Counter(dict(self._counts.most_common(MOST_ANSWERS // 2)))
