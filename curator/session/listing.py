"""The records of all sources as one list of positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyroaring import BitMap64

from curator.session.working_source import WorkingSource
from curator.storage.runs import Run
from curator.storage.shown import Shown


class Listing:
    """Positions from 0 over the sources, one after the other, without what was dropped unless that is asked for.

    While lines are still being found, the positions known are those up to the first source that is not complete.
    """

    def __init__(self, sources: Sequence[WorkingSource]) -> None:
        self._sources = sources
        self.with_dropped = False

    def shown(self, source: WorkingSource) -> Shown:
        """What is to be seen of a source."""
        return source.edited.overlay.shown(with_dropped=self.with_dropped)

    def _lengths(self) -> Iterator[tuple[WorkingSource, int]]:
        """The sources that have positions, with how many."""
        for source in self._sources:
            yield source, source.edited.length(with_dropped=self.with_dropped)
            if not source.opened.index.complete:
                return

    def __len__(self) -> int:
        return sum(length for _, length in self._lengths())

    def locate(self, position: int) -> tuple[WorkingSource, int]:
        """The source and the id at a position. Raises IndexError where nothing is known."""
        rest = position
        for source, length in self._lengths() if position >= 0 else ():
            if rest < length:
                return source, self.shown(source).at(rest)
            rest -= length
        raise IndexError(position)

    def start_of(self, source: WorkingSource) -> int:
        """The position of a source's first record."""
        start = 0
        for one, length in self._lengths():
            if one is source:
                break
            start += length
        return start

    def position_of(self, source: WorkingSource, record: int) -> int | None:
        """Where a record is to be seen; None where it is not."""
        position = self.shown(source).position_of(record)
        return None if position is None else self.start_of(source) + position

    def first_seen(self, source: WorkingSource, records: BitMap64) -> int | None:
        """The first of some records, by id, that is to be seen."""
        edited, shown = source.edited, self.shown(source)
        gone = edited.hidden - edited.overlay.dropped if self.with_dropped else edited.hidden
        return next((one for one in records - gone if shown.position_of(one) is not None), None)

    def stretch(self, start: int, end: int) -> Iterator[tuple[WorkingSource, Run]]:
        """The runs of ids at positions [start, end)."""
        first = 0
        for source, length in self._lengths():
            low, high = max(start - first, 0), min(end - first, length)
            if low < high:
                yield from ((source, run) for run in self.shown(source).stretch(low, high))
            first += length
