"""A file of records as segments: untouched stretches of the source, and lines that are new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyroaring import BitMap64

from curator.edits.edited_source import EditedSource
from curator.records.codec import BYTE_ORDER_MARK
from curator.storage.runs import FIRST_DERIVED, Run
from curator.storage.source import Source
from curator.storage.writer import Segment, Stretch


def all_records(edited: EditedSource) -> list[Run]:
    """All records that are to be seen, in file order. Finds the rest of the source's lines first."""
    edited.index.finish()
    return list(edited.overlay.shown().stretch(0, len(edited)))


def maybe_changed(edited: EditedSource, first: int, count: int) -> Iterator[int]:
    """The records of a run that may not stand in the source as they are now."""
    if first >= FIRST_DERIVED:
        yield from range(first, first + count)
        return
    for record in edited.not_original.iter_equal_or_larger(first):
        if record >= first + count:
            return
        yield record


def segments(edited: EditedSource, runs: Iterable[Run]) -> Iterator[Segment]:
    """What a file of these records consists of."""
    return with_line_ends(edited.source, line_segments(edited, runs))


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


def line_segments(edited: EditedSource, runs: Iterable[Run]) -> Iterator[Segment]:
    """The lines of records, as they are now."""
    content = edited.content
    for first, count in runs:
        after = first
        for record in maybe_changed(edited, first, count):
            yield from _stretches(edited, after, record)
            line = content.line_number(record)
            yield content.line(record) if line is None else Stretch(*content.span(line))
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
        for record in records.iter_equal_or_larger(first):
            if record >= first + count:
                break
            if found and sum(found[-1]) == record:
                found[-1] = found[-1][0], found[-1][1] + 1
            else:
                found.append((record, 1))
    return found
