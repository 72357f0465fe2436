"""curator check --fix: mends what can be mended without loss or guessing, then tells what is left."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from curator.analysis.findings import Severity
from curator.analysis.lint.rules import RULES
from curator.cli import options, output
from curator.cli.audit_run import audited, to_end, workers_for
from curator.cli.destination import NEW_FILE, leads_on
from curator.cli.edited_file import edited_file
from curator.cli.exit_codes import Exit
from curator.cli.outcome import refuse_unsaved, save_in_place, write_elsewhere
from curator.cli.where import asked_by, records_where
from curator.errors import UsageError
from curator.records.fixing import FIXES, Fix, fix_named
from curator.session import Session
from curator.session.as_steps import mending
from curator.session.fixing import FixPreview, commit, preview, put_into_force, sentences
from curator.session.naming import paths_of
from curator.session.working_source import WorkingSource
from curator.storage.source import is_stream


def add_fixing(parser: argparse.ArgumentParser) -> None:
    """What is mended, and where the outcome goes."""
    group = parser.add_argument_group("fixing")
    group.add_argument(
        "--fix",
        nargs="?",
        const="",
        metavar="NAMES",
        help="mend what is safe to mend, or by the fixes named, such as spaces,weights; each FILE is saved,"
        " and its journal keeps the step, to be undone",
    )
    group.add_argument("--unsafe", action="store_true", help="also apply fixes whose outcome should be looked at")
    group.add_argument("--diff", action="store_true", help="only show what would change; exit 1 if anything would")
    options.add_where(group, "mend")
    group.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout; FILE stays")
    group.add_argument("--journal", metavar="PATH", help="where FILE's changes are kept (default: FILE.curator)")
    group.add_argument(
        "--force",
        action="store_true",
        help="replace OUT if it is there; without -o: save what else is in the journal along with it",
    )


def asks_for_fixes(arguments: argparse.Namespace) -> bool:
    """Whether anything is to be mended, or shown. Raises UsageError for options that go with that alone."""
    asks = arguments.fix is not None or arguments.diff
    if not asks and (arguments.unsafe or arguments.output or arguments.force or arguments.where is not None):
        raise UsageError("--unsafe, --where, -o and --force go with --fix, the first two with --diff too.")
    return asks


def fix_files(arguments: argparse.Namespace, check: Callable[[Path], Exit]) -> Exit:
    """Mend each file, then `check` what was written. The worst of the outcomes."""
    paths = paths_of(arguments.files)
    if arguments.output is not None and (arguments.diff or len(paths) > 1):
        raise UsageError("-o goes with --fix and one FILE.")
    if arguments.output is None and not arguments.diff and any(map(is_stream, paths)):
        raise UsageError(
            "Standard input has no file that could be saved; name one with `-o OUT`, or `-o -` for stdout."
        )
    outcomes = [_fix_file(path, arguments, check) for path in paths]
    return max(outcomes, default=Exit.CLEAN)


def _fix_file(path: Path, arguments: argparse.Namespace, check: Callable[[Path], Exit]) -> Exit:
    in_place = arguments.output is None and not arguments.diff
    own = argparse.Namespace(**{name: value for name, value in vars(arguments).items() if name != "files"}, file=path)
    with edited_file(own, read_only=not in_place) as (session, source):
        if in_place:
            refuse_unsaved(source, force=arguments.force)
        for _ in audited(session, whole=True):
            pass
        meant = records_where(arguments, session, audited=True)
        with workers_for(session) as (executor, workers):
            fixes = _fixes(arguments)
            found = to_end(session, preview(session, fixes, executor, workers, meant))
            _tell(path, session, source, found)
            if arguments.diff:
                put_into_force(session, found)
                return _show(session, source)
            left = _left(session, source, found)
            _write(arguments, session, found, executor, workers)
    if arguments.output is not None and leads_on(arguments.output):
        return Exit.FINDINGS if left & {Severity.ERROR, Severity(arguments.fail_on)} else Exit.CLEAN
    return check(path if in_place else arguments.output)


def _fixes(arguments: argparse.Namespace) -> list[Fix]:
    if arguments.fix:
        named = [fix_named(name.strip()) for name in arguments.fix.split(",")]
        risky = [fix for fix in named if not fix.safe and not arguments.unsafe]
        if risky:
            raise UsageError(
                f"The outcome of `{risky[0].name}` should be looked at: {risky[0].risk}. Give --unsafe, and see --diff."
            )
        return [fix for fix in FIXES if fix in named]
    return [fix for fix in FIXES if fix.safe or arguments.unsafe]


def _tell(path: Path, session: Session, source: WorkingSource, found: FixPreview) -> None:
    """What is mended by which fix, and what a person could still have mended."""
    if found.changed:
        records = "1 record" if found.changed == 1 else f"{found.changed:,} records"
        output.talk(f"{path}: {records} mended:")
        for line in sentences(found):
            output.talk(line)
    else:
        output.talk(f"{path}: nothing to mend{_by(found.fixes)}.")
    others = [fix for fix in FIXES if not fix.safe and fix not in found.fixes]
    waiting = [(fix, sum(len(session.by_rule.of(source, number)) for number in fix.rules)) for fix in others]
    for fix, count in waiting:
        if count:
            records = "1 record" if count == 1 else f"{count:,} records"
            output.talk(f"{records} may be mended by `--fix {fix.name} --unsafe`: {fix.risk}.")


def _left(session: Session, source: WorkingSource, found: FixPreview) -> set[Severity]:
    """How bad the findings are that are left."""
    before = {rule.number: len(session.by_rule.of(source, rule.number)) for rule in RULES}
    left = {number for number, count in before.items() if count > found.mended[number]} | found.left.keys()
    return {session.rules.severity(number) for number in left}


def _by(fixes: tuple[Fix, ...]) -> str:
    return "" if len(fixes) > 1 else f" by `{fixes[0].name}`"


def _show(session: Session, source: WorkingSource) -> Exit:
    from curator.cli.difference_report import DifferenceReport
    from curator.cli.difference_text import Ink, wants_colour
    from curator.edits.differences import Differences

    report = DifferenceReport(session, source, Differences(source.edited), Ink(wants_colour("auto")))
    for line in report.lines():
        output.data(line)
    return Exit.FINDINGS if report.differs else Exit.CLEAN


def _write(
    arguments: argparse.Namespace, session: Session, found: FixPreview, executor: Executor, workers: int
) -> None:
    if arguments.output is not None:
        put_into_force(session, found)
        write_elsewhere(session, arguments.output, executor, workers, force=arguments.force)
    else:
        asked = asked_by(arguments, session, do="fix", options=mending(found.fixes))
        save_in_place(session, partial(commit, session, found, asked) if found.changed else None, executor, workers)
