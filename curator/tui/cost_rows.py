"""The rows of the cost screen, as cells and in order; no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from curator.analysis.model_costs import ModelCost, MonthlyUse
from curator.analysis.prices import ModelPrice
from curator.session import dollars
from curator.tui.figure_table import Heading
from curator.tui.figures import meter
from curator.tui.visible import one_line

METER_CELLS = 8


@dataclass(frozen=True, slots=True)
class CostRow:
    """A model, with what it costs once its tokens have been counted."""

    model: ModelPrice
    cost: ModelCost | None
    share: float | None = 0.0
    """How far the counting is, from 0 to 1; None where it ended before its time."""


Figure = int | str | Decimal | None


class CostColumn(NamedTuple):
    """A column of the cost screen."""

    heading: Heading
    cell: Callable[[ModelCost], str]
    value: Callable[[ModelCost], Figure]
    """By what it is sorted; None comes last."""


COLUMNS = (
    CostColumn(Heading("model", left=True), lambda one: one_line(one.model.id, 40), lambda one: one.model.id),
    CostColumn(
        Heading("tokens", 8),
        lambda one: f"{'≈' if one.estimated else ''}{one.tokens:,}",
        lambda one: one.tokens,
    ),
    CostColumn(Heading("epochs", 3), lambda one: f"{one.epochs:,}", lambda one: one.epochs),
    CostColumn(Heading("billed an epoch", 5), lambda one: f"{one.billed:,}", lambda one: one.billed),
    CostColumn(Heading("over", 7), lambda one: f"{one.over_context:,}", lambda one: one.over_context),
    CostColumn(Heading("an epoch", 4), lambda one: dollars(one.an_epoch), lambda one: one.an_epoch),
    CostColumn(Heading("training", 9), lambda one: dollars(one.training), lambda one: one.training),
)
MONTHS = (
    CostColumn(Heading("a month", 6), lambda one: dollars(one.inference), lambda one: one.inference),
    CostColumn(Heading("a month, tuned", 6), lambda one: dollars(one.tuned_inference), lambda one: one.tuned_inference),
)
ABOUT = (
    CostColumn(
        Heading("longest", 2),
        lambda one: f"{one.model.limit:,}" if one.model.limit else "-",
        lambda one: one.model.limit,
    ),
    CostColumn(Heading("encoding", 1, left=True), lambda one: one.model.encoding, lambda one: one.model.encoding),
    CostColumn(Heading("status", 0, left=True), lambda one: one.model.status, lambda one: one.model.status),
)


def columns(*, months: bool) -> tuple[CostColumn, ...]:
    """The columns of the table, with those of a month of calls where these are known."""
    return (*COLUMNS, *(MONTHS if months else ()), *ABOUT)


def cells(row: CostRow, shown: Sequence[CostColumn]) -> list[str]:
    """A row's cells; while its tokens are counted, how far that is."""
    if row.cost is not None:
        return [column.cell(row.cost) for column in shown]
    share = "not counted" if row.share is None else f"{meter(row.share, METER_CELLS)} {row.share:>4.0%}"
    return [row.model.id, share, *("" for _ in shown[2:])]


def in_order(rows: Sequence[CostRow], column: CostColumn | None, *, falling: bool = False) -> list[CostRow]:
    """The rows sorted by a column, or as they are; what is not known comes last either way."""
    if column is None:
        return list(rows)
    numbers: list[tuple[Decimal, CostRow]] = []
    names: list[tuple[str, CostRow]] = []
    rest: list[CostRow] = []
    for row in rows:
        value = None if row.cost is None else column.value(row.cost)
        if value is None:
            rest.append(row)
        elif isinstance(value, str):
            names.append((value, row))
        else:
            numbers.append((Decimal(value), row))
    numbers.sort(key=lambda pair: pair[0], reverse=falling)
    names.sort(key=lambda pair: pair[0], reverse=falling)
    return [row for _, row in (*numbers, *names)] + rest


def epochs_phrase(chosen: int, epochs: int) -> str:
    """How many epochs are reckoned with, and why; `chosen` is 0 where the default rule decides."""
    return f"{epochs:,} epoch{'s' * (epochs != 1)}{'' if chosen else ', the default'}"


def usage_phrase(use: MonthlyUse | None) -> str:
    """The terms of a month of calls."""
    if use is None:
        return ""
    cached = f", {use.cached_share:.0%} of the prompt cached" if use.cached_share else ""
    discount = f", {use.batch_discount:.0%} off for batches" if use.batch_discount else ""
    return f"{use.calls:,} calls a month{cached}{discount}"
