"""curator models: the price book as a table."""

from __future__ import annotations

import argparse
from decimal import Decimal

from curator.analysis.prices import Edition, ModelPrice, load_price_book
from curator.cli import output
from curator.cli.exit_codes import Exit

HELP = "show the price book"
HEADER = ("model", "encoding", "input", "cached", "output", "training", "context", "longest", "status")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator models`."""
    parser.add_argument("--edition", metavar="NAME", help="only this edition, such as 2026 or 2023-08")


def run(arguments: argparse.Namespace) -> Exit:
    """Write each edition as a table."""
    book = load_price_book()
    editions = [book.edition(arguments.edition)] if arguments.edition else book.editions[::-1]
    for place, edition in enumerate(editions):
        if place:
            output.data("")
        _write(edition)
    return Exit.CLEAN


def _write(edition: Edition) -> None:
    output.data(f"{edition.title} (edition {edition.name}): {edition.currency} per million tokens")
    output.table(HEADER, [_cells(model) for model in edition.models], right=frozenset(range(2, 8)))
    if any(model.uncertain for model in edition.models):
        output.data("? is not certain; set your own with --context-length")
    if edition.note:
        output.data(edition.note)


def _cells(model: ModelPrice) -> tuple[str, ...]:
    hourly = " an hour" if model.training_unit == "hour" else ""
    return (
        model.id,
        model.encoding,
        _money(model.input),
        _money(model.cached_input),
        _money(model.output),
        f"{_money(model.training)}{hourly}",
        _count(model.context, uncertain="context" in model.uncertain),
        _count(model.longest_example, uncertain="longest_example" in model.uncertain),
        model.status,
    )


def _money(price: Decimal | None) -> str:
    if price is None:
        return "-"
    whole, _, cents = format(price, "f").partition(".")
    return f"{int(whole):,}.{cents.ljust(2, '0')}"


def _count(tokens: int | None, *, uncertain: bool) -> str:
    return "-" if tokens is None else f"{tokens:,}{'?' if uncertain else ''}"
