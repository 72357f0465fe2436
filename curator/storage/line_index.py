"""Where each line of a source ends: 8 bytes a line, filled block by block."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

from curator.storage.source import Source

BLOCK_BYTES = 1 << 19


class LineIndex:
    """Ends of lines as byte offsets, in file order. Only `\\n` ends a line; a last line without one counts too.

    One thread fills it by draining `fill`; any other may read what is there already.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ends = array("Q")
        self.scanned = 0
        """Bytes of the source that have been looked at."""

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def complete(self) -> bool:
        """Whether the whole source has been looked at, so that the number of lines is final."""
        return self.scanned >= self._source.size

    def fill(self) -> Iterator[int]:
        """Read on from where the index stands, a block at a time; yields the bytes scanned so far after each."""
        append = self._ends.append
        while not self.complete:
            block = self._source.read(self.scanned, BLOCK_BYTES)
            find = block.find
            after = self.scanned + 1
            at = find(b"\n")
            while at >= 0:
                append(at + after)
                at = find(b"\n", at + 1)
            scanned = self.scanned + len(block)
            if scanned >= self._source.size and not block.endswith(b"\n"):
                append(scanned)
            self.scanned = scanned
            yield scanned

    def span(self, line: int) -> tuple[int, int]:
        """The bytes [start, end) of line `line` (counted from 0), its line end included."""
        return (self._ends[line - 1] if line else 0), self._ends[line]

    def start(self, line: int) -> int:
        """The offset of the first byte of line `line`, or the end of the known lines for the one after them."""
        return self._ends[line - 1] if line else 0

    def line_at(self, offset: int) -> int:
        """The line (counted from 0) that holds the byte at `offset`, or the number of lines known if it is later."""
        return bisect_right(self._ends, offset)

    def chunk(self, first: int, length: int) -> int:
        """The line after the longest run of known lines from `first` that fits `length` bytes, one line at least."""
        if first >= len(self._ends):
            return first
        end = bisect_right(self._ends, self.start(first) + length, lo=first)
        return max(end, first + 1)
