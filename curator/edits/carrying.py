"""Carries what was done to a file over to a changed one: what was done to a line follows it to its new place."""

from __future__ import annotations

import stat
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from pyroaring import BitMap64
from xxhash import xxh3_128_digest

from curator.edits.asked import Asked
from curator.edits.baseline import baseline
from curator.edits.edited_source import EditedSource
from curator.edits.marks import keep_marks, kept_marks
from curator.edits.operations import (
    Annotate,
    Drop,
    Insert,
    Move,
    Operation,
    Replace,
    Review,
    Rewrite,
    Sweeping,
    Tag,
    TagMessage,
)
from curator.edits.overlay import Overlay
from curator.edits.stored import restore, store
from curator.errors import UsageError
from curator.storage.fingerprint import fingerprint_of
from curator.storage.journal import NOWHERE, Journal, StoredBatch, Unapplied
from curator.storage.pieces import START
from curator.storage.runs import FIRST_DERIVED

LINE_GONE = "a line that it is about is not in the file any more"
DRAFT = "it belongs to a record as it was before the file changed"
BEFORE_SAVE = "it follows from a state before the last save"


Fitting = tuple[StoredBatch, tuple[Operation, ...]]
"""A batch, and its operations on the lines of the changed file."""


@dataclass(slots=True)
class CarryPlan:
    """What of a journal fits a changed file."""

    fitting: list[Fitting] = field(default_factory=list)
    left: list[tuple[StoredBatch, str]] = field(default_factory=list)
    """Batches that do not fit, or not wholly, and why."""
    anchors: dict[int, int] = field(default_factory=dict)
    """The line of the changed file by the id of the line that it was."""
    marked: BitMap64 = field(default_factory=BitMap64)
    """The records that are marked, as far as they are known again."""
    unmarked: int = 0
    """Marks of lines of which nothing else is known, so that they cannot be found again."""


def plan_carrying(edited: EditedSource, journal: Journal) -> CarryPlan:
    """Look for the lines that changes were made on. Reads the source once; nothing is written."""
    plan = CarryPlan(anchors=_places_now(edited, journal))
    saved, cursor = journal.saved, journal.cursor
    made: set[int] = set()
    before = Overlay()
    for batch in journal.batches():
        if batch.number > cursor:
            break
        operations = [restore(one) for one in batch.operations]
        if batch.number <= saved.cursor:
            before.apply(operations)
            if batch.number == saved.cursor or batch.number == cursor:
                plan.fitting += _labels(before, batch, plan.anchors)
        elif saved.cursor == NOWHERE:
            plan.left.append((batch, BEFORE_SAVE))
        else:
            _add(plan, batch, operations, made)
    marks = [_now(record, plan.anchors, made) for record in kept_marks(journal)]
    plan.marked = BitMap64([record for record in marks if record is not None])
    plan.unmarked = marks.count(None)
    return plan


def _labels(before: Overlay, batch: StoredBatch, places: Mapping[int, int]) -> list[Fitting]:
    """What was said of lines before the file was last saved."""
    labels = baseline(before.labels, places.get)
    if not labels:
        return []
    return [(replace(batch, title="tags, reviews and notes from before the last save"), tuple(labels))]


def _add(plan: CarryPlan, batch: StoredBatch, all_of_it: Sequence[Operation], made: set[int]) -> None:
    """Carry what fits. What was asked for is told only where all does; in the changed file it may find others."""
    operations = [one for one in all_of_it if not isinstance(one, Asked)]
    carried = [_carried(one, plan.anchors, made) for one in operations]
    fitting = [one for one in carried if one is not None]
    whole = len(fitting) == len(operations) and all(
        len(new.concerns()) == len(old.concerns()) for new, old in zip(fitting, operations, strict=True)
    )
    if whole:
        fitting += (replace(one, as_listed=True) for one in all_of_it if isinstance(one, Asked))
    else:
        plan.left.append((batch, LINE_GONE))
    if fitting:
        plan.fitting.append((batch, tuple(fitting)))


def _places_now(edited: EditedSource, journal: Journal) -> dict[int, int]:
    """Where lines that something was done to stand now, found by what they say; equal ones in their old order."""
    wanted: defaultdict[bytes, list[int]] = defaultdict(list)
    lengths: set[int] = set()
    for record, _, length, digest in journal.originals():
        wanted[digest].append(record)
        lengths.add(length)
    index, places = edited.index, {}
    index.finish()
    for line in range(len(index) if wanted else 0):
        start, end = edited.content.span(line)
        if end - start in lengths:
            waiting = wanted.get(xxh3_128_digest(edited.source.read(start, end - start)))
            if waiting:
                places[waiting.pop(0)] = line
    return places


