"""curator diff: what the journal of a file holds and the file does not yet, message by message, or as a patch."""

from __future__ import annotations

import argparse

from curator.cli import options, output
from curator.cli.difference_report import DifferenceReport
from curator.cli.difference_text import Ink, wants_colour
from curator.cli.edited_file import add_file, edited_file, without_journal
from curator.cli.exit_codes import Exit
from curator.edits.differences import Differences
from curator.edits.patches import entries, header_of, written
from curator.session.working_source import WorkingSource

HELP = "show the changes that are not in the file yet; exit 1 if there are any"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator diff`."""
    add_file(parser)
    parser.add_argument("--patch", action="store_true", help="write a patch that `curator apply` applies")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colours (default: auto, on a terminal and without NO_COLOR)",
    )
    options.add_reading(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the differences. 1 if there are any, as diff(1) has it."""
    with edited_file(arguments) as (session, source):
        if source.edited.journal is None:
            output.talk(without_journal(source))
            return Exit.CLEAN
        differences = Differences(source.edited)
        if arguments.patch:
            return _write_patch(source, differences)
        report = DifferenceReport(session, source, differences, Ink(wants_colour(arguments.color)))
        for line in report.lines():
            output.data(line)
    output.talk(report.summary)
    return Exit.FINDINGS if report.differs else Exit.CLEAN


def _write_patch(source: WorkingSource, differences: Differences) -> Exit:
    if next(iter(differences), None) is None:
        output.talk(f"{source.opened.path}: holds all that was done to it; there is nothing to write a patch of.")
        return Exit.CLEAN
    for line in written(header_of(source.edited), entries(differences)):
        output.octets(line)
    return Exit.FINDINGS
