"""Writes stretches and new lines to a file that is to take another's place, packed if need be, and proves them."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple, TypeAlias

from xxhash import xxh3_128

from curator.storage.fingerprint import Fingerprint, fingerprint_of
from curator.storage.packing import PLAIN_BLOCK, Compression, DamagedError, PackedOutput, Packing, Table
from curator.storage.replacing import Replacement
from curator.storage.source import Source, opened
from curator.storage.writer import Known, Proof, Segment, Stretch, WriteFaultError, verify_all, write_segments

Part: TypeAlias = "tuple[Source, Iterable[Segment]]"
"""A source, and what of it, with new lines between, is written next."""


class Proved(NamedTuple):
    """What was written, and that it is there."""

    proof: Proof
    """Of the lines; of a packed file, of what comes out of it."""
    packed_lines: Fingerprint | None = None
    """Of the lines, where they were packed."""
    ends: array[int] | None = None
    """Where the lines end that come out of a table, which spells them in its own way; None where they are as given."""
    respelt: bool = False
    """Whether a table spells some lines in another way than they were given."""

    def fingerprint(self, new: Replacement) -> Fingerprint:
        """That of the lines."""
        if self.packed_lines is not None:
            return self.packed_lines
        with opened(new.temporary) as lines:
            return fingerprint_of(lines)


def write_lines(parts: Iterable[Part], new: Replacement, packing: Packing | None) -> Proved:
    """Write the lines, settle the file, and read it back. A packed one is unpacked again and compared by its hash,
    a table record by record.

    Raises what `write_segments` and `verify_all` raise.
    """
    if packing is None:
        expected = _written(parts, new.descriptor)
        new.settle()
        return Proved(verify_all(new.descriptor, expected))
    with _plain_beside(new.temporary) as plain:
        proof = verify_all(plain.fileno(), _written(parts, plain.fileno()))
        if isinstance(packing, Table):
            return _write_table(plain, new, packing, proof)
        plain.seek(0)
        assert isinstance(packing, Compression)
        out = PackedOutput(new.file, packing)
        while block := plain.read(PLAIN_BLOCK):
            out.write(block)
        out.finish()
        new.settle()
        _compare(new, packing, proof)
        return Proved(proof, fingerprint_of(_Lines(plain)))


def _written(parts: Iterable[Part], descriptor: int) -> list[tuple[Stretch | Known, Source]]:
    """Write the parts one after the other. Returns what is to be found when they are read back, and of which source."""
    expected: list[tuple[Stretch | Known, Source]] = []
    for source, segments in parts:
        expected += ((one, source) for one in write_segments(source, segments, descriptor).expected)
    return expected


def _write_table(plain: BinaryIO, new: Replacement, table: Table, given: Proof) -> Proved:
    """Write lines as a table, and compare each record with what comes out of it. What differs is told in notes."""
    from curator.storage.tables import Ends, compared, write_table

    name = new.target.name
    report = write_table(plain, new.descriptor, table, name)
    new.settle()
    _forget(new.descriptor)
    digest, ends = xxh3_128(), Ends()
    with new.temporary.open("rb", buffering=0) as file, _plain_beside(new.temporary) as lines:
        for block in compared(file, plain, table, name, report):
            digest.update(block)
            ends.note(block)
            if table.like:
                lines.write(block)
        lines.flush()
        of_lines = fingerprint_of(_Lines(lines)) if table.like else None
    new.notes += report.sentences(name)
    proof = Proof(digest.hexdigest(), ends.length)
    return Proved(proof, of_lines, ends.ends, proof.digest != given.digest)


@contextmanager
def _plain_beside(temporary: Path) -> Iterator[BinaryIO]:
    """A file without a name for the lines before they are packed, in the folder that was asked for room."""
    with TemporaryFile(dir=temporary.parent, buffering=PLAIN_BLOCK) as file:
        yield file  # type: ignore[misc]


def _compare(new: Replacement, packing: Packing, proof: Proof) -> None:
    """Unpack what was written. Raises WriteFaultError where something else comes out than was put in."""
    _forget(new.descriptor)
    digest, size = xxh3_128(), 0
    try:
        with new.temporary.open("rb", buffering=0) as file:
            for block in packing.unpacking(file, new.target.name).blocks():
                digest.update(block)
                size += len(block)
    except DamagedError as error:
        raise WriteFaultError(f"The new file does not hold what was written to it. {error}") from error
    if (size, digest.hexdigest()) != (proof.bytes, proof.digest):
        raise WriteFaultError(
            f"{new.target}: what was packed does not come out of it again, so it was not kept; write to another disk."
        )


def _forget(descriptor: int) -> None:
    """Let go of what of a file is in memory, so that the disk is read."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


class _Lines(Source):
    """A file without a name as a source, for its fingerprint."""

    def __init__(self, file: BinaryIO) -> None:
        status = os.fstat(file.fileno())
        self.path = Path(os.devnull)
        self._descriptor = file.fileno()
        self.size = status.st_size
        self.identity = status.st_dev, status.st_ino
