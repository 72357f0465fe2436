"""The lines of what is listed, byte for byte, in the order of the list."""

from __future__ import annotations

from collections.abc import Iterator

from curator.session.facade import Session
from curator.session.working_source import WorkingSource
from curator.storage.runs import Run

BYTES_AT_ONCE = 4 << 20
"""Bytes of untouched lines that are read together."""


def lines_listed(session: Session, number: int) -> Iterator[bytes]:
    """The first so many lines in blocks; a line that has no end gets one if another line follows."""
    ended = True
    for source, run in session.listing.stretch(0, number):
        for block in _blocks(source, run):
            if not ended:
                yield b"\n"
            yield block
            ended = block.endswith(b"\n")


def _blocks(source: WorkingSource, run: Run) -> Iterator[bytes]:
    """The lines of records with successive ids."""
    first, count = run
    edited, index = source.edited, source.opened.index
    untouched = edited.content.saved.untouched and not edited.touched.range_cardinality(first, first + count)
    if not untouched or first + count > len(index):
        yield from map(edited.content.line, range(first, first + count))
        return
    if not first:
        yield edited.content.line(0)  # without a byte order mark
    end = index.span(first + count - 1)[1]
    for at in range(index.start(first or 1), end, BYTES_AT_ONCE):
        yield source.opened.source.read(at, min(BYTES_AT_ONCE, end - at))
