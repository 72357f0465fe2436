"""curator mix: records of several files by weights, in random order."""

from __future__ import annotations

import argparse
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, target_of
from curator.cli.exit_codes import Exit
from curator.cli.many_files import opened_files, proof_of, write
from curator.session.drawing import mixed
from curator.session.naming import paths_of

HELP = "mix several files by weights"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator mix`."""
    parser.add_argument(
        "files",
        nargs="+",
        type=_weighted,
        metavar="FILE:WEIGHT",
        help="a file and its share, such as chat.jsonl:0.7; also data/:2, or -:1 for stdin",
    )
    parser.add_argument(
        "-n",
        "--number",
        type=options.positive,
        default=0,
        metavar="N",
        help="how many records (default: as many as go)",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    parser.add_argument("--seed", type=options.whole, default=0, metavar="N", help="another number, other records")
    parser.add_argument("--repeat", action="store_true", help="let records of files with too few occur more than once")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")


def _weighted(text: str) -> tuple[Path, Fraction]:
    path, colon, weight = text.rpartition(":")
    if not colon or not path:
        raise argparse.ArgumentTypeError(f"takes FILE:WEIGHT, such as chat.jsonl:0.7, not {text!r}")
    share = Fraction(options.weight(weight))
    if not share:
        raise argparse.ArgumentTypeError(f"takes a weight above 0, not {weight!r}")
    return Path(path), share


def run(arguments: argparse.Namespace) -> Exit:
    """Write as many records of each file as its weight asks for."""
    names, weights = [name for name, _ in arguments.files], [weight for _, weight in arguments.files]
    groups = [paths_of([name]) for name in names]
    paths = paths_of(chain.from_iterable(groups))
    with opened_files(arguments, paths) as session:
        target = target_of(arguments.output, paths, force=arguments.force)
        sources = iter(session.sources)
        shares = [(list(islice(sources, len(group))), weight) for group, weight in zip(groups, weights, strict=True)]
        runs, taken = mixed(shares, arguments.number, arguments.seed, repeat=arguments.repeat)
        written = write(session, runs, target, 0)
        for path, (number, of) in zip(names, taken, strict=True):
            output.talk(f"{path}: {number:,} drawn from {output.counted(of, 'record')}.")
        total = sum(number for number, _ in taken)
        output.talk(f"{output.counted(total, 'record')}, seed {arguments.seed}; {proof_of(written)}.")
    return Exit.CLEAN
