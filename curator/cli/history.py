"""curator history: what was done to a file, and undo and redo without the screen."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime

from curator.cli import output
from curator.cli.edited_file import add_file, edited_file, without_journal
from curator.cli.exit_codes import Exit
from curator.errors import UsageError
from curator.session import Session
from curator.session.as_recipe import recipe_of
from curator.session.left_over import left_lines
from curator.session.working_source import WorkingSource
from curator.storage.journal import Journal

HELP = "list what was done to a file; undo and redo it; what could not be applied after it changed"
HEADER = ("number", "when", "records", "what", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator history`."""
    add_file(parser)
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--undo", action="store_true", help="take back what was done last")
    step.add_argument("--redo", action="store_true", help="do again what was taken back last")
    step.add_argument("--to", type=_number, metavar="N", help="go to the state after number N; 0 is as it was at first")
    step.add_argument(
        "--left", action="store_true", help="write out, as JSON Lines, what could not be applied when the file changed"
    )
    step.add_argument(
        "--recipe",
        action="store_true",
        help="write what was done, as far as steps can do it, as a recipe for `curator run`",
    )
    step.add_argument("--forget-left", action="store_true", help="forget what could not be applied")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"takes a number of the list, or 0, not {text!r}")
    return int(text[:18])


def run(arguments: argparse.Namespace) -> Exit:
    """List the batches, or go from one to another."""
    moves = arguments.undo or arguments.redo or arguments.to is not None
    about_left = arguments.left or arguments.forget_left
    changes = moves or arguments.forget_left
    with edited_file(arguments, read_only=not changes, even_changed=about_left) as (session, source):
        if source.edited.journal is None:
            output.talk(without_journal(source))
            return Exit.USAGE if changes else Exit.CLEAN
        if about_left:
            _left(source, source.edited.journal, forget=arguments.forget_left)
        elif moves:
            _move(session, source, arguments)
        elif arguments.recipe:
            output.octets(recipe_of(source, datetime.now()).encode("utf-8", "backslashreplace"))
        else:
            output.table(HEADER, list(_rows(source)), right=frozenset({0, 2}))
            for left in source.edited.journal.unapplied():
                output.talk(f"not applied, since the file changed: {left.title} ({left.reason}).")
    return Exit.CLEAN


def _left(source: WorkingSource, journal: Journal, *, forget: bool) -> None:
    """Write out what could not be applied, or forget it."""
    left = journal.unapplied()
    if not left:
        output.talk(f"{source.opened.path}: its journal holds nothing that could not be applied.")
    elif not forget:
        for line in left_lines(left):
            output.octets(line)
    elif source.edited.holder is not None:
        raise UsageError(source.edited.read_only)
    else:
        journal.drop_unapplied()
        output.talk(f"forgotten: {len(left):,} change{'s' * (len(left) > 1)} that could not be applied.")


def _move(session: Session, source: WorkingSource, arguments: argparse.Namespace) -> None:
    if arguments.to is not None:
        passed = session.editor.go_to(source, arguments.to)
        output.talk(f"{passed:,} step{'s' * (passed != 1)} to number {source.edited.cursor:,}.")
        return
    done = session.editor.undo() if arguments.undo else session.editor.redo()
    if done is None:
        raise UsageError(f"{source.opened.path}: there is nothing to {'undo' if arguments.undo else 'redo'}.")
    output.talk(f"{'undone' if arguments.undo else 'done again'}: {done.title}.")


def _rows(source: WorkingSource) -> Iterator[tuple[str, ...]]:
    """The batches, oldest first, with what there is to say of each."""
    edited, journal = source.edited, source.edited.journal
    assert journal is not None
    saved, floor = journal.saved.cursor, journal.floor
    for batch in edited.batches:
        marks = [
            "undone" if batch.number > edited.cursor else "",
            "saved here" if batch.number == saved else "",
            "undo ends here" if batch.number == floor else "",
            "now" if batch.number == edited.cursor else "",
        ]
        yield (
            f"{batch.number:,}",
            f"{datetime.fromtimestamp(batch.at):%Y-%m-%d %H:%M}",
            f"{len(batch.concerns()):,}",
            output.printable(batch.title or "tags, reviews and notes from before the save"),
            ", ".join(filter(None, marks)),
        )
