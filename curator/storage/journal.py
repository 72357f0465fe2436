"""The journal beside a source: what the user did, in batches, with all that undo, saving and reopening need."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from curator.errors import UnreadableError, UsageError
from curator.storage.journal_faults import JournalError
from curator.storage.journal_file import JournalFile
from curator.storage.journal_notes import Notes
from curator.storage.journal_rows import (
    Intent,
    Saved,
    StoredBatch,
    StoredOperation,
    Unapplied,
    counter,
    discard_beyond,
    put_batch,
    put_saved,
    set_counter,
    storable,
)
from curator.storage.journal_saves import Saves
from curator.storage.journal_schema import FIRST_DERIVED_ID, NOWHERE

__all__ = [
    "FIRST_DERIVED_ID",
    "NOWHERE",
    "Intent",
    "Journal",
    "JournalError",
    "Saved",
    "StoredBatch",
    "StoredOperation",
    "Unapplied",
    "journal_path",
]

PAGE_ROWS = 10_000
"""Rows of a long table that are in memory at a time."""


def journal_path(source_path: Path, chosen: Path | None = None) -> Path:
    """Where the journal of a source lies: the chosen place, else beside the file that the path leads to."""
    if chosen is not None:
        return chosen
    real = source_path.resolve()
    return real.with_name(f"{real.name}.curator")


class Journal(Saves, Notes):
    """An opened journal. Every change is on the disk when the call returns, or JournalError says that it was not made.

    Questions raise UnreadableError when the journal is damaged. Any thread may use it.
    """

    def __init__(self, file: JournalFile) -> None:
        self.file = file
        self._reserved: dict[str, int] = {}

    @classmethod
    def create(cls, path: Path, fingerprint_json: bytes, mode: int = 0o600) -> Journal:
        """Begin the journal of a source; `mode` are its permissions, the source's own for example.

        Raises UsageError when it cannot be made there.
        """
        first = Saved(0, b"", fingerprint_json)
        return cls(JournalFile.create(path, mode, lambda connection: put_saved(connection, first)))

    @classmethod
    def find(cls, path: Path, read_only: bool) -> Journal | None:
        """Open the journal, or None where there is none: no file, an empty one, or one whose making was cut short."""
        file = JournalFile.find(path, read_only)
        return cls(file) if file else None

    @classmethod
    def open(cls, path: Path, read_only: bool) -> Journal:
        """Open the journal; UnreadableError where there is none."""
        journal = cls.find(path, read_only)
        if journal is None:
            raise UnreadableError(f"{path}: there is no journal; it is made with the first change to its file.")
        return journal

    @property
    def path(self) -> Path:
        """Where the journal lies."""
        return self.file.path

    def close(self) -> None:
        """Give the journal back."""
        self.file.close()

    def reserve_texts(self, count: int) -> int:
        """Numbers for `count` new texts, from the one returned; spent by the `append` that uses them."""
        return self._reserve("texts", count)

    def reserve_ids(self, count: int) -> int:
        """Ids for `count` new records, from the one returned; spent by the next `append`."""
        return self._reserve("ids", count)

    def _reserve(self, name: str, count: int) -> int:
        with self.file.reading() as connection:
            first = max(counter(connection, name), self._reserved.get(name, 0))
            self._reserved[name] = first + count
        return first

    def append(
        self,
        title: str,
        operations: Sequence[StoredOperation],
        texts: Iterable[tuple[int, bytes]] = (),
        group: str = "",
        keep_to: int | None = None,
        originals: Iterable[tuple[int, int, int, bytes]] = (),
        drafts: Iterable[str] = (),
    ) -> StoredBatch:
        """Add a batch after the cursor, or after batch `keep_to`, and move the cursor to it; later ones are discarded.

        `texts` are (number, bytes) with reserved numbers. `originals` are (id, offset, length, hash) of the source's
        lines that are touched; an id that has one keeps it. `drafts` are the keys of those that it makes an end of.
        """
        with self.file.writing() as connection:
            kept = counter(connection, "cursor") if keep_to is None else keep_to
            self._refuse_during_cut(connection)
            self._refuse_outside(connection, kept)
            discard_beyond(connection, kept)
            batch = StoredBatch(kept + 1, time.time(), storable(title), group, tuple(operations))
            put_batch(connection, batch)
            connection.executemany(
                "INSERT INTO texts VALUES (?, ?, ?)", ((number, batch.number, content) for number, content in texts)
            )
            connection.executemany("INSERT OR IGNORE INTO originals VALUES (?, ?, ?, ?)", originals)
            connection.executemany("DELETE FROM drafts WHERE name = ?", ((key,) for key in drafts))
            for name, reserved in self._reserved.items():
                set_counter(connection, name, max(reserved, counter(connection, name)))
            set_counter(connection, "cursor", batch.number)
        return batch

    @property
    def cursor(self) -> int:
        """How many batches are in force, as the number of the last one."""
        with self.file.reading() as connection:
            return counter(connection, "cursor")

    @property
    def floor(self) -> int:
        """The cursor that undo ends at: 0, or that of a save which cut the history."""
        with self.file.reading() as connection:
            return counter(connection, "floor")

    def move_cursor(self, to: int) -> None:
        """Undo or redo, so that batches up to `to` are in force. Raises UsageError where there is no such state."""
        with self.file.writing() as connection:
            self._refuse_during_cut(connection)
            self._refuse_outside(connection, to)
            set_counter(connection, "cursor", to)

    def forget_undone(self) -> None:
        """Discard the batches beyond the cursor, so that they cannot be done again."""
        with self.file.writing() as connection:
            discard_beyond(connection, counter(connection, "cursor"))

    def batches(self) -> Iterator[StoredBatch]:
        """All batches in order, those beyond the cursor too."""
        with self.file.reading() as connection:
            heads = connection.execute("SELECT number, at, title, companions FROM batches ORDER BY number").fetchall()
            rows = connection.execute("SELECT batch, kind, version, payload, ids FROM operations ORDER BY place")
            steps: dict[int, list[StoredOperation]] = {}
            for batch, kind, version, payload, ids in rows:
                steps.setdefault(batch, []).append(StoredOperation(kind, version, payload, ids))
        return (
            StoredBatch(number, at, title, group, tuple(steps.get(number, ()))) for number, at, title, group in heads
        )

    def text(self, number: int) -> bytes:
        """The text of that number. Raises UnreadableError when there is none."""
        return self.texts((number,))[number]

    def texts(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Texts by their numbers. Raises UnreadableError when one is missing."""
        found: dict[int, bytes] = {}
        with self.file.reading() as connection:
            for number in numbers:
                row = connection.execute("SELECT bytes FROM texts WHERE number = ?", (number,)).fetchone()
                if row is None:
                    raise UnreadableError(
                        f"{self.path}: is damaged (text {number:,} is missing); bring it back from a copy."
                    )
                found[number] = row[0]
        return found

    def originals(self) -> Iterator[tuple[int, int, int, bytes]]:
        """Id, offset, length and hash of each of the source's lines that were touched, by id."""
        after = -1
        while True:
            with self.file.reading() as connection:
                rows = connection.execute(
                    "SELECT id, start, length, hash FROM originals WHERE id > ? ORDER BY id LIMIT ?", (after, PAGE_ROWS)
                ).fetchall()
            yield from rows
            if len(rows) < PAGE_ROWS:
                return
            after = rows[-1][0]

    def set_originals(self, rows: Iterable[tuple[int, int, int, bytes]]) -> None:
        """Keep these rows of id, offset, length and hash in place of all others."""
        with self.file.writing() as connection:
            connection.execute("DELETE FROM originals")
            connection.executemany("INSERT INTO originals VALUES (?, ?, ?, ?)", rows)

    def _refuse_during_cut(self, connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT 1 FROM intent WHERE cut").fetchone():
            raise JournalError(f"{self.path}: a save at which undo ends is under way; try again when it is complete.")

    def _refuse_outside(self, connection: sqlite3.Connection, cursor: int) -> None:
        floor = counter(connection, "floor")
        (last,) = connection.execute("SELECT coalesce(max(number), ?) FROM batches", (floor,)).fetchone()
        if not floor <= cursor <= last:
            raise UsageError(f"{self.path}: there is no state {cursor:,}; the states are {floor:,} to {last:,}.")
