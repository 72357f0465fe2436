"""The part of a journal that undo does not touch: drafts, small things to remember, and edits that found no place."""

from __future__ import annotations

import time
from collections.abc import Iterable

from curator.storage.journal_file import JournalFile
from curator.storage.journal_rows import Unapplied, storable


class Notes:
    """What is kept for the user beside the batches."""

    file: JournalFile

    def put_draft(self, key: str, payload: bytes) -> None:
        """Keep a text that is being typed; it replaces the draft of the same key."""
        with self.file.writing() as connection:
            connection.execute("REPLACE INTO drafts VALUES (?, ?, ?)", (key, time.time(), payload))

    def drafts(self) -> list[tuple[str, float, bytes]]:
        """Key, time in seconds since 1970 and payload of each draft, the oldest first."""
        with self.file.reading() as connection:
            return connection.execute("SELECT name, at, payload FROM drafts ORDER BY at, name").fetchall()

    def drop_draft(self, key: str) -> None:
        """Forget a draft, if there is one."""
        with self.file.writing() as connection:
            connection.execute("DELETE FROM drafts WHERE name = ?", (key,))

    def remember(self, name: str, value: str) -> None:
        """Keep a small value, such as the last position; a power cut may take it back.

        Lone surrogates in it are kept as escapes.
        """
        with self.file.writing(lasting=False) as connection:
            connection.execute("REPLACE INTO remembered VALUES (?, ?)", (name, storable(value)))

    def remembered(self, name: str) -> str | None:
        """The value kept under that name, or None."""
        with self.file.reading() as connection:
            row = connection.execute("SELECT value FROM remembered WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def put_unapplied(self, rows: Iterable[Unapplied]) -> None:
        """Keep batches that could not be carried over to a changed file."""
        with self.file.writing() as connection:
            connection.executemany(
                "INSERT INTO unapplied(number, at, title, reason, payload) VALUES (?, ?, ?, ?, ?)",
                ((row.number, row.at, storable(row.title), storable(row.reason), row.payload) for row in rows),
            )

    def unapplied(self) -> list[Unapplied]:
        """The batches that could not be carried over, in the order in which they were kept."""
        with self.file.reading() as connection:
            rows = connection.execute("SELECT number, at, title, reason, payload FROM unapplied ORDER BY place")
            return [Unapplied(*row) for row in rows]

    def drop_unapplied(self) -> None:
        """Forget the batches that could not be carried over."""
        with self.file.writing() as connection:
            connection.execute("DELETE FROM unapplied")
