"""curator merge: several files of one dialect as one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import STDOUT, refuse, refuse_packed, stdout_descriptor
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.errors import UsageError
from curator.session import Session
from curator.session.merging import Merged, merge, merge_to, refuse_mixture

HELP = "write several files of one dialect, one after the other, to one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator merge`."""
    options.add_files(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="new file, or - for stdout")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_dialect(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the files byte for byte; only what would spoil the lines where two meet is changed, and told."""
    with opened_session(arguments) as session:
        refuse_mixture(session)
        if arguments.output == STDOUT:
            merge_to(session, stdout_descriptor())
        else:
            refuse_packed(arguments.output)
            target = refuse(arguments.output, arguments.files[0], force=arguments.force)
            for file in arguments.files:
                if target.exists() and file.exists() and target.samefile(file):
                    raise UsageError(f"{arguments.output}: is a file that is read; give another name.")
            _tell(arguments, session, merge(session, target))
        tell_unsaved(session)
    return Exit.CLEAN


def _tell(arguments: argparse.Namespace, session: Session, merged: Merged) -> None:
    lines = 0
    for opened in session.data.sources:
        opened.index.finish()
        lines += len(opened.index)
    for note in merged.notes:
        output.talk(note)
    if merged.marks:
        output.talk(f"{merged.marks:,} byte order marks at the start of later files are left out.")
    if merged.ends:
        output.talk(f"{merged.ends:,} last lines without a line end got one.")
    output.talk(
        f"{arguments.output}: {len(arguments.files):,} files, {lines:,} lines, {merged.proof.bytes:,} bytes;"
        f" xxh3_128 {merged.proof.digest}."
    )
