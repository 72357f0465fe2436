"""curator cost: what the records of some files cost with each of several models."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from curator.analysis.counting import counting_of
from curator.analysis.model_choice import notes_on, resolve_together
from curator.analysis.model_costs import (
    ModelCost,
    MonthlyUse,
    as_cells,
    as_csv,
    as_json,
    as_markdown,
    model_cost,
    with_limit,
)
from curator.analysis.price_overrides import priced_book
from curator.analysis.prices import ModelPrice, PriceBook
from curator.analysis.totals import Totals
from curator.cli import options, output
from curator.cli.audit_run import audited, scenario
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.errors import UsageError
from curator.session import Session, dollars
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
    """Count the files by the token rule of each model, and write what they cost."""
    settings = options.settings_of(arguments)
    book = priced_book(settings.prices)
    models = _chosen(arguments, settings, book)
    session = Session(arguments.files, replace(settings, model=DEFAULT_MODEL, edition=""))
    try:
        costs = list(_costs(arguments, session, book, models))
        tell_unsaved(session)
    finally:
        session.close()
    _write(arguments, costs)
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
) -> Iterator[ModelCost]:
    """A cost for each model, in their order; the files are counted once for each token rule."""
    found: dict[int, ModelCost] = {}
    numbered = sorted(enumerate(models), key=lambda item: repr(counting_of(item[1])))
    for _, group in groupby(numbered, key=lambda item: counting_of(item[1])):
        some = list(group)
        session.model = some[0][1]
        for _ in audited(session):
            pass
        terms = MonthlyUse(arguments.calls or 0, arguments.cached_share, arguments.batch_discount)
        use = (scenario(session).call(), terms) if arguments.calls else None
        for number, model in some:
            totals = _limited(session, model)
            epochs = session.settings.epochs
            found[number] = model_cost(model, book, totals, epochs, arguments.training_hours, use)
    return (found[number] for number in range(len(models)))


def _limited(session: Session, model: ModelPrice) -> Totals:
    limited = Totals()
    for one in session.data.sources:
        limited.add_limited(one.columns, model.limit or 0)
    return with_limit(session.file_totals, limited)


def _write(arguments: argparse.Namespace, costs: list[ModelCost]) -> None:
    if arguments.json:
        output.data(as_json(costs))
    elif arguments.csv:
        output.data(as_csv(costs))
    elif arguments.markdown:
        output.data(as_markdown(costs, dollars))
    else:
        header, rows = as_cells(costs, dollars)
        output.table(header, rows, right=frozenset(range(1, len(header))))
        output.data(_told_below(costs))


def _told_below(costs: list[ModelCost]) -> str:
    editions = dict.fromkeys(one.model.edition for one in costs)
    records = costs[0].records
    return f"US dollars, by the prices of {', '.join(editions)}; {records:,} record{'s' * (records != 1)}."
