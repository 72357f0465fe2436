"""What the user did at once to one source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap64

from curator.edits.asked import Asked
from curator.edits.operations import Operation


@dataclass(frozen=True, slots=True)
class Batch:
    """What the user did at once."""

    number: int
    """The cursor after it."""
    at: float
    """Seconds since the epoch."""
    title: str
    group: str
    """Shared by the batches of several sources that were one to the user; else empty."""
    operations: tuple[Operation, ...]

    def concerns(self) -> BitMap64:
        """The records that it is about."""
        return union(operation.concerns() for operation in self.operations)

    def touched(self) -> BitMap64:
        """The records whose text, place or being there it changes."""
        return union(operation.touched() for operation in self.operations)

    @property
    def asked(self) -> Asked | None:
        """What was asked for, where it can be said again."""
        return next((one for one in self.operations if isinstance(one, Asked)), None)


def union(sets: Iterable[BitMap64]) -> BitMap64:
    """All records of some sets."""
    return BitMap64().union(*sets)
