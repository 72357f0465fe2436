"""Writes what was done to a file: elsewhere, or in place with a step in the journal that takes it back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from curator.cli import output
from curator.cli.destination import target_of
from curator.errors import CuratorError, UsageError
from curator.session import Session
from curator.session.working_source import WorkingSource


def refuse_unsaved(source: WorkingSource, *, force: bool) -> None:
    """Raises UsageError where saving a file would save along what else its journal holds, unless that is meant."""
    from curator.edits.differences import Differences

    unsaved = 0 if force else len(Differences(source.edited))
    if unsaved:
        others = "1 other record" if unsaved == 1 else f"{unsaved:,} other records"
        raise UsageError(
            f"{source.opened.path}: saving it would save {others} along with this, changed in its journal;"
            " write to another file with -o, or give --force."
        )


def write_elsewhere(session: Session, target: Path, executor: Executor, workers: int, *, force: bool) -> None:
    """Write the records as they are now to a file, or to stdout for `-`; the source and its journal stay."""
    from curator.session.exporting import TagsTo, export
    from curator.session.sweeping import swept_lines

    (source,) = session.sources
    lines = swept_lines(source.edited, executor, workers)
    report = export(session, source, None, target_of(target, [source.opened.path], force=force), TagsTo(), lines)
    for note in report.notes:
        output.talk(note)
    output.talk(f"{target}: {report.plan.changed:,} changed, {report.plan.identical:,} identical.")


def save_in_place(session: Session, do: Callable[[], object] | None, executor: Executor, workers: int) -> None:
    """Do something to the journal, then save the file; where that cannot be, the journal is as it was.

    With nothing to do, what the journal holds already is saved: a call that was cut off before its save, say.
    """
    from curator.edits.differences import Differences
    from curator.edits.saving import plan_save
    from curator.session.saving import save
    from curator.session.sweeping import swept_lines

    (source,) = session.sources
    if do is not None:
        do()
    elif not len(Differences(source.edited)):
        return
    try:
        plan = plan_save(source.edited, lines=swept_lines(source.edited, executor, workers))
        report = save(session, source, plan)
    except CuratorError:
        if do is not None:
            source.edited.take_back_for_good()
        raise
    for note in report.notes:
        output.talk(note)
    output.talk(f"{report.path}: {report.plan.changed:,} changed, {report.plan.identical:,} identical.")
    undo = "Undo ends at this save" if plan.cuts_undo else f"`curator history {report.path} --undo` takes it back"
    output.talk(f"{undo}.")
