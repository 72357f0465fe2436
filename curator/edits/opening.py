"""Finds the journal of a source and puts into force what it holds, if the source still is what it was."""

from __future__ import annotations

from enum import StrEnum

import orjson
from pyroaring import BitMap64
from xxhash import xxh3_128_digest

from curator.edits.edited_source import EditedSource
from curator.edits.marks import keep_marks
from curator.edits.saved import SavedState
from curator.edits.stored import restore
from curator.storage.fingerprint import Fingerprint, Relation, fingerprint_of, relation
from curator.storage.holder import holder_of, take
from curator.storage.journal import Journal, Saved
from curator.storage.source import Source


class Opened(StrEnum):
    """What came of opening a journal."""

    NONE = "none"
    """There is none."""
    READY = "ready"
    """What it holds is in force."""
    HELD = "held"
    """So it is, but another program may change it; this one may not."""
    CHANGED = "changed"
    """The source is another one than the changes were made on. Nothing is in force, and nothing can be changed."""


def open_journal(edited: EditedSource, *, read_only: bool = False, force: bool = False) -> Opened:
    """Open the journal of a source, if there is one. `force` takes it from a program that holds it.

    Raises UnreadableError for a journal that cannot be read.
    """
    journal = Journal.find(edited.journal_path, read_only)
    if journal is None:
        return Opened.NONE
    holder = None if read_only else take(journal, force)
    if holder is not None or read_only:
        holder = edited.holder = holder or holder_of(journal)
        edited.read_only = (
            f"{edited.path.name} is being changed by {holder.describe()}; it is opened for reading only."
            if holder
            else f"{edited.path.name} is opened for reading only."
        )
        if not read_only:
            journal.close()
            journal = Journal.open(edited.journal_path, read_only=True)
    edited.attach(journal)
    saved = _settled(edited, journal)
    if saved is None:
        edited.read_only = f"{edited.path.name} was changed by something else since its journal was written."
        return Opened.CHANGED
    edited.content.saved = SavedState.from_bytes(saved.lines)
    intent = journal.intent
    if intent is not None and intent.cut and saved.fingerprint == intent.fingerprint:
        edited.overlay.apply([restore(one) for one in intent.baseline])
    else:
        edited.load(journal)
    if not edited.read_only and next(journal.originals(), None) is None:
        edited.anchor()  # a save forgets the lines of the old file, and may have been cut short then
    return Opened.HELD if edited.read_only else Opened.READY


def _settled(edited: EditedSource, journal: Journal) -> Saved | None:
    """How the file was last saved, once a save that was cut short is completed or discarded; None if it is another."""
    source, saved, intent = edited.source, journal.saved, journal.intent
    if intent is not None:
        if relation(_fingerprint(intent.fingerprint), source) is Relation.SAME:
            if edited.read_only:
                return Saved(intent.cursor, intent.lines, intent.fingerprint)
            journal.complete_save()
            saved = journal.saved
        elif not edited.read_only:
            journal.discard_save()
    known = _fingerprint(saved.fingerprint)
    found = relation(known, source)
    now = fingerprint_of(source)
    if found is Relation.CHANGED or (now != known and not _anchors_hold(journal, source)):
        return None if edited.read_only or not _is_empty(journal) else _renewed(journal, now)
    if now != known and not edited.read_only:
        saved = Saved(saved.cursor, saved.lines, orjson.dumps(now.to_json()))
        journal.replace_saved(saved)
    return saved


def _is_empty(journal: Journal) -> bool:
    """Whether nothing in the journal depends on what the file holds."""
    return journal.cursor == 0 and journal.saved.cursor == 0 and not journal.drafts()


def _renewed(journal: Journal, now: Fingerprint) -> Saved:
    """Let the journal be that of the file as it is now."""
    journal.forget_undone()
    keep_marks(journal, BitMap64())
    saved = Saved(0, b"", orjson.dumps(now.to_json()))
    journal.replace_saved(saved)
    return saved


def _fingerprint(packed: bytes) -> Fingerprint:
    return Fingerprint.from_json(orjson.loads(packed))


def _anchors_hold(journal: Journal, source: Source) -> bool:
    """Whether every line that was changed still stands where it stood."""
    return all(
        _holds(source.read(start, length + 1), length, digest) for _, start, length, digest in journal.originals()
    )


def _holds(found: bytes, length: int, digest: bytes) -> bool:
    line, after = found[:length], found[length:]
    ended = line.endswith(b"\n") or after in (b"", b"\n", b"\r")
    return ended and xxh3_128_digest(line) == digest
