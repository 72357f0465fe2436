"""What SQLite says of a journal, as sentences for the user."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from curator.errors import CuratorError, UnreadableError, UnwritableError

ELSEWHERE = "name another place for the journal: --journal PATH"
KINDS = (
    ("SQLITE_FULL", "the disk is full", "Make room there and try again."),
    ("SQLITE_BUSY", "another program is writing to it", "Try again in a moment."),
    ("SQLITE_LOCKED", "another program is writing to it", "Try again in a moment."),
    ("SQLITE_READONLY", "it may not be written", f"Give yourself the right to write it, or {ELSEWHERE}"),
    ("SQLITE_CANTOPEN", "its folder may not be written", f"Give yourself the right to write there, or {ELSEWHERE}"),
    ("SQLITE_IOERR", "its disk gave an error", f"See to the disk and try again, or {ELSEWHERE}"),
)
"""Beginnings of SQLite's names of faults: what it means, and what to do."""
UNMENDED = ("SQLITE_READONLY", "SQLITE_CANTOPEN")


class JournalError(UnwritableError):
    """The journal did not take a change; what it held before is as it was."""


def writing_fault(path: Path, error: sqlite3.Error) -> CuratorError:
    """The sentence for a change that the journal did not take."""
    why, what_next = _explained(error)
    return _damage(path, error) or JournalError(
        f"{path}: {why}; the change was not made, and nothing is lost. {what_next}".rstrip()
    )


def opening_fault(path: Path, error: sqlite3.Error) -> CuratorError:
    """The sentence for a journal that cannot be opened for writing."""
    why, what_next = _explained(error)
    return _damage(path, error) or JournalError(f"{path}: cannot be opened for changes: {why}. {what_next}".rstrip())


def reading_fault(path: Path, error: sqlite3.Error) -> CuratorError:
    """The sentence for a journal that cannot be read."""
    if not path.exists():
        return UnreadableError(f"{path}: is no longer there; open the file again.")
    if _name(error).startswith(UNMENDED):
        return UnreadableError(
            f"{path}: its last changes still lie in the file beside it, and reading them needs the right to write in"
            f" {path.parent}; open it once as somebody who has that, or copy {path.name}* to a folder of your own."
        )
    why, what_next = _explained(error)
    return _damage(path, error) or UnreadableError(f"{path}: cannot be read: {why}. {what_next}".rstrip())


def _damage(path: Path, error: sqlite3.Error) -> UnreadableError | None:
    if _name(error) == "SQLITE_NOTADB":
        return foreign(path)
    if _name(error).startswith("SQLITE_CORRUPT") or type(error) is sqlite3.DatabaseError:
        return UnreadableError(
            f"{path}: is damaged ({error}); bring it back from a copy, or move it away to open the file without it."
        )
    return None


def foreign(path: Path) -> UnreadableError:
    """The sentence for a file that is something other than a journal."""
    return UnreadableError(f"{path}: is no journal of curator; move it away, or {ELSEWHERE}")


def newer(path: Path, version: int) -> UnreadableError:
    """The sentence for a journal that a later curator has written."""
    return UnreadableError(
        f"{path}: was written by a newer curator (journal version {version}); update it: pip install -U curator-tui"
    )


def _explained(error: sqlite3.Error) -> tuple[str, str]:
    name = _name(error)
    for beginning, why, what_next in KINDS:
        if name.startswith(beginning):
            return why, what_next
    return str(error), ""


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")
