"""Packed numbers that a program keeps in a file of its own once there are many, so that they take no memory.

The file stands in the user's cache folder while the program runs. It is locked as long, so that the files of programs
that were killed are known and removed.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import time
import weakref
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, overload

from platformdirs import user_cache_dir

SPILLED_FROM = 1 << 14
"""Numbers from which on they are kept in a file."""
SUFFIX = ".spilled"
SECONDS_TO_LOCK = 60
"""A file that is younger may be about to be locked."""


def users_folder() -> Path:
    """Where the files stand."""
    return Path(user_cache_dir("curator", appauthor=False)) / "running"


class SpilledColumn:
    """As much of an `array` as packed columns need, over a file. Reading is for any thread, writing for one at a time.

    Where there is no file to be had, the numbers stay in memory.
    """

    def __init__(self, typecode: Literal["I", "Q"] = "Q") -> None:
        self.typecode = typecode
        self.itemsize = array(typecode).itemsize
        self._held: array[int] | None = array(typecode)
        self._file: _OwnFile | None = None
        self._length = 0
        self._seen: memoryview = memoryview(b"").cast(typecode)

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SpilledColumn) and self[:] == other[:]

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> array[int]: ...

    def __getitem__(self, place: int | slice) -> int | array[int]:
        held = self._held
        if held is not None:
            return held[place]
        numbers = self._view()
        if isinstance(place, slice):
            start, end, _ = place.indices(self._length)
            return array(self.typecode, bytes(numbers[start:end]))
        found: int = numbers[place]
        return found

    def __setitem__(self, place: int, number: int) -> None:
        if self._file is None:
            self._numbers()[place] = number
        else:
            self._file.write(place * self.itemsize, array(self.typecode, [number]))

    def extend(self, numbers: array[int] | SpilledColumn) -> None:
        """Put numbers behind those known."""
        more = numbers if isinstance(numbers, array) else numbers[:]
        if self._file is None and self._length + len(more) >= SPILLED_FROM:
            self._spill()
        if self._file is not None:
            try:
                self._file.write(self._length * self.itemsize, more)
            except OSError:
                self._take_back()
        if self._file is None:
            self._numbers().extend(more)
        self._length += len(more)

    def view(self) -> memoryview:
        """All numbers where they are, to be read while no others are added."""
        return memoryview(self._numbers()) if self._file is None else self._view()

    def pop(self) -> int:
        """Take the last number off."""
        last = self[self._length - 1]
        if self._file is None:
            self._numbers().pop()
        self._length -= 1
        return last

    @property
    def place(self) -> Path | bytes:
        """Where another process finds the numbers: the file, of which only the first `len(self)` numbers count, or
        they themselves.
        """
        return self._numbers().tobytes() if self._file is None else self._file.path

    def _numbers(self) -> array[int]:
        assert self._held is not None
        return self._held

    def _spill(self) -> None:
        """Go over to a file, if one is to be had."""
        try:
            file = _OwnFile()
            file.write(0, self._numbers())
        except OSError:
            return
        self._file, self._held = file, None

    def _take_back(self) -> None:
        """The file cannot grow any more: go on in memory."""
        self._held = self[:]
        self._file = None

    def _view(self) -> memoryview:
        """All numbers of the file."""
        if len(self._seen) < self._length:
            assert self._file is not None
            self._seen = self._file.view(self._length * self.itemsize).cast(self.typecode)
        return self._seen


class _OwnFile:
    """A file that goes when nobody uses it any more."""

    def __init__(self) -> None:
        folder = users_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder.glob(f"*{SUFFIX}"))
        self.path = folder / f"{os.getpid()}-{os.urandom(8).hex()}{SUFFIX}"
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        weakref.finalize(self, _remove, self._descriptor, self.path, os.getpid())
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, at: int, numbers: array[int]) -> None:
        """Write numbers at a byte. Raises OSError where that is not possible."""
        rest = memoryview(numbers).cast("B")
        while rest:
            written = os.pwrite(self._descriptor, rest, at)
            rest, at = rest[written:], at + written

    def view(self, length: int) -> memoryview:
        """The first `length` bytes, which follow what is written."""
        return memoryview(mmap.mmap(self._descriptor, length, prot=mmap.PROT_READ))


def _remove(descriptor: int, path: Path, process: int) -> None:
    os.close(descriptor)
    if os.getpid() == process:
        path.unlink(missing_ok=True)


def _sweep(paths: Iterable[Path]) -> None:
    """Remove what programs left behind that were killed."""
    for path in paths:
        try:
            if time.time() - path.stat().st_mtime < SECONDS_TO_LOCK:
                continue
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except OSError:
            continue
        finally:
            os.close(descriptor)
