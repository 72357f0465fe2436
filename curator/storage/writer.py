"""A new file of untouched stretches of a source and new lines: how it is written, and how it is proved."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from xxhash import xxh3_128, xxh3_128_digest

from curator.errors import UnwritableError
from curator.storage.source import Source

BLOCK_BYTES = 1 << 20
SMALL_BYTES = 1 << 16
"""Stretches below this are cheaper to read and write with their neighbours than to copy by a call of their own."""
STRIDE_BYTES = 1 << 24
"""The most that the system copies in one call, so that an interrupt is heard."""


class WriteFaultError(UnwritableError):
    """A file could not be written, or does not hold what was written to it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The bytes [start, end) of the source, to be written as they are."""

    start: int
    end: int


Segment: TypeAlias = Stretch | bytes


@dataclass(frozen=True, slots=True)
class Known:
    """Bytes of which only the hash is kept, to tell them when they are read back."""

    length: int
    digest: bytes
    """XXH3-128."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write amounted to."""

    bytes: int
    expected: Sequence[Stretch | Known] = field(default=(), compare=False)
    """What is to be found when the file is read back: a few bytes for each block of it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A file was read back and holds what it should."""

    digest: str
    """XXH3-128 of the file as hexadecimal digits."""
    bytes: int


def write_segments(source: Source, segments: Iterable[Segment], out_fd: int) -> Written:
    """Write the segments one after the other to a descriptor, stretches byte for byte.

    Raises OSError when nothing more can be written, UnreadableError when the source cannot be read, and ValueError
    for a stretch that is not in the source.
    """
    out = _Output(out_fd)
    expected: list[Stretch | Known] = []
    for block in _blocks(source, segments):
        if isinstance(block, Stretch):
            _copy(source, block, out)
            expected.append(block)
        else:
            out.write(block)
            expected.append(Known(len(block), xxh3_128_digest(block)))
    return Written(out.written, expected)


def verify(descriptor: int, expected: Iterable[Stretch | Known], source: Source) -> Proof:
    """Read a file back and compare all of it with what was written: stretches byte by byte, new lines by their hash.

    The file should have been synced: what of it is in memory is let go first, so that the disk is read.

    Raises WriteFaultError that names the first byte that differs or cannot be read; of new lines, the first of a block.
    """
    return verify_all(descriptor, ((one, source) for one in expected))


