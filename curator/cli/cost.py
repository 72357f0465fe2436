"""curator cost: what the records of some files cost with each of several models."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial

from curator.analysis.model_choice import notes_on, resolve_together
from curator.analysis.model_costs import (
    ModelCost,
    MonthlyUse,
    as_cells,
    as_csv,
    as_json,
    as_markdown,
)
from curator.analysis.price_overrides import priced_book
from curator.analysis.prices import ModelPrice, PriceBook
from curator.cli import options, output
from curator.cli.audit_run import over_records
from curator.cli.edited_file import bring_edits
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.errors import UsageError
from curator.session import Session, dollars
from curator.session.costing import Terms, by_counting, called, costs, counted
from curator.settings import DEFAULT_MODEL, Settings

HELP = "compare what models cost: training, and a month of calls"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator cost`."""
    options.add_files(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a JSON list, an object for each model")
    form.add_argument("--csv", action="store_true", help="comma-separated values")
    form.add_argument("--markdown", action="store_true", help="a table for a document")
    which = parser.add_argument_group("models")
    which.add_argument(
        "--model", dest="models", action="append", metavar="NAME", help="a model to compare; may be given several times"
    )
    which.add_argument("--all", action="store_true", help="all models of the edition")
    which.add_argument("--edition", metavar="NAME", help="edition of the price book, such as 2026 or 2023-08")
    which.add_argument("--context-length", type=options.positive, metavar="N", help="tokens of the longest example")
    which.add_argument("--epochs", type=options.positive, metavar="N", help="training epochs")
    options.add_price(which)
    which.add_argument(
        "--calls", type=options.positive, metavar="N", help="calls a month, each like a trained answer of the data"
    )
    options.add_terms(parser)
    options.add_reading(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Count the records as they are now by the token rule of each model, and write what they cost."""
    settings = options.settings_of(arguments)
    book = priced_book(settings.prices)
    models = _chosen(arguments, settings, book)
    with opened_session(arguments, replace(settings, model=DEFAULT_MODEL, edition="")) as session:
        bring_edits(session)
        table = _costs(arguments, session, book, models)
        _write(arguments, table)
        for note in dict.fromkeys(note for one in models for note in notes_on(one)):
            output.talk(note)
    return Exit.CLEAN


def _chosen(arguments: argparse.Namespace, settings: Settings, book: PriceBook) -> list[ModelPrice]:
    if arguments.all and arguments.models:
        raise UsageError("Give either --model or --all.")
    if arguments.all:
        edition = book.edition(settings.edition) if settings.edition else book.editions[-1]
        rows = [one for one in edition.models if one.base is None]
        if not rows:
            raise UsageError(f"Name the models to compare with --model; {edition.name} holds too many for --all.")
    else:
        rows = resolve_together(book, arguments.models or [settings.model], settings.edition)
    rows = [book.training_row(one) for one in rows]
    if settings.context_length:
        return [replace(one, longest_example=settings.context_length) for one in rows]
    return rows


def _costs(
    arguments: argparse.Namespace, session: Session, book: PriceBook, models: list[ModelPrice]
) -> list[ModelCost]:
    """A cost for each model, in their order; the records are counted once for each token rule."""
    terms = MonthlyUse(arguments.calls or 0, arguments.cached_share, arguments.batch_discount)
    asked = Terms(session.settings.epochs, arguments.training_hours, terms if arguments.calls else None)
    found: dict[int, ModelCost] = {}
    for counting, some in by_counting(models, session.counting):
        limits = [one.limit or 0 for one in some]
        sums = over_records(session, partial(counted, session, counting, limits))
        calls = over_records(session, partial(called, session, counting)) if arguments.calls else None
        if calls is not None:
            calls.call()  # says so where the data hold none
        found |= {id(one): cost for one, cost in zip(some, costs(some, book, sums, asked, calls), strict=True)}
    return [found[id(one)] for one in models]


def _write(arguments: argparse.Namespace, table: list[ModelCost]) -> None:
    if arguments.json:
        output.data(as_json(table))
    elif arguments.csv:
        output.data(as_csv(table))
    elif arguments.markdown:
        output.data(as_markdown(table, dollars))
    else:
        header, rows = as_cells(table, dollars)
        output.table(header, rows, right=frozenset(range(1, len(header))))
        output.data(_told_below(table))


def _told_below(table: list[ModelCost]) -> str:
    editions = dict.fromkeys(one.model.edition for one in table)
    records = table[0].records
    return f"US dollars, by the prices of {', '.join(editions)}; {records:,} record{'s' * (records != 1)}."
