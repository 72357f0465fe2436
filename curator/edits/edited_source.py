"""One source with all that was done to it: the journal first, then the overlay, then the screen."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson
from pyroaring import BitMap64
from xxhash import xxh3_128_digest

from curator.edits.batch import Batch, union
from curator.edits.change import Change
from curator.edits.content import Content
from curator.edits.overlay import Overlay
from curator.edits.saved import SavedState
from curator.edits.stored import restore, store
from curator.errors import UsageError
from curator.storage.fingerprint import fingerprint_of, modified_at
from curator.storage.holder import Holder, release, take, this_program
from curator.storage.journal import Journal
from curator.storage.line_index import LineIndex
from curator.storage.runs import Runs
from curator.storage.source import Source

ANCHORED = 10_000
"""Records that one operation may be about so that their lines are remembered, for the case that the file changes."""


class ReadOnlyError(UsageError):
    """The source cannot be changed; the sentence says why."""


class _Sets(NamedTuple):
    """Sets of records that follow from the overlay and the source as it was saved."""

    key: tuple[int, SavedState]
    not_original: BitMap64
    touched: BitMap64
    hidden: BitMap64
    unsaved: BitMap64


class EditedSource:
    """A source, its overlay and its journal, which is created with the first change.

    Reading is for any thread; changes are for one at a time.
    """

    def __init__(self, source: Source, index: LineIndex, journal_path: Path) -> None:
        self.source = source
        self.index = index
        self.journal_path = journal_path
        self.overlay = Overlay()
        self.content = Content(source, index, self.overlay)
        self.journal: Journal | None = None
        self.read_only = ""
        """Why nothing can be changed; empty while it can."""
        self.holder: Holder | None = None
        """The program that holds the journal in place of this one."""
        self.batches: list[Batch] = []
        """All batches, those that were undone included."""
        self._anchored = BitMap64()
        self.modified = modified_at(source)
        """When the file was last changed as this program knows it, in nanoseconds since 1970."""
        self._known_sets: _Sets | None = None
        self._known_lines: tuple[tuple[Runs, int], int] | None = None

    @property
    def cursor(self) -> int:
        """The number of the last batch in force; 0 before the first."""
        done = self.overlay.cursor
        return self.batches[done - 1].number if done else 0

    @property
    def holder_is_here(self) -> bool:
        """Whether the program that holds the journal runs on this machine, since its last start."""
        here = this_program()
        return self.holder is not None and (self.holder.host, self.holder.boot) == (here.host, here.boot)

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def close(self) -> None:
        """Give the journal back."""
        if self.journal is not None:
            if not self.read_only:
                release(self.journal)
            self.journal.close()

    # Records

    @property
    def known_lines(self) -> int:
        """The first line of the source, by id, that the index has not found yet."""
        key = self.content.saved.lines, len(self.index)
        if self._known_lines is None or self._known_lines[0] != key:
            self._known_lines = key, key[0].lines_known(key[1])
        return self._known_lines[1]

    def __len__(self) -> int:
        return self.overlay.shown().before_line(self.known_lines)

    def length(self, *, with_dropped: bool = False) -> int:
        """How many records are to be seen, as far as the index has come."""
        return self.overlay.shown(with_dropped=with_dropped).before_line(self.known_lines)

    @property
    def not_original(self) -> BitMap64:
        """Lines of the source that may not hold, or not be, the text in force. Not to be changed."""
        return self._sets().not_original

    @property
    def touched(self) -> BitMap64:
        """Records that may differ from what the source holds: in their text, or in whether they are there."""
        return self._sets().touched

    @property
    def hidden(self) -> BitMap64:
        """Records that are not there any more: dropped, replaced by pieces, or derived by what was undone."""
        return self._sets().hidden

    @property
    def with_own_text(self) -> BitMap64:
        """Records that are there and whose text, or that of the source, is one of their own."""
        return (self.own_texts | self.content.saved.differing) - self.hidden

    @property
    def unsaved(self) -> BitMap64:
        """Records that are there with another text than the source holds, or that it does not hold at all."""
        return self._sets().unsaved

    @property
    def dropped_since(self) -> BitMap64:
        """Records that were dropped since the source was last saved."""
        return self.overlay.dropped - self.content.saved.absent

    @property
    def own_texts(self) -> BitMap64:
        """Records with a text of their own. Not to be changed."""
        return self.overlay.versions.own_texts

    @property
    def pristine(self) -> bool:
        """Whether the source still is what it was when the journal was begun: lines are ids, all texts original."""
        return self.content.saved.untouched and not self.content.saved.differing

    @property
    def moved(self) -> BitMap64:
        """Lines of the source that stand elsewhere in the order."""
        return self.overlay.order.moved

    def _sets(self) -> _Sets:
        key = self.overlay.revision, self.content.saved
        if self._known_sets is None or self._known_sets.key != key:
            overlay, saved = self.overlay, self.content.saved
            other = overlay.versions.changed | saved.differing
            hidden = overlay.dropped | overlay.replaced | (saved.once_derived - overlay.derived)
            seen = (other | overlay.derived) - hidden
            unsaved = seen - saved.standing(seen, overlay.versions)
            self._known_sets = _Sets(key, other, other | hidden | overlay.derived, hidden, unsaved)
        return self._known_sets

    # Changes

    def begin(self) -> Change:
        """An empty change. Raises ReadOnlyError where none is possible."""
        return Change(self.writable_journal(), self.overlay)

    def writable_journal(self) -> Journal:
        """The journal, created if there is none. Raises ReadOnlyError where nothing can be changed."""
        if self.read_only:
            raise ReadOnlyError(self.read_only)
        if self.journal is None:
            journal = Journal.create(
                self.journal_path, orjson.dumps(fingerprint_of(self.source).to_json()), self._mode()
            )
            holder = take(journal)
            if holder is not None or journal.cursor:
                journal.close()
                who = f"by {holder.describe()}" if holder else "by another program"
                self.read_only = f"{self.path.name} was changed {who} after it was opened here; open it again."
                raise ReadOnlyError(self.read_only)
            self.attach(journal)
            return journal
        return self.journal

    def _mode(self) -> int:
        """The permissions of a journal: those of the file, or the user's alone where that is not there any more."""
        try:
            return stat.S_IMODE(self.path.stat().st_mode) & 0o666
        except OSError:
            return 0o600

    def attach(self, journal: Journal) -> None:
        """Go on with a journal."""
        self.journal = self.content.journal = journal

    def commit(self, title: str, change: Change, group: str = "") -> Batch:
        """Write a change to the journal, then put it into force. What was undone is gone then."""
        operations = tuple(change.operations)
        new = union(one.leans_on() for one in operations if len(one.leans_on()) <= ANCHORED) - self._anchored
        stored = change.journal.append(
            title,
            [store(one) for one in operations],
            change.texts,
            group=group,
            originals=self._anchored_lines(new),
            drafts=change.drafts,
        )
        self._anchored |= new
        batch = Batch(stored.number, stored.at, title, group, operations)
        self.batches[self.overlay.cursor :] = [batch]
        self.overlay.apply(operations)
        return batch

    def anchor(self) -> None:
        """Remember the lines that something was done to or said of, as they stand in a file that was just written."""
        journal = self.journal
        if journal is None or self.read_only:
            return
        labels = self.overlay.labels
        sets = [one for one in (*labels.tags.values(), *labels.verdicts.values()) if len(one) <= ANCHORED]
        known = union(sets) | BitMap64([*labels.notes, *labels.message_tags]) | self.own_texts
        self._anchored = known
        journal.set_originals(self._anchored_lines(known))

    def _anchored_lines(self, records: BitMap64) -> Iterator[tuple[int, int, int, bytes]]:
        for record in records:
            line = self.content.saved.lines.place_of(record)
            if line is not None:
                start, end = self.content.span(line)
                yield record, start, end - start, xxh3_128_digest(self.source.read(start, end - start))

    def renew(self, source: Source, index: LineIndex, saved: SavedState, *, cut: bool) -> None:
        """Go on with the source as it was just written; with `cut`, undo ends there."""
        self.source, self.index = source, index
        if cut:
            self.overlay = Overlay()
            self.batches = []
        self.content = Content(source, index, self.overlay)
        self.content.journal, self.content.saved = self.journal, saved
        self.modified = modified_at(source)
        self._known_sets = None
        if cut and self.journal is not None:
            self.load(self.journal)
        self.anchor()

    def reset(self) -> None:
        """Forget the journal and all that it put into force."""
        self.close()
        self.journal = None
        self.overlay = Overlay()
        self.content = Content(self.source, self.index, self.overlay)
        self.batches = []
        self.read_only, self.holder = "", None
        self._anchored, self._known_sets = BitMap64(), None

    def load(self, journal: Journal) -> None:
        """Put the batches of a journal up to its cursor into force."""
        self.batches = [
            Batch(one.number, one.at, one.title, one.group, tuple(map(restore, one.operations)))
            for one in journal.batches()
        ]
        cursor = journal.cursor
        for batch in self.batches:
            if batch.number <= cursor:
                self.overlay.apply(batch.operations)

    # Undo and redo

    @property
    def undoable(self) -> Batch | None:
        """The batch that `undo` would take back."""
        done = self.overlay.cursor
        floor = self.journal.floor if self.journal else 0
        return self.batches[done - 1] if done and self.batches[done - 1].number > floor else None

    @property
    def redoable(self) -> Batch | None:
        """The batch that `redo` would put back into force."""
        done = self.overlay.cursor
        return self.batches[done] if done < len(self.batches) else None

    def undo(self) -> Batch | None:
        """Take the last batch back. Returns it; None where there is none."""
        batch = self.undoable
        if batch is not None:
            self.writable_journal().move_cursor(batch.number - 1)
            self.overlay.take_back()
        return batch

    def redo(self) -> Batch | None:
        """Put the batch that was undone last into force again. Returns it; None where there is none."""
        batch = self.redoable
        if batch is not None:
            self.writable_journal().move_cursor(batch.number)
            self.overlay.apply(batch.operations)
        return batch

    def take_back_for_good(self) -> None:
        """Take the last batch back, and forget it and all that was undone before."""
        if self.undo() is not None:
            self.writable_journal().forget_undone()
            del self.batches[self.overlay.cursor :]

    def go_to(self, cursor: int) -> list[Batch]:
        """Undo or redo up to a cursor. Returns the batches that were passed."""
        passed: list[Batch] = []
        journal = self.writable_journal()
        journal.move_cursor(cursor)
        while (batch := self.undoable) and batch.number > cursor:
            self.overlay.take_back()
            passed.append(batch)
        while (batch := self.redoable) and batch.number <= cursor:
            self.overlay.apply(batch.operations)
            passed.append(batch)
        return passed
