"""curator shuffle: all records in random order, however large the file is."""

from __future__ import annotations

import argparse
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, STDOUT, target_of
from curator.cli.exit_codes import Exit
from curator.cli.many_files import opened_files, proof_of, write
from curator.session.drawing import shuffled

HELP = "put the records into random order, however many"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator shuffle`."""
    options.add_files(parser)
    parser.add_argument(
        "-o", "--output", type=Path, default=STDOUT, metavar="OUT", help=f"{NEW_FILE} (default: stdout)"
    )
    parser.add_argument("--seed", type=options.whole, default=0, metavar="N", help="another number, another order")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")


def run(arguments: argparse.Namespace) -> Exit:
    """Write all records in random order; only where they are is kept in memory."""
    with opened_files(arguments) as session:
        target = target_of(arguments.output, arguments.files, force=arguments.force)
        runs, number = shuffled(session.sources, arguments.seed)
        written = write(session, runs, target, sum(one.source.size for one in session.data.sources))
        blank = sum(len(one.index) for one in session.data.sources) - number
        left_out = f"; {output.counted(blank, 'blank line')} left out" if blank else ""
        output.talk(f"{output.counted(number, 'record')}, seed {arguments.seed}{left_out}; {proof_of(written)}.")
    return Exit.CLEAN
