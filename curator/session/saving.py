"""Saves a source of a session, and lets lines, columns and figures go on with the file as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyroaring import BitMap64

from curator.analysis.report import Columns
from curator.edits.saving import SavePlan, SaveReport, save_in_place
from curator.edits.segments import line_runs, maybe_changed
from curator.session.facade import Session
from curator.session.working_source import WorkingSource
from curator.storage.live import GrowthWatch
from curator.storage.runs import Runs


def save(session: Session, source: WorkingSource, plan: SavePlan, backup: Path | None = None) -> SaveReport:
    """Replace a source by the planned records. What is known of them stays known; the audit goes on from there.

    Raises what `curator.edits.saving.save_in_place` raises; nothing has changed then.
    """
    columns = _columns_after(source, plan)
    report, state, ends = save_in_place(source.edited, plan, source.growth, backup)
    with session.renewing(source):
        source.opened.reopen(ends)
        source.opened.index.finish()
        source.growth = GrowthWatch(source.opened.path)
        source.edited.renew(source.opened.source, source.opened.index, state, cut=plan.cuts_undo)
        if plan.cuts_undo:
            places = map(Runs(plan.runs).place_of, source.marked)
            source.marked = BitMap64([place for place in places if place is not None])
        if columns is not None and not report.respelt:
            source.opened.add(columns, session.limit)
    return report


def _columns_after(source: WorkingSource, plan: SavePlan) -> Columns | None:
    """The columns of the lines of the new file, if all of them are known."""
    columns = Columns()
    for part in _parts(source, plan):
        if part is None:
            return None
        columns.extend(part)
    return columns


def _parts(source: WorkingSource, plan: SavePlan) -> Iterator[Columns | None]:
    for first, count in plan.runs:
        after = first
        for record in maybe_changed(source.edited, first, count):
            yield from _untouched(source, after, record)
            found = source.find(record)
            yield found and found.columns.stretch(found.row, found.row + 1)
            after = record + 1
        yield from _untouched(source, after, first + count)


def _untouched(source: WorkingSource, first: int, end: int) -> Iterator[Columns | None]:
    known = source.opened.columns
    for line, count in line_runs(source.edited, first, end):
        yield known.stretch(line, line + count) if line + count <= len(known) else None
