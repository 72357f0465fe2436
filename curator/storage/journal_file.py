"""A journal as an SQLite file: made at one stroke, opened with care, read and written in transactions."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from curator.errors import UnreadableError, UsageError
from curator.storage.file_systems import is_local
from curator.storage.journal_faults import (
    ELSEWHERE,
    JournalError,
    foreign,
    newer,
    opening_fault,
    reading_fault,
    writing_fault,
)
from curator.storage.journal_schema import APPLICATION_ID, TABLES, VERSION

PATIENCE = 3.0
"""Seconds to wait while another program writes."""
LOG_BYTES = 1 << 24
"""What the write-ahead log is cut to after its content went to the journal."""

Guard = Callable[[sqlite3.Connection], None]
Stamp = tuple[int, int, int]


class JournalFile:
    """One connection to a journal's SQLite file; any thread may use it, one at a time.

    A change is on the disk when its transaction ends. Faults come as JournalError and UnreadableError.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, stamp: Stamp | None = None) -> None:
        self.path = path
        self.guard: Guard | None = None
        """Called at the beginning of every change; an error raised in it leaves all as it was."""
        self._connection = connection
        self._stamp = stamp
        self._identity = _identity(path) if is_local(path) else None
        self._lock = RLock()

    @classmethod
    def create(cls, path: Path, mode: int, fill: Callable[[sqlite3.Connection], None]) -> JournalFile:
        """Make a journal with `mode` as its permissions, filled by `fill`; killed at any point, all or nothing is left.

        Raises UsageError when it cannot be made there, and JournalError when there is one already.
        """
        _make_empty(path, mode)
        try:
            connection = _connected(path, "mode=rw")
            with _closed_on_fault(connection):
                connection.execute("BEGIN IMMEDIATE")
                if _holds_something(path, connection):
                    raise JournalError(f"{path}: there is a journal already, begun by another program; open it anew.")
                for statement in TABLES:
                    connection.execute(statement)
                fill(connection)
                connection.execute("COMMIT")
                _choose_log(path, connection)
        except sqlite3.Error as error:
            raise opening_fault(path, error) from error
        return cls(path, connection)

    @classmethod
    def find(cls, path: Path, read_only: bool) -> JournalFile | None:
        """Open a journal; None where there is none, or one whose making was cut short.

        For reading only, nothing is written, and no file is made beside it where that can be avoided.
        """
        if not _size(path):
            return None
        try:
            connection, stamp = _connected_to_read(path) if read_only else (_connected(path, "mode=rw"), None)
            with _closed_on_fault(connection):
                if not read_only:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("ROLLBACK")
                if _holds_something(path, connection):
                    if not read_only:
                        _choose_log(path, connection)
                    return cls(path, connection, stamp)
        except sqlite3.Error as error:
            raise (reading_fault if read_only else opening_fault)(path, error) from error
        connection.close()
        return None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for questions that all see the same state."""
        with self._lock:
            try:
                inner = self._connection.in_transaction
                if not inner:
                    self._follow()
                    self._connection.execute("BEGIN")
            except sqlite3.Error as error:
                raise reading_fault(self.path, error) from error
            try:
                yield self._connection
            except sqlite3.Error as error:
                self._refuse_if_moved_on()
                raise reading_fault(self.path, error) from error
            finally:
                if not inner:
                    self._back_out()
            self._refuse_if_moved_on()

    @contextmanager
    def writing(self, guarded: bool = True, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        """The connection, for changes that are made together at the end of the block or, on any error, not at all.

        They are on the disk then; where they need not be `lasting`, a power cut may take them back.
        """
        with self._lock:
            try:
                self._refuse_if_lost()
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    if guarded and self.guard:
                        self.guard(self._connection)
                    yield self._connection
                    self._connection.execute("COMMIT")
                finally:
                    self._back_out()
            except sqlite3.Error as error:
                raise writing_fault(self.path, error) from error

    def shrink(self) -> None:
        """Give back the room of what was deleted, if there is room to do so."""
        with self._lock, suppress(sqlite3.OperationalError):
            self._connection.execute("VACUUM")

    def close(self) -> None:
        """Write the log back and give the file back; using it afterwards is a JournalError."""
        with self._lock:
            self._connection.close()

    def _back_out(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _refuse_if_lost(self) -> None:
        """What is written to a file that was deleted or replaced would be gone with the program."""
        found = _identity(self.path)
        if found is None or (self._identity and found != self._identity):
            raise JournalError(
                f"{self.path}: was moved, deleted or replaced while it was open; the change was not made. Put it back,"
                " or open the file again."
            )

    def _refuse_if_moved_on(self) -> None:
        if self._stamp and _stamp(self.path) != self._stamp:
            raise UnreadableError(f"{self.path}: was changed while it was being read; try again.")

    def _follow(self) -> None:
        """A file that was opened as one that stands still is opened anew when it was changed."""
        if self._stamp and _stamp(self.path) != self._stamp:
            connection, stamp = _connected_to_read(self.path)
            self._connection.close()
            self._connection, self._stamp = connection, stamp


def _connected(path: Path, how: str) -> sqlite3.Connection:
    place = f"{path.absolute().as_uri()}?{how}"
    connection = sqlite3.connect(place, PATIENCE, isolation_level=None, check_same_thread=False, uri=True)
    with _closed_on_fault(connection):
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def _connected_to_read(path: Path) -> tuple[sqlite3.Connection, Stamp | None]:
    """Without a log beside it the file is complete, and SQLite need not make one to read it."""
    stamp = _stamp(path)
    if any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal")):
        return _connected(path, "mode=ro"), None
    return _connected(path, "mode=ro&immutable=1"), stamp


@contextmanager
def _closed_on_fault(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _holds_something(path: Path, connection: sqlite3.Connection) -> bool:
    """Whether it is a journal; False for an empty file. Raises UnreadableError for anything else."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not (application or version or tables):
        return False
    if application != APPLICATION_ID:
        raise foreign(path)
    if version > VERSION:
        raise newer(path, version)
    return True


def _choose_log(path: Path, connection: sqlite3.Connection) -> None:
    mode = "WAL" if is_local(path) else "DELETE"
    connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}").fetchone()


def _make_empty(path: Path, mode: int) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode))
    except FileExistsError:
        _size(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise JournalError(f"{path}: the journal cannot be made: {error.strerror}; {ELSEWHERE}") from error
        raise UsageError(f"{path}: the journal cannot be made there: {error.strerror}; {ELSEWHERE}") from error


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError as error:
        raise UnreadableError(f"{path}: the journal cannot be opened: {error.strerror}.") from error
    if not stat.S_ISREG(status.st_mode):
        raise foreign(path)
    return status.st_size


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
