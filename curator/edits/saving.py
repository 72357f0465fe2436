"""Writes a source with all that was done to it, untouched lines byte for byte, in one step: all of it or nothing."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import orjson

from curator.edits.baseline import baseline
from curator.edits.content import Content, swept
from curator.edits.edited_source import EditedSource
from curator.edits.saved import SavedState, saved_state
from curator.edits.segments import LinesOf, Segments, all_records, maybe_changed, segments
from curator.edits.stored import store
from curator.edits.versions import ORIGINAL
from curator.errors import UsageError
from curator.storage.delivering import deliver
from curator.storage.journal import Intent
from curator.storage.line_ends import LineEnds
from curator.storage.live import GrowthWatch, why_live
from curator.storage.proving import Proved, write_lines
from curator.storage.replacing import check_room, replacing
from curator.storage.runs import FIRST_DERIVED, Run, Runs
from curator.storage.writer import Proof, Segment, Stretch, write_segments

TRIED_FIRST, TRIED_EACH = 256, 1024
"""Of records that rules change, so many at first and one in so many later are tried to tell the size of a file."""

UNDO_BUDGET = 256 << 20
"""Bytes of lines before the save that the journal keeps so that undo reaches across it."""


class ChangedUnderneathError(UsageError):
    """The file is not the one that was opened, or something still writes to it."""


@dataclass(frozen=True, slots=True)
class SavePlan:
    """What a save will do, to be told before it is done."""

    segments: Segments
    runs: tuple[Run, ...]
    bytes: int
    """Of the new file; about so many if `estimated`, for what a rule amounts to is only known when it is applied."""
    changed: int
    """Records whose line is replaced."""
    added: int
    """Records that no line of the source was read for."""
    left_out: int
    """Lines of the source that are dropped, or that pieces stand for."""
    identical: int
    """Lines that are copied byte for byte."""
    undo_bytes: int
    """Bytes that the journal has to keep for undo to reach across the save."""
    same: bool
    """Whether the new file would be the old one."""
    made_for: tuple[int, int]
    """Bytes of the source, and the revision of what was done to it, that the plan was made for."""
    estimated: bool = False

    @property
    def cuts_undo(self) -> bool:
        """Whether undo will end at the save."""
        return self.undo_bytes > UNDO_BUDGET


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What a save did."""

    path: Path
    plan: SavePlan
    proof: Proof
    notes: tuple[str, ...] = ()
    respelt: bool = False
    """Whether some lines stand in the file in another spelling than they were given, as tables have their own."""


class Saved(NamedTuple):
    """What a save in place came to."""

    report: SaveReport
    state: SavedState
    """Which records now stand on which lines."""
    ends: array[int]
    """Where the lines of the new file end."""


def plan_save(edited: EditedSource, runs: Sequence[Run] | None = None, lines: LinesOf | None = None) -> SavePlan:
    """What writing some records, or all, amounts to. Nothing is written; `lines` gives what is new when it is.

    Raises UsageError while the source is not all there yet.
    """
    if not edited.source.whole:
        raise UsageError(f"{edited.path}: is still being unpacked; write it when all of it is there.")
    chosen = tuple(all_records(edited) if runs is None else runs)
    changed, added, identical = _counted(edited, chosen)
    growth = _Growth(edited.content)
    size, same = _measured(segments(edited, chosen, growth.bases), edited.source.size)
    return SavePlan(
        segments=Segments(lambda: segments(edited, chosen, lines)),
        runs=chosen,
        bytes=size + growth.bytes,
        changed=changed,
        added=added,
        left_out=len(edited.index) - identical - changed,
        identical=identical,
        undo_bytes=_undo_bytes(edited),
        same=same,
        made_for=_state(edited),
        estimated=growth.estimated,
    )


def _state(edited: EditedSource) -> tuple[int, int]:
    return edited.source.size, edited.overlay.revision


