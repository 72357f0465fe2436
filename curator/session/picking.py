"""Writes records of the opened files, byte for byte and in any order, to other files, and proves them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from curator.edits.segments import lines_now, with_line_ends
from curator.session.working_source import WorkingSource
from curator.storage.delivering import Delivered, deliver
from curator.storage.proving import Part
from curator.storage.source import Source
from curator.storage.writer import Segment, Stretch

BLOCK_BYTES = 1 << 20

RecordRun: TypeAlias = "tuple[WorkingSource, int, int]"
"""The first record of some consecutive ones of a source, and how many."""


def write_records(runs: Iterable[RecordRun], first: WorkingSource, target: Path | int, size: int) -> Delivered:
    """Write records as they are now to a file, or to a descriptor; `size` is about what that takes.

    The file has the owner and mode of `first`. Raises what `deliver` raises.
    """
    return deliver([part_of(runs, first)], target, like=first.edited.source, size=size)


def part_of(runs: Iterable[RecordRun], first: WorkingSource) -> Part:
    """Records as they are now, with the byte order mark of `first`; lines are ended where another one follows."""
    source = first.edited.source
    return source, with_line_ends(source, _lines(runs, source))


def _lines(runs: Iterable[RecordRun], first: Source) -> Iterator[Segment]:
    """The lines of the first source as stretches, which are copied, and those of others as whole lines."""
    for source, group in groupby(runs, lambda run: run[0]):
        own = source.edited.source
        for line in lines_now(source.edited, ((start, count) for _, start, count in group)):
            if own is first or isinstance(line, bytes):
                yield line
            else:
                yield from _whole_lines(own, line)


def _whole_lines(source: Source, stretch: Stretch) -> Iterator[bytes]:
    """A stretch of whole lines in blocks that end with a line, so that none is taken for one without its end."""
    at, rest = stretch.start, b""
    while at < stretch.end:
        block = rest + source.read(at, min(BLOCK_BYTES, stretch.end - at))
        at += len(block) - len(rest)
        whole = block.rfind(b"\n") + 1 if at < stretch.end else len(block)
        rest = block[whole:]
        if whole:
            yield block[:whole]


def runs_of(source: WorkingSource, records: Iterable[int]) -> Iterator[RecordRun]:
    """Records of a source as runs, in their order."""
    for _, group in groupby(enumerate(records), lambda pair: pair[1] - pair[0]):
        members = [record for _, record in group]
        yield source, members[0], len(members)
