"""The bytes of a record: from the source, from the journal, or made by a rule from what was there before."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from curator.edits.overlay import Overlay
from curator.edits.rule import Rule
from curator.edits.saved import SavedState
from curator.edits.versions import ORIGINAL
from curator.errors import UnreadableError
from curator.records.codec import BYTE_ORDER_MARK
from curator.storage.journal import Journal
from curator.storage.line_index import LineIndex
from curator.storage.source import Source

TEXTS_KEPT = 256
"""Texts made by rules that are kept: more than there are records on a screen."""
LONGEST_KEPT = 1 << 16
"""Bytes of a line whose text, as made by rules, is kept."""


Layers = tuple[bytes, tuple[Rule, ...]]
"""A line that is held, and the rules that are applied to it, in order."""


def swept(line: bytes, rules: Iterable[Rule]) -> bytes:
    """A line after rules, in order. Raises what `Rule.changed` raises."""
    for rule in rules:
        after = rule.changed(line)
        line = line if after is None else after
    return line


class Content:
    """Lines of a source's records, whatever was done to them, their line ends included."""

    def __init__(self, source: Source, index: LineIndex, overlay: Overlay) -> None:
        self._source = source
        self._index = index
        self._overlay = overlay
        self.journal: Journal | None = None
        self.saved = SavedState()
        self._kept = lru_cache(TEXTS_KEPT)(self._swept)
        self._mark = len(BYTE_ORDER_MARK) if source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK else 0

    def line_number(self, record: int) -> int | None:
        """The line of the source that holds the record as it is now, counted from 0; None where none does."""
        return self._line_with(record, self._overlay.versions.of(record))

    def _line_with(self, record: int, number: int) -> int | None:
        """The line of the source that holds a text of a record."""
        return self.saved.lines.place_of(record) if number == self.saved.version(record) else None

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
        line = self._line_with(record, number)
        if line is not None:
            start, end = self.span(line)
            return self._source.read(start, end - start)
        if self._overlay.versions.sweep_numbered(number) is not None:
            base, rules = self.layers(record, number)
            return self._kept(record, number) if len(base) <= LONGEST_KEPT else swept(base, rules)
        if self.journal is None:
            raise UnreadableError(f"{self._source.path}: the journal that holds record {record:,} is gone.")
        if number == ORIGINAL:
            before = self.journal.before(record)
            if before is None:
                raise UnreadableError(f"{self._source.path}: the line that record {record:,} was read from is gone.")
            return before
        return self.journal.text(number)

    def layers(self, record: int, number: int | None = None) -> Layers:
        """A text that a record has or had, by default that in force: one that is held, and the rules applied to it."""
        versions = self._overlay.versions
        at = versions.of(record) if number is None else number
        rules: list[Rule] = []
        while self._line_with(record, at) is None and (sweep := versions.sweep_numbered(at)) is not None:
            rules.append(sweep.rule)
            at = versions.before(record, at)
        return self.text(record, at), tuple(reversed(rules))

    def _swept(self, record: int, number: int) -> bytes:
        return swept(*self.layers(record, number))

    def before(self, record: int) -> bytes:
        """The record's line without what was done to it since the source was last saved; for what is compared."""
        return self.text(record, self.saved.version(record))
