"""Which text of which record stands on which line of the source, as it was last saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from pyroaring import BitMap64

from curator.edits.overlay import Overlay
from curator.edits.versions import ORIGINAL, Versions
from curator.storage.ids import ids_from
from curator.storage.runs import FIRST_DERIVED, Runs


@dataclass(frozen=True, slots=True)
class SavedState:
    """The source as it stands on the disk."""

    lines: Runs = field(default_factory=Runs.of_lines)
    """The ids by line."""
    texts: dict[int, int] = field(default_factory=dict)
    """The numbers of the texts of records that were saved with a text of their own."""
    sweeps: tuple[tuple[int, BitMap64], ...] = ()
    """Number and records of each change of many that was in force."""
    absent: BitMap64 = field(default_factory=BitMap64)
    """Records that stand on no line: they were dropped, or replaced by pieces."""
    derived: BitMap64 = field(init=False, compare=False, repr=False)
    """The derived records that stand there."""
    once_derived: BitMap64 = field(init=False, compare=False, repr=False)
    """The derived records that there were, whether they stand there or not."""
    with_text: BitMap64 = field(init=False, compare=False, repr=False)
    """The records that `texts` is of."""
    differing: BitMap64 = field(init=False, compare=False, repr=False)
    """Records that do not stand there with their original text, and those that do not come from there."""

    def __post_init__(self) -> None:
        derived, with_text = BitMap64(), BitMap64(self.texts)
        for first, count in self.lines.runs:
            if first >= FIRST_DERIVED:
                derived.add_range(first, first + count)
        swept = (held for _, held in self.sweeps)
        object.__setattr__(self, "derived", derived)
        absent = BitMap64(ids_from(self.absent, FIRST_DERIVED))
        object.__setattr__(self, "once_derived", derived | absent)
        object.__setattr__(self, "with_text", with_text)
        object.__setattr__(self, "differing", with_text.union(self.absent, derived, *swept))

    def version(self, record: int) -> int:
        """The number of the text that a record was saved with."""
        if record in self.texts:
            return self.texts[record]
        return next((number for number, held in reversed(self.sweeps) if record in held), ORIGINAL)

    @property
    def untouched(self) -> bool:
        """Whether every line stands in its own place."""
        return self.lines.runs == ((0, FIRST_DERIVED),)

    def standing(self, records: BitMap64, versions: Versions) -> BitMap64:
        """Those of some records that stand there with another text than their original, which is the one in force."""
        same = BitMap64([one for one in records & self.with_text if self.texts[one] == versions.of(one)])
        rest = records - self.with_text
        for number, held in reversed(self.sweeps):
            same |= versions.swept_by(number, rest & held)
            rest -= held
        return same - self.absent

    def to_bytes(self) -> bytes:
        """Packed, for the journal."""
        texts = {str(record): number for record, number in self.texts.items()}
        parts = [orjson.dumps({"texts": texts, "sweeps": [number for number, _ in self.sweeps]}), self.lines.to_bytes()]
        parts += [bytes(held.serialize()) for held in (self.absent, *(held for _, held in self.sweeps))]
        return b"".join(len(part).to_bytes(8, "little") + part for part in parts)

    @classmethod
    def from_bytes(cls, packed: bytes) -> SavedState:
        """As `to_bytes` packed it; nothing at all is a source that was never saved."""
        if not packed:
            return cls()
        parts: list[bytes] = []
        while packed:
            length = int.from_bytes(packed[:8], "little")
            parts.append(packed[8 : 8 + length])
            packed = packed[8 + length :]
        values: dict[str, Any] = orjson.loads(parts[0])
        absent, *held = [BitMap64.deserialize(part) for part in parts[2:]]
        return cls(
            Runs.from_bytes(parts[1]),
            {int(record): number for record, number in values["texts"].items()},
            tuple(zip(values["sweeps"], held, strict=True)),
            absent,
        )


def saved_state(overlay: Overlay, lines: Runs) -> SavedState:
    """What a source holds when the overlay is written to it, with the records in that order."""
    versions = overlay.versions
    own = {record: versions.of(record) for record in versions.own_texts}
    return SavedState(
        lines,
        {record: number for record, number in own.items() if versions.sweep_numbered(number) is None},
        tuple((one.number, one.records) for one in versions.sweeps),
        overlay.dropped | overlay.replaced,
    )
