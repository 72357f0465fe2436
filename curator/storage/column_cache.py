"""The audit's columns in the user's cache folder, so that a file opened again need not be audited anew. Disposable."""

from __future__ import annotations

import os
import struct
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_cache_dir
from xxhash import xxh3_64_digest, xxh3_128_hexdigest

MAGIC = b"curcols1"
"""Of this layout; another layout has another."""
LIMIT_BYTES = 512 << 20
SUFFIX = ".columns"
HEAD = struct.Struct("<8s8s6sHIQ")
"""Magic, checksum of all that follows it, byte order, number of columns, bytes of the key, bytes of the extra."""
CHECKED_FROM = 16
COLUMN = struct.Struct("<cBQ")
"""Type code, bytes of an element, number of elements."""


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

    def store(self, key: str, columns: Sequence[array[int]], extra: bytes) -> None:
        """Keep columns, and some bytes with them, under a key."""
        parts = _packed(key, columns, extra)
        size = sum(map(len, parts))
        if size > self._limit:
            return
        path = self._path(key)
        temporary = path.with_suffix(f".{os.urandom(8).hex()}.tmp")
        try:
            self._make_folder()
            try:
                with temporary.open("xb") as file:
                    file.writelines(parts)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            self._make_room(path)
        except OSError:
            return

    def load(self, key: str) -> tuple[list[array[int]], bytes] | None:
        """The columns and the bytes kept under a key; None if there are none. What is damaged is removed."""
        path = self._path(key)
        try:
            kept = memoryview(path.read_bytes())
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


def _packed(key: str, columns: Sequence[array[int]], extra: bytes) -> list[bytes]:
    """The parts of a file: head, table of columns, key, extra, columns."""
    name = key.encode()
    table = b"".join(COLUMN.pack(one.typecode.encode(), one.itemsize, len(one)) for one in columns)
    body = b"".join([table, name, extra, *columns])
    rest = HEAD.pack(MAGIC, b"", sys.byteorder.encode(), len(columns), len(name), len(extra))[CHECKED_FROM:]
    return [MAGIC, _checksum(rest, body), rest, body]


def _checksum(head: bytes, body: bytes | memoryview) -> bytes:
    return xxh3_64_digest(head + xxh3_64_digest(body))


def _unpacked(key: str, kept: memoryview) -> tuple[list[array[int]], bytes] | None:
    """What `_packed` was given; None unless all of it is there, of this layout and from a machine like this one."""
    if len(kept) < HEAD.size:
        return None
    magic, checksum, order, count, name_length, extra_length = HEAD.unpack_from(kept)
    body = kept[HEAD.size :]
    if magic != MAGIC or checksum != _checksum(bytes(kept[CHECKED_FROM : HEAD.size]), body):
        return None
    at = count * COLUMN.size
    table = list(COLUMN.iter_unpack(body[:at]))
    name, at = bytes(body[at : at + name_length]), at + name_length
    extra, at = bytes(body[at : at + extra_length]), at + extra_length
    if name != key.encode() or order.rstrip(b"\0").decode() != sys.byteorder:
        return None
    columns = []
    for code, width, length in table:
        column = array(code.decode())
        if column.itemsize != width:
            return None
        column.frombytes(body[at : at + length * width])
        at += length * width
        columns.append(column)
    return columns, extra
