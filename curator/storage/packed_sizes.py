"""What a packed file says of its unpacked size, so that its room is known before it is unpacked."""

from __future__ import annotations

import os
from typing import BinaryIO

from curator.storage.packing import Packing

GZIP_TRAILER = 4
XZ_FOOTER = 12


def unpacked_size(file: BinaryIO, packing: Packing) -> int:
    """Bytes that a file will have when it is unpacked, as far as it says so; 0 where it does not.

    It may be fewer than there will be: gzip and Zstandard say it of one stream, and gzip modulo 4 GB.
    """
    reader = {".gz": _gzip, ".zst": _zstd, ".xz": _xz}.get(packing.suffix)
    place = file.tell()
    try:
        return reader(file) if reader else 0
    except (OSError, ValueError, IndexError):
        return 0
    finally:
        file.seek(place)


def _gzip(file: BinaryIO) -> int:
    """The last four bytes (RFC 1952, section 2.3.1, ISIZE)."""
    file.seek(-GZIP_TRAILER, os.SEEK_END)
    return int.from_bytes(file.read(GZIP_TRAILER), "little")


def _zstd(file: BinaryIO) -> int:
    """The content size of the first frame (RFC 8878, section 3.1.1.1.4)."""
    file.seek(0)
    head = file.read(18)
    descriptor = head[4]
    single, kind = descriptor & 0x20, descriptor >> 6
    width = (1 if single else 0, 2, 4, 8)[kind]
    at = 5 + (not single) + (0, 1, 2, 4)[descriptor & 3]
    size = int.from_bytes(head[at : at + width], "little")
    return size + 256 if width == 2 else size


def _xz(file: BinaryIO) -> int:
    """The sum over the blocks in the index (the .xz file format, sections 2.1.2 and 4)."""
    end = file.seek(0, os.SEEK_END)
    file.seek(end - XZ_FOOTER)
    footer = file.read(XZ_FOOTER)
    if footer[10:] != b"YZ":
        return 0
    length = (int.from_bytes(footer[4:8], "little") + 1) * 4
    file.seek(end - XZ_FOOTER - length)
    index = file.read(length)
    count, at = _number(index, 1)
    total = 0
    for _ in range(count):
        _, at = _number(index, at)
        size, at = _number(index, at)
        total += size
    return total


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length (section 1.2), and where the next one begins."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