def _refuse_if_outdated(edited: EditedSource, plan: SavePlan) -> None:
    """Raise ChangedUnderneathError where the plan leaves out what was appended, or done, since it was made."""
    if plan.made_for != _state(edited):
        raise ChangedUnderneathError(
            f"{edited.path}: grew, or was edited, since the save was planned; nothing was written. Save again."
        )


class _Growth:
    """What rules add to the lines that they change, from some of them."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._number = self._tried = 0
        self._base = self._base_tried = self._added = 0

    def bases(self, records: Iterable[int]) -> Iterator[bytes]:
        """The lines of records without what rules make of them."""
        for record in records:
            base, rules = self._content.layers(record)
            if rules:
                self._base += len(base)
                if self._number < TRIED_FIRST or self._number % TRIED_EACH == 0:
                    self._tried += 1
                    self._base_tried += len(base)
                    self._added += len(swept(base, rules)) - len(base)
                self._number += 1
            yield base

    @property
    def estimated(self) -> bool:
        """Whether not all were tried."""
        return self._tried < self._number

    @property
    def bytes(self) -> int:
        """Of all lines together."""
        return self._added * self._base // max(1, self._base_tried)


def _measured(parts: Iterable[Segment], size: int) -> tuple[int, bool]:
    """Bytes of a file that consists of these segments, and whether that is the source, of so many bytes, as it is."""
    total, same = 0, True
    for part in parts:
        same = same and isinstance(part, Stretch) and part.start == total
        total += _length(part)
    return total, same and total == size


def _counted(edited: EditedSource, runs: Iterable[Run]) -> tuple[int, int, int]:
    """How many records are changed, added and identical."""
    changed = added = identical = 0
    for first, count in runs:
        for record in maybe_changed(edited, first, count):
            count -= 1
            if edited.content.line_number(record) is not None:
                identical += 1
            elif edited.content.saved.lines.place_of(record) is None:
                added += 1
            else:
                changed += 1
        identical += count
    return changed, added, identical


def _to_be_lost(edited: EditedSource) -> Iterator[tuple[int, int, int]]:
    """Id and bytes [start, end) of the lines that stand in the source with their original text, and will not."""
    overlay, content = edited.overlay, edited.content
    for record in overlay.versions.changed | overlay.dropped | overlay.replaced:
        line = content.saved.lines.place_of(record) if record < FIRST_DERIVED else None
        if line is None or content.saved.version(record) != ORIGINAL:
            continue
        hidden = record in overlay.dropped or record in overlay.replaced
        if hidden or content.line_number(record) is None:
            yield record, *content.span(line)


def _undo_bytes(edited: EditedSource) -> int:
    """Bytes that undo across a save takes, counted until they are over the budget."""
    total = 0
    for _, start, end in _to_be_lost(edited):
        total += end - start
        if total > UNDO_BUDGET:
            break
    return total


def write_copy(edited: EditedSource, plan: SavePlan, target: Path) -> SaveReport:
    """Write the planned records to another file. The source and its journal stay as they are.

    Raises ChangedUnderneathError, WriteFaultError, NoRoomError or UsageError; the target is as it was then.
    """
    _refuse_if_outdated(edited, plan)
    parts = [(edited.source, plan.segments)]
    written = deliver(parts, target, like=edited.source, size=plan.bytes)
    assert written.proof is not None, "a file is read back"
    done = replace(plan, bytes=written.bytes, estimated=False)
    return SaveReport(Path(os.path.realpath(target)), done, written.proof, written.notes)


def size_of(parts: Iterable[Segment]) -> int:
    """Bytes of a file that consists of these segments."""
    return sum(map(_length, parts))


def _length(part: Segment) -> int:
    return len(part) if isinstance(part, bytes) else part.end - part.start


def why_not(edited: EditedSource, growth: GrowthWatch) -> str:
    """Why the source must not be replaced now, as a sentence; empty if it may be."""
    if edited.read_only:
        return edited.read_only
    if edited.source.place != edited.path:
        return edited.source.why_not_replace() or why_live(edited.path, growth)
    try:
        status = edited.path.stat()
    except OSError:
        return f"{edited.path}: is not there any more; save under another name."
    if (status.st_dev, status.st_ino) != edited.source.identity or status.st_size < edited.source.size:
        return f"{edited.path}: was replaced since it was opened; save under another name, and open it again."
    live = why_live(edited.path, growth)
    if live:
        return live
    if status.st_size != edited.source.size or status.st_mtime_ns != edited.modified:
        return f"{edited.path}: was changed since it was opened; save under another name, and open it again."
    return ""


def save_in_place(edited: EditedSource, plan: SavePlan, growth: GrowthWatch, backup: Path | None = None) -> Saved:
    """Replace the source by the planned records; the journal goes on from there. The caller opens the source anew.

    Raises ChangedUnderneathError, and what `write_copy` raises; the source is as it was then.
    """
    _refuse_if_outdated(edited, plan)
    if reason := why_not(edited, growth):
        raise ChangedUnderneathError(reason)
    if backup is not None:
        _back_up(edited, backup)
    journal = edited.writable_journal()
    check_room(edited.path.resolve().parent, plan.bytes)
    state = _state_after(edited, plan)
    lines = LineEnds(edited.source, edited.index)

    def intend() -> None:
        _refuse_if_outdated(edited, plan)
        if reason := why_not(edited, growth):
            raise ChangedUnderneathError(reason)
        fingerprint = orjson.dumps(written.fingerprint(new).to_json())
        journal.begin_save(_intent(edited, plan, state, fingerprint))

    with replacing(edited.path, like=edited.path) as new:
        written = write_lines([(edited.source, lines.noted(plan.segments))], new, edited.source.packing)
        _refuse_blank(edited, lines, written)
        try:
            new.commit(intend)
        except BaseException:
            if not new.committed and journal.intent is not None:
                journal.discard_save()
            raise
    journal.complete_save()
    done = replace(plan, bytes=written.proof.bytes, estimated=False)
    report = SaveReport(new.target, done, written.proof, tuple(new.notes), written.respelt)
    return Saved(report, state, lines.ends if written.ends is None else written.ends)


def _refuse_blank(edited: EditedSource, lines: LineEnds, written: Proved) -> None:
    """Raise UsageError where a table left out lines, so that those behind them would be other ones."""
    if written.ends is not None and len(written.ends) != len(lines.ends):
        number = len(lines.ends) - len(written.ends)
        raise UsageError(f"{edited.path}: {number:,} lines are blank, which a table cannot hold; drop them first.")


def _back_up(edited: EditedSource, backup: Path) -> None:
    with edited.source.as_it_lies() as old:
        check_room(backup.absolute().parent, old.size)
        with replacing(backup, like=edited.path) as new:
            write_segments(old, (Stretch(0, old.size),), new.descriptor)
            new.commit()


def _state_after(edited: EditedSource, plan: SavePlan) -> SavedState:
    """Which text of which record stands on which line of the new file; lines that are appended later come behind."""
    if plan.cuts_undo:
        return SavedState()
    tail = edited.known_lines
    runs = list(plan.runs)
    if runs and sum(runs[-1]) == tail:
        first, _ = runs.pop()
        tail = first
    return saved_state(edited.overlay, Runs([*runs, (tail, FIRST_DERIVED - tail)]))


def _intent(edited: EditedSource, plan: SavePlan, state: SavedState, fingerprint: bytes) -> Intent:
    cursor = edited.cursor
    if plan.cuts_undo:
        kept = [store(one) for one in baseline(edited.overlay.labels, Runs(plan.runs).place_of)]
        return Intent(fingerprint, cursor, b"", cut=True, baseline=kept)
    read = edited.source.read
    befores = ((record, read(start, end - start)) for record, start, end in _to_be_lost(edited))
    return Intent(fingerprint, cursor, state.to_bytes(), befores)
