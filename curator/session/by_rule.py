"""The records that each rule finds, as they are now: what the problems are walked and mended by."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from threading import RLock
from typing import Protocol

from pyroaring import BitMap64

from curator.analysis.lint.rules import BY_NUMBER
from curator.analysis.report import Flag
from curator.session.current_records import ids_of_lines
from curator.session.ignoring import SCHEMA_RULES, excused_from
from curator.session.problem_sets import ProblemSets, bits_of
from curator.session.working_source import WorkingSource

LINES_AT_ONCE = 1 << 14
"""Lines with findings that are taken in while others wait for the lock."""


class Limited(Protocol):
    """By what records are over the longest example."""

    @property
    def limit(self) -> int:
        """Tokens of the longest example; 0 where none is known."""


class ByRule:
    """The records of all sources by the rules that find them. For any thread."""

    def __init__(self, sources: Sequence[WorkingSource], lock: RLock, limited: Limited) -> None:
        self._sources = sources
        self._lock = lock
        self._limited = limited
        self._lines = {source.number: _Lines() for source in sources}
        self._known: dict[tuple[int, int], tuple[object, BitMap64, BitMap64, BitMap64]] = {}

    def follow(self) -> None:
        """Take in what the audit has found meanwhile, so that an answer comes at once."""
        for source in self._sources:
            behind = True
            while behind:
                with self._lock:
                    behind = self._lines[source.number].follow(source, self._limited.limit, LINES_AT_ONCE)

    def of(self, source: WorkingSource, number: int) -> BitMap64:
        """The ids of a source's records that a rule finds, as far as figures are known. Not to be changed."""
        return self._found(source, number)[0]

    def excused(self, source: WorkingSource, number: int) -> BitMap64:
        """Those that it finds and a tag excuses from it, dropped ones included. Not to be changed."""
        if not excused_from(source.edited.overlay.labels, BY_NUMBER[number]):
            return BitMap64()
        return self._found(source, number)[1]

    def excused_invalid(self, source: WorkingSource) -> BitMap64:
        """The records that a schema rejects, and that a tag excuses from all that rules find of that."""
        doubtful = BitMap64().union(*(self.excused(source, number) for number in SCHEMA_RULES))
        if not doubtful:
            return doubtful
        left = BitMap64().union(*(self._found(source, number)[2] for number in SCHEMA_RULES))
        found = ((record, source.find(record)) for record in doubtful - left)
        return BitMap64([record for record, at in found if at and at.columns.flags[at.row] & Flag.INVALID])

    def _found(self, source: WorkingSource, number: int) -> tuple[BitMap64, BitMap64, BitMap64]:
        """The records that count as found, those that are excused, and those that are not, dropped ones included."""
        with self._lock:
            lines = self._lines[source.number]
            lines.follow(source, self._limited.limit)
            key = (
                lines.revision,
                source.edited.overlay.revision,
                source.figures.revision,
                id(source.edited.content.saved),
                source.file_wide,
            )
            known = self._known.get((source.number, number))
            if known is None or known[0] != key:
                found = _now(source, lines.sets.of(number), number)
                excused = found & excused_from(source.edited.overlay.labels, BY_NUMBER[number])
                left = found - excused
                known = self._known[source.number, number] = key, left - source.edited.hidden, excused, left
            return known[1:]


class _Lines:
    """The lines of a source's file by the rules that they break, as far as the audit has come."""

    def __init__(self) -> None:
        self.sets = ProblemSets()
        self._problems = array("I")
        self._done = 0
        self.revision = 0
        """Grows whenever lines come in, or go."""

    def follow(self, source: WorkingSource, limit: int, most: int | None = None) -> bool:
        """Take in at most so many lines more. Whether there are others."""
        problems, columns = source.opened.problems, source.opened.columns
        if self._problems is not problems or len(problems) < self._done:
            self.sets, self._problems, self._done = ProblemSets(), problems, 0
            self.revision += 1
        end = len(problems) if most is None else min(self._done + most, len(problems))
        if end > self._done:
            self.sets.add((line, bits_of(columns, line, limit)) for line in problems[self._done : end])
            self._done = end
            self.revision += 1
        return end < len(problems)


def _now(source: WorkingSource, lines: BitMap64, number: int) -> BitMap64:
    """Lines that a rule finds as records as they are now, with those that were edited."""
    edited = source.edited
    found = ids_of_lines(source, lines) - edited.unsaved
    return found | source.figures.found.of(number) | source.file_wide.records.get(number, BitMap64())
