"""Merges the files of a session into one, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from curator.errors import UsageError
from curator.records.codec import BYTE_ORDER_MARK
from curator.session.facade import Session
from curator.storage.replacing import check_room, replacing
from curator.storage.source import Source
from curator.storage.writer import Known, Proof, Segment, Stretch, verify_all, write_segments


@dataclass(frozen=True, slots=True)
class Merged:
    """What was written."""

    proof: Proof
    notes: tuple[str, ...]
    marks: int
    """Byte order marks that stood at the start of later files and are left out."""
    ends: int
    """Line ends that were put behind last lines which had none."""


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


def merge(session: Session, target: Path) -> Merged:
    """Write all files of a session, one after the other, to a file, and read it back.

    Raises UnwritableError when the disk fails; the target is as it was then.
    """
    check_room(target.absolute().parent, session.data.bytes)
    expected: list[tuple[Stretch | Known, Source]] = []
    with replacing(target, like=None) as new:
        for source, segments in parts(session):
            written = write_segments(source, segments, new.descriptor)
            expected += ((one, source) for one in written.expected)
        new.settle()
        proof = verify_all(new.descriptor, expected)
        new.commit()
    return Merged(proof, tuple(new.notes), *_changes(session))


def merge_to(session: Session, descriptor: int) -> None:
    """Write all files, one after the other, to an open descriptor."""
    for source, segments in parts(session):
        write_segments(source, segments, descriptor)


def parts(session: Session) -> Iterator[tuple[Source, list[Segment]]]:
    """What of each file goes into the new one: all but a later mark, with a line end where the next would run on."""
    sources = [opened.source for opened in session.data.sources if opened.source.size]
    for place, source in enumerate(sources):
        start = len(BYTE_ORDER_MARK) if place and _marked(source) else 0
        segments: list[Segment] = [Stretch(start, source.size)]
        if source is not sources[-1] and not _ended(source):
            segments.append(b"\n")
        yield source, segments


def _changes(session: Session) -> tuple[int, int]:
    sources = [opened.source for opened in session.data.sources if opened.source.size]
    return sum(map(_marked, sources[1:])), sum(not _ended(source) for source in sources[:-1])


def _marked(source: Source) -> bool:
    return source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK


def _ended(source: Source) -> bool:
    return source.read(source.size - 1, 1) == b"\n"
