"""curator dedupe: files without their duplicates, exact ones or near ones too."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pyroaring import BitMap64

from curator.analysis.prints import BY, Likeness
from curator.cli import options, output
from curator.cli.audit_run import over_records
from curator.cli.destination import NEW_FILE, STDOUT, refuse_sources, target_of
from curator.cli.exit_codes import Exit
from curator.cli.many_files import add_without, index_all, lines_told, opened_files, proof_of, sample_of, write
from curator.errors import UsageError
from curator.session import Session
from curator.session.cluster_members import preview_of
from curator.session.duplicates import Cluster, Clusters, clusters
from curator.session.naming import paths_of
from curator.session.picking import RecordRun, runs_of
from curator.session.working_source import WorkingSource

HELP = "drop duplicates, exact ones or near ones too; keep all other bytes"
USUAL = -1.0
"""Stands for the threshold of the settings."""
SHOWN_CLUSTERS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator dedupe`."""
    options.add_files(parser)
    which = parser.add_argument_group("what is a duplicate")
    which.add_argument("--by", choices=BY, default="record", help="what is compared (default: all that a record says)")
    which.add_argument(
        "--near",
        nargs="?",
        type=options.likeness,
        const=USUAL,
        default=0.0,
        metavar="X",
        help="near duplicates too, with that share of their word triples in common, 0 to 1 (without X: 0.8)",
    )
    which.add_argument("--keep", choices=("first", "longest"), default="first", help="which one stays (default: first)")
    add_without(which, "an exam, say: what belongs to one of its records is dropped too; it is not written")
    where = parser.add_argument_group("what to write").add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    where.add_argument("--dry-run", action="store_true", help="only say what it would do; 1 if there are duplicates")
    told = parser.add_argument_group("what to say").add_mutually_exclusive_group()
    told.add_argument("--report", action="store_true", help="list the groups of duplicates, the largest first")
    told.add_argument("--json", action="store_true", help="all groups and figures as one JSON object")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_reading(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the files as one without duplicates, and say what was dropped."""
    if arguments.output == STDOUT and (arguments.json or arguments.report):
        raise UsageError("The records and the report cannot both go to stdout; name a file, or leave out the report.")
    arguments.files, without = paths_of(arguments.files), paths_of(arguments.without)
    if arguments.output is not None:
        refuse_sources(arguments.output, without)
    with opened_files(arguments, [*arguments.files, *without]) as session:
        own = session.sources[: len(arguments.files)]
        others = frozenset(range(len(own), len(session.sources)))
        usual = session.settings.near_percent / 100
        likeness = Likeness(arguments.by, usual if arguments.near == USUAL else arguments.near)
        target = None if arguments.dry_run else target_of(arguments.output, arguments.files, force=arguments.force)
        found = over_records(session, partial(clusters, session, likeness, without=others))
        assert found is not None
        index_all(session)
        dropped = found.dropped(arguments.keep)
        _tell(arguments, session, found, others)
        if target is not None:
            size = sum(one.opened.source.size for one in own)
            written = write(session, _kept(own, dropped), target, size)
            if arguments.output != STDOUT:
                output.talk(f"{arguments.output}: {proof_of(written)}.")
    return Exit.FINDINGS if arguments.dry_run and dropped else Exit.CLEAN


def _kept(sources: Sequence[WorkingSource], dropped: dict[WorkingSource, BitMap64]) -> Iterator[RecordRun]:
    """All lines but those of the records that are dropped; the lines of untouched files are their records' ids."""
    for source in sources:
        kept = BitMap64(range(len(source.opened.index))) - dropped.get(source, BitMap64())
        yield from runs_of(source, kept)


def _tell(arguments: argparse.Namespace, session: Session, found: Clusters, others: frozenset[int]) -> None:
    records = found.gathered.records_but(others)
    dropped = found.spare + found.elsewhere
    if arguments.json:
        groups = [_as_object(one) for one in found]
        figures = {
            "records": records,
            "kept": records - dropped,
            "dropped": dropped,
            "exact": found.exact,
            "elsewhere": found.elsewhere,
        }
        output.data(json.dumps({**figures, "groups": groups}, indent=2))
        return
    if arguments.report:
        _list(session, found)
    near = f", {found.spare - found.exact:,} near" if arguments.near else ""
    output.talk(
        f"{output.counted(records, 'record')} in, {records - dropped:,} kept; {found.spare:,} dropped"
        f" ({found.exact:,} exact{near}) of {output.counted(len(found), 'group')} of duplicates by {arguments.by}."
    )
    if arguments.without:
        names = ", ".join(map(str, arguments.without))
        output.talk(
            f"{found.elsewhere:,} more dropped that {names} {'has' if len(arguments.without) == 1 else 'have'} too."
        )


def _list(session: Session, found: Clusters) -> None:
    rows = []
    for number in range(min(SHOWN_CLUSTERS, len(found))):
        one = found[number]
        text = preview_of(session, *one.records[0])
        rows.append((f"{len(one.records):,}", one.kind, lines_told(one.records, session), sample_of(text)))
    if rows:
        output.table(("records", "kind", "lines", "text"), rows, frozenset((0,)))
    if len(found) > SHOWN_CLUSTERS:
        output.data(f"... and {output.counted(len(found) - SHOWN_CLUSTERS, 'more group')}; --json has all of them.")


def _as_object(cluster: Cluster) -> dict[str, Any]:
    return {
        "kind": cluster.kind,
        "records": [{"file": str(source.opened.path), "line": record + 1} for source, record in cluster.records],
    }
