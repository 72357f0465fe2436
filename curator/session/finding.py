"""Searching the records as they are now, from where the user is on, chunk by chunk in workers."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from threading import Lock
from typing import NamedTuple

from pyroaring import BitMap64

from curator.engine.audit import ChunkTask, plan
from curator.records.searching import Search
from curator.session.current_records import Portion, portions_of_texts
from curator.session.facade import Session
from curator.session.filtering import there
from curator.session.finding_in_order import InOrder, Nearest, Work, in_turns
from curator.session.found import FoundIn
from curator.session.match_counts import Counts, Looked, count_matches
from curator.session.walking import nearest_of
from curator.session.working_source import WorkingSource
from curator.storage.shown import Shown

PORTIONS_A_WORKER = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """How many matches there are in the records that are listed, as far as they were looked at."""

    matches: int = 0
    records: int = 0
    complete: bool = False
    share: float = 0.0
    """How much of the files was looked through, 0 to 1."""
    before: Callable[[int], int] = lambda _: 0
    """How many of the matches stand before a position."""


class _Aim(NamedTuple):
    """From where, and in which direction, the next match is wanted."""

    position: int
    source: int
    """The number of the source, and the line in it."""
    line: int
    step: int


Parts = list[tuple[WorkingSource, BitMap64, list[int]]]
"""By source: records, and for each of them, ascending by id, how often something is found in it."""


class _Chunks:
    """The chunks of a source, planned as far as somebody asks for them; the index is advanced."""

    def __init__(self, source: WorkingSource, found: FoundIn, session: Session) -> None:
        self._source = source
        self._found = found
        self._session = session
        self._forget()

    def _forget(self) -> None:
        self._identity = self._source.opened.index.identity
        self._chunks: list[ChunkTask] = []
        self._planned: Iterator[ChunkTask] = iter(())

    def renew(self) -> None:
        """Forget chunks that are no longer those of the file."""
        index = self._source.opened.index
        if index.identity != self._identity:
            self._forget()
        elif self._chunks:
            last = self._chunks[-1]
            if last.end_line > len(index) or index.start(last.end_line) != last.end:
                self._found.drop(self._chunks.pop())
                self._planned = iter(())

    def at(self, number: int) -> ChunkTask | None:
        """A chunk by its number; None behind the last."""
        while len(self._chunks) <= number:
            more = next(self._planned, None) or self._plan_on()
            if more is None:
                return None
            self._chunks.append(more)
        return self._chunks[number]

    def _plan_on(self) -> ChunkTask | None:
        opened = self._source.opened
        first = self._chunks[-1].end_line if self._chunks else 0
        self._planned = plan(opened.source.place, opened.index, self._session.spec(opened), first)
        return next(self._planned, None)

    def number_of(self, line: int) -> int:
        """The number of the chunk that holds a line, or of the last one."""
        number = 0
        while (chunk := self.at(number)) is not None and chunk.end_line <= line:
            number += 1
        return number if chunk is not None else max(0, number - 1)

    def from_one(self, number: int, step: int) -> Iterator[ChunkTask]:
        """The chunks from a number on, forwards or backwards."""
        while number >= 0 and (chunk := self.at(number)) is not None:
            yield chunk
            number += step

    def all(self, step: int) -> Iterator[ChunkTask]:
        """All chunks, the last first where `step` is -1."""
        number = 0
        while step < 0 and self.at(number) is not None:
            number += 1
        yield from self.from_one(number - 1 if step < 0 else 0, step)


class Finding:
    """One search over all records. `steps` is for one thread at a time; what it has found is for any."""

    def __init__(self, session: Session, search: Search, executor: Executor, workers: int) -> None:
        self.search = search
        self._session = session
        self._executor = executor
        self._window = PORTIONS_A_WORKER * workers
        self._found = [FoundIn(source) for source in session.sources]
        self._chunks = [
            _Chunks(source, found, session) for source, found in zip(session.sources, self._found, strict=True)
        ]
        self._in_order = InOrder(session, self._found)
        self._aim = _Aim(0, 0, 0, 1)
        self._looking = Lock()
        self.complete = False
        """Whether all records were looked at when that was asked last."""

    # Looking

    def aim(self, position: int, step: int) -> None:
        """Look next at what stands after (`step` 1) or before (-1) a position."""
        listing = self._session.listing
        if not 0 <= position < len(listing):
            source, line = (self._session.sources[0 if position < 0 else -1]), 0 if position < 0 else 1 << 62
        else:
            source, record = listing.locate(position)
            roots = source.edited.overlay.roots(record) or (0,)
            line = source.edited.content.saved.lines.place_of(roots[0]) or 0
        self._aim = _Aim(position, source.number, line, step)
        self.complete = False

    def steps(self) -> Iterator[None]:
        """Look through what has not been looked at, a portion at a time, until nothing is left.

        Raises SlowPatternError for a pattern that takes too long, and what reading the files raises.
        """
        with self._looking:
            yield from self._steps()

    def _steps(self) -> Iterator[None]:
        waiting: deque[tuple[Callable[[Counts], None], Future[Counts]]] = deque()
        try:
            aim = None
            tasks: Iterator[Work] = iter(())
            begun: set[tuple[int, int]] = set()
            while True:
                if aim != self._aim:
                    aim = self._aim
                    tasks = self._tasks(aim, begun)
                while len(waiting) < self._window and (task := next(tasks, None)) is not None:
                    waiting.append((task[1], self._executor.submit(count_matches, Looked(task[0], self.search))))
                if not waiting:
                    break
                take, future = waiting.popleft()
                take(future.result())
                yield
        finally:
            for _, future in waiting:
                future.cancel()
        self.complete = True

    def _tasks(self, aim: _Aim, begun: set[tuple[int, int]]) -> Iterator[Work]:
        for found, chunks in zip(self._found, self._chunks, strict=True):
            found.renew()
            chunks.renew()
        yield from self._texts()
        ordered = self._session.listing.ordered
        chunks_on = self._chunks_on(aim, begun)
        if ordered is None:
            yield from chunks_on
        else:
            yield from in_turns(self._in_order.work(ordered, aim.position, aim.step), chunks_on)

    def _chunks_on(self, aim: _Aim, begun: set[tuple[int, int]]) -> Iterator[Work]:
        for number, chunk in self._from(aim.source, aim.line, aim.step):
            if (number, chunk.first_line) not in begun and not self._found[number].has(chunk):
                begun.add((number, chunk.first_line))
                yield Portion(chunk.spec, chunk), self._taker(number, chunk, begun)

    def _taker(self, number: int, chunk: ChunkTask, begun: set[tuple[int, int]]) -> Callable[[Counts], None]:
        def take(counts: Counts) -> None:
            begun.discard((number, chunk.first_line))
            self._found[number].take(chunk, counts)

        return take

    def _texts(self) -> Iterator[Work]:
        for source, found in zip(self._session.sources, self._found, strict=True):
            missing = dict(found.missing_texts())
            for portion, ids in portions_of_texts(source, self._session.spec(source.opened), BitMap64(missing)):
                yield portion, partial(found.take_texts, [(one, missing[one]) for one in ids])

    def _from(self, number: int, line: int, step: int) -> Iterator[tuple[int, ChunkTask]]:
        """All chunks from a place on; behind the last one, and before the first, it goes round."""
        chunks = self._chunks[number]
        yield from ((number, one) for one in chunks.from_one(chunks.number_of(line), step))
        for offset in range(1, len(self._chunks) + 1):
            other = (number + step * offset) % len(self._chunks)
            yield from ((other, one) for one in self._chunks[other].all(step))

    # What was found

    def nearest(self, position: int, step: int) -> Nearest:
        """The nearest record with a match after (`step` 1) or before (-1) a position, as far as it is known."""
        listing, sources = self._session.listing, self._session.sources
        if (ordered := listing.ordered) is not None:
            return self._in_order.nearest(ordered, position, step)
        for source in sources if step > 0 else sources[::-1]:
            start = listing.start_of(source)
            answer = self._nearest_in(source, position - start, step)
            if not answer.sure:
                return answer
            if answer.position is not None:
                return Nearest(start + answer.position, sure=True)
        return Nearest(None, sure=True)

    def _nearest_in(self, source: WorkingSource, after: int, step: int) -> Nearest:
        listing, now = self._session.listing, self._found[source.number].now
        hit = self._nearest_of(source, listing.listed(source, now.records), after, step)
        unseen = self._nearest_of(source, listing.listed(source, there(source) - now.seen), after, step)
        if unseen is not None and (hit is None or (unseen - hit) * step < 0):
            return Nearest(None, sure=False)
        if hit is None and step > 0 and not source.opened.index.complete:
            return Nearest(None, sure=False)
        return Nearest(hit, sure=True)

    def _nearest_of(self, source: WorkingSource, records: BitMap64, after: int, step: int) -> int | None:
        displaced = source.edited.overlay.derived | source.edited.moved
        shown = self._session.listing.shown(source)
        return nearest_of(shown, (records - displaced,), records & displaced, after, step)

    def records(self) -> dict[WorkingSource, BitMap64]:
        """The records with a match, listed or not."""
        return {source: found.now.records for source, found in zip(self._session.sources, self._found, strict=True)}

    def tally(self) -> Tally:
        """How many matches there are in what is listed; to be called where it may take a moment."""
        listing, session = self._session.listing, self._session
        parts: Parts = []
        seen = lines = 0
        for source, found in zip(session.sources, self._found, strict=True):
            now = found.now
            records = listing.listed(source, now.records)
            parts.append((source, records, found.matches(records)))
            seen += len(now.seen)
            lines += source.edited.known_lines
        known = session.data.scanned / max(1, session.data.bytes)
        return Tally(
            sum(sum(counts) for _, _, counts in parts),
            sum(len(records) for _, records, _ in parts),
            self.complete,
            min(1.0, known * seen / max(1, lines)),
            self._before(parts),
        )

    def _before(self, parts: Parts) -> Callable[[int], int]:
        """How many matches of a tally stand before a position of the list."""
        listing = self._session.listing
        if (ordered := listing.ordered) is not None:
            return ordered.sums([(source.number, records, counts) for source, records, counts in parts])
        sums = [[0, *accumulate(counts)] for _, _, counts in parts]

        def before(position: int) -> int:
            return sum(
                _sum_before(source, listing.shown(source), records, some, position - listing.start_of(source))
                for (source, records, _), some in zip(parts, sums, strict=True)
            )

        return before


def _sum_before(source: WorkingSource, shown: Shown, records: BitMap64, sums: list[int], end: int) -> int:
    """The matches of those of some records that stand before a position; `sums` are those of the first 0, 1, ..."""
    displaced = source.edited.overlay.derived | source.edited.moved
    in_place = records - displaced
    number = bisect_left(range(len(in_place)), end, key=lambda at: shown.before_line(in_place[at]))
    behind = in_place[number] if number < len(in_place) else 1 << 63
    before = sums[records.rank(behind) - (behind in records)]
    for one in records & displaced:
        at = shown.position_of(one)
        stands_before = at is not None and at < end
        if stands_before != (one < behind):
            rank = records.rank(one)
            before += (sums[rank] - sums[rank - 1]) * (1 if stands_before else -1)
    return before
