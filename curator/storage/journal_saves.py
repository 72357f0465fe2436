"""The part of a journal that lets undo reach across saves, and a save that was cut short be settled.

A save is begun before the file is replaced and completed after it. On opening, whoever finds an intent compares the
file with it: it was replaced, so the save is completed, or it was not, so the save is discarded.
"""

from __future__ import annotations

from curator.errors import UnreadableError
from curator.storage.journal_faults import JournalError
from curator.storage.journal_file import JournalFile
from curator.storage.journal_rows import (
    Intent,
    Saved,
    StoredOperation,
    counter,
    cut_history,
    put_operations,
    put_saved,
    set_counter,
)
from curator.storage.journal_schema import BASELINE


class Saves:
    """How the file was last written, and how it is about to be."""

    file: JournalFile

    def before(self, number: int) -> bytes | None:
        """The line that record `number` had before the first save that changed it, or None."""
        with self.file.reading() as connection:
            row = connection.execute("SELECT bytes FROM befores WHERE id = ?", (number,)).fetchone()
        return row[0] if row else None

    @property
    def saved(self) -> Saved:
        """How the file was last written."""
        with self.file.reading() as connection:
            row = connection.execute("SELECT cursor, lines, fingerprint FROM saved").fetchone()
        if row is None:
            raise UnreadableError(
                f"{self.file.path}: is damaged (the last save is missing); bring it back from a copy."
            )
        return Saved(*row)

    def replace_saved(self, saved: Saved) -> None:
        """The file is now another than was saved: it grew, for example."""
        with self.file.writing() as connection:
            put_saved(connection, saved)

    @property
    def intent(self) -> Intent | None:
        """The save that was begun and neither completed nor discarded; without its lines before."""
        with self.file.reading() as connection:
            row = connection.execute("SELECT fingerprint, cursor, lines, cut FROM intent").fetchone()
            if row is None:
                return None
            steps = connection.execute(
                "SELECT kind, version, payload, ids FROM operations WHERE batch = ? ORDER BY place", (BASELINE,)
            )
            baseline = tuple(StoredOperation(*step) for step in steps)
        return Intent(row[0], row[1], row[2], cut=bool(row[3]), baseline=baseline)

    def begin_save(self, intent: Intent) -> None:
        """Write down how the file will be, before it is replaced."""
        with self.file.writing() as connection:
            if connection.execute("SELECT 1 FROM intent").fetchone():
                raise JournalError(
                    f"{self.file.path}: another save is not complete yet; open the file again to settle it."
                )
            save = counter(connection, "saves") + 1
            set_counter(connection, "saves", save)
            row = (intent.cursor, intent.lines, intent.fingerprint, intent.cut, save)
            connection.execute("INSERT INTO intent VALUES (1, ?, ?, ?, ?, ?)", row)
            connection.executemany(
                "INSERT OR IGNORE INTO befores VALUES (?, ?, ?)",
                ((number, save, line) for number, line in intent.befores),
            )
            put_operations(connection, BASELINE, intent.baseline)

    def complete_save(self) -> None:
        """The file was replaced: what was intended is now what was saved. Originals of the old file are forgotten."""
        with self.file.writing() as connection:
            intent = self._pending()
            if intent.cut:
                cut_history(connection, intent)
            connection.execute("DELETE FROM originals")
            put_saved(connection, Saved(intent.cursor, intent.lines, intent.fingerprint))
            connection.execute("DELETE FROM intent")
        if intent.cut:
            self.file.shrink()

    def discard_save(self) -> None:
        """The file was not replaced: forget what was intended, with its lines before."""
        with self.file.writing() as connection:
            self._pending()
            connection.execute("DELETE FROM befores WHERE save = (SELECT save FROM intent)")
            connection.execute("DELETE FROM operations WHERE batch = ?", (BASELINE,))
            connection.execute("DELETE FROM intent")

    def _pending(self) -> Intent:
        intent = self.intent
        if intent is None:
            raise JournalError(f"{self.file.path}: no save is under way.")
        return intent
