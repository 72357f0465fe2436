"""Writes stretches and new lines to a file that is to take another's place, packed if need be, and proves them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

from xxhash import xxh3_128

from curator.storage.fingerprint import Fingerprint, fingerprint_of
from curator.storage.packing import PLAIN_BLOCK, DamagedError, PackedOutput, Packing, Unpacking
from curator.storage.replacing import Replacement
from curator.storage.source import Source, opened
from curator.storage.writer import Proof, Segment, WriteFaultError, verify, write_segments


class Proved(NamedTuple):
    """What was written, and that it is there."""

    proof: Proof
    """Of the lines; of a packed file, of what comes out of it."""
    packed_lines: Fingerprint | None = None
    """Of the lines, where they were packed."""

    def fingerprint(self, new: Replacement) -> Fingerprint:
        """That of the lines."""
        if self.packed_lines is not None:
            return self.packed_lines
        with opened(new.temporary) as lines:
            return fingerprint_of(lines)


def write_proved_lines(
    source: Source, segments: Iterable[Segment], new: Replacement, packing: Packing | None
) -> Proved:
    """Write the lines, settle the file, and read it back. A packed one is unpacked again and compared by its hash.

    Raises what `write_segments` and `verify` raise.
    """
    if packing is None:
        written = write_segments(source, segments, new.descriptor)
        new.settle()
        return Proved(verify(new.descriptor, written.expected, source))
    with _plain_beside(new.temporary) as plain:
        written = write_segments(source, segments, plain.fileno())
        proof = verify(plain.fileno(), written.expected, source)
        plain.seek(0)
        out = PackedOutput(new.file, packing)
        while block := plain.read(PLAIN_BLOCK):
            out.write(block)
        out.finish()
        new.settle()
        _compare(new, packing, proof)
        return Proved(proof, fingerprint_of(_Lines(plain)))


@contextmanager
def _plain_beside(temporary: Path) -> Iterator[BinaryIO]:
    """A file without a name for the lines before they are packed, in the folder that was asked for room."""
    with TemporaryFile(dir=temporary.parent, buffering=PLAIN_BLOCK) as file:
        yield file  # type: ignore[misc]


def _compare(new: Replacement, packing: Packing, proof: Proof) -> None:
    """Unpack what was written. Raises WriteFaultError where something else comes out than was put in."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(new.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    digest, size = xxh3_128(), 0
    try:
        with new.temporary.open("rb", buffering=0) as file:
            for block in Unpacking(file, packing, new.target.name).blocks():
                digest.update(block)
                size += len(block)
    except DamagedError as error:
        raise WriteFaultError(f"The new file does not hold what was written to it. {error}") from error
    if (size, digest.hexdigest()) != (proof.bytes, proof.digest):
        raise WriteFaultError(
            f"{new.target}: what was packed does not come out of it again, so it was not kept; write to another disk."
        )


class _Lines(Source):
    """A file without a name as a source, for its fingerprint."""

    def __init__(self, file: BinaryIO) -> None:
        status = os.fstat(file.fileno())
        self.path = Path(os.devnull)
        self._descriptor = file.fileno()
        self.size = status.st_size
        self.identity = status.st_dev, status.st_ino
