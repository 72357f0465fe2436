"""A batch over several sources is in force in all of their journals or in none, whatever happens in between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from curator.edits.batch import Batch
from curator.edits.change import Change
from curator.edits.edited_source import EditedSource
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


def step_together(sources: Sequence[EditedSource], *, back: bool) -> list[Batch]:
    """Undo (`back`) or redo the next batch of each source, which are one to the user."""
    if len(sources) == 1:
        return [batch for one in sources if (batch := one.undo() if back else one.redo())]
    journals = [one.writable_journal() for one in sources]
    group = next((batch.group for one in sources if (batch := _next(one, back=back))), "")
    paths = [str(one.journal_path) for one in sources]
    pending = orjson.dumps({"group": group, "journals": paths, "back": back}).decode()
    for journal in journals:
        journal.remember(PENDING, pending)
    done = [batch for one in sources if (batch := one.undo() if back else one.redo())]
    for journal in journals:
        journal.remember(PENDING, "")
    return done


def _next(edited: EditedSource, *, back: bool) -> Batch | None:
    return edited.undoable if back else edited.redoable


def settle_pending(edited: EditedSource) -> str:
    """Make whole what was done, undone or redone in some of its sources only. Returns a sentence on it, or nothing.

    A batch that did not get into the journals of all its sources is taken back; an undo or redo that was begun in one
    of them is completed.
    """
    journal = edited.journal
    told = journal.remembered(PENDING) if journal and not edited.read_only else None
    if journal is None or not told:
        return ""
    pending: dict[str, Any] = orjson.loads(told)
    group, others = pending["group"], [Path(path) for path in pending["journals"]]
    states = [_state(path, group) for path in others if path != edited.journal_path]
    if "back" in pending:
        sentence = _complete(edited, group, states, back=pending["back"])
    else:
        sentence = _take_back(edited, group, states)
    journal.remember(PENDING, "")
    return sentence


def _take_back(edited: EditedSource, group: str, others: Sequence[bool | None]) -> str:
    """Take a batch back that some other journal does not hold."""
    batch = edited.undoable
    if batch is None or batch.group != group or None not in others:
        return ""
    edited.take_back_for_good()
    return f"{edited.path.name}: “{batch.title}” had not reached all of its files; it was taken back."


def _complete(edited: EditedSource, group: str, others: Sequence[bool | None], *, back: bool) -> str:
    """Undo or redo a batch here, too, if it was in another journal."""
    batch = _next(edited, back=back)
    if batch is None or batch.group != group or (not back) not in others:
        return ""
    if back:
        edited.undo()
    else:
        edited.redo()
    return f"{edited.path.name}: “{batch.title}” was {'undone' if back else 'done again'} here, as in its other files."


def _state(path: Path, group: str) -> bool | None:
    """Whether the batch of a group is in force in a journal; None where that does not hold it."""
    try:
        journal = Journal.find(path, read_only=True)
        if journal is None:
            return None
        try:
            found = [batch.number for batch in journal.batches() if batch.group == group]
            return found[0] <= journal.cursor if found else None
        finally:
            journal.close()
    except CuratorError:
        return None
