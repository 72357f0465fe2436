"""Notes where the lines of a file end while it is written, so that it need not be read for that."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from curator.storage.line_index import LineIndex
from curator.storage.source import Source
from curator.storage.writer import Segment, Stretch


class LineEnds:
    """The ends of the lines of a file that consists of stretches of a source and of new lines."""

    def __init__(self, source: Source, index: LineIndex) -> None:
        self.ends = array("Q")
        """What a LineIndex of the file holds."""
        self._source = source
        self._index = index
        self._length = 0
        self._open = False
        """Whether what came last has no line end."""

    def noted(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """The segments, noted as they pass by."""
        for segment in segments:
            if segment if isinstance(segment, bytes) else segment.start < segment.end:
                self._note(segment)
            yield segment

    def _note(self, segment: Segment) -> None:
        if self._open:
            self.ends.pop()
        if isinstance(segment, Stretch):
            step = self._length - segment.start
            ends = self._index.ends_between(segment.start, segment.end)
            self.ends.extend(map(step.__add__, ends) if step else ends)
            self._length += segment.end - segment.start
            self._open = self._source.read(segment.end - 1, 1) != b"\n"
        else:
            at = segment.find(b"\n")
            while at >= 0:
                self.ends.append(self._length + at + 1)
                at = segment.find(b"\n", at + 1)
            self._length += len(segment)
            self._open = not segment.endswith(b"\n")
        if self._open and (not self.ends or self.ends[-1] != self._length):
            self.ends.append(self._length)
