"""A packed file, or standard input, as a source: lines are read from a copy, which may still be in the making."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Event, Thread
from typing import BinaryIO

from curator.errors import CuratorError, UnreadableError
from curator.storage.copies import Copies, has_journal
from curator.storage.fingerprint import Fingerprint, fingerprint_of
from curator.storage.packed_sizes import unpacked_size
from curator.storage.packing import LONGEST_MAGIC, PLAIN_BLOCK, Packing, packing_of_start
from curator.storage.replacing import NoRoomError, check_room
from curator.storage.source import Source, is_stream

READABLE_BYTES = 1 << 20
"""So much of a first line that has no end yet may be read."""
ROOM_BYTES = 1 << 26
"""How much room is asked for at a time where the unpacked size is not known."""


class PackedFile(Source):
    """A packed file as the bytes that it is."""

    def _refuse_what_holds_no_lines(self, mode: int) -> None:
        """Its lines are not asked for."""


class UnpackedSource(Source):
    """The lines of a packed file. Closing it leaves a whole copy for the next time, and nothing of a half one."""

    def __init__(self, path: Path, making: Making) -> None:
        self._making = making
        self._place = making.place
        super().__init__(making.place)
        self.path = path
        self.packing = making.packing and making.packing.of(path)
        self._told = False
        with suppress(OSError):
            fcntl.flock(self.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        self.whole = making.done
        if not self.whole:
            self.size = making.ready
        self.fault = making.fault

    @property
    def place(self) -> Path:
        """The copy."""
        return self._place

    @property
    def share(self) -> float:
        """Of the packed file, what is unpacked."""
        if self.whole:
            return 1.0
        making = self._making
        return making.read / making.packed_size if making.packed_size else 0.0

    @property
    def owner(self) -> Path | None:
        """The packed file; none for a pipe."""
        return None if is_stream(self.path) else self.path

    @contextmanager
    def as_it_lies(self) -> Iterator[Source]:
        """The packed file."""
        packed = PackedFile(self.path)
        try:
            yield packed
        finally:
            packed.close()

    def go_on(self) -> None:
        """Let the rest be unpacked."""
        self._making.go_on()

    def _refuse_what_holds_no_lines(self, mode: int) -> None:
        """A copy holds what it holds: repair may be asked of it."""

    def grow(self) -> bool:
        """Take in what was unpacked since. Whether there is more, or it has become known that there is no more.

        Raises DamagedError or NoRoomError once, when all that could be unpacked has been taken in.
        """
        if self.whole:
            if self.fault and not self._told:
                self._told = True
                raise UnreadableError(self.fault)
            return False
        done, before = self._making.done, self.size
        self.size = self._making.ready
        self.fault = self._making.fault
        self.whole = done
        return done or self.size > before

    def why_not_replace(self) -> str:
        """Why the packed file cannot be written anew from the copy."""
        if not self.whole:
            return f"{self.path}: is still being unpacked; save when all of it is there."
        if self.fault:
            return f"{self.fault} Saving in place would lose what comes after it; save under another name."
        if self.packing is not None and (reason := self.packing.why_not_written()):
            return f"{self.path}: {reason}"
        return self._making.why_changed()

    def close(self) -> None:
        """Give the copy back; one that is not wanted a second time goes."""
        super().close()
        self._making.stop()


class Making:
    """A copy in the making, or one that was found. A thread makes it; any other may ask how far it is."""

    def __init__(self, path: Path, copies: Copies, packing: Packing | None, place: Path) -> None:
        self.path = path
        self.packing = packing
        self.place = place
        self.done = True
        """Whether nothing more will come."""
        self.ready = 0
        """Bytes of the copy that may be read: whole lines, until it is done."""
        self.fault = ""
        """Why it ended early."""
        self.expected = 0
        """Bytes that the copy will have, as far as that is known."""
        self.read = 0
        """Bytes of the packed file that were read."""
        self.packed_size = 0
        self._copies = copies
        self._news = Condition()
        self._free = Event()
        self._free.set()
        self._stopped = False
        self._temporary = False
        self._guard = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._guard, fcntl.LOCK_SH)
        self._fingerprint: Fingerprint | None = None
        self._thread: Thread | None = None

    @classmethod
    def of(cls, path: Path, copies: Copies) -> Making:
        """The copy of a packed file: the one there is, else one that is begun now. Raises what `Source` raises."""
        packed = PackedFile(path)
        try:
            packing = packing_of_start(packed.read(0, 8))
            if packing is not None:
                packing.require(str(path))
            fingerprint = fingerprint_of(packed)
            file = os.fdopen(os.dup(packed.fileno()), "rb", buffering=0)
        finally:
            packed.close()
        if (found := copies.find(path, fingerprint)) is not None:
            with suppress(FileNotFoundError):  # somebody has just cleared it away
                made = cls(path, copies, packing, found)
                file.close()
                made.ready = made.expected = found.stat().st_size
                made._fingerprint = fingerprint
                return made
        made = cls._begun(path, copies, packing, file)
        made._fingerprint, made.packed_size = fingerprint, packed.size
        made._start(file)
        return made

    @classmethod
    def of_stream(cls, path: Path, copies: Copies, file: BinaryIO) -> Making:
        """A copy of all that comes from a pipe, unpacked if it is packed. It goes when it is closed."""
        made = cls._begun(path, copies, None, file)
        made._temporary = True
        made._start(file)
        return made

    @classmethod
    def _begun(cls, path: Path, copies: Copies, packing: Packing | None, file: BinaryIO) -> Making:
        expected = unpacked_size(file, packing) if packing else 0
        copies.tidy()
        try:
            if expected:
                copies.make_folder(path)
                check_room(copies.folder, expected)
            place, descriptor = copies.begin(path)
        except NoRoomError as error:
            file.close()
            raise NoRoomError(f"{path}: {error} CURATOR_CACHE_DIR names another folder to unpack in.") from error
        except BaseException:
            file.close()
            raise
        made = cls(path, copies, packing, place)
        made.done, made.expected, made._descriptor = False, expected, descriptor
        return made

    _descriptor = -1

    def _start(self, file: BinaryIO) -> None:
        self._thread = Thread(target=self._make, args=(file,), daemon=True, name="unpack")
        self._thread.start()

    def _make(self, file: BinaryIO) -> None:
        size = 0
        try:
            for block in self._blocks(file):
                if size // ROOM_BYTES != (size + len(block)) // ROOM_BYTES or not size:
                    check_room(self._copies.folder, ROOM_BYTES if size else len(block))
                _write(self._descriptor, block)
                self._tell_ready(block, size)
                size += len(block)
                self._free.wait()
                if self._stopped:
                    return
            os.fsync(self._descriptor)
            if self._fingerprint is not None:
                self.fault = self.why_changed()
            if self._fingerprint is not None and not self.fault:
                self._copies.note_whole(self.path, self._fingerprint, self.place, size)
        except CuratorError as error:
            self.fault = str(error)
            if isinstance(error, NoRoomError):
                self.fault = f"{self.path}: was unpacked as far as byte {size:,}. {error}"
        except OSError as error:
            room = " CURATOR_CACHE_DIR names another folder for it." if error.errno == errno.ENOSPC else ""
            self.fault = f"{self.path}: was unpacked as far as byte {size:,}: {error.strerror}.{room}"
        finally:
            file.close()
            os.close(self._descriptor)
            with self._news:
                self.ready, self.done = size, True
                self._news.notify_all()

    def _blocks(self, file: BinaryIO) -> Iterator[bytes]:
        if self._temporary:
            yield from _from_pipe(file, str(self.path))
        elif self.packing is not None:
            unpacking = self.packing.unpacking(file, str(self.path))
            for block in unpacking.blocks():
                self.read = unpacking.read
                yield block

    def _tell_ready(self, block: bytes, before: int) -> None:
        end = block.rfind(b"\n") + 1
        if end or (before >= READABLE_BYTES and not self.ready):
            with self._news:
                self.ready = before + (end or len(block))
                self._news.notify_all()

    def hold(self) -> None:
        """Let it rest, so that it takes no time from what is more urgent."""
        self._free.clear()

    def go_on(self) -> None:
        """Let it go on after that."""
        self._free.set()

    def wait(self, wanted: int = 0, seconds: float | None = None) -> bool:
        """Wait until it is done, or so many bytes may be read if that is not 0. Whether it came to that in time."""
        with self._news:
            return self._news.wait_for(lambda: self.done or 0 < wanted <= self.ready, seconds)

    def why_changed(self) -> str:
        """Why the packed file is not any more what was unpacked; empty while it is."""
        if self._temporary or self._fingerprint is None:
            return "The records came from standard input, so there is no file to replace; save under another name."
        try:
            packed = PackedFile(self.path)
        except UnreadableError:
            return f"{self.path}: is not there any more; save under another name."
        try:
            if fingerprint_of(packed) != self._fingerprint:
                return f"{self.path}: was changed since it was opened; save under another name, and open it again."
        finally:
            packed.close()
        return ""

    @property
    def kept(self) -> bool:
        """Whether the copy of standard input stays, because somebody changed it."""
        return self._temporary and has_journal(self.place)

    def stop(self) -> None:
        """Unpack no more; what is not whole is of no use any more."""
        self._stopped = True
        self._free.set()
        if self._guard >= 0:
            os.close(self._guard)
            self._guard = -1
        if self.done and not self.fault and not self._temporary:
            return
        if self.kept:
            return
        with suppress(OSError):
            self.place.unlink(missing_ok=True)


def _from_pipe(file: BinaryIO, name: str) -> Iterator[bytes]:
    """What comes from a pipe, unpacked if its start says that it is packed."""
    head = b""
    while len(head) < LONGEST_MAGIC and (part := file.read(PLAIN_BLOCK)):
        head += part
    packing = packing_of_start(head)
    rest = _Rest(head, file)
    if packing is not None:
        packing.require(name)
        yield from packing.unpacking(rest, name).blocks()  # type: ignore[arg-type]
        return
    while block := rest.read(PLAIN_BLOCK):
        yield block


class _Rest:
    """A pipe of which the start has been read already."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head = head
        self._file = file

    def read(self, most: int) -> bytes:
        """Some more bytes; none at the end."""
        if self._head:
            part, self._head = self._head[:most], self._head[most:]
            return part
        return self._file.read(most)


def _write(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]
