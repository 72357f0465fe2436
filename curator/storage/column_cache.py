"""The audit's columns in the user's cache folder, so that a file opened again need not be audited anew. Disposable."""

from __future__ import annotations

import mmap
import os
import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from platformdirs import user_cache_dir
from xxhash import xxh3_64, xxh3_64_digest, xxh3_128_hexdigest

MAGIC = b"curcols1"
"""Of this layout; another layout has another."""
LIMIT_BYTES = 512 << 20
SUFFIX = ".columns"
HEAD = struct.Struct("<8s8s6sHIQ")
"""Magic, checksum of all that follows it, byte order, number of columns, bytes of the key, bytes of the extra."""
CHECKED_FROM = 16
COLUMN = struct.Struct("<cBQ")
"""Type code, bytes of an element, number of elements."""
WRITTEN_AT_ONCE = 1 << 18
"""Elements of a column."""


class Column(Protocol):
    """As much of an `array` as is needed to keep it."""

    @property
    def typecode(self) -> str:
        """The code of the elements' type."""

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""

    def __len__(self) -> int:
        """The number of elements."""

    def __getitem__(self, place: slice, /) -> array[int]:
        """A stretch of it."""


def users_folder() -> Path:
    """Where the columns are kept unless somebody says otherwise."""
    return Path(user_cache_dir("curator", appauthor=False)) / "columns"


class ColumnCache:
    """Packed arrays by key, a file each; those not used for longest go when all together exceed `limit` bytes.

    Nothing here ever fails: what cannot be kept or read is not there.
    """

    def __init__(self, folder: Path | None = None, limit: int = LIMIT_BYTES) -> None:
        self._folder = folder or users_folder()
        self._limit = limit

    def store(self, key: str, columns: Sequence[Column], extra: bytes) -> None:
        """Keep columns, and some bytes with them, under a key; they are written piece by piece."""
        if sum(len(one) * one.itemsize for one in columns) > self._limit:
            return
        path = self._path(key)
        temporary = path.with_suffix(f".{os.urandom(8).hex()}.tmp")
        try:
            self._make_folder()
            try:
                with temporary.open("xb") as file:
                    _write(file, key, columns, extra)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            self._make_room(path)
        except OSError:
            return

    def load(self, key: str) -> tuple[list[memoryview], bytes] | None:
        """The columns and the bytes kept under a key; None if there are none. What is damaged is removed.

        The columns are views of the file, with the type code of each as their format, and take no memory.
        """
        path = self._path(key)
        try:
            with path.open("rb") as file:
                kept = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:  # of an empty file nothing can be mapped
            kept = memoryview(b"")
        except OSError:
            return None
        found = _unpacked(key, kept)
        try:
            if found:
                os.utime(path)
            else:
                path.unlink(missing_ok=True)
        except OSError:
            return found
        return found

    def _path(self, key: str) -> Path:
        return self._folder / (xxh3_128_hexdigest(key.encode()) + SUFFIX)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.stat().st_mode & 0o077:
            self._folder.chmod(0o700)

    def _make_room(self, newest: Path) -> None:
        """Remove what was not used for longest, until the rest is within the limit."""
        kept = [(path.stat(), path) for path in self._folder.iterdir() if path != newest]
        total = newest.stat().st_size + sum(status.st_size for status, _ in kept)
        for status, path in sorted(kept, key=lambda one: one[0].st_mtime_ns):
            if total <= self._limit:
                return
            path.unlink(missing_ok=True)
            total -= status.st_size


def _write(file: BinaryIO, key: str, columns: Sequence[Column], extra: bytes) -> None:
    """Head, table of columns, key, extra, columns; the head is written again when the checksum is known."""
    name = key.encode()
    head = HEAD.pack(MAGIC, b"", sys.byteorder.encode(), len(columns), len(name), len(extra))
    file.write(head)
    body = xxh3_64()
    for part in _body(name, columns, extra):
        body.update(part)
        file.write(part)
    file.seek(len(MAGIC))
    file.write(_checksum(head[CHECKED_FROM:], body.digest()))


def _body(name: bytes, columns: Sequence[Column], extra: bytes) -> Iterator[bytes | array[int]]:
    lengths = list(map(len, columns))
    table = zip(columns, lengths, strict=True)
    yield b"".join(COLUMN.pack(one.typecode.encode(), one.itemsize, length) for one, length in table)
    yield name
    yield extra
    for one, length in zip(columns, lengths, strict=True):
        for start in range(0, length, WRITTEN_AT_ONCE):
            end = min(length, start + WRITTEN_AT_ONCE)
            piece = one[start:end]
            if len(piece) < end - start:
                raise OSError("a column became shorter while it was written")
            yield piece


def _checksum(head: bytes, body: bytes) -> bytes:
    """Of a file, by its head from the byte order on and the digest of what follows it."""
    return xxh3_64_digest(head + body)


def _unpacked(key: str, kept: memoryview) -> tuple[list[memoryview], bytes] | None:
    """What `_write` was given; None unless all of it is there, of this layout and from a machine like this one."""
    if len(kept) < HEAD.size:
        return None
    magic, checksum, order, count, name_length, extra_length = HEAD.unpack_from(kept)
    body = kept[HEAD.size :]
    if magic != MAGIC or checksum != _checksum(bytes(kept[CHECKED_FROM : HEAD.size]), xxh3_64_digest(body)):
        return None
    at = count * COLUMN.size
    table = list(COLUMN.iter_unpack(body[:at]))
    name, at = bytes(body[at : at + name_length]), at + name_length
    extra, at = bytes(body[at : at + extra_length]), at + extra_length
    if name != key.encode() or order.rstrip(b"\0").decode() != sys.byteorder:
        return None
    columns = []
    for code, width, length in table:
        if array(code.decode()).itemsize != width:
            return None
        columns.append(body[at : at + length * width].cast(code.decode()))
        at += length * width
    return columns, extra
