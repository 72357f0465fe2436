"""Opens what a user names as a source: a file as it is, a packed one by its unpacked copy, `-` for standard input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curator.errors import UnreadableError
from curator.storage.source import STDIN, PackedError, Source, is_stream

if TYPE_CHECKING:
    from curator.storage.copies import Copies
    from curator.storage.unpacked import Making


@dataclass(frozen=True, slots=True)
class CacheRules:
    """Where copies are kept, and for how long."""

    folder: Path
    most_bytes: int
    """Of all copies that nobody uses; the newest stays in any case."""
    most_days: int
    """Since a copy was last used."""


@dataclass(frozen=True, slots=True)
class Access:
    """How files are had whose lines cannot be read where they lie."""

    rules: CacheRules
    """Where their copies are."""
    wait: Callable[[Making], object]
    """Returns when as much of a copy is there as is needed to begin."""


def open_source(path: Path, access: Access | None = None) -> Source:
    """The source that a path leads to; without `access`, of plain files only.

    Raises UnreadableError where it cannot be opened, and UnwritableError where a copy cannot be made.
    """
    if access is not None and is_stream(path):
        return _copied(path, access)
    try:
        return Source(path)
    except PackedError:
        if access is None:
            raise
    return _copied(path, access)


def _copied(path: Path, access: Access) -> Source:
    from curator.storage.copies import Copies
    from curator.storage.unpacked import Making, UnpackedSource

    copies = Copies(access.rules)
    making = _from_stream(path, copies) if is_stream(path) else Making.of(path, copies)
    try:
        access.wait(making)
        return UnpackedSource(path, making)
    except BaseException:
        making.stop()
        raise


def _from_stream(path: Path, copies: Copies) -> Making:
    import os

    from curator.storage.unpacked import Making

    try:
        descriptor = os.dup(0) if path == STDIN else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read: {error.strerror}.") from error
    return Making.of_stream(path, copies, os.fdopen(descriptor, "rb", buffering=0))
