"""The files of one call as one list of lines."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from curator.analysis.report import Columns
from curator.analysis.totals import Totals
from curator.records.sniffing import SNIFFED_BYTES, Detection, detect, detect_by_start
from curator.storage.line_index import LineIndex
from curator.storage.opening_sources import Access, open_source
from curator.storage.source import Source


class OpenSource:
    """A file with all that is known of it so far."""

    def __init__(self, path: Path, access: Access | None = None) -> None:
        self._access = access
        self.source = open_source(path, access)
        self._retired: list[Source] = []
        self.path = path
        self.index = LineIndex(self.source)
        self.columns = Columns.large()
        self.totals = Totals()
        self.problems = array("I")
        """Lines with a finding, over-long ones included, in file order."""
        self.detection = self._detect()

    def _detect(self) -> Detection:
        head = self.source.read(0, SNIFFED_BYTES)
        whole = head if len(head) == self.source.size else head[: head.rfind(b"\n") + 1]
        return detect(whole.split(b"\n")) if whole or not head else detect_by_start(head)

    @cached_property
    def shape(self) -> str:
        """What the file looks like where its start is not JSON Lines, as a noun; else empty."""
        if not self.detection.odd:
            return ""
        from curator.records.repair import shape_of

        return shape_of(self.source.read(0, SNIFFED_BYTES))

    def reopen(self, ends: array[int]) -> None:
        """Go on with all of the file that now has the path, whose lines are known to end at some offsets.

        The old one stays open until the source is closed or reopened.
        """
        access = self._access and replace(self._access, wait=lambda making: making.wait())
        source = open_source(self.path, access)
        self.close(keep=self.source)
        self.source, self.index = source, LineIndex(source, ends)

    def close(self, keep: Source | None = None) -> None:
        """Give the files back, but for one that somebody may still be reading."""
        if keep is None:
            self.source.close()
        for one in self._retired:
            one.close()
        self._retired = [] if keep is None else [keep]

    def add(self, columns: Columns, limit: int) -> None:
        """Take the columns of the lines that follow those known."""
        self.totals.add(columns, limit)
        self.problems.extend(problem_lines(columns, limit, len(self.columns)))
        self.columns.extend(columns)

    def apply_limit(self, limit: int) -> None:
        """Work out anew what depends on the longest example, of all lines known."""
        limited = Totals()
        limited.add_limited(self.columns, limit)
        self.totals.take_limited(limited)
        self.problems = array("I", problem_lines(self.columns, limit, 0))

    def grow(self, limit: int) -> bool:
        """Take in what was appended to the file. Whether there is more of it; a last line without end is read anew."""
        unfinished = self.index.complete and self.source.size > 0 and self.source.read(self.source.size - 1, 1) != b"\n"
        lines = len(self.index)
        if not self.source.grow():
            return False
        if unfinished:
            self.index.reopen_last()
            if len(self.columns) == lines:
                self._forget_last(limit)
        return True

    def _forget_last(self, limit: int) -> None:
        last = Totals()
        last.add(self.columns.pop(), limit)
        self.totals.subtract(last)
        if self.problems and self.problems[-1] == len(self.columns):
            self.problems.pop()

    def forget(self) -> None:
        """Set everything back that the audit found."""
        self.columns, self.totals, self.problems = Columns.large(), Totals(), array("I")


def problem_lines(columns: Columns, limit: int, first: int) -> Iterator[int]:
    """The lines with findings or over the limit, counted on from `first`."""
    most = limit or sys.maxsize
    for line, (bits, tokens) in enumerate(zip(columns.findings, columns.tokens, strict=True), first):
        if bits or tokens > most:
            yield line


class DataSet:
    """Several sources, one after the other."""

    def __init__(self, paths: Iterable[Path], access: Access | None = None) -> None:
        self.sources: list[OpenSource] = []
        try:
            for path in paths:
                self.sources.append(OpenSource(path, access))
        except BaseException:
            self.close()
            raise

    @property
    def bytes(self) -> int:
        """Bytes of all sources."""
        return sum(one.source.size for one in self.sources)

    @property
    def scanned(self) -> int:
        """Bytes of all sources that the indexes have looked at."""
        return sum(one.index.scanned for one in self.sources)

    @property
    def whole(self) -> bool:
        """Whether all is there of all sources; not while one is being unpacked."""
        return all(one.source.whole for one in self.sources)

    @property
    def indexed(self) -> bool:
        """Whether the number of lines is final."""
        return all(one.index.complete for one in self.sources)

    def advance(self) -> None:
        """Index one block more of the first source that is not complete."""
        for one in self.sources:
            if not one.index.complete:
                one.index.advance()
                return

    def close(self) -> None:
        """Give the files back."""
        for one in self.sources:
            one.close()
