"""A source with everything that a session knows of it: lines, audit, edits, and the figures of what was edited."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyroaring import BitMap64

from curator.edits.edited_source import EditedSource
from curator.engine.data_set import OpenSource
from curator.session.edited_figures import EditedFigures, Found
from curator.session.file_wide import NOTHING
from curator.session.since_opening import SinceOpening
from curator.session.values import Row
from curator.storage.fingerprint import modified_at
from curator.storage.journal import journal_path
from curator.storage.live import GrowthWatch
from curator.storage.source import is_stream


class WorkingSource:
    """One source of a session."""

    def __init__(self, number: int, opened: OpenSource, chosen: Path | None) -> None:
        self.number = number
        self.opened = opened
        self.edited = EditedSource(opened.source, opened.index, journal_path(_named(opened), chosen))
        self.figures = EditedFigures(opened, self.edited)
        self.since_opening = SinceOpening(opened, self.edited, self.figures)
        self.marked = BitMap64()
        """The records that the user has marked."""
        self.file_wide = NOTHING
        """What is found of its records by looking at whole files."""
        self.growth = GrowthWatch(opened.path)

    def find(self, record: int) -> Found | None:
        """The figures of a record as it is now; None while they are not known."""
        return self.figures.find(record)

    def row(self, record: int, limit: int) -> Row | None:
        """What the audit knows of a record as it is now; None while it has not got there."""
        found = self.find(record)
        if found is None:
            return None
        columns, row = found
        tokens = columns.tokens[row]
        return Row(
            columns.messages[row],
            columns.turns[row],
            tokens,
            columns.trained[row],
            columns.findings[row] | self.file_wide.bits_of(record),
            columns.flags[row],
            bool(limit) and tokens > limit,
        )

    def grow(self, limit: int) -> bool:
        """Take in what was appended to the file. Whether there is more of it."""
        if not self.opened.grow(limit):
            return False
        self.since_opening.grown()
        self.edited.modified = modified_at(self.opened.source)
        return True


def _named(opened: OpenSource) -> Path:
    """The file that a journal is named after: of standard input, which has no name, the copy of it."""
    return opened.source.place if is_stream(opened.path) else opened.path


def refuse_changing_twice(sources: Sequence[WorkingSource]) -> None:
    """Let a file that was named twice be changed in one place only."""
    seen: set[Path] = set()
    for source in sources:
        path = source.edited.journal_path.resolve()
        if path in seen:
            source.edited.read_only = f"{source.opened.path.name} is opened twice; change it where it stands first."
        seen.add(path)
