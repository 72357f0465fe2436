"""A file of records as segments: untouched stretches of the source, and lines that are new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import tee

from pyroaring import BitMap64

from curator.edits.edited_source import EditedSource
from curator.records.codec import BYTE_ORDER_MARK
from curator.storage.ids import ids_within
from curator.storage.runs import FIRST_DERIVED, Run
from curator.storage.source import Source
from curator.storage.writer import Segment, Stretch

NONE = BitMap64()

LinesOf = Callable[[Iterable[int]], Iterator[bytes]]
"""The lines of records as they are now, one for each in the same order; it may look some records ahead."""


class Segments:
    """What a file consists of, made anew each time that it is gone through, so that it is never all in memory."""

    def __init__(self, make: Callable[[], Iterator[Segment]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Segment]:
        return self._make()


def all_records(edited: EditedSource) -> list[Run]:
    """All records that are to be seen, in file order. Finds the rest of the source's lines first."""
    edited.index.finish()
    return list(edited.overlay.shown().stretch(0, len(edited)))


def maybe_changed(edited: EditedSource, first: int, count: int, others: BitMap64 = NONE) -> Iterator[int]:
    """The records of a run that may not stand in the source as they are now, and some others."""
    if first >= FIRST_DERIVED:
        yield from range(first, first + count)
        return
    changed = edited.not_original | others if others else edited.not_original
    yield from ids_within(changed, first, first + count)


def segments(
    edited: EditedSource, runs: Iterable[Run], lines: LinesOf | None = None, singly: BitMap64 = NONE
) -> Iterator[Segment]:
    """What a file of these records consists of; `lines` gives those that are new, and of records `singly` all."""
    return with_line_ends(edited.source, lines_now(edited, runs, lines, singly))


def with_line_ends(source: Source, lines: Iterable[Segment]) -> Iterator[Segment]:
    """A file of these lines, with the source's byte order mark. Every line but the last gets a line end if it has none.

    A line without any bytes gets one too, so that it is a line. A file without lines has no byte order mark, which
    would be one.
    """
    marked = source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
    first = ended = True
    for line in lines:
        if first and marked:
            yield Stretch(0, len(BYTE_ORDER_MARK))
        if not ended:
            yield b"\n"
        segment = b"\n" if _is_empty(line) and not (first and marked) else line
        yield segment
        first = False
        if isinstance(segment, bytes):
            ended = segment.endswith(b"\n")
        else:
            ended = segment.end < source.size or source.read(segment.end - 1, 1) == b"\n"


def _is_empty(segment: Segment) -> bool:
    return not segment if isinstance(segment, bytes) else segment.start == segment.end


def lines_now(
    edited: EditedSource, runs: Iterable[Run], lines: LinesOf | None = None, singly: BitMap64 = NONE
) -> Iterator[Segment]:
    """The lines of records, as they are now."""
    places = _places(edited, runs, singly)
    if lines is None:
        return (edited.content.line(one) if isinstance(one, int) else one for one in places)
    ahead, here = tee(places)
    new = lines(one for one in ahead if isinstance(one, int))
    return (next(new) if isinstance(one, int) else one for one in here)


def _places(edited: EditedSource, runs: Iterable[Run], singly: BitMap64) -> Iterator[Stretch | int]:
    """Where the lines of records stand; the ids of those whose line is new or wanted."""
    content = edited.content
    for first, count in runs:
        after = first
        for record in maybe_changed(edited, first, count, singly):
            yield from _stretches(edited, after, record)
            line = None if record in singly else content.line_number(record)
            yield record if line is None else Stretch(*content.span(line))
            after = record + 1
        yield from _stretches(edited, after, first + count)


def _stretches(edited: EditedSource, first: int, end: int) -> Iterator[Stretch]:
    """Where the records [first, end) stand in the source, all of them untouched."""
    span = edited.content.span
    return (Stretch(span(line)[0], span(line + count - 1)[1]) for line, count in line_runs(edited, first, end))


def line_runs(edited: EditedSource, first: int, end: int) -> Iterator[Run]:
    """The lines of the source that untouched records [first, end) are read from: first line, and how many."""
    lines = edited.content.saved.lines
    while first < end:
        number = lines.run_of(first)
        assert number is not None, "an untouched record stands in its source"
        start, count = lines.runs[number]
        last = min(end, start + count)
        yield lines.starts[number] + first - start, last - first
        first = last


def in_order(records: BitMap64, runs: Iterable[Run]) -> list[Run]:
    """Some records of runs, as runs in the same order."""
    found: list[Run] = []
    for first, count in runs:
        for record in ids_within(records, first, first + count):
            if found and sum(found[-1]) == record:
                found[-1] = found[-1][0], found[-1][1] + 1
            else:
                found.append((record, 1))
    return found
