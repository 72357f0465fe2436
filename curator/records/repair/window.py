"""A stretch of a long text, decoded as it is read, with the place of every character in the whole."""

from __future__ import annotations

import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterator

from curator.records.repair.kinds import Kind, Repair


class Window:
    """The text from the place that was come to, as far as it has been read; what lies before is let go.

    Bytes that are not of the encoding stand in it as lone surrogates (PEP 383), so that nothing is lost.
    """

    def __init__(self, first: bytes, blocks: Iterator[bytes], encoding: str) -> None:
        self._blocks = blocks
        errors = "surrogateescape" if encoding == "utf-8" else "replace"
        self._decoder = getincrementaldecoder(encoding)(errors)
        self.text = self._decoder.decode(first)
        self.at = 0
        """The index in the text that was come to."""
        self.line = 1
        """The line of the character there, counted from 1."""
        self.column = 1
        self.whole = False
        """Whether the text reaches to the end of all."""
        self._placed = 0, 1, 1
        """An index, its line and its column, from which those of what follows are counted."""
        self._endless = -1
        """An index behind which no line end is held; -1 where that is not known."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing left."""
        return self.whole and self.at >= len(self.text)

    def more(self) -> None:
        """Read one block more, or as much as is held already; indexes before `at` are void, `at` becomes 0."""
        held = [self.text[self.at :]]
        wanted = max(1, len(held[0]))
        while wanted > 0 and not self.whole:
            block = next(self._blocks, b"")
            self.whole = not block
            held.append(self._decoder.decode(block, final=self.whole))
            wanted -= len(block)
        self.text, self.at = "".join(held), 0
        self._placed, self._endless = (0, self.line, self.column), -1

    def line_end(self, start: int) -> int:
        """The index behind the line end that follows; 0 where it is not known yet."""
        end = 0 if 0 <= self._endless <= start else self.text.find("\n", start) + 1
        if not end:
            self._endless = start if self._endless < 0 else min(start, self._endless)
        return end or (len(self.text) if self.whole else 0)

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of an index from `at` on."""
        known, line, column = self._placed if self._placed[0] <= index else (self.at, self.line, self.column)
        lines = self.text.count("\n", known, index)
        line += lines
        column = index - self.text.rfind("\n", known, index) if lines else column + index - known
        self._placed = index, line, column
        return line, column

    def repair(self, kind: Kind, index: int, detail: str = "") -> Repair:
        """A repair at an index from `at` on."""
        return Repair(kind, *self.place(index), detail)

    def advance(self, index: int) -> None:
        """Go on to an index."""
        self.line, self.column = self.place(index)
        self.at = index


def raw(text: str) -> bytes:
    """The bytes that a text was decoded from."""
    return text.encode("utf-8", "surrogateescape")


def skip(pattern: re.Pattern[str], text: str, start: int, limit: int = sys.maxsize) -> int:
    """The index behind what the pattern matches at another."""
    match = pattern.match(text, start, limit)
    return match.end() if match else start
