"""Where each line of a source ends: 8 bytes a line, filled block by block."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from threading import Lock

from curator.storage.source import Source

BLOCK_BYTES = 1 << 19


class LineIndex:
    """Ends of lines as byte offsets, in file order. Only `\\n` ends a line; a last line without one counts too.

    Whoever needs more of it calls `advance`; any thread may, and any thread may read what is there already.
    """

    def __init__(self, source: Source, ends: array[int] | None = None) -> None:
        self._source = source
        self._ends = ends if ends is not None else array("Q")
        """May be given as far as they are known."""
        self._lock = Lock()
        self.scanned = self._ends[-1] if self._ends else 0
        """Bytes of the source that have been looked at."""

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode of the source."""
        return self._source.identity

    @property
    def complete(self) -> bool:
        """Whether the whole source has been looked at, so that the number of lines is final."""
        return self.scanned >= self._source.size

    def advance(self) -> None:
        """Look at one block more, if there is one."""
        with self._lock:
            if not self.complete:
                self._scan(self._source.read(self.scanned, BLOCK_BYTES))

    def _scan(self, block: bytes) -> None:
        find, append = block.find, self._ends.append
        after = self.scanned + 1
        at = find(b"\n")
        while at >= 0:
            append(at + after)
            at = find(b"\n", at + 1)
        scanned = self.scanned + len(block)
        if scanned >= self._source.size and not block.endswith(b"\n"):
            append(scanned)
        self.scanned = scanned

    def reopen_last(self) -> None:
        """Look at the last line once more, which had no `\n` yet when the source ended in it."""
        with self._lock:
            self._ends.pop()
            self.scanned = self._ends[-1] if self._ends else 0

    def finish(self) -> None:
        """Look at all of the source."""
        while not self.complete:
            self.advance()

    def span(self, line: int) -> tuple[int, int]:
        """The bytes [start, end) of line `line` (counted from 0), its line end included."""
        return self.start(line), self._ends[line]

    def start(self, line: int) -> int:
        """The offset of the first byte of line `line`, or the end of the known lines for the one after them."""
        return self._ends[line - 1] if line else 0

    def ends_between(self, start: int, end: int) -> array[int]:
        """The known ends of lines that lie behind one offset, and before another one or at it."""
        return self._ends[bisect_right(self._ends, start) : bisect_right(self._ends, end)]

    def chunk_end(self, first: int, length: int) -> int:
        """The line after the longest run of lines from `first` that fits `length` bytes; one line at least.

        Advances the index as far as that takes. Equals `first` when there are no lines left.
        """
        wanted = self.start(first) + length
        while not self.complete and (self.scanned <= wanted or len(self._ends) <= first):
            self.advance()
        if first >= len(self._ends):
            return first
        return max(bisect_right(self._ends, wanted, lo=first), first + 1)
