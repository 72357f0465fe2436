"""curator facets: which values records have, and how many have each."""

from __future__ import annotations

import argparse
import json
from typing import Any

from curator.analysis.predicates.parsing import parse
from curator.cli import options, output
from curator.cli.audit_run import know_all, over_records
from curator.cli.edited_file import bring_edits
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.session import Session
from curator.session.facets import FACETS, FROM_FIGURES, Facet, check_facet, facet
from curator.session.view import View
from curator.session.viewing import follows_audit, records_of, views

HELP = "count records by dialect, tag, finding, tool, language, length, or any key of theirs"
DEFAULT = ("dialect", "roles", "tag", "verdict", "finding", "tool", "length")
SHOWN = 20
"""Values of a facet that are written as text if not more are asked for."""
WORD_CHARACTERS = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator facets`."""
    options.add_files(parser)
    parser.add_argument(
        "--by",
        action="append",
        metavar="NAME",
        help=f"{', '.join(FACETS)}, or a key by its path such as .meta.lang; several times for several",
    )
    options.add_where(parser, "count")
    parser.add_argument(
        "--top", type=options.positive, default=SHOWN, metavar="N", help=f"values a facet (default: {SHOWN})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Count the records as they are now, with what the journals hold, and write the counts."""
    settings = options.settings_of(arguments)
    asked = tuple(dict.fromkeys(arguments.by or DEFAULT))
    for by in asked:
        check_facet(by)
    where = (arguments.where or "").strip()
    predicate = parse(where, settings.named_filters)
    with opened_session(arguments, settings) as session:
        bring_edits(session)
        figures = not FROM_FIGURES.isdisjoint(asked)
        know_all(session, figures=figures or follows_audit(View(where, predicate)))
        session.listing.view = over_records(
            session, lambda executor, workers: views(session, where, predicate, (), executor, workers)
        )
        records = records_of(session)
        found = {by: _counted(session, by, records) for by in asked}
    if arguments.json:
        output.data(
            json.dumps({by: _object(one, arguments.top) for by, one in found.items()}, indent=2, ensure_ascii=False)
        )
    else:
        for by, one in found.items():
            _write(by, one, arguments.top)
    return Exit.CLEAN


def _counted(session: Session, by: str, records: Any) -> Facet:
    return over_records(session, lambda executor, workers: facet(session, by, records, executor, workers))


def _object(one: Facet, top: int) -> dict[str, Any]:
    kept = one.values[:top]
    return {
        "records": one.records,
        "values": [{"value": value.words, "records": value.count, "filter": value.expression} for value in kept],
        "others": one.others + sum(value.count for value in one.values[top:]),
    }


def _write(by: str, one: Facet, top: int) -> None:
    output.data(f"{by}: {one.records:,} records")
    kept = one.values[:top]
    rows = [(f"{value.count:,}", f"{value.count / max(1, one.records):.1%}", _shown(value.words)) for value in kept]
    others = one.others + sum(value.count for value in one.values[top:])
    if others:
        rows.append((f"{others:,}", f"{others / max(1, one.records):.1%}", "others"))
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for count, share, words in rows:
        output.data(f"  {count:>{widths[0]}}  {share:>{widths[1]}}  {words}")
    output.data("")


def _shown(words: str) -> str:
    text = output.printable(words)
    return text if len(text) <= WORD_CHARACTERS else f"{text[: WORD_CHARACTERS - 1]}…"
