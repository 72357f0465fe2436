"""In which records of a source something was found so far, and which have not been looked at."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from pyroaring import BitMap64

from curator.engine.audit import ChunkTask
from curator.session.current_records import ids_of_lines
from curator.session.match_counts import Counts
from curator.session.working_source import WorkingSource


class FoundNow(NamedTuple):
    """What is known of the records as they are now. Not to be changed."""

    records: BitMap64
    """Those in which something is found."""
    seen: BitMap64
    """Those that were looked at."""


class FoundIn:
    """What a search has found in one source: in lines of its file, which stay, and in texts, each in its version."""

    def __init__(self, source: WorkingSource) -> None:
        self._source = source
        self._lock = Lock()
        self._file: object = None
        """Which file was looked through, in which state."""
        self._texts: dict[int, tuple[int, int]] = {}
        """By record: the number of the text that was looked at, and how often something is found in it."""
        self._news = 0
        self._now: tuple[tuple[object, ...], FoundNow] | None = None
        self._forget()

    def _forget(self) -> None:
        self._lines_seen = BitMap64()
        self._lines_found = BitMap64()
        self._counts: dict[int, tuple[array[int], array[int]]] = {}
        """By the first line of a chunk that was looked through: lines in which something is found, and how often."""
        self._apart: dict[int, int] = {}
        """The same for lines that were looked at by themselves."""

    @property
    def state(self) -> tuple[object, ...]:
        """Which file is looked through now, and in which state."""
        return self._source.opened.index.identity, self._source.edited.content.saved

    def renew(self) -> None:
        """Forget what was found in a file that another one has taken the place of."""
        state = self.state
        if state != self._file:
            with self._lock:
                self._file = state
                self._news += 1
                self._forget()

    def has(self, chunk: ChunkTask) -> bool:
        """Whether a chunk was looked through."""
        return chunk.first_line in self._counts

    def take(self, chunk: ChunkTask, counts: Counts) -> None:
        """A chunk of the file was looked through."""
        lines = array("Q", [chunk.first_line + row for row in counts.rows])
        seen = BitMap64()
        seen.add_range(chunk.first_line, chunk.end_line)
        with self._lock:
            self._forget_apart(chunk)
            self._counts[chunk.first_line] = lines, counts.matches
            self._lines_seen = self._lines_seen | seen
            self._lines_found = self._lines_found | BitMap64(lines)
            self._news += 1

    def take_lines(self, state: tuple[object, ...], lines: Sequence[int], counts: Counts) -> None:
        """Lines of the file were looked through one by one, while it was in some state."""
        found = {lines[row]: number for row, number in zip(counts.rows, counts.matches, strict=True)}
        with self._lock:
            if state == self._file:
                self._apart.update(found)
                self._lines_seen, self._lines_found = (
                    self._lines_seen | BitMap64(lines),
                    self._lines_found | BitMap64(found),
                )
                self._news += 1

    def _forget_apart(self, chunk: ChunkTask) -> None:
        if self._apart:
            inside = range(chunk.first_line, chunk.end_line)
            self._apart = {line: count for line, count in self._apart.items() if line not in inside}

    def drop(self, chunk: ChunkTask) -> None:
        """The last lines of a chunk went on: it has to be looked through once more."""
        lines = BitMap64()
        lines.add_range(chunk.first_line, chunk.end_line)
        with self._lock:
            self._counts.pop(chunk.first_line, None)
            self._forget_apart(chunk)
            self._lines_seen, self._lines_found = self._lines_seen - lines, self._lines_found - lines
            self._news += 1

    def take_texts(self, records: list[tuple[int, int]], counts: Counts) -> None:
        """Texts were looked through: records with the numbers of their texts."""
        found = dict(zip(counts.rows, counts.matches, strict=True))
        with self._lock:
            for row, (record, version) in enumerate(records):
                self._texts[record] = version, found.get(row, 0)
            self._news += 1

    @property
    def aside(self) -> BitMap64:
        """Records whose text, as it is now, is not read from the file."""
        edited = self._source.edited
        dropped = edited.overlay.dropped
        return edited.unsaved | (dropped & (edited.not_original | edited.overlay.derived | edited.content.saved.absent))

    def missing_texts(self) -> list[tuple[int, int]]:
        """Records whose text has not been looked at, with its number."""
        versions = self._source.edited.overlay.versions
        known = self._texts
        return [(one, number) for one in self.aside if known.get(one, (-1, 0))[0] != (number := versions.of(one))]

    @property
    def now(self) -> FoundNow:
        """What is known at this moment."""
        with self._lock:
            key = self._news, self._source.edited.overlay.revision, *self.state
            if self._now is None or self._now[0] != key:
                self._now = key, self._figured()
            return self._now[1]

    def _figured(self) -> FoundNow:
        source, aside = self._source, self.aside
        versions = source.edited.overlay.versions
        looked = {one: known[1] for one in aside if (known := self._texts.get(one)) and known[0] == versions.of(one)}
        found = BitMap64([one for one, matches in looked.items() if matches])
        return FoundNow(
            (ids_of_lines(source, self._lines_found) - aside) | found,
            (ids_of_lines(source, self._lines_seen) - aside) | BitMap64(looked),
        )

    def matches(self, records: BitMap64) -> list[int]:
        """How often something is found in each of some records in which it is, ascending by id."""
        with self._lock:
            texts = {one: known[1] for one in self.aside & records if (known := self._texts.get(one))}
            plain = not texts and not self._apart
            if plain and records == self._lines_found and self._source.edited.content.saved.untouched:
                return [count for first in sorted(self._counts) for count in self._counts[first][1]]
            in_file = {
                line: count for some, counts in self._counts.values() for line, count in zip(some, counts, strict=True)
            } | self._apart
        place = self._source.edited.content.saved.lines.place_of
        return [
            texts[one] if one in texts else in_file.get(-1 if (at := place(one)) is None else at, 0) for one in records
        ]
