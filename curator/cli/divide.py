"""curator divide: files into training, validation and test, so that nothing that is tested was trained on."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from curator.analysis.division import Division, counts_of, ratio_of
from curator.cli import options, output
from curator.cli.audit_run import over_records
from curator.cli.destination import refuse, refuse_folder, refuse_sources
from curator.cli.exit_codes import Exit
from curator.cli.many_files import add_by, add_without, lines_told, opened_files, proof_of, strata_by
from curator.errors import UsageError
from curator.session import Session
from curator.session.dataset_folder import ONE_FILE, dataset_folder
from curator.session.dividing import Divided, Request, divided, paths_of_sides, write_sides
from curator.session.naming import paths_of
from curator.session.strata import FROM_JOURNAL, facet_or_key
from curator.session.working_source import WorkingSource

HELP = "divide into training, validation and test files without leaks"

Place = tuple[WorkingSource, int]


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
    add_by(parser.add_argument_group("spread evenly"), "the values of these")
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
    add_without(parser, "an exam, say: what belongs together with one of its records is left out")
    where = parser.add_argument_group("what to write").add_mutually_exclusive_group(required=True)
    where.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR|PATTERN",
        help="folder of train.jsonl, validation.jsonl, ...; or their names, with * for the side: 'parts/*.jsonl.gz'",
    )
    options.add_layout(parser)
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
    arguments.files, arguments.against, arguments.without = map(
        paths_of, (arguments.files, arguments.against, arguments.without)
    )
    if arguments.dry_run or not arguments.layout:
        return _divide(arguments, division)
    with dataset_folder(arguments.output, division.sides, force=arguments.force) as data:
        arguments.output = data / f"*{ONE_FILE}"
        return _divide(arguments, division)


def _divide(arguments: argparse.Namespace, division: Division) -> Exit:
    facet, key = facet_or_key(arguments.by)
    against, without = arguments.against, arguments.without
    targets = [] if arguments.dry_run else _targets(arguments, division.sides, [*against, *without])
    files = [*arguments.files, *against, *without]
    with opened_files(arguments, files, in_force=facet in FROM_JOURNAL) as session:
        near = session.settings.near_percent / 100 if arguments.near is None else arguments.near
        end = len(files) - len(without)
        told, left_out = frozenset(range(len(arguments.files), end)), frozenset(range(end, len(files)))
        even = strata_by(session, facet)
        request = Request(division, near, key, arguments.together, told, left_out, strata=even)
        found = over_records(session, partial(divided, session, request))
        assert found is not None
        _refuse_too_many(division.counts, sum(found.sizes()))
        written = write_sides(session, found, targets, force=arguments.force) if targets else ()
        for target, size, one in zip(targets, found.sizes(), written, strict=False):
            for note in one.notes:
                output.talk(note)
            output.talk(f"{target}: {output.counted(size, 'record')}, {proof_of(one)}.")
        _tell(arguments, session, found)
        return Exit.FINDINGS if found.also_elsewhere() else Exit.CLEAN


def _targets(arguments: argparse.Namespace, sides: tuple[str, ...], compared: Sequence[Path]) -> list[Path]:
    targets = paths_of_sides(arguments.output, sides)
    refuse_folder(targets[0].parent, "'parts/*.jsonl.gz'")
    for target in targets:
        refuse_sources(target, compared)
        if target.parent.exists():
            refuse(target, arguments.files, force=arguments.force)
    return targets


def _refuse_too_many(counts: tuple[int, ...], records: int) -> None:
    if sum(counts) > records:
        raise UsageError(
            f"There are {output.counted(records, 'record')}, fewer than the {sum(counts):,} that are asked for."
        )


def _tell(arguments: argparse.Namespace, session: Session, found: Divided) -> None:
    elsewhere, kept_out = found.also_elsewhere(), found.kept_out()
    if arguments.json:
        _as_object(found, elsewhere, kept_out)
    sizes, sides = found.sizes(), found.request.division.sides
    whole = max(1, sum(sizes))
    parts = ", ".join(f"{size:,} {side} ({size / whole:.1%})" for side, size in zip(sides, sizes, strict=True))
    output.talk(f"{output.counted(sum(sizes), 'record')}: {parts}; seed {arguments.seed}.")
    _tell_kept_together(arguments, found)
    if found.blank:
        output.talk(f"{output.counted(found.blank, 'blank line')} left out.")
    _, _, largest = found.kept_together()
    if empty := found.empty_sides():
        output.talk(f"Nothing fell to {' or '.join(empty)}: the sets that stay on one side are too large for that.")
    elif 2 * largest > sum(sizes) > 1:
        output.talk("One set has more than half of the records, so the sizes may be far from what was asked.")
    wanted = found.request.division.counts
    if wanted and tuple(sizes[1:]) != wanted:
        output.talk("The numbers asked for are not reached: the sets that stay on one side are too large.")
    for records, files, words in (
        (kept_out, arguments.without, "left out, as they belong together with some of"),
        (elsewhere, arguments.against, "written all the same that belong together with some of"),
    ):
        if files:
            names = ", ".join(map(str, files))
            lines = f": line {lines_told(records, session)}" if records else ""
            output.talk(f"{output.counted(len(records), 'record')} {words} {names}{lines}.")


def _as_object(found: Divided, elsewhere: Sequence[Place], kept_out: Sequence[Place]) -> None:
    sets, records, largest = found.kept_together()
    figures = {
        "sizes": dict(zip(found.request.division.sides, found.sizes(), strict=True)),
        "kept_together": {"sets": sets, "records": records, "largest": largest, "pieces": found.pieces},
        "too_common": found.alike,
        "blank_lines": found.blank,
        "also_elsewhere": [{"file": str(one.opened.path), "line": record + 1} for one, record in elsewhere],
        "kept_out": [{"file": str(one.opened.path), "line": record + 1} for one, record in kept_out],
    }
    output.data(json.dumps(figures, indent=2))


def _tell_kept_together(arguments: argparse.Namespace, found: Divided) -> None:
    sets, records, largest = found.kept_together()
    if sets:
        output.talk(
            f"{records:,} of them in {output.counted(sets, 'set')} that stay on one side: duplicates, answers to one"
            f" prompt, conversations that begin alike; the largest set has {largest:,}."
        )
    if found.pieces:
        output.talk(f"{found.pieces:,} of them are pieces of conversations that were split, as the journal tells.")
    if found.alike > largest:
        output.talk(
            f"{found.alike:,} of them begin with the same words, or have a turn or a prompt in common that more than a"
            " fifth of all have: that alone puts none of them on one side."
        )
    for key, unknown in ((found.request.by_key, found.no_groups), (arguments.together, found.none_together)):
        if key and unknown:
            output.talk(f"No record has a value under `{key}`.")
