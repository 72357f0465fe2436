"""curator sample: some records, drawn at random."""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, STDOUT, target_of
from curator.cli.exit_codes import Exit
from curator.cli.many_files import add_by, opened_files, proof_of, strata_by, write
from curator.session.drawing import sampled
from curator.session.strata import FROM_JOURNAL, facet_or_key

HELP = "draw some records at random"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator sample`."""
    options.add_files(parser)
    parser.add_argument(
        "-n", "--number", type=_number, required=True, metavar="N|P%", help="how many records, or what share of all"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=STDOUT, metavar="OUT", help=f"{NEW_FILE} (default: stdout)"
    )
    parser.add_argument("--seed", type=options.whole, default=0, metavar="N", help="another number, other records")
    add_by(parser, "of each value of these its share")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_dialect(parser)
    options.add_work(parser)


def _number(text: str) -> int | Fraction:
    if not text.endswith("%"):
        return options.positive(text)
    share = Fraction(options.weight(text[:-1])) / 100
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"takes a share above 0 %, up to 100 %, not {text!r}")
    return share


def run(arguments: argparse.Namespace) -> Exit:
    """Write some records, in the order of the files."""
    facet, key = facet_or_key(arguments.by)
    with opened_files(arguments, in_force=facet in FROM_JOURNAL) as session:
        target = target_of(arguments.output, arguments.files, force=arguments.force)
        even = strata_by(session, facet)
        runs, of, any_has = sampled(session.sources, arguments.number, arguments.seed, key, even)
        size = sum(one.source.size for one in session.data.sources)
        written = write(session, runs, target, size)
        if key and not any_has:
            output.talk(f"No record has a value under `{key}`.")
        number = sum(count for _, _, count in runs)
        output.talk(f"{number:,} of {output.counted(of, 'record')}, seed {arguments.seed}; {proof_of(written)}.")
    return Exit.CLEAN
