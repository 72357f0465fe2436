"""The bytes of a record: from the source, from the journal, or made by a rule from what was there before."""

from __future__ import annotations

from curator.edits.overlay import Overlay
from curator.edits.saved import SavedState
from curator.edits.versions import ORIGINAL, Sweep
from curator.errors import UnreadableError
from curator.records.codec import BYTE_ORDER_MARK
from curator.storage.journal import Journal
from curator.storage.line_index import LineIndex
from curator.storage.source import Source


class Content:
    """Lines of a source's records, whatever was done to them, their line ends included."""

    def __init__(self, source: Source, index: LineIndex, overlay: Overlay) -> None:
        self._source = source
        self._index = index
        self._overlay = overlay
        self.journal: Journal | None = None
        self.saved = SavedState()
        self._mark = len(BYTE_ORDER_MARK) if source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK else 0

    def line_number(self, record: int) -> int | None:
        """The line of the source that holds the record as it is now, counted from 0; None where none does."""
        if self._overlay.versions.of(record) != self.saved.version(record):
            return None
        return self.saved.lines.place_of(record)

    def span(self, line: int) -> tuple[int, int]:
        """The bytes of a line of the source, found if it has not been yet; without the file's byte order mark."""
        while line >= len(self._index) and not self._index.complete:
            self._index.advance()
        start, end = self._index.span(line)
        return (start, end) if line else (min(self._mark, end), end)

    def line(self, record: int, most: int = 0) -> bytes:
        """The record's line, or its first `most` bytes if that is not 0."""
        line = self.line_number(record)
        if line is None:
            held = self.text(record, self._overlay.versions.of(record))
            return held[:most] if most else held
        start, end = self.span(line)
        return self._source.read(start, min(end - start, most) if most else end - start)

    def length(self, record: int) -> int:
        """Bytes of the record's line."""
        line = self.line_number(record)
        if line is None:
            return len(self.line(record))
        start, end = self.span(line)
        return end - start

    def text(self, record: int, number: int) -> bytes:
        """A text that a record has or had, by its number."""
        if number == self.saved.version(record):
            line = self.saved.lines.place_of(record)
            if line is not None:
                start, end = self.span(line)
                return self._source.read(start, end - start)
        sweep = self._overlay.versions.sweep_numbered(number)
        if sweep is not None:
            return self._swept(record, sweep)
        if self.journal is None:
            raise UnreadableError(f"{self._source.path}: the journal that holds record {record:,} is gone.")
        if number == ORIGINAL:
            before = self.journal.before(record)
            if before is None:
                raise UnreadableError(f"{self._source.path}: the line that record {record:,} was read from is gone.")
            return before
        return self.journal.text(number)

    def _swept(self, record: int, sweep: Sweep) -> bytes:
        before = self.text(record, self._overlay.versions.before(record, sweep.number))
        after = sweep.rule.changed(before)
        return before if after is None else after

    def before(self, record: int) -> bytes:
        """The record's line without what was done to it since the source was last saved; for what is compared."""
        return self.text(record, self.saved.version(record))
