"""The files of one call as one list of lines."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock

from curator.analysis.report import Columns
from curator.analysis.totals import Totals
from curator.records.sniffing import SNIFFED_BYTES, Detection, detect, detect_by_start
from curator.storage.line_index import LineIndex
from curator.storage.source import Source


class OpenSource:
    """A file with all that is known of it so far."""

    def __init__(self, path: Path) -> None:
        self.source = Source(path)
        self.path = path
        self.index = LineIndex(self.source)
        self.columns = Columns()
        self.totals = Totals()
        self.problems = array("I")
        """Lines with a finding, over-long ones included, in file order."""
        self.detection = self._detect()

    def _detect(self) -> Detection:
        head = self.source.read(0, SNIFFED_BYTES)
        whole = head if len(head) == self.source.size else head[: head.rfind(b"\n") + 1]
        return detect(whole.split(b"\n")) if whole or not head else detect_by_start(head)

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

    def forget(self) -> None:
        """Set everything back that the audit found."""
        self.columns, self.totals, self.problems = Columns(), Totals(), array("I")


def problem_lines(columns: Columns, limit: int, first: int) -> Iterator[int]:
    """The lines with findings or over the limit, counted on from `first`."""
    most = limit or sys.maxsize
    for line, (bits, tokens) in enumerate(zip(columns.findings, columns.tokens, strict=True), first):
        if bits or tokens > most:
            yield line


class DataSet:
    """Several sources, one after the other. A position counts lines over all of them, from 0.

    While the indexes fill, the positions known are those of the sources up to the first that is not complete.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.sources: list[OpenSource] = []
        self._starts = [0]
        self._lock = Lock()
        try:
            for path in paths:
                self.sources.append(OpenSource(path))
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
    def indexed(self) -> bool:
        """Whether the number of lines is final."""
        return self._reach() == len(self.sources)

    def _reach(self) -> int:
        """The number of sources at the front whose number of lines is final."""
        with self._lock:
            done = len(self._starts) - 1
            while done < len(self.sources) and self.sources[done].index.complete:
                self._starts.append(self._starts[-1] + len(self.sources[done].index))
                done += 1
            return done

    def __len__(self) -> int:
        reach = self._reach()
        growing = len(self.sources[reach].index) if reach < len(self.sources) else 0
        return self._starts[reach] + growing

    def advance(self) -> None:
        """Index one block more of the first source that is not complete."""
        reach = self._reach()
        if reach < len(self.sources):
            self.sources[reach].index.advance()

    def locate(self, position: int) -> tuple[OpenSource, int]:
        """The source at a position, and the line in it counted from 0. Raises IndexError where nothing is known."""
        if not 0 <= position < len(self):
            raise IndexError(position)
        number = bisect_right(self._starts, position) - 1
        return self.sources[number], position - self._starts[number]

    def start_of(self, source: OpenSource) -> int:
        """The position of a source's first line; all sources before it have to be complete."""
        self._reach()
        return self._starts[self.sources.index(source)]

    def close(self) -> None:
        """Give the files back."""
        for one in self.sources:
            one.source.close()
