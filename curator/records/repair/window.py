"""A stretch of a long text, decoded as it is read, with the place of every character in the whole."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator


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

    def line_end(self, start: int) -> int:
        """The index behind the line end that follows; 0 where it is not known yet."""
        end = self.text.find("\n", start) + 1
        return end or (len(self.text) if self.whole else 0)

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of an index from `at` on."""
        lines = self.text.count("\n", self.at, index)
        if lines:
            return self.line + lines, index - self.text.rfind("\n", self.at, index)
        return self.line, self.column + index - self.at

    def advance(self, index: int) -> None:
        """Go on to an index."""
        self.line, self.column = self.place(index)
        self.at = index


def raw(text: str) -> bytes:
    """The bytes that a text was decoded from."""
    return text.encode("utf-8", "surrogateescape")
