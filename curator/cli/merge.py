"""curator merge: several files of one dialect as one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, refuse_sources, target_of
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.many_files import proof_of
from curator.cli.opening import opened_session
from curator.session import Session
from curator.session.merging import changes, merge, refuse_mixture
from curator.storage.delivering import Delivered

HELP = "write several files of one dialect, one after the other, to one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator merge`."""
    options.add_files(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_dialect(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the files byte for byte; only what would spoil the lines where two meet is changed, and told."""
    with opened_session(arguments) as session:
        refuse_mixture(session)
        refuse_sources(arguments.output, arguments.files)
        _tell(arguments, session, merge(session, target_of(arguments.output, arguments.files, force=arguments.force)))
        tell_unsaved(session, arguments.command)
    return Exit.CLEAN


def _tell(arguments: argparse.Namespace, session: Session, merged: Delivered) -> None:
    lines = 0
    for opened in session.data.sources:
        opened.index.finish()
        lines += len(opened.index)
    for note in merged.notes:
        output.talk(note)
    marks, ends = changes(session)
    if marks:
        output.talk(f"{marks:,} byte order marks at the start of later files are left out.")
    if ends:
        output.talk(f"{ends:,} last lines without a line end got one.")
    files = output.counted(len(arguments.files), "file")
    output.talk(f"{arguments.output}: {files}, {output.counted(lines, 'line')}, {proof_of(merged)}.")