def _carried(operation: Operation, places: Mapping[int, int], made: set[int]) -> Operation | None:
    """The operation on the lines of the changed file; None where it is about one that is gone.

    `made` are the records and places that operations before it bring, to which its own are added.
    """
    match operation:
        case Rewrite() | TagMessage() | Annotate():
            record = _now(operation.record, places, made)
            return None if record is None else replace(operation, record=record)
        case Drop() | Tag() | Review() | Sweeping():
            records = BitMap64(
                [one for one in (_now(old, places, made) for old in operation.records) if one is not None]
            )
            return replace(operation, records=records) if records else None
        case Move():
            record, behind = _now(operation.record, places, made), _now(operation.behind, places, made)
            if record is None or behind is None:
                return None
            made.add(operation.place)
            return replace(operation, record=record, behind=behind)
        case Insert():
            behind = _now(operation.behind, places, made)
            if behind is None:
                return None
            made.update(one.record for one in operation.made)
            like = None if operation.like is None else _now(operation.like, places, made)
            return replace(operation, behind=behind, like=like)
        case Replace():
            originals = [_now(one, places, made) for one in operation.originals]
            known = tuple(one for one in originals if one is not None)
            if len(known) < len(originals):
                return None
            made.update(one.record for one in operation.made)
            return replace(operation, originals=known)
    return None


def _now(record: int, places: Mapping[int, int], made: set[int]) -> int | None:
    return record if record == START or record in made else places.get(record)


def carry(edited: EditedSource, journal: Journal, plan: CarryPlan) -> None:
    """Write a journal for the changed file with what fits, and with what does not in its list; it takes the old one's
    place in one step. The caller opens it anew.

    Raises UsageError while another program reads the journal, whose state SQLite would mix with the new one's.
    """
    path = journal.path
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode)
    fresh = Journal.create(beside, orjson.dumps(fingerprint_of(edited.source).to_json()), mode)
    first_text, first_id = journal.reserve_texts(1), journal.reserve_ids(1)
    fresh.reserve_texts(first_text)
    fresh.reserve_ids(first_id - FIRST_DERIVED)
    for batch, operations in plan.fitting:
        texts = journal.texts(_numbers(operations))
        fresh.append(
            batch.title, [store(one) for one in operations], texts.items(), originals=_anchors(edited, operations)
        )
    keep_marks(fresh, plan.marked)
    fresh.put_unapplied(journal.unapplied())
    fresh.put_unapplied(
        Unapplied(batch.number, batch.at, batch.title, reason, _packed(batch, journal)) for batch, reason in plan.left
    )
    fresh.put_unapplied(Unapplied(0, at, "an unfinished edit", DRAFT, text) for _, at, text in journal.drafts())
    fresh.close()
    journal.close()
    if path.with_name(f"{path.name}-wal").exists():
        beside.unlink()
        raise UsageError(f"{path}: another program has the journal open; close it, and open the file again.")
    beside.replace(path)


def _anchors(edited: EditedSource, operations: Sequence[Operation]) -> list[tuple[int, int, int, bytes]]:
    records = BitMap64().union(*(one.concerns() for one in operations))
    found = []
    for record in records:
        if record < FIRST_DERIVED:
            start, end = edited.content.span(record)
            found.append((record, start, end - start, xxh3_128_digest(edited.source.read(start, end - start))))
    return found


def _numbers(operations: Sequence[Operation]) -> list[int]:
    """The texts that operations bring."""
    numbers: list[int] = []
    for operation in operations:
        if isinstance(operation, Rewrite):
            numbers.append(operation.text)
        elif isinstance(operation, Insert | Replace):
            numbers += [one.text for one in operation.made]
    return numbers


def _packed(batch: StoredBatch, journal: Journal) -> bytes:
    """All of a batch that is not applied, with its texts, so that nothing of it is lost."""
    operations = [restore(one) for one in batch.operations]
    texts: dict[str, Any] = {
        str(number): text.decode("utf-8", "backslashreplace")
        for number, text in journal.texts(_numbers(operations)).items()
    }
    steps = [{"kind": one.kind, "payload": orjson.Fragment(one.payload)} for one in batch.operations]
    sets = [None if one.ids is None else b64encode(one.ids).decode("ascii") for one in batch.operations]
    return orjson.dumps({"operations": steps, "records": sets, "texts": texts})
