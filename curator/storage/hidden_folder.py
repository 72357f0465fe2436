"""A folder for what is on its way to its place; what writers that were killed left of theirs is removed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = re.compile(r"\.curator-[0-9a-f]{16}\.parts")


@contextmanager
def hidden_folder(folder: Path) -> Iterator[Path]:
    """A new folder in another one, its user's alone, which is gone at the end. Raises OSError where none can be made.

    It is locked while it is in use, so that others tell it from one that was left behind.
    """
    _remove_strays(folder)
    hidden = folder / f".curator-{os.urandom(8).hex()}.parts"
    hidden.mkdir(mode=0o700)
    lock = os.open(hidden, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        os.close(lock)


def _remove_strays(folder: Path) -> None:
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name):
            with suppress(OSError):
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
                finally:
                    os.close(descriptor)
