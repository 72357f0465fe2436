"""Costs of several models side by side, and the forms in which they leave the program."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.break_even import Call
from curator.analysis.costs import PriceNotKnownError, reading_cost, writing_cost
from curator.analysis.model_costs import (
    ModelCost,
    MonthlyUse,
    as_cells,
    as_csv,
    as_json,
    as_markdown,
    model_cost,
    monthly_cost,
)
from curator.analysis.prices import load_price_book
from curator.analysis.totals import Totals

CALL = Call(prompt=3_000, short_prompt=3_000, completion=100, count=10)


def money(amount: Decimal | None) -> str:
    return "?" if amount is None else f"${amount:.2f}"


def cost_of(name: str, tokens: int = 100_000, epochs: int = 3, **more: Decimal) -> ModelCost:
    book = load_price_book()
    model = book.training_row(book.resolve(name))
    totals = Totals(lines=40, tokens=tokens + 1, billed_tokens=tokens, over_context=1)
    return model_cost(model, book, totals, epochs, use=(CALL, MonthlyUse(1_000, **more)))


def test_all_figures_of_a_model() -> None:
    cost = cost_of("gpt-4o-mini")
    assert (cost.records, cost.tokens, cost.billed, cost.over_context, cost.epochs) == (40, 100_001, 100_000, 1, 3)
    assert (cost.training, cost.an_epoch) == (Decimal("0.90"), Decimal("0.30"))
    assert cost.inference == (300 * Decimal("0.15") + 10 * Decimal("0.60")) * 1_000 / 1_000_000
    assert cost.tuned_inference == 2 * cost.inference


def test_terms_of_the_calls() -> None:
    full = cost_of("gpt-4o-mini").inference
    assert cost_of("gpt-4o-mini", batch_discount=Decimal("0.5")).inference == full / 2
    cached = cost_of("gpt-4o-mini", cached_share=Decimal("0.5")).inference
    assert full - cached == Decimal("0.5") * 300 * Decimal("0.075") * 1_000 / 1_000_000


def test_what_is_not_known_is_none() -> None:
    hourly = cost_of("o4-mini")
    assert (hourly.training, hourly.an_epoch) == (None, None)
    assert hourly.inference is not None
    never_tuned = cost_of("gpt-4")
    assert (never_tuned.training, never_tuned.tuned_inference) == (None, None)
    book = load_price_book()
    bare = replace(book.resolve("gpt-4"), input=None)
    assert monthly_cost(bare, CALL, MonthlyUse(1)) is None
    with pytest.raises(PriceNotKnownError, match="gpt-4 has no input price"):
        reading_cost(1, bare)
    with pytest.raises(PriceNotKnownError):
        writing_cost(1, replace(bare, output=None))
    o4 = book.training_row(book.resolve("o4-mini"))
    assert model_cost(o4, book, Totals(), hours=Decimal(2)).training == 200


def test_the_default_rule_chooses_the_epochs() -> None:
    book = load_price_book()
    model = book.training_row(book.resolve("gpt-4o"))
    cost = model_cost(model, book, Totals(lines=12, blank=1, malformed=1, billed_tokens=100))
    assert cost.epochs == 10
    assert (cost.inference, cost.tuned_inference) == (None, None)


def test_forms_to_take_elsewhere() -> None:
    costs = [cost_of("gpt-4o-mini"), cost_of("gpt-4"), replace(cost_of("gpt-4o"), estimated=True)]
    objects = json.loads(as_json(costs))
    assert (objects[0]["training_cost"], objects[1]["training_cost"]) == ("0.90", None)
    assert objects[0]["cost_per_epoch"] == "0.30"
    read = list(csv.DictReader(io.StringIO(as_csv(costs))))
    assert read[0]["training_cost"] == "0.90"
    assert [row["model"] for row in read] == [one["model"] for one in objects]
    assert list(read[0]) == list(objects[0])
    assert read[1]["training_cost"] == ""
    header, ruled, *lines = as_markdown(costs, money).splitlines()
    assert header.count("|") == ruled.count("|") == lines[0].count("|")
    assert "| $0.90 |" in lines[0]
    assert "≈100,001" in lines[2]
    without = [replace(one, inference=None, tuned_inference=None) for one in costs]
    assert "a month" in as_cells(costs, money)[0]
    assert "a month" not in as_cells(without, money)[0]


@given(st.integers(0, 10**10), st.integers(0, 10**10), st.integers(1, 50), st.integers(0, 50))
def test_costs_are_additive_and_grow_with_tokens_and_epochs(some: int, others: int, epochs: int, more: int) -> None:
    one, other = cost_of("gpt-4.1-nano", some, epochs), cost_of("gpt-4.1-nano", others, epochs)
    both = cost_of("gpt-4.1-nano", some + others, epochs)
    assert one.training + other.training == both.training
    assert one.training <= both.training <= cost_of("gpt-4.1-nano", some + others, epochs + more).training
    assert both.an_epoch * epochs == both.training
    assert type(both.training) is Decimal


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.decimals(0, 1, places=4))
def test_reading_is_additive_and_a_cache_never_makes_it_dearer(some: int, others: int, share: Decimal) -> None:
    row = load_price_book().resolve("gpt-4.1-nano")
    both = reading_cost(some + others, row, share * (some + others))
    assert reading_cost(some, row, share * some) + reading_cost(others, row, share * others) == both
    assert both <= reading_cost(some + others, row)
