"""curator apply: a patch of `curator diff --patch`, on the file that it was made for or on a later one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, target_of
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.edits.fitting import Fitted, Target, Unfit, fit
from curator.edits.patches import Do, Entry, read_patch
from curator.edits.saving import ChangedUnderneathError, size_of, why_not
from curator.errors import UnreadableError, UsageError
from curator.session.working_source import WorkingSource
from curator.storage.delivering import deliver

HELP = "apply a patch of `curator diff --patch`; exit 1 if something does not fit"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator apply`."""
    parser.add_argument("patch", type=Path, metavar="PATCH", help="what `curator diff FILE --patch` wrote")
    parser.add_argument("file", type=Path, metavar="FILE", help="the file it was made for, or a later one")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    where.add_argument("--in-place", action="store_true", help="replace FILE")
    parser.add_argument("--dry-run", action="store_true", help="only say what fits")
    parser.add_argument(
        "--force", action="store_true", help="replace OUT if it is there; in place: although FILE has a journal"
    )
    options.add_journal(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the file with all of the patch that fits, and tell what does not."""
    try:
        content = arguments.patch.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{arguments.patch}: cannot be read: {error.strerror}.") from error
    header, entries = read_patch(content, str(arguments.patch))
    with opened_session(arguments) as session:
        source = session.sources[0]
        target = _target(arguments, source)
        fitted = fit(header, entries, source.edited)
        if target is not None:
            _write(fitted, source, target, in_place=arguments.in_place)
        _tell(arguments, fitted)
        if not arguments.in_place:
            tell_unsaved(session, arguments.command)
    return Exit.FINDINGS if fitted.unfit else Exit.CLEAN


def _target(arguments: argparse.Namespace, source: WorkingSource) -> Path | int | None:
    """Where to write; None for nowhere. Raises UsageError where that must not be."""
    if arguments.dry_run:
        return None
    if arguments.output is not None:
        return target_of(arguments.output, [arguments.file], force=arguments.force)
    if not arguments.in_place:
        raise UsageError("Say where to write: -o OUT, or --in-place; or --dry-run to see what fits.")
    journal = source.edited.journal_path
    if journal.exists() and not arguments.force:
        raise UsageError(
            f"{arguments.file}: has a journal of changes to it as it is ({journal.name}); write to another file with"
            " -o, or give --force and let `curator` carry them over when the file is opened."
        )
    return Path(os.path.realpath(arguments.file))


def _write(fitted: Fitted, source: WorkingSource, target: Path | int, *, in_place: bool) -> None:
    opened = source.opened.source

    def refuse_if_changed() -> None:
        if reason := why_not(source.edited, source.growth):
            raise ChangedUnderneathError(reason)

    if in_place:
        if not fitted.applied:
            return
        refuse_if_changed()
    before_rename = refuse_if_changed if in_place else None
    size = size_of(fitted.segments)
    written = deliver([(opened, fitted.segments)], target, like=opened, size=size, before_rename=before_rename)
    for note in written.notes:
        output.talk(note)


def _tell(arguments: argparse.Namespace, fitted: Fitted) -> None:
    if fitted.target is Target.RESULT:
        output.talk(f"{arguments.file}: the patch is applied already; nothing was changed.")
        return
    for one in fitted.unfit:
        output.talk(_sentence(one))
    already = f", {fitted.already:,} there already" if fitted.already else ""
    fits = "fits" if len(fitted.unfit) == 1 else "fit"
    output.talk(f"{fitted.applied:,} applied{already}, {len(fitted.unfit):,} no longer {fits}.")


def _sentence(unfit: Unfit) -> str:
    entry = unfit.entry
    if entry.at is not None:
        place = f"line {entry.at.line:,}"
    elif entry.behind is not None and entry.behind.line:
        place = f"behind line {entry.behind.line:,}"
    else:
        place = "at the start"
    return f"{place} is not {_deed(entry)}: {unfit.reason}."


def _deed(entry: Entry) -> str:
    count = len(entry.lines)
    if entry.do is Do.MOVE:
        return "moved"
    if entry.do is Do.INSERT:
        return f"given {count:,} new record{'s' * (count > 1)}"
    return ("dropped", "edited")[count] if count < 2 else f"split into {count:,}"
