"""The price book with the user's own figures in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from curator.analysis.other_prices import GenaiPrices
from curator.analysis.prices import ModelPrice, PriceBook, UnknownModelError, load_price_book
from curator.errors import UsageError
from curator.settings import LENGTHS, OwnPrice


def priced_book(prices: Iterable[OwnPrice]) -> PriceBook:
    """The price book that comes with the program, with some figures replaced, the later over the earlier.

    Raises UsageError with the origin of a figure whose model no edition holds.
    """
    book = load_price_book()
    for one in prices:
        book = _with(book, one)
    return replace(book, others=GenaiPrices())


def split_name(name: str) -> tuple[str, str | None]:
    """A model's name, and the edition that stands behind it: `gpt-4@2023-08`; None where none does."""
    model, at, edition = name.partition("@")
    return (model, edition) if at else (name, None)


def _with(book: PriceBook, price: OwnPrice) -> PriceBook:
    try:
        named = book.resolve(*split_name(price.model))
    except UsageError as error:
        kind = UnknownModelError if isinstance(error, UnknownModelError) else UsageError
        raise kind(f'{price.origin}: [prices."{price.model}"]: {error}') from error
    rows = {row.id: _changed(row, price) for row in _meant(book, named, price.field)}
    editions = tuple(
        replace(one, models=tuple(rows.get(row.id, row) for row in one.models)) if one.name == named.edition else one
        for one in book.editions
    )
    return replace(book, editions=editions)


def _meant(book: PriceBook, named: ModelPrice, field: str) -> list[ModelPrice]:
    """The rows that a figure is set in: training is priced on the fine-tuned row, and limits are those of both."""
    tuned = book.tuned(named)
    if tuned is None or tuned is named:
        return [named]
    return [tuned] if field == "training" else [named, tuned] if field in LENGTHS else [named]


def _changed(row: ModelPrice, price: OwnPrice) -> ModelPrice:
    value: Decimal | int = int(price.value) if price.field in LENGTHS else price.value
    changes: dict[str, Any] = {
        price.field: value,
        "uncertain": tuple(one for one in row.uncertain if one != price.field),
        "source": "; ".join(filter(None, (row.source, f"{price.field} of {price.origin}"))),
    }
    if price.field == "training" and row.training_unit is None:
        changes["training_unit"] = "1M tokens"
    return replace(row, **changes)
