"""A batch over several sources is in force in all of their journals or in none, whatever happens in between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from curator.edits.change import Change
from curator.edits.edited_source import Batch, EditedSource
from curator.errors import CuratorError
from curator.storage.journal import Journal

PENDING = "pending group"
"""Under this name a journal remembers the batch over several sources that may not be in all of them yet."""


def commit_together(title: str, changes: Sequence[tuple[EditedSource, Change]]) -> list[Batch]:
    """Commit the changes of one or several sources as one thing that the user did."""
    if len(changes) == 1:
        edited, change = changes[0]
        return [edited.commit(title, change)]
    group = uuid4().hex
    pending = orjson.dumps({"group": group, "journals": [str(edited.journal_path) for edited, _ in changes]}).decode()
    for _, change in changes:
        change.journal.remember(PENDING, pending)
    done = [edited.commit(title, change, group) for edited, change in changes]
    for _, change in changes:
        change.journal.remember(PENDING, "")
    return done


def settle_pending(edited: EditedSource) -> str:
    """Take back a batch that did not get into the journals of all its sources. Returns a sentence on it, or nothing."""
    journal = edited.journal
    told = journal.remembered(PENDING) if journal and not edited.read_only else None
    if journal is None or not told:
        return ""
    pending: dict[str, Any] = orjson.loads(told)
    group = pending["group"]
    batch = edited.undoable
    whole = all(_holds(edited, Path(path), group) for path in pending["journals"])
    sentence = ""
    if batch is not None and batch.group == group and not whole:
        edited.take_back_for_good()
        sentence = f"{edited.path.name}: “{batch.title}” had not reached all of its files; it was taken back."
    journal.remember(PENDING, "")
    return sentence


def _holds(edited: EditedSource, path: Path, group: str) -> bool:
    """Whether a journal holds a batch of the group."""
    if path == edited.journal_path:
        return any(batch.group == group for batch in edited.batches)
    try:
        journal = Journal.find(path, read_only=True)
        if journal is None:
            return False
        try:
            return any(batch.group == group for batch in journal.batches())
        finally:
            journal.close()
    except CuratorError:
        return False
