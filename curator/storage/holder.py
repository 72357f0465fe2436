"""Who has a journal open for changes: one program at a time."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from curator.storage.journal import Journal
from curator.storage.journal_faults import JournalError
from curator.storage.journal_rows import storable

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PID_NAMESPACE = Path("/proc/self/ns/pid")
START_FIELD = 19
"""Where the start time stands in /proc/PID/stat, counted from the state, which follows the command's last bracket."""
ENDED = -1
"""The start time of a program of which only the entry in the list of processes is left."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A program that has a journal open for changes."""

    user: str
    host: str
    boot: str
    """The boot of the machine and the name space of its process numbers; "" where the system does not tell."""
    pid: int
    started: int
    """When the program started, in clock ticks since the boot; 0 where the system does not tell."""
    since: float
    """When it took the journal, in seconds since 1970."""

    def describe(self) -> str:
        """Who, where and since when, to be put into a sentence."""
        then, now = datetime.fromtimestamp(self.since), datetime.now()
        when = f"{then:%H:%M}" if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M}"
        return f"{self.user} on {self.host} since {when} (process {self.pid})"

    def is_same(self, other: Holder) -> bool:
        """Whether both are one program."""
        return (self.host, self.boot, self.pid, self.started) == (other.host, other.boot, other.pid, other.started)

    def is_gone(self, here: Holder) -> bool:
        """Whether the program has certainly ended; one of another machine or boot than `here` never has."""
        if (self.host, self.boot) != (here.host, here.boot):
            return False
        if not _answers(self.pid):
            return True
        found = _started(self.pid)
        return bool(found and self.started) and found != self.started


def take(journal: Journal, force: bool = False) -> Holder | None:
    """Hold the journal for this program. Returns who else holds it, if the journal is not free.

    A holder whose program has ended gives way, and with `force` any. One that had to give way cannot change the journal
    any more. Raises JournalError when the journal cannot be written.
    """
    here = this_program()
    with journal.file.writing(guarded=False) as connection:
        there = _holder_in(connection)
        if there and not (force or there.is_same(here) or there.is_gone(here)):
            return there
        connection.execute("REPLACE INTO holder VALUES (1, ?, ?, ?, ?, ?, ?)", astuple(here))
    journal.file.guard = partial(_refuse_if_lost, journal.path, here)
    return None


def release(journal: Journal) -> None:
    """Let go of the journal, if this program holds it."""
    here = this_program()
    journal.file.guard = None
    with journal.file.writing() as connection:
        there = _holder_in(connection)
        if there and there.is_same(here):
            connection.execute("DELETE FROM holder")


def holder_of(journal: Journal) -> Holder | None:
    """Who holds the journal, be it this program or one that has ended."""
    with journal.file.reading() as connection:
        return _holder_in(connection)


def this_program() -> Holder:
    """This program as a holder from now on."""
    return Holder(
        storable(_user()), storable(socket.gethostname()), _boot(), os.getpid(), _started(os.getpid()), time.time()
    )


def _holder_in(connection: sqlite3.Connection) -> Holder | None:
    row = connection.execute("SELECT user, host, boot, pid, started, since FROM holder").fetchone()
    return Holder(*row) if row else None


def _refuse_if_lost(path: Path, here: Holder, connection: sqlite3.Connection) -> None:
    there = _holder_in(connection)
    if there and there.is_same(here):
        return
    who = f"{there.describe()} has" if there else "another program has"
    raise JournalError(
        f"{path}: {who} taken it over; the change was not made. Open the file again to see what is in it."
    )


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _boot() -> str:
    try:
        return f"{BOOT_ID.read_text('ascii').strip()} {PID_NAMESPACE.readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> int:
    """When a program started, in clock ticks since the boot; ENDED, or 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0
    return ENDED if fields[0] in b"ZX" else int(fields[START_FIELD])


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
