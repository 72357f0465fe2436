"""What was done to a source's records, on top of its lines: the fold of all operations that are in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pyroaring import BitMap64

from curator.edits.labels import Labels, Undo
from curator.edits.versions import Versions
from curator.storage.pieces import Order
from curator.storage.shown import Shown


class Origin(NamedTuple):
    """What a derived record was made of."""

    records: tuple[int, ...]
    """Lines of the source: the origins of origins are followed."""
    part: int
    """Which piece it is, counted from 1."""
    parts: int


class Applicable(Protocol):
    """An operation as the overlay sees it."""

    def apply(self, overlay: Overlay) -> Undo:
        """Change the overlay; what comes back takes the change back, as long as it is the last one."""

    def touched(self) -> BitMap64:
        """The records whose text, place or being there it changes."""


class Overlay:
    """The state of one source at the undo cursor. Batches are applied in order and taken back in the other."""

    def __init__(self) -> None:
        self.order = Order()
        self.versions = Versions()
        self.labels = Labels()
        self.dropped = BitMap64()
        """Like all sets here, replaced and never changed, so that any thread may go over it."""
        self.replaced = BitMap64()
        """Records that pieces stand for."""
        self.derived = BitMap64()
        """Records that no line of the source was read for."""
        self.origins: dict[int, Origin] = {}
        self.revision = 0
        """Grows with each change."""
        self._done: list[list[Undo]] = []
        self._shown: dict[bool, Shown] = {}

    @property
    def cursor(self) -> int:
        """How many batches are in force."""
        return len(self._done)

    def apply(self, operations: Sequence[Applicable]) -> None:
        """Put a batch into force."""
        self._done.append([operation.apply(self) for operation in operations])
        self._changed()

    def take_back(self) -> None:
        """Undo the last batch."""
        for undo in reversed(self._done.pop()):
            undo()
        self._changed()

    def drop(self, records: BitMap64, *, on: bool) -> None:
        """Leave records out, or take them back in."""
        self.dropped = self.dropped | records if on else self.dropped - records

    def _changed(self) -> None:
        self.revision += 1
        self._shown.clear()

    def shown(self, *, with_dropped: bool = False) -> Shown:
        """The records that are to be seen, at their positions."""
        shown = self._shown.get(with_dropped)
        if shown is None:
            shown = self._shown[with_dropped] = Shown(self.order.layout, BitMap64() if with_dropped else self.dropped)
        return shown

    def roots(self, record: int) -> tuple[int, ...]:
        """The lines of the source that a record comes from: itself, if it is one."""
        origin = self.origins.get(record)
        return origin.records if origin else (record,) if record not in self.derived else ()
