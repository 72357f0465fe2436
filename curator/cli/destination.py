"""Where a command writes to: what must not be replaced, and stdout."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from curator.errors import UsageError
from curator.storage.source import STDIN

STDOUT = Path("-")
NEW_FILE = "new file, packed if named .gz, .zst, .bz2 or .xz, a table if .parquet"


def target_of(output: Path, sources: Sequence[Path], *, force: bool) -> Path | int:
    """Where an output leads to: a file, or the descriptor of stdout or of a pipe that the name stands for.

    Raises UsageError where it would take the place of something it must not.
    """
    if output == STDOUT:
        return stdout_descriptor()
    if _is_pipe(output):
        return _opened(output)
    refuse(output, sources, force=force)
    return Path(os.path.realpath(output))


def refuse(output: Path | None, sources: Sequence[Path], *, force: bool) -> None:
    """Raise UsageError where an output would take the place of something it must not; to be asked before the work."""
    if output is None or leads_on(output):
        return
    target = Path(os.path.realpath(output))
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: there is no such folder to write to.")
    if not target.exists():
        return
    if not target.is_file():
        raise UsageError(f"{output}: is not a regular file, so it cannot be replaced by one.")
    if not force:
        what = "is the file that is read" if _is_one_of(target, sources) else "is there already"
        raise UsageError(f"{output}: {what}; give another name, or --force to replace it.")


def leads_on(output: Path) -> bool:
    """Whether what is written goes on from here and cannot be read back: to stdout, a pipe or a device."""
    return output == STDOUT or _is_pipe(output)


def refuse_sources(output: Path, sources: Sequence[Path]) -> None:
    """Raise UsageError for an output that is one of the files that are read."""
    if output != STDOUT and _is_one_of(output, sources):
        raise UsageError(f"{output}: is a file that is read; give another name.")


def refuse_folder(folder: Path, example: str) -> None:
    """Raise UsageError for a folder that new files can neither be put into nor made for; `example` is a pattern."""
    if folder == STDOUT:
        raise UsageError(f"Several files cannot go to stdout; name a folder, or a pattern such as {example}.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; name one, or a pattern such as {example}.")
    if not folder.exists() and not folder.absolute().parent.is_dir():
        raise UsageError(f"{folder.absolute().parent}: there is no such folder to write to.")


def stdout_descriptor() -> int:
    """The descriptor of stdout, for whole files; nothing may be waiting to be written there."""
    sys.stdout.flush()
    return sys.stdout.fileno()


def _is_one_of(target: Path, sources: Sequence[Path]) -> bool:
    there = (source for source in sources if source != STDIN and source.exists())
    return target.exists() and any(target.samefile(source) for source in there)


def _is_pipe(output: Path) -> bool:
    """Whether a name stands for a pipe or a device, such as `/dev/stdout`, or what a shell makes of `>(gzip)`."""
    try:
        mode = output.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _opened(pipe: Path) -> int:
    """A pipe to write to. Raises UsageError where it cannot be, or nobody reads from it, instead of waiting."""
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        why = "nobody reads from this pipe" if error.errno == errno.ENXIO else error.strerror
        raise UsageError(f"{pipe}: cannot be written to: {why}.") from error
    os.set_blocking(descriptor, True)
    return descriptor
