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
        answer = Nearest(None, sure=True)
        for number in _numbers(ordered, at, step):
            source, record = unpacked(number)
            if record in now[source].records or record not in now[source].seen:
                hit = record in now[source].records
                answer = Nearest(at if hit else None, sure=hit)
                break
            at += step
        self._passed = asked, at
        return answer

    def work(self, ordered: Ordered, position: int, step: int) -> Iterator[Work]:
        """What to search so that the records that come next in the list are known, until a match among them is."""
        at, ahead = max(-1, min(position, len(ordered))) + step, FIRST_AHEAD
        end = at + step * MOST_AHEAD
        while (end - at) * step > 0 and 0 <= at < len(ordered):
            numbers = _stretch(ordered, at, step, ahead)
            for place, (source, found) in enumerate(zip(self._session.sources, self._found, strict=True)):
                ids = BitMap64(record for number, record in map(unpacked, numbers) if number == place)
                lines = lines_held(source.edited.content.saved, ids - found.now.seen - found.aside)
                for portion, some in _portions(source, self._session.spec(source.opened), lines):
                    yield portion, partial(found.take_lines, found.state, some)
            at, ahead = at + step * ahead, min(2 * ahead, BLOCK)
            if self.nearest(ordered, position, step).sure:
                return


def in_turns(one: Iterator[T], other: Iterator[T]) -> Iterator[T]:
    """What both give, in turns, until both have ended."""
    nothing = object()
    for pair in zip_longest(one, other, fillvalue=nothing):
        yield from (each for each in pair if each is not nothing)  # type: ignore[misc]


def _numbers(ordered: Ordered, at: int, step: int) -> Iterator[int]:
    """The packed records from a position on, forwards or backwards."""
    while 0 <= at < len(ordered):
        yield from _stretch(ordered, at, step, BLOCK)
        at += step * BLOCK


def _stretch(ordered: Ordered, at: int, step: int, count: int) -> list[int]:
    if step > 0:
        return ordered.numbers(at, at + count)
    return ordered.numbers(max(0, at + 1 - count), at + 1)[::-1]


def _portions(source: WorkingSource, spec: AuditSpec, lines: BitMap64) -> Iterator[tuple[Portion, list[int]]]:
    """Lines of a file, read one by one: they lie far apart."""
    texts: list[bytes] = []
    numbers: list[int] = []
    for line in lines:
        start, end = source.edited.content.span(line)
        texts.append(source.opened.source.read(start, end - start))
        numbers.append(line)
        if sum(map(len, texts)) >= BYTES_AT_ONCE:
            yield Portion(spec, texts=tuple((one, ()) for one in texts)), numbers
            texts, numbers = [], []
    if texts:
        yield Portion(spec, texts=tuple((one, ()) for one in texts)), numbers
