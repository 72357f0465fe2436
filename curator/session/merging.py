"""Merges the files of a session into one, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from curator.errors import UsageError
from curator.records.codec import BYTE_ORDER_MARK
from curator.session.facade import Session
from curator.storage.delivering import Delivered, deliver
from curator.storage.source import Source
from curator.storage.writer import Segment, Stretch


def refuse_mixture(session: Session) -> None:
    """Raises UsageError where the files are of several dialects, with how to bring them into one."""
    first = session.data.sources[0]
    wanted = session.file_dialect(first)
    for opened in session.data.sources[1:]:
        found = session.file_dialect(opened)
        if found is not wanted and opened.source.size and first.source.size:
            path = opened.path
            raise UsageError(
                f"{first.path} holds {wanted.title} ({session.reason(first)}), and {path} holds {found.title}"
                f" ({session.reason(opened)}). One file is to hold one dialect: convert it first, with"
                f" `curator convert {path} --to {wanted.name} -o {path.stem}.{wanted.name}{path.suffix}`,"
                f" or say with `--dialect NAME` that they are the same."
            )


def merge(session: Session, target: Path | int) -> Delivered:
    """Write all files of a session, one after the other, to a file that is read back, or to an open descriptor.

    Raises what `deliver` raises.
    """
    return deliver(parts(session), target, like=session.data.sources[0].source, size=session.data.bytes)


def parts(session: Session) -> Iterator[tuple[Source, list[Segment]]]:
    """What of each file goes into the new one: all but a later mark, with a line end where the next would run on."""
    sources = [opened.source for opened in session.data.sources if opened.source.size]
    for place, source in enumerate(sources):
        start = len(BYTE_ORDER_MARK) if place and _marked(source) else 0
        segments: list[Segment] = [Stretch(start, source.size)]
        if source is not sources[-1] and not _ended(source):
            segments.append(b"\n")
        yield source, segments


def changes(session: Session) -> tuple[int, int]:
    """The byte order marks that later files lose, and the last lines that get an end."""
    sources = [opened.source for opened in session.data.sources if opened.source.size]
    return sum(map(_marked, sources[1:])), sum(not _ended(source) for source in sources[:-1])


def _marked(source: Source) -> bool:
    return source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK


def _ended(source: Source) -> bool:
    return source.read(source.size - 1, 1) == b"\n"
