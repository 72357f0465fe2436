"""An opened file as immutable bytes: what a line index, the audit and the screen read from."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curator.errors import UnreadableError
from curator.storage.packing import LONGEST_MAGIC, Packing, packing_of_start

STDIN = Path("-")
"""What stands for standard input."""


def is_stream(path: Path) -> bool:
    """Whether a name stands for something that can be read once only, from its start to its end.

    That is `-`, and what a shell makes of `<(zcat x.gz)`: the name of a pipe in /dev or /proc. A pipe that lies in a
    folder is none, for reading it could wait for ever.
    """
    return path == STDIN or (path.parts[1:2] in (("dev",), ("proc",)) and path.is_fifo())


class PackedError(UnreadableError):
    """The file is compressed, so its lines are not to be had from it directly."""


class Source:
    """The first `size` bytes of a regular file, as they were when it was opened.

    Reads go through `pread`, so any thread may read at any time, and nothing of the file is kept in memory.
    What is appended later is not part of the source before `grow` takes it in.

    Raises UnreadableError when the path cannot be opened or does not hold lines of text.
    """

    packing: Packing | None = None
    """How the file that the user named is compressed; the source reads an unpacked copy then."""
    fault = ""
    """Why not all of the file could be unpacked, as a sentence; empty where it could, or may yet."""
    whole = True
    """Whether all is there that is going to be; not while the file is being unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise UnreadableError(f"{path}: cannot be opened: {error.strerror}.") from error
        status = os.fstat(self._descriptor)
        self.size = status.st_size
        self.identity = status.st_dev, status.st_ino
        """Device and inode: another file under the same path has others."""
        try:
            self._refuse_what_holds_no_lines(status.st_mode)
        except UnreadableError:
            self.close()
            raise

    def _refuse_what_holds_no_lines(self, mode: int) -> None:
        if stat.S_ISDIR(mode):
            raise UnreadableError(f"{self.path}: is a folder; name the files in it, such as {self.path}/*.jsonl.")
        if not stat.S_ISREG(mode):
            raise UnreadableError(
                f"{self.path}: is not a regular file; write the records to a file and open that, or pipe"
                " them in, as `-`."
            )
        if packing := packing_of_start(self.read(0, LONGEST_MAGIC)):
            raise PackedError(packing.said(self.path))

    def read(self, offset: int, length: int) -> bytes:
        """Bytes [offset, offset + length), cut at the source's end.

        Raises UnreadableError when the file gives fewer: it was shortened after it was opened, or its disk failed.
        """
        wanted = max(0, min(length, self.size - offset))
        parts: list[bytes] = []
        while wanted:
            try:
                part = os.pread(self._descriptor, wanted, offset)
            except OSError as error:
                raise UnreadableError(f"{self.path}: byte {offset:,} cannot be read: {error.strerror}.") from error
            if not part:
                raise UnreadableError(f"{self.path}: became shorter while it was open; open it again.")
            parts.append(part)
            offset += len(part)
            wanted -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @property
    def place(self) -> Path:
        """Where the lines lie: what workers open. The path itself, but for a file that is unpacked."""
        return self.path

    @property
    def share(self) -> float:
        """How much of the file is there, from 0 to 1; 0 also where that cannot be told."""
        return 1.0

    @property
    def owner(self) -> Path | None:
        """The file whose owner and mode those have that are written from the lines; None for any new file's."""
        return self.path

    @contextmanager
    def as_it_lies(self) -> Iterator[Source]:
        """The bytes of the file that the user named, packed or not."""
        yield self

    def why_not_replace(self) -> str:
        """Why the file cannot be written anew from its lines, as a sentence; empty where it can."""
        return ""

    def go_on(self) -> None:
        """Let the rest of the lines come, where they do not lie in the file already."""

    def fileno(self) -> int:
        """The open descriptor, for calls that copy ranges of the file without reading them."""
        return self._descriptor

    def grow(self) -> bool:
        """Take in what was appended to the file since it was opened. Whether there is more of it now."""
        size = os.fstat(self._descriptor).st_size
        if size <= self.size:
            return False
        self.size = size
        return True

    def close(self) -> None:
        """Give the file back; reading afterwards is an error."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A source that is closed at the end of the block."""
    source = Source(path)
    try:
        yield source
    finally:
        source.close()
