"""Where a command writes to: what must not be replaced, and stdout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from curator.errors import UsageError
from curator.storage.packing import packing_of_name

STDOUT = Path("-")


def refuse(output: Path, source: Path, *, force: bool) -> Path:
    """The file that an output leads to. Raises UsageError where it would take the place of something it must not."""
    target = Path(os.path.realpath(output))
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: there is no such folder to write to.")
    if not target.exists():
        return target
    if not target.is_file():
        raise UsageError(f"{output}: is not a regular file, so it cannot be replaced by one.")
    if not force:
        what = "is the file that is read" if source.exists() and target.samefile(source) else "is there already"
        raise UsageError(f"{output}: {what}; give another name, or --force to replace it.")
    return target


def refuse_packed(output: Path) -> None:
    """Raise UsageError for a name that promises a compression, where lines are written as they are."""
    if packing := packing_of_name(output):
        raise UsageError(f"{output}: is written without compression; give a name without {packing.suffix}.")


def stdout_descriptor() -> int:
    """The descriptor of stdout, for whole files; nothing may be waiting to be written there."""
    sys.stdout.flush()
    return sys.stdout.fileno()
