"""Files that take another's place whole or not at all: temporary file, sync, rename, sync of the folder."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xxhash import xxh3_64_hexdigest

from curator.errors import UnwritableError, UsageError
from curator.storage.ownership import keep_attributes, keep_owner
from curator.storage.writer import WriteFaultError

BUFFER_BYTES = 1 << 20
SLACK_BYTES = 1 << 20
LONGEST_NAME = 160
"""Bytes of a target's name that fit into the temporary file's; a longer one is told by its hash."""
TEMPORARY = re.compile(r"\.(?P<target>.+)\.curator-[0-9a-f]{16}\.tmp", re.DOTALL)
DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}


class NoRoomError(UnwritableError):
    """A file system has not the room for what is to be written."""


class Replacement:
    """A new file on its way to the place of another."""

    def __init__(self, target: Path, temporary: Path, descriptor: int, like: Path | None) -> None:
        self.target = target
        """The file that is replaced, symbolic links resolved."""
        self.file = os.fdopen(descriptor, "wb", BUFFER_BYTES)
        """Where the new content goes. It may be read back through `descriptor`."""
        self.notes: list[str] = []
        """Sentences on what of the old file could not be kept."""
        self.committed = False
        """Whether the new file has taken its place."""
        self.temporary = temporary
        """Where the new file lies until it takes its place."""
        self._like = like
        self._settled = False

    @property
    def descriptor(self) -> int:
        """The new file's descriptor; who writes through it leaves `file` alone."""
        return self.file.fileno()

    def settle(self) -> None:
        """Make the content durable, with the owner, mode and attributes that it shall have; it can be verified then.

        Raises WriteFaultError.
        """
        if self._settled:
            return
        try:
            self.file.flush()
            if self._like:
                with suppress(FileNotFoundError):  # where the old file is gone, the new one is its user's alone
                    self.notes += keep_attributes(self.descriptor, self._like, self.target)
                    self.notes += keep_owner(self.descriptor, self._like, self.target)
            os.fsync(self.descriptor)
        except OSError as error:
            raise _fault(self.target, error) from error
        self._settled = True

    def commit(self, before_rename: Callable[[], None] | None = None) -> None:
        """Put the new file in place; `before_rename` is called when only the rename is left to do.

        Raises WriteFaultError, and whatever `before_rename` raises; the target is as it was then.
        """
        self.settle()
        self._note_other_names()
        if before_rename:
            before_rename()
        try:
            self.temporary.replace(self.target)
        except OSError as error:
            raise _fault(self.target, error) from error
        self.committed = True
        self._sync_folder()

    def abandon(self) -> None:
        """Remove the temporary file, if it has not taken its place."""
        if not self.committed:
            self.temporary.unlink(missing_ok=True)

    def _note_other_names(self) -> None:
        with suppress(FileNotFoundError):
            if self.target.stat().st_nlink > 1:
                self.notes.append(f"{self.target}: the file has other names (hard links), which keep the old content.")

    def _sync_folder(self) -> None:
        try:
            sync_folder(self.target.parent)
        except OSError as error:
            self.notes.append(
                f"{self.target}: is written, but a power failure could bring the old file back: {error.strerror}."
            )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where its file system knows how. Raises OSError when the disk fails."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


@contextmanager
def replacing(target: Path, *, like: Path | None) -> Iterator[Replacement]:
    """A new file beside the target that takes its place on `commit`, and vanishes if that is not reached.

    Owner, mode and extended attributes are those of `like`; with None, those of any new file. Symbolic links stay:
    what they lead to is replaced. What writers that were killed left in the folder is removed.

    Raises UsageError where no such file can be made, and WriteFaultError when the disk fails or is full.
    """
    real = Path(os.path.realpath(target))
    if real.is_symlink() or (real.exists() and not real.is_file()):
        raise UsageError(f"{target}: is not a regular file, so it cannot be replaced by one.")
    remove_strays(real.parent)
    try:
        temporary, descriptor = _temporary_beside(real, 0o600 if like else 0o666)
    except OSError as error:
        if error.errno in DISK_FAULTS - {errno.EROFS}:
            raise _fault(real, error) from error
        raise UsageError(f"{real.parent}: nothing can be written there: {error.strerror}.") from error
    replacement = Replacement(real, temporary, descriptor, like)
    try:
        yield replacement
    except OSError as error:
        if error.errno in DISK_FAULTS:
            raise _fault(real, error) from error
        raise
    finally:
        replacement.abandon()
        with suppress(OSError):
            replacement.file.close()


def _fault(target: Path, error: OSError) -> WriteFaultError:
    return WriteFaultError(
        f"{target}: cannot be written: {error.strerror}. What was there is unchanged; "
        "make room, or write to another place."
    )


def _temporary_beside(target: Path, mode: int) -> tuple[Path, int]:
    """A new, locked file beside the target. The system lets go of the lock when the process ends, however it ends.

    A file that was taken for a stray before it was locked has no name any more; another is made then.
    """
    while True:
        path = target.with_name(f".{_label(target.name)}.curator-{os.urandom(8).hex()}.tmp")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return path, descriptor
        os.close(descriptor)


def _label(name: str) -> str:
    encoded = os.fsencode(name)
    return name if len(encoded) <= LONGEST_NAME else xxh3_64_hexdigest(encoded)


def remove_strays(folder: Path, name: str = "") -> list[Path]:
    """Remove the temporary files whose writers are gone, and return them: of one target by its name, or of all."""
    return [path for path in _temporaries(folder, name) if remove_if_free(path)]


def _temporaries(folder: Path, name: str) -> list[Path]:
    try:
        paths = list(folder.iterdir())
    except OSError:
        return []
    found = ((path, TEMPORARY.fullmatch(path.name)) for path in paths)
    return [path for path, match in found if match and (not name or match["target"] == _label(name))]


def remove_if_free(path: Path) -> bool:
    """Remove a file if nobody holds its lock. Files of other users, of which that cannot be told, stay.

    The lock is held until the file is gone, so that a writer that has just made it notices.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def check_room(folder: Path, needed_bytes: int, reused: int = 0) -> None:
    """Raise NoRoomError if a file of that many bytes would not fit, with 1 MB and 1 % to spare.

    `reused` of them need no new room. A folder that cannot be asked is left for the writing to find out.
    """
    try:
        free = os.statvfs(folder)
    except OSError:
        return
    room = free.f_bavail * free.f_frsize
    wanted = needed_bytes - reused
    wanted += SLACK_BYTES + wanted // 100
    if free.f_blocks and room < wanted:
        raise NoRoomError(
            f"{folder}: has room for {_megabytes(room)}, and {_megabytes(wanted)} are needed; "
            "make room, or write to another place."
        )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
