"""curator replace: find and replace in what the messages of all records say."""

from __future__ import annotations

import argparse
from pathlib import Path

from pyroaring import BitMap64

from curator.cli import options, output
from curator.cli.audit_run import workers_for
from curator.cli.destination import NEW_FILE, refuse
from curator.cli.edited_file import add_file, edited_file
from curator.cli.exit_codes import Exit
from curator.cli.outcome import write_elsewhere
from curator.cli.where import records_where
from curator.records.find_replace import Replacement, Search, check_replacement
from curator.records.search_line import ROLES

HELP = "find and replace in what messages say; all other bytes stay"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator replace`."""
    add_file(parser)
    what = parser.add_argument_group("what")
    what.add_argument("--find", required=True, metavar="TEXT", help="what is looked for")
    what.add_argument("--by", required=True, metavar="TEXT", help="what stands in its place; '' takes it out")
    what.add_argument(
        "-E", "--regex", action="store_true", help="it is a regular expression; \\1 and \\g<name> stand for its groups"
    )
    case = what.add_mutually_exclusive_group()
    case.add_argument(
        "-s",
        "--case-sensitive",
        action="store_true",
        help="upper and lower case differ (default: if TEXT has upper case)",
    )
    case.add_argument("-i", "--ignore-case", action="store_true", help="upper and lower case are the same")
    what.add_argument("--role", action="append", default=[], choices=ROLES, help="only in messages of this role")
    options.add_where(what, "only in")
    where = parser.add_argument_group("what to write").add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout; FILE stays")
    where.add_argument("--dry-run", action="store_true", help="only say how many records it would change")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_dialect(parser)
    options.add_model(parser)
    options.add_workers(parser.add_argument_group("work"))


def run(arguments: argparse.Namespace) -> Exit:
    """Replace in all records as they are now, with what FILE's journal holds. 0 even if nothing matches."""
    replacement = replacement_of(arguments)
    check_replacement(replacement)
    refuse(arguments.output, [arguments.file], force=arguments.force)
    with edited_file(arguments) as (session, source):
        meant = records_where(arguments, session)
        with workers_for(session) as (executor, workers):
            from curator.session.sweeping import find_changes, replace_in_force

            source.opened.index.finish()
            found = BitMap64()
            for _, records in find_changes(session, replacement, executor, workers):
                found |= records if meant is None else records & meant[source]
            output.talk(
                f"{len(found):,} record{'s' * (len(found) != 1)} changed by replacing {replacement.search.pattern!r}."
            )
            if arguments.output is not None:
                replace_in_force(session, source, found, replacement)
                write_elsewhere(session, arguments.output, executor, workers, force=arguments.force)
    return Exit.CLEAN


def replacement_of(arguments: argparse.Namespace) -> Replacement:
    """What was asked for."""
    ignore = True if arguments.ignore_case else False if arguments.case_sensitive else None
    return Replacement(Search(arguments.find, arguments.regex, ignore, frozenset(arguments.role)), arguments.by)
