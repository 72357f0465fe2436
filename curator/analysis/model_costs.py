"""What one data set costs with each of several models, side by side, and as text to be taken elsewhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from curator.analysis.break_even import Call
from curator.analysis.costs import default_epochs, reading_cost, training_cost, writing_cost
from curator.analysis.prices import ModelPrice, PriceBook
from curator.analysis.totals import Totals


@dataclass(frozen=True, slots=True)
class MonthlyUse:
    """How many calls are made in a month, and at what terms."""

    calls: int
    cached_share: Decimal = Decimal(0)
    """Of the prompts, from 0 to 1, what is read from the cache."""
    batch_discount: Decimal = Decimal(0)
    """Off the price of all calls, from 0 to less than 1."""


@dataclass(frozen=True, slots=True)
class ModelCost:
    """The costs of one model, in US dollars and not rounded; None where a price for it is not known."""

    model: ModelPrice
    """With the training price of its fine-tuned row."""
    records: int
    tokens: int
    """By the model's own encoding."""
    estimated: bool
    """Whether some of the tokens are estimates."""
    epochs: int
    billed: int
    """Tokens of one epoch, after the cut at the longest example."""
    over_context: int
    """Records that are cut."""
    training: Decimal | None
    an_epoch: Decimal | None
    """Of the training, what one epoch costs; None too where training is paid by the hour."""
    inference: Decimal | None = None
    """A month of calls to the model itself."""
    tuned_inference: Decimal | None = None
    """The same to it when it has been fine-tuned."""


def model_cost(
    model: ModelPrice,
    book: PriceBook,
    totals: Totals,
    epochs: int = 0,
    hours: Decimal | None = None,
    use: tuple[Call, MonthlyUse] | None = None,
) -> ModelCost:
    """The costs of a model; `totals` were counted by its token rule and cut at its longest example.

    `epochs` 0 stands for the service's default rule. `model` is the row that `PriceBook.training_row` answers with.
    """
    number = epochs or default_epochs(totals.examples)
    tuned = book.tuned(model)
    return ModelCost(
        model=model,
        records=totals.records,
        tokens=totals.tokens,
        estimated=bool(totals.estimated) or "encoding" in model.uncertain,
        epochs=number,
        billed=totals.billed_tokens,
        over_context=totals.over_context,
        training=training_cost(totals.billed_tokens, number, model, hours),
        an_epoch=training_cost(totals.billed_tokens, 1, model),
        inference=monthly_cost(model, *use) if use else None,
        tuned_inference=monthly_cost(tuned, *use) if use and tuned else None,
    )


def monthly_cost(model: ModelPrice, call: Call, use: MonthlyUse) -> Decimal | None:
    """US dollars for a month of calls like those of the data, with their prompts as they are; None without prices."""
    if model.input is None or model.output is None:
        return None
    in_data = reading_cost(call.prompt, model, use.cached_share * call.prompt) + writing_cost(call.completion, model)
    return in_data * (1 - use.batch_discount) * use.calls / call.count


Money = Callable[[Decimal | None], str]
"""An amount as people read it."""

COLUMNS: dict[str, Callable[[ModelCost], Any]] = {
    "model": lambda one: one.model.id,
    "edition": lambda one: one.model.edition,
    "encoding": lambda one: one.model.encoding,
    "records": lambda one: one.records,
    "tokens": lambda one: one.tokens,
    "estimated": lambda one: one.estimated,
    "epochs": lambda one: one.epochs,
    "billed_tokens": lambda one: one.billed,
    "over_context": lambda one: one.over_context,
    "longest_example": lambda one: one.model.limit,
    "training_cost": lambda one: one.training,
    "cost_per_epoch": lambda one: one.an_epoch,
    "monthly_cost": lambda one: one.inference,
    "tuned_monthly_cost": lambda one: one.tuned_inference,
    "status": lambda one: one.model.status,
}
"""What is told of a model, under the keys of the JSON and CSV forms."""


def as_object(cost: ModelCost) -> dict[str, Any]:
    """A model's costs as JSON has them: money as exact decimal strings."""
    return {
        key: format(value, "f") if isinstance(value := told(cost), Decimal) else value for key, told in COLUMNS.items()
    }


def as_json(costs: Sequence[ModelCost]) -> str:
    """A JSON list."""
    return json.dumps([as_object(one) for one in costs], indent=2)


def as_csv(costs: Sequence[ModelCost]) -> str:
    """Comma-separated values with a header; money exact, an empty cell where it is not known."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_object(one) for one in costs)
    return written.getvalue().removesuffix("\n")


def as_markdown(costs: Sequence[ModelCost], money: Money) -> str:
    """A table for a document, with money as people read it."""
    header, rows = as_cells(costs, money)
    ruled = ["---" if column == 0 else "---:" for column in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ruled, *rows))


def as_cells(costs: Sequence[ModelCost], money: Money) -> tuple[list[str], list[list[str]]]:
    """A header and a row of cells for each model, for people; the months only where they were asked for."""
    header = ["model", "tokens", "epochs", "billed an epoch", "over context", "an epoch", "training"]
    monthly = any(one.inference is not None for one in costs)
    months = ["a month", "a month, tuned"] if monthly else []
    return header + months, [_cells(one, money) + (_months(one, money) if monthly else []) for one in costs]


def _cells(cost: ModelCost, money: Money) -> list[str]:
    return [
        cost.model.id,
        f"{'≈' if cost.estimated else ''}{cost.tokens:,}",
        f"{cost.epochs:,}",
        f"{cost.billed:,}",
        f"{cost.over_context:,}",
        money(cost.an_epoch),
        money(cost.training),
    ]


def _months(cost: ModelCost, money: Money) -> list[str]:
    return [money(cost.inference), money(cost.tuned_inference)]