def verify_all(descriptor: int, expected: Iterable[tuple[Stretch | Known, Source]]) -> Proof:
    """As `verify`, for a file that was written from several sources, each block with the one that it is from."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    digest, at = xxh3_128(), 0
    for whole, source in expected:
        for one in _in_blocks((whole,)):
            found = _proved(descriptor, at, one, source)
            digest.update(found)
            at += len(found)
    if _read(descriptor, at, 1):
        raise _difference(at)
    return Proof(digest.hexdigest(), at)


def _proved(descriptor: int, at: int, one: Stretch | Known, source: Source) -> bytes:
    """The bytes that are found at an offset, which are those that are expected there."""
    if isinstance(one, Known):
        found = _read(descriptor, at, one.length)
        if xxh3_128_digest(found) != one.digest:
            raise _difference(at)
        return found
    found = _read(descriptor, at, one.end - one.start)
    content = source.read(one.start, one.end - one.start)
    if found != content:
        raise _difference(at + _agreeing(found, content))
    return found


def _difference(at: int) -> WriteFaultError:
    return WriteFaultError(
        f"The new file does not hold what was written to it: it differs from byte {at:,} on. "
        "Write to another disk, and have this one looked at."
    )


def _agreeing(found: bytes, expected: bytes) -> int:
    """How many bytes two texts that differ have in common at their start."""
    pairs = enumerate(zip(found, expected, strict=False))
    return next((place for place, (one, other) in pairs if one != other), len(found))


def _in_blocks(expected: Iterable[Stretch | Known]) -> Iterator[Stretch | Known]:
    """What is expected, in pieces to compare."""
    for one in expected:
        if isinstance(one, Stretch):
            for at in range(one.start, one.end, BLOCK_BYTES):
                yield Stretch(at, min(at + BLOCK_BYTES, one.end))
        else:
            yield one


def _blocks(source: Source, segments: Iterable[Segment]) -> Iterator[Segment]:
    """What is written by one call or a few: large stretches, and small segments put together to about a block."""
    small = bytearray()
    for segment in _merged(segments, source.size):
        length = segment.end - segment.start if isinstance(segment, Stretch) else 0
        if length >= SMALL_BYTES or len(small) >= BLOCK_BYTES:
            if small:
                yield bytes(small)
            small = bytearray()
        if length >= SMALL_BYTES:
            yield segment
        else:
            small += source.read(segment.start, length) if isinstance(segment, Stretch) else segment
    if small:
        yield bytes(small)


def _merged(segments: Iterable[Segment], size: int) -> Iterator[Segment]:
    """The segments with stretches that follow on one another made one, and without empty ones."""
    start = end = 0
    for segment in segments:
        if not isinstance(segment, Stretch):
            if segment:
                if start < end:
                    yield Stretch(start, end)
                start = end = 0
                yield segment
            continue
        if not 0 <= segment.start <= segment.end <= size:
            raise ValueError(f"{segment} is not within a source of {size} bytes")
        if segment.start == segment.end:
            continue
        if segment.start != end or start == end:
            if start < end:
                yield Stretch(start, end)
            start = segment.start
        end = segment.end
    if start < end:
        yield Stretch(start, end)


class _Output:
    """A descriptor that is written to; the disk is kept busy meanwhile, so that little is left for a sync."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.written = 0
        self._begun = 0
        """How far the system was told to begin to write to the disk."""

    def write(self, content: bytes) -> None:
        """Write bytes."""
        rest = memoryview(content)
        while rest:
            written = os.write(self.descriptor, rest)
            rest = rest[written:]
            self.wrote(written)

    def wrote(self, length: int) -> None:
        """So many bytes were written. Of what needs to be in memory no more, what is changed goes to the disk."""
        self.written += length
        if self.written - self._begun >= STRIDE_BYTES and hasattr(os, "posix_fadvise"):
            with suppress(OSError):
                os.posix_fadvise(self.descriptor, self._begun, self.written - self._begun, os.POSIX_FADV_DONTNEED)
            self._begun = self.written


def _copy(source: Source, stretch: Stretch, out: _Output) -> None:
    at = _copied_by_the_system(source, stretch, out)
    while at < stretch.end:
        block = source.read(at, min(BLOCK_BYTES, stretch.end - at))
        out.write(block)
        at += len(block)


def _copied_by_the_system(source: Source, stretch: Stretch, out: _Output) -> int:
    """Have the system copy what it can without showing it to us; returns the offset in the source that it came to.

    Whatever stops it (another file system, a pipe, a full disk) also comes up in the plain copy of the rest, where it
    is known whether reading or writing failed.
    """
    at = stretch.start
    if not hasattr(os, "copy_file_range"):
        return at
    while at < stretch.end:
        try:
            copied = os.copy_file_range(source.fileno(), out.descriptor, min(STRIDE_BYTES, stretch.end - at), at)
        except OSError:
            break
        if not copied:
            break
        at += copied
        out.wrote(copied)
    return at


def _read(descriptor: int, offset: int, length: int) -> bytes:
    """Bytes of a file, fewer only at its end."""
    parts: list[bytes] = []
    try:
        while length and (part := os.pread(descriptor, length, offset)):
            parts.append(part)
            offset += len(part)
            length -= len(part)
    except OSError as error:
        raise WriteFaultError(
            f"The new file cannot be read back at byte {offset:,}: {error.strerror}. Write to another disk."
        ) from error
    return parts[0] if len(parts) == 1 else b"".join(parts)
