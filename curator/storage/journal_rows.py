"""What stands in a journal's tables, as values, and the statements that put them there."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from curator.storage.journal_schema import BASELINE, NOWHERE


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """One step of a batch; only its kind and its kind's version are known here."""

    kind: str
    version: int
    payload: bytes
    ids: bytes | None
    """The bitmap of the records it touched."""


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """What the user did, and undoes, at once."""

    number: int
    """From 1; the cursor when this batch is the last one in force."""
    at: float
    """When, in seconds since 1970."""
    title: str
    group: str
    """Shared by the batches of several sources' journals that belong together, else "" ."""
    operations: tuple[StoredOperation, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """How the file was last written, or how it was at the beginning."""

    cursor: int
    """The cursor that it was written at; NOWHERE once a batch below that was discarded."""
    lines: bytes
    """Which ids stand on which lines."""
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Intent:
    """A save that is under way: how the file will be when it is complete."""

    fingerprint: bytes
    cursor: int
    lines: bytes
    befores: Iterable[tuple[int, bytes]] = ()
    """Ids and their lines before the save; an id that has one already keeps that."""
    cut: bool = False
    """Whether undo ends at this save: what is in the journal then gives way to `baseline`."""
    baseline: Sequence[StoredOperation] = ()


@dataclass(frozen=True, slots=True)
class Unapplied:
    """A batch that could not be carried over to a changed file."""

    number: int
    at: float
    title: str
    reason: str
    payload: bytes


def storable(text: str) -> str:
    """A text with lone surrogates, which SQLite does not take, spelled out as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def counter(connection: sqlite3.Connection, name: str) -> int:
    """The value of a counter."""
    row = connection.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise sqlite3.DatabaseError(f"the counter of {name} is missing")
    value: int = row[0]
    return value


def set_counter(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Move a counter."""
    connection.execute("UPDATE counters SET value = ? WHERE name = ?", (value, name))


def put_saved(connection: sqlite3.Connection, saved: Saved) -> None:
    """Replace what is known of the last save."""
    row = (saved.cursor, saved.lines, saved.fingerprint)
    connection.execute("REPLACE INTO saved VALUES (1, ?, ?, ?)", row)


def put_batch(connection: sqlite3.Connection, batch: StoredBatch) -> None:
    """Add a batch with its operations."""
    head = (batch.number, batch.at, batch.title, batch.group)
    connection.execute("INSERT INTO batches VALUES (?, ?, ?, ?)", head)
    put_operations(connection, batch.number, batch.operations)


def put_operations(connection: sqlite3.Connection, batch: int, operations: Iterable[StoredOperation]) -> None:
    """Add operations to a batch."""
    connection.executemany(
        "INSERT INTO operations(batch, kind, version, payload, ids) VALUES (?, ?, ?, ?, ?)",
        ((batch, step.kind, step.version, step.payload, step.ids) for step in operations),
    )


def discard_beyond(connection: sqlite3.Connection, last: int) -> None:
    """Forget the batches after `last`, and that a save was made at one of them."""
    connection.execute("DELETE FROM batches WHERE number > ?", (last,))
    connection.execute("DELETE FROM operations WHERE batch > ?", (last,))
    connection.execute("DELETE FROM texts WHERE batch > ?", (last,))
    connection.execute("UPDATE saved SET cursor = ? WHERE cursor > ?", (NOWHERE, last))
    connection.execute("UPDATE intent SET cursor = ? WHERE cursor > ?", (NOWHERE, last))


def cut_history(connection: sqlite3.Connection, intent: Intent) -> None:
    """Let all that undo needs give way to one batch that holds the operations of the intent's baseline."""
    for table in ("batches", "texts", "befores", "originals"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("DELETE FROM operations WHERE batch <> ?", (BASELINE,))
    put_batch(connection, StoredBatch(intent.cursor, time.time(), "", "", ()))
    connection.execute("UPDATE operations SET batch = ? WHERE batch = ?", (intent.cursor, BASELINE))
    set_counter(connection, "floor", intent.cursor)
    set_counter(connection, "cursor", intent.cursor)
