"""Searching a sorted list: the next match in its order is found without waiting for all of the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from pyroaring import BitMap64

from curator.analysis.report import AuditSpec
from curator.session.current_records import BYTES_AT_ONCE, Portion, lines_held
from curator.session.facade import Session
from curator.session.found import FoundIn
from curator.session.match_counts import Counts
from curator.session.ordered import Ordered, unpacked
from curator.session.working_source import WorkingSource

BLOCK = 1024
"""Records of the list that are looked at together."""
FIRST_AHEAD = 32
"""Records that are searched out of turn first; then twice as many, and so on up to a block."""
MOST_AHEAD = 16 * BLOCK
"""Records behind which no more is searched out of turn: for a match as rare as that, all of the files are as near."""

T = TypeVar("T")

Work = tuple[Portion, Callable[[Counts], None]]


class Nearest(NamedTuple):
    """An answer to where the nearest match is."""

    position: int | None
    """The position of its record; None where there is none, or none is known yet."""
    sure: bool
    """Whether that is final: all records up to there were looked at."""


class InOrder:
    """Goes through the records of a sorted list from a place on, as far as they were looked at."""

    def __init__(self, session: Session, found: Sequence[FoundIn]) -> None:
        self._session = session
        self._found = found
        self._passed: tuple[object, int] = None, 0
        """For the list and the place that was asked about last: how far nothing is found."""

    def nearest(self, ordered: Ordered, position: int, step: int) -> Nearest:
        """The nearest record with a match after (`step` 1) or before (-1) a position, as far as it is known."""
        now = [one.now for one in self._found]
        revisions = [source.edited.overlay.revision for source in self._session.sources]
        asked = ordered, len(ordered), revisions, position, step
        known, at = self._passed
        if known != asked:
            at = max(-1, min(position, len(ordered))) + step
        at = _behind(ordered, at, step, [one.seen - one.records for one in now])
        self._passed = asked, at
        if not 0 <= at < len(ordered):
            return Nearest(None, sure=True)
        source, record = ordered.at(at)
        hit = record in now[source].records
        return Nearest(at if hit else None, sure=hit)

    def work(self, ordered: Ordered, position: int, step: int) -> Iterator[Work]:
        """What to search so that the records that come next in the list are known, until a match among them is."""
        at, ahead = max(-1, min(position, len(ordered))) + step, FIRST_AHEAD
        end = at + step * MOST_AHEAD
        while (end - at) * step > 0 and 0 <= at < len(ordered):
            records = ordered.sets(*_stretch(at, step, ahead))
            for source, found in zip(self._session.sources, self._found, strict=True):
                ids = records.get(source.number, BitMap64())
                lines = lines_held(source.edited.content.saved, ids - found.now.seen - found.aside)
                for portion, some in _portions(source, self._session.spec(source.opened), lines):
                    yield portion, partial(found.take_lines, found.state, some)
            at, ahead = at + step * ahead, min(2 * ahead, BLOCK)
            if self.nearest(ordered, position, step).sure:
                return


def in_turns(one: Iterator[T], other: Iterator[T]) -> Iterator[T]:
    """What both give, in turns, until both have ended."""
    for pair in zip_longest(((each,) for each in one), ((each,) for each in other), fillvalue=()):
        for given in pair:
            yield from given


def _behind(ordered: Ordered, at: int, step: int, passed: Sequence[BitMap64]) -> int:
    """The first position from one on, forwards or backwards, whose record is not among those of its source."""
    while 0 <= at < len(ordered):
        start, end = _stretch(at, step, BLOCK)
        if any(not some <= passed[source] for source, some in ordered.sets(start, end).items()):
            for number in ordered.numbers(start, end)[::step]:
                source, record = unpacked(number)
                if record not in passed[source]:
                    return at
                at += step
        else:
            at = end if step > 0 else start - 1
    return at


def _stretch(at: int, step: int, count: int) -> tuple[int, int]:
    """The positions [start, end) of so many records from one on, forwards or backwards."""
    return (at, at + count) if step > 0 else (max(0, at + 1 - count), at + 1)


def _portions(source: WorkingSource, spec: AuditSpec, lines: BitMap64) -> Iterator[tuple[Portion, list[int]]]:
    """Lines of a file, read one by one: they lie far apart."""
    texts: list[bytes] = []
    numbers: list[int] = []
    length = 0
    for line in lines:
        start, end = source.edited.content.span(line)
        texts.append(source.opened.source.read(start, end - start))
        numbers.append(line)
        length += end - start
        if length >= BYTES_AT_ONCE:
            yield Portion(spec, texts=tuple((one, ()) for one in texts)), numbers
            texts, numbers, length = [], [], 0
    if texts:
        yield Portion(spec, texts=tuple((one, ()) for one in texts)), numbers
