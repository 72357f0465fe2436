"""curator sample: some records, drawn at random."""

from __future__ import annotations

import argparse
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, STDOUT, target_of
from curator.cli.exit_codes import Exit
from curator.cli.many_files import counted, opened_files, proof_of, write
from curator.session.drawing import sampled

HELP = "draw some records at random"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator sample`."""
    options.add_files(parser)
    parser.add_argument("-n", "--number", type=options.positive, required=True, metavar="N", help="how many records")
    parser.add_argument(
        "-o", "--output", type=Path, default=STDOUT, metavar="OUT", help=f"{NEW_FILE} (default: stdout)"
    )
    parser.add_argument("--seed", type=options.whole, default=0, metavar="N", help="another number, other records")
    parser.add_argument("--by", default="", metavar="KEY", help="of each value of a key its share, such as meta.lang")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")


def run(arguments: argparse.Namespace) -> Exit:
    """Write some records, in the order of the files."""
    with opened_files(arguments) as session:
        target = target_of(arguments.output, arguments.files, force=arguments.force)
        runs, of = sampled(session.sources, arguments.number, arguments.seed, arguments.by)
        size = sum(one.source.size for one in session.data.sources)
        written = write(session, runs, target, size)
        output.talk(f"{arguments.number:,} of {counted(of, 'record')}, seed {arguments.seed}; {proof_of(written)}.")
    return Exit.CLEAN
