"""curator filter: the lines that a filter expression is true of, byte for byte."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from curator.analysis.predicates import Not, Predicate
from curator.analysis.predicates.parsing import parse
from curator.cli import options, output
from curator.cli.audit_run import know_all, over_records
from curator.cli.destination import NEW_FILE, STDOUT, target_of
from curator.cli.edited_file import bring_edits
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.session import Session
from curator.session.picking import write_records
from curator.session.sorting import SortKey, sort_keys
from curator.session.view import View
from curator.session.viewing import follows_audit, views

HELP = "write the records that a filter is true of, byte for byte; exit code 1 if there are none"
EPILOG = "the filter: see docs/filtering.md, such as `tokens > 4000 and not tool:search`; @NAME stands for a saved one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator filter`."""
    parser.add_argument(
        "expression", metavar="EXPR", help="what is to be true, such as 'tokens > 4000 and user ~ \"refund\"'"
    )
    options.add_files(parser)
    parser.add_argument(
        "-o", "--output", type=Path, default=STDOUT, metavar="OUT", help=f"{NEW_FILE} (default: stdout)"
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    parser.add_argument("--count", action="store_true", help="write how many there are, not the records")
    parser.add_argument("--invert", action="store_true", help="those that it is not true of")
    parser.add_argument(
        "--sort", default="", metavar="KEYS", help="in this order, such as 'tokens,-turns,.meta.score'; - falls"
    )
    parser.add_argument("--head", type=options.whole, metavar="N", help="the first N of them")
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)
    parser.epilog = EPILOG


def run(arguments: argparse.Namespace) -> Exit:
    """Write the lines, or their number: the records as they are now, with what the journals hold."""
    settings = options.settings_of(arguments)
    predicate = parse(arguments.expression, settings.named_filters)
    title = arguments.expression.strip()
    if arguments.invert:
        predicate, title = Not(predicate), f"not ({title})"
    keys = sort_keys(arguments.sort)
    with opened_session(arguments, settings) as session:
        target = None if arguments.count else target_of(arguments.output, arguments.files, force=arguments.force)
        bring_edits(session)
        session.listing.view = _listed(session, title, predicate, keys)
        number = _write(session, target, arguments)
    return Exit.CLEAN if number else Exit.FINDINGS


def _listed(session: Session, title: str, predicate: Predicate, keys: Sequence[SortKey]) -> View:
    """The records, once all that is asked for is known; the audit is run only where the answer depends on it."""
    order = " ".join(key.title for key in keys)
    know_all(session, figures=follows_audit(View(title, predicate, order_title=order)))
    return over_records(session, lambda executor, workers: views(session, title, predicate, keys, executor, workers))


def _write(session: Session, target: Path | int | None, arguments: argparse.Namespace) -> int:
    """Write what is listed, or how many there are. Returns how many."""
    number = len(session) if arguments.head is None else min(arguments.head, len(session))
    if target is None:
        output.data(f"{number}")
        return number
    runs = ((source, *run) for source, run in session.listing.stretch(0, number))
    written = write_records(runs, session.sources[0], target, session.data.bytes)
    for note in written.notes:
        output.talk(note)
    if arguments.output != STDOUT:
        output.talk(f"{arguments.output}: {number:,} of {session.listing.number_of_all:,} records.")
    return number
