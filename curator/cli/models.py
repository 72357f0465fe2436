"""curator models: the price book as a table, its editions side by side."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from curator.analysis.model_choice import also_called, origin_of
from curator.analysis.other_prices import EDITION, GenaiPrices
from curator.analysis.price_overrides import priced_book
from curator.analysis.prices import Edition, ModelPrice
from curator.cli import options, output
from curator.cli.exit_codes import Exit
from curator.errors import UsageError

HELP = "show the price book"
HEADER = ("model", "encoding", "input", "cached", "output", "training", "context", "longest", "status")
BESIDE = ("training", "input", "cached", "output", "context")
"""What is shown of each edition where they stand side by side."""

Side = list[tuple[Edition, ModelPrice | None]]
"""One model in each edition; None where that does not hold it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator models`."""
    parser.add_argument("--edition", metavar="NAME", help="only this edition, such as 2026 or 2023-08")
    parser.add_argument("--all", action="store_true", help="other models too, from genai-prices: the extra `prices`")
    parser.add_argument("--json", action="store_true", help="everything that is known, as a JSON list")
    options.add_price(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the editions side by side, or one of them."""
    book = priced_book(options.settings_of(argparse.Namespace(prices=arguments.prices)).prices)
    editions = [book.edition(arguments.edition)] if arguments.edition else list(book.editions[::-1])
    others = _others() if arguments.all or arguments.edition == EDITION.name else []
    sides = [] if arguments.edition == EDITION.name else side_by_side(editions)
    if arguments.json:
        objects = [_as_object(side) for side in sides]
        output.data(json.dumps(objects + [_as_object([(EDITION, one)]) for one in others], indent=2))
        return Exit.CLEAN
    if len(editions) > 1:
        _write_beside(editions, sides)
    elif sides:
        _write(editions[0], editions[0].models)
    if others:
        output.data("")
        _write(EDITION, others)
    return Exit.CLEAN


def side_by_side(editions: Sequence[Edition]) -> list[Side]:
    """A row for each model: those of different editions that share a name are one."""
    sides: list[Side] = []
    for place, edition in enumerate(editions):
        for model in edition.models:
            known = next((one for one in sides if one[place][1] is None and _is_same(one, model)), None)
            if known is None:
                known = [(one, None) for one in editions]
                sides.append(known)
            known[place] = (edition, model)
    return sides


def _is_same(side: Side, model: ModelPrice) -> bool:
    """Whether a model goes by a name of the row's; fine-tuned ones by that of their base."""
    return any(row is not None and not _names(edition, row).isdisjoint(model.names) for edition, row in side)


def _names(edition: Edition, row: ModelPrice) -> set[str]:
    base = edition.find(row.base) if row.base else None
    return {*row.names, *(f"ft:{name}" for name in (base.names if base else ()))}


def _others() -> list[ModelPrice]:
    prices = GenaiPrices()
    if not prices.installed:
        raise UsageError("Other models need the library genai-prices: install curator with the extra `prices`.")
    return list(prices.all())


def _write_beside(editions: Sequence[Edition], sides: list[Side]) -> None:
    output.data("Per million tokens, training by the hour where it says so; context in tokens")
    for one in editions:
        note = f" {one.note}" if one.note else ""
        output.data(f"{one.title} (edition {one.name}): {one.currency}.{note}")
    header = [
        "model",
        *(f"{one.name} {BESIDE[0]}" if not at else word for one in editions for at, word in enumerate(BESIDE)),
        "status",
    ]
    rows = []
    for side in sides:
        newest = next(model for _, model in side if model)
        cells = [cell for _, model in side for cell in (_figures(model) if model else ("",) * len(BESIDE))]
        rows.append([newest.id, *cells, newest.status])
    output.table(header, rows, right=frozenset(range(1, len(header) - 1)))
    _tell_uncertain([model for side in sides for _, model in side if model])


def _write(edition: Edition, models: Sequence[ModelPrice]) -> None:
    output.data(f"{edition.title} (edition {edition.name}): {edition.currency} per million tokens")
    output.table(HEADER, [_cells(model) for model in models], right=frozenset(range(2, 8)))
    _tell_uncertain(models)
    if edition.note:
        output.data(edition.note)
    if edition is not EDITION:
        _tell_origins(models)


def _tell_origins(models: Sequence[ModelPrice]) -> None:
    """Other names, and from when and where the figures are; what is true of several models is told once."""
    for sentence in filter(None, map(also_called, models)):
        output.data(sentence)
    by_origin: dict[str, list[str]] = {}
    for model in models:
        by_origin.setdefault(origin_of(model), []).append(model.id)
    for origin, ids in by_origin.items():
        if origin:
            output.data(origin if len(ids) == len(models) else f"{', '.join(ids)}: {origin}")


def _tell_uncertain(models: Sequence[ModelPrice]) -> None:
    if any(model.uncertain for model in models):
        output.data("? is not certain; set your own with --price, --context-length or [prices] in curator.toml")


def _figures(model: ModelPrice) -> tuple[str, ...]:
    hourly = "/h" if model.training_unit == "hour" else ""
    return (
        f"{_money(model.training)}{hourly}",
        _money(model.input),
        _money(model.cached_input),
        _money(model.output),
        _count(model.context, uncertain="context" in model.uncertain),
    )


def _cells(model: ModelPrice) -> tuple[str, ...]:
    training, read, cached, written, context = _figures(model)
    return (
        model.id,
        f"{model.encoding}{'?' if 'encoding' in model.uncertain else ''}",
        read,
        cached,
        written,
        training,
        context,
        _count(model.longest_example, uncertain="longest_example" in model.uncertain),
        model.status,
    )


def _as_object(side: Side) -> dict[str, Any]:
    newest = next(model for _, model in side if model)
    return {
        "model": newest.id,
        "editions": {edition.name: None if model is None else _all_of(model) for edition, model in side},
    }


def _all_of(model: ModelPrice) -> dict[str, Any]:
    """Everything that is known of a row: money as decimal strings, days as ISO 8601 has them."""
    return {
        name: format(value, "f") if isinstance(value, Decimal) else str(value) if isinstance(value, date) else value
        for name, value in asdict(model).items()
    }


def _money(price: Decimal | None) -> str:
    if price is None:
        return "-"
    whole, _, cents = format(price, "f").partition(".")
    return f"{int(whole):,}.{cents.ljust(2, '0')}"


def _count(tokens: int | None, *, uncertain: bool) -> str:
    return "-" if tokens is None else f"{tokens:,}{'?' if uncertain else ''}"
