"""What the user is about to do to one source: operations, with the texts and ids that they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap64

from curator.edits.operations import Insert, Made, Move, Operation, Places, Replace, Rewrite, sweeping
from curator.edits.overlay import Overlay
from curator.edits.rule import Rule
from curator.storage.journal import Journal


@dataclass(slots=True)
class Change:
    """Collects a batch. Numbers are reserved in the journal; nothing is written before it is committed."""

    journal: Journal
    overlay: Overlay
    operations: list[Operation] = field(default_factory=list)
    texts: list[tuple[int, bytes]] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    """The keys of drafts that are no longer needed once it is committed."""

    def add(self, operation: Operation) -> None:
        """Take an operation that brings no text."""
        self.operations.append(operation)

    def rewrite(self, record: int, line: bytes, places: Places | None = None) -> None:
        """Give a record another line."""
        self.operations.append(Rewrite(record, self._text(line), places))

    def insert(self, lines: Sequence[bytes], behind: int, like: int | None = None) -> tuple[int, ...]:
        """Put new records behind a place. Returns their ids."""
        made = self._made((line, None) for line in lines)
        self.operations.append(Insert(made, behind, like))
        return tuple(one.record for one in made)

    def replace(self, originals: Mapping[int, int], pieces: Iterable[tuple[bytes, Places | None]]) -> tuple[int, ...]:
        """Put pieces in place of records, each given with how many messages those before it have. Returns their ids."""
        made = self._made(pieces)
        self.operations.append(Replace(tuple(originals), made, tuple(originals.values())))
        return tuple(one.record for one in made)

    def move(self, record: int, behind: int) -> None:
        """Move a record behind a place."""
        self.operations.append(Move(record, self.journal.reserve_ids(1), behind))

    def sweep(self, records: BitMap64, rule: Rule) -> None:
        """Change many records by one rule."""
        self.operations.append(sweeping(rule)(records, self.journal.reserve_texts(1), rule))

    def _made(self, pieces: Iterable[tuple[bytes, Places | None]]) -> tuple[Made, ...]:
        known = list(pieces)
        first = self.journal.reserve_ids(len(known))
        return tuple(Made(first + n, self._text(line), places) for n, (line, places) in enumerate(known))

    def _text(self, line: bytes) -> int:
        if b"\n" in line[:-1]:
            raise ValueError("a record is one line")
        number = self.journal.reserve_texts(1)
        self.texts.append((number, line))
        return number
