"""curator convert: records of one dialect, or of several, as records of another."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from curator.cli import options, output
from curator.cli.audit_run import workers_for
from curator.cli.convert_report import tell_details, tell_outcome, tell_tallies
from curator.cli.destination import NEW_FILE, STDOUT, refuse, refuse_sources, target_of
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.cli.where import records_where
from curator.engine.converting import Plan, Tally
from curator.errors import UsageError
from curator.records.converting import Keep, Keys, Ways, Weight
from curator.records.dialects import NAMES
from curator.session import Session
from curator.session.converting import NotWrittenError, converted_files, summed, write_converted
from curator.session.editor import Selection

HELP = "write records in another dialect, with what that loses told first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator convert`."""
    options.add_files(parser)
    parser.add_argument("--to", choices=NAMES, required=True, metavar="DIALECT", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, and tell what would be lost")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    _add_choices(parser)
    options.add_where(parser, "convert")
    parser.add_argument("--report", action="store_true", help="list on stdout, as JSON Lines, each thing that is told")
    options.add_dialect(parser)
    options.add_model(parser)
    options.add_workers(parser.add_argument_group("work"))


def _add_choices(parser: argparse.ArgumentParser) -> None:
    keys = parser.add_mutually_exclusive_group()
    keys.add_argument(
        "--keep-keys",
        dest="keys",
        action="store_const",
        const=Keys.KEEP,
        default=Keys.FITTING,
        help="keep keys that no dialect knows (default: where DIALECT lets further keys pass)",
    )
    keys.add_argument("--drop-keys", dest="keys", action="store_const", const=Keys.DROP, help="leave such keys out")
    parser.add_argument(
        "--answers",
        type=Keep,
        choices=(Keep.CHOSEN, Keep.BOTH),
        default=Keep.NEITHER,
        metavar="chosen|both",
        help="of two answers keep the preferred one, or make a record of each",
    )
    parser.add_argument(
        "--fold-system",
        action="store_true",
        help="put a system prompt that has no place into the first user message",
    )
    parser.add_argument("--skip", action="store_true", help="leave out records that cannot be converted")
    lossy = parser.add_mutually_exclusive_group()
    lossy.add_argument(
        "--skip-lossy", action="store_true", help="leave out records that would lose something, or cannot be converted"
    )
    lossy.add_argument("--allow-lossy", action="store_true", help="write records that lose something")


def run(arguments: argparse.Namespace) -> Exit:
    """Convert all records, or none. 1 if nothing was written, for records cannot be converted or lose something."""
    _check(arguments)
    refuse(arguments.output, arguments.files, force=arguments.force)
    with opened_session(arguments) as session:
        tallies: list[Tally] = []
        outcome = _convert(arguments, session, records_where(arguments, session), tallies)
        if arguments.report:
            tell_details(session, tallies)
        tell_unsaved(session, arguments.command)
        return outcome


def _check(arguments: argparse.Namespace) -> None:
    if arguments.output is None and not arguments.dry_run:
        raise UsageError("Name the new file with `-o OUT`, or see what would be lost with `--dry-run`.")
    if arguments.report and arguments.output == STDOUT and not arguments.dry_run:
        raise UsageError("Records and the report cannot both go to stdout: give `-o` a name.")


def _convert(arguments: argparse.Namespace, session: Session, meant: Selection | None, tallies: list[Tally]) -> Exit:
    how = _plan(arguments)
    skip, settled = arguments.skip or arguments.skip_lossy, arguments.skip_lossy or arguments.allow_lossy
    stopped = partial(_stops, skip=skip, settled=settled)
    target = None if arguments.dry_run else _target(arguments)
    tried = target is None or (isinstance(target, int) and not (skip and settled))
    if tried:
        for _ in _lines(session, how, meant, tallies):
            pass
        tell_tallies(session, tallies)
        if any(map(stopped, tallies)):
            return tell_outcome(arguments, summed(tallies), None)
    if target is None:
        return Exit.CLEAN
    tallies.clear()
    lines = _lines(session, how, meant, tallies)
    return _write(arguments, session, lines, target, tallies, stopped, told=tried)


def _target(arguments: argparse.Namespace) -> Path | int:
    refuse_sources(arguments.output, arguments.files)
    return target_of(arguments.output, arguments.files, force=arguments.force)


def _write(
    arguments: argparse.Namespace,
    session: Session,
    lines: Iterable[bytes],
    target: Path | int,
    tallies: list[Tally],
    stopped: Callable[[Tally], bool],
    *,
    told: bool,
) -> Exit:
    written = None
    try:
        written = write_converted(session.data.sources[0].source, lines, target, tallies, stopped)
    except NotWrittenError:
        told = False
    if not told:
        tell_tallies(session, tallies)
    for note in written.notes if written else ():
        output.talk(note)
    return tell_outcome(arguments, summed(tallies), written)


def _plan(arguments: argparse.Namespace) -> Plan:
    ways = Ways(arguments.keys, arguments.answers, arguments.fold_system)
    most = Weight.TOLD if arguments.skip_lossy else Weight.LOST
    return Plan(arguments.to, ways, most, with_details=arguments.report)


def _stops(tally: Tally, *, skip: bool, settled: bool) -> bool:
    """Whether nothing is to be written: for what cannot be converted, or for losses that nobody agreed to."""
    return bool((tally.refused and not skip) or (tally.lossy and not settled))


def _lines(session: Session, how: Plan, meant: Selection | None, tallies: list[Tally]) -> Iterator[bytes]:
    with workers_for(session) as (executor, workers), output.progress(session.data.bytes) as bar:
        yield from converted_files(session, how, executor, workers, tallies, bar.update, meant)
