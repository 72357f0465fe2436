"""Several new files that appear in a folder together or not at all, and never in the place of others."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from curator.errors import UnwritableError, UsageError
from curator.storage.replacing import sync_folder
from curator.storage.writer import WriteFaultError

STRAY = re.compile(r"\.curator-[0-9a-f]{16}\.parts")
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


class NewFiles:
    """New files on their way into a folder."""

    def __init__(self, folder: Path, hidden: Path) -> None:
        self._folder = folder
        self._hidden = hidden
        self._names: list[str] = []

    def write(self, name: str, fill: Callable[[int], object]) -> None:
        """Make a file: `fill` writes to the descriptor that it is given, and may read back what is on the disk then.

        Raises WriteFaultError when the disk fails or is full.
        """
        descriptor = os.open(self._hidden / name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            fill(descriptor)
        except OSError as error:
            raise _fault(self._folder, error) from error
        finally:
            os.close(descriptor)
        self._names.append(name)

    def commit(self) -> None:
        """Let all files appear under their names. Raises UsageError where one is taken; none appears then."""
        done: list[Path] = []
        try:
            for name in self._names:
                _place(self._hidden / name, self._folder / name)
                done.append(self._folder / name)
            sync_folder(self._folder)
        except BaseException as error:
            for path in done:
                path.unlink(missing_ok=True)
            if isinstance(error, FileExistsError):
                raise UsageError(f"{error.filename2}: is there already; nothing was written.") from error
            if isinstance(error, OSError):
                raise _fault(self._folder, error) from error
            raise


@contextmanager
def new_files(folder: Path) -> Iterator[NewFiles]:
    """Files that appear in the folder on `commit`, and vanish if that is not reached. A missing folder is made.

    What writers that were killed left in the folder is removed. Raises UsageError where nothing can be written.
    """
    hidden = folder / f".curator-{os.urandom(8).hex()}.parts"
    made = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
        _remove_strays(folder)
        hidden.mkdir(mode=0o700)
        lock = os.open(hidden, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{folder}: nothing can be written there: {error.strerror}.") from error
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield NewFiles(folder, hidden)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        os.close(lock)
        if made:
            with suppress(OSError):
                folder.rmdir()


def _place(hidden: Path, path: Path) -> None:
    """Give a file its name, never another file's. Raises FileExistsError."""
    try:
        os.link(hidden, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if path.exists() or path.is_symlink():
            raise FileExistsError(errno.EEXIST, "exists", str(hidden), None, str(path)) from error
        hidden.rename(path)


def _remove_strays(folder: Path) -> None:
    for path in folder.iterdir():
        if STRAY.fullmatch(path.name):
            with suppress(OSError):
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
                finally:
                    os.close(descriptor)


def _fault(folder: Path, error: OSError) -> UnwritableError:
    return WriteFaultError(
        f"{folder}: cannot be written to: {error.strerror}. No new file is there; make room, or write to another place."
    )
