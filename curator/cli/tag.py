"""curator tag: a tag in a key of the records that a filter is true of."""

from __future__ import annotations

import argparse
from pathlib import Path

from pyroaring import BitMap64

from curator.cli import options
from curator.cli.audit_run import workers_for
from curator.cli.destination import NEW_FILE, refuse
from curator.cli.edited_file import add_file, edited_file
from curator.cli.exit_codes import Exit
from curator.cli.outcome import write_elsewhere
from curator.cli.where import records_where
from curator.edits.key_tags import KeyTagRule
from curator.edits.operations import Sweeping
from curator.session import Session
from curator.session.filtering import there
from curator.session.sweeping import LAST_TEXT

HELP = "write a tag into a key of the records that a filter is true of; all other bytes stay"
USUAL_KEY = "tags"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator tag`."""
    add_file(parser)
    parser.add_argument("--tag", required=True, metavar="NAME", help="the tag; it stands behind those that are there")
    parser.add_argument("--key", default=USUAL_KEY, metavar="NAME", help="the key of their list (default: tags)")
    options.add_where(parser, "tag")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the records as they are now, with what FILE's journal holds, those that are meant with the tag."""
    refuse(arguments.output, [arguments.file], force=arguments.force)
    with edited_file(arguments) as (session, source):
        meant = records_where(arguments, session)
        source.opened.index.finish()
        records = there(source) - source.edited.hidden if meant is None else meant[source]
        if records:
            _put_in_force(arguments, session, records)
        with workers_for(session) as (executor, workers):
            write_elsewhere(session, arguments.output, executor, workers, force=arguments.force)
    return Exit.CLEAN


def _put_in_force(arguments: argparse.Namespace, session: Session, records: BitMap64) -> None:
    """Tag without a journal, for records that are written elsewhere: the file and its journal stay."""
    (source,) = session.sources
    dialect = session.file_dialect(source.opened).name
    rule = KeyTagRule(arguments.key, arguments.tag, dialect, bool(session.settings.dialect))
    source.edited.overlay.apply([Sweeping(records, LAST_TEXT, rule)])
