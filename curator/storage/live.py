"""Whether something still writes to a file: replacing it would strand the next lines of its writer."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from curator.storage.file_systems import is_local

SHOWN_COMMAND = 60
HARMLESS_SIGNAL = signal.SIGURG
"""Sent to this process if a writer comes while the lease is held; the usual SIGIO would end it."""
LATELY = 60
"""Seconds in which growth counts as going on."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that has a file open for writing."""

    pid: int
    command: str


class GrowthWatch:
    """Tells growth from mere age: a file that was written a moment ago may be finished, one that grows is not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = _size_and_time(path, (0, 0.0))[0]
        self._looked = time.time()
        self._grew: float | None = None

    def look(self) -> None:
        """Note the size; to be called now and then. It grew after the look before, at its last modification at most."""
        size, modified = _size_and_time(self._path, (self._size, self._looked))
        now = time.time()
        if size > self._size:
            self._grew = min(max(modified, self._looked), now)
        self._size, self._looked = size, now

    def grew_within(self, seconds: float) -> bool:
        """Whether it was seen to grow in the last so many seconds. Takes a look of its own first."""
        self.look()
        return self._grew is not None and time.time() - self._grew < seconds


def _size_and_time(path: Path, otherwise: tuple[int, float]) -> tuple[int, float]:
    """Bytes of a file and when it was modified, in seconds since 1970."""
    try:
        status = path.stat()
    except OSError:
        return otherwise
    return status.st_size, status.st_mtime


def why_live(path: Path, growth: GrowthWatch) -> str:
    """A sentence on why the file must not be replaced now, and what to do instead; empty if it may be."""
    advice = "Save under another name, or save when it is done."
    refused = lease_refused(path)
    writers = other_writers(path) if refused is not False else []
    if writers:
        named = ", ".join(f"{writer.command} (process {writer.pid})" for writer in writers)
        return f"{path}: is open for writing in {named}, whose next lines would be lost. {advice}"
    if refused:
        return f"{path}: another program has it open for writing; its next lines would be lost. {advice}"
    if growth.grew_within(LATELY):
        return f"{path}: grew within the last minute, so something may still be writing to it. {advice}"
    return ""


def lease_refused(path: Path) -> bool | None:
    """Whether the system says that the file is open for writing somewhere, in a process of another user perhaps.

    None where it does not say: files of others, systems without leases, and network file systems, which refuse leases
    for reasons of their own.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, HARMLESS_SIGNAL)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True if is_local(path) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False


def other_writers(path: Path) -> list[Writer]:
    """The other processes that have the file open for writing, as far as /proc shows them to this user."""
    try:
        status = path.stat()
        pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208 - paths take twice as long
    except OSError:
        return []
    wanted, ours = (status.st_dev, status.st_ino), os.getpid()
    return [
        Writer(pid, _command(pid))
        for pid in pids
        if pid != ours and any(_writes(pid, number) for number in _opened(pid, wanted))
    ]


def _opened(pid: int, wanted: tuple[int, int]) -> Iterator[str]:
    """The descriptors under which a process has a file open."""
    folder = f"/proc/{pid}/fd"
    try:
        numbers = os.listdir(folder)  # noqa: PTH208 - as above
    except OSError:
        return
    for number in numbers:
        try:
            status = os.stat(f"{folder}/{number}")  # noqa: PTH116 - as above
        except OSError:
            continue
        if (status.st_dev, status.st_ino) == wanted:
            yield number


def _writes(pid: int, number: str) -> bool:
    """Whether a descriptor of a process was opened for writing."""
    try:
        lines = Path(f"/proc/{pid}/fdinfo/{number}").read_text("ascii").splitlines()
    except OSError:
        return False
    flags = next((int(line.split()[1], 8) for line in lines if line.startswith("flags:")), 0)
    return flags & os.O_ACCMODE in (os.O_WRONLY, os.O_RDWR)


def _command(pid: int) -> str:
    """What a process was started with, shortened."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        words = []
    command = b" ".join(words).decode("utf-8", "replace") or "a program"
    return command if len(command) <= SHOWN_COMMAND else command[: SHOWN_COMMAND - 3] + "..."
