"""curator divide: files into training, validation and test, so that nothing that is tested was trained on."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path

from curator.analysis.division import Division, counts_of, ratio_of
from curator.cli import options, output
from curator.cli.audit_run import over_records
from curator.cli.destination import refuse, refuse_folder
from curator.cli.exit_codes import Exit
from curator.cli.many_files import add_by, counted, opened_files, proof_of, strata_by
from curator.errors import UsageError
from curator.session.dividing import Divided, Request, divided, paths_of_sides, write_sides
from curator.session.naming import paths_of
from curator.session.strata import FROM_JOURNAL, facet_or_key

HELP = "divide into training, validation and test files without leaks"
SHOWN_LINES = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator divide`."""
    options.add_files(parser)
    how = parser.add_argument_group("how much goes where").add_mutually_exclusive_group(required=True)
    how.add_argument("--ratio", metavar="A:B[:C]", help="weights of training, validation and test, such as 90:5:5")
    how.add_argument(
        "--count",
        metavar="N[:M]",
        help="so many records of validation, and of test; the rest is training",
    )
    parser.add_argument("--seed", type=options.whole, default=0, metavar="N", help="another number, another division")
    even = parser.add_argument_group("spread evenly").add_mutually_exclusive_group()
    add_by(even, "the values of these")
    even.add_argument(
        "--by-tag", action="store_true", help="the tags in FILE's journal, whose changes are in force then"
    )
    kept = parser.add_argument_group("kept on one side, beside duplicates and conversations that begin alike")
    kept.add_argument("--together", default="", metavar="KEY", help="records with the same value of a key")
    near = kept.add_mutually_exclusive_group()
    near.add_argument(
        "--near",
        type=options.likeness,
        metavar="X",
        help="near duplicates, with that share of their word triples in common, 0 to 1 (default: 0.8)",
    )
    near.add_argument("--no-near", dest="near", action="store_const", const=0.0, help="exact duplicates alone")
    parser.add_argument(
        "--against", action="append", type=Path, default=[], metavar="FILE", help="tell what also stands in that file"
    )
    where = parser.add_argument_group("what to write").add_mutually_exclusive_group(required=True)
    where.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR|PATTERN",
        help="folder of train.jsonl, validation.jsonl, ...; or their names, with * for the side: 'parts/*.jsonl.gz'",
    )
    where.add_argument("--dry-run", action="store_true", help="only say what it would do")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument("--force", action="store_true", help="replace the files if they are there")
    options.add_reading(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the files of all sides. 1 if records belong together with others of `--against`."""
    ratio = ratio_of(arguments.ratio) if arguments.ratio is not None else ()
    counts = counts_of(arguments.count) if arguments.count is not None else ()
    division = Division(ratio, counts, arguments.seed)
    facet, key = facet_or_key(arguments.by)
    arguments.files, against = paths_of(arguments.files), paths_of(arguments.against)
    targets = [] if arguments.dry_run else _targets(arguments, division.sides)
    with opened_files(
        arguments, [*arguments.files, *against], in_force=arguments.by_tag or facet in FROM_JOURNAL
    ) as session:
        near = session.settings.near_percent / 100 if arguments.near is None else arguments.near
        even = strata_by(session, facet)
        others = len(against)
        request = Request(division, near, key, arguments.by_tag, arguments.together, others, strata=even)
        found = over_records(session, partial(divided, session, request))
        assert found is not None
        _refuse_too_many(division.counts, sum(found.sizes()))
        written = write_sides(session, found, targets, force=arguments.force) if targets else ()
        for target, size, one in zip(targets, found.sizes(), written, strict=False):
            output.talk(f"{target}: {counted(size, 'record')}, {proof_of(one)}.")
        _tell(arguments, found)
        return Exit.FINDINGS if found.also_elsewhere() else Exit.CLEAN


def _targets(arguments: argparse.Namespace, sides: tuple[str, ...]) -> list[Path]:
    targets = paths_of_sides(arguments.output, sides)
    refuse_folder(targets[0].parent, "'parts/*.jsonl.gz'")
    for target in targets:
        if target.parent.exists():
            refuse(target, arguments.files, force=arguments.force)
    return targets


def _refuse_too_many(counts: tuple[int, ...], records: int) -> None:
    if sum(counts) > records:
        raise UsageError(f"There are {counted(records, 'record')}, fewer than the {sum(counts):,} that are asked for.")


def _tell(arguments: argparse.Namespace, found: Divided) -> None:
    sizes, sides = found.sizes(), found.request.division.sides
    sets, records, largest = found.kept_together()
    elsewhere = found.also_elsewhere()
    if arguments.json:
        figures = {
            "sizes": dict(zip(sides, sizes, strict=True)),
            "kept_together": {"sets": sets, "records": records, "largest": largest},
            "blank_lines": found.left_out,
            "also_elsewhere": [{"file": str(one.opened.path), "line": record + 1} for one, record in elsewhere],
        }
        output.data(json.dumps(figures, indent=2))
    whole = max(1, sum(sizes))
    parts = ", ".join(f"{size:,} {side} ({size / whole:.1%})" for side, size in zip(sides, sizes, strict=True))
    output.talk(f"{counted(sum(sizes), 'record')}: {parts}; seed {arguments.seed}.")
    if sets:
        output.talk(
            f"{records:,} of them in {counted(sets, 'set')} that stay on one side: duplicates, answers to one prompt,"
            f" conversations that begin alike; the largest set has {largest:,}."
        )
    for key, unknown in ((found.request.by_key, found.no_groups), (arguments.together, found.none_together)):
        if key and unknown:
            output.talk(f"No record has a value under `{key}`.")
    if found.left_out:
        output.talk(f"{counted(found.left_out, 'blank line')} left out.")
    wanted = found.request.division.counts
    if wanted and tuple(sizes[1:]) != wanted:
        output.talk("The numbers asked for are not reached: the sets that stay on one side are too large.")
    if elsewhere:
        shown = ", ".join(f"{record + 1:,}" for _, record in elsewhere[:SHOWN_LINES])
        more = ", ..." * (len(elsewhere) > SHOWN_LINES)
        names = ", ".join(map(str, arguments.against))
        output.talk(f"{counted(len(elsewhere), 'record')} belong together with some of {names}: line {shown}{more}.")
