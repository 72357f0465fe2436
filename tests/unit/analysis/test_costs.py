from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.costs import billed_tokens, default_epochs, training_cost
from curator.analysis.prices import ModelPrice, load_price_book

TOY_FILE = [45, 111, 26, 28, 8032]

lengths = st.integers(min_value=0, max_value=10**12)
epoch_counts = st.integers(min_value=0, max_value=50)
prices = st.decimals(min_value=0, max_value=1000, places=3).map(
    lambda training: ModelPrice(
        id="m", edition="e", encoding="o200k_base", training=training, training_unit="1M tokens"
    )
)


def cost(tokens: int, epochs: int, price: ModelPrice) -> Decimal:
    answer = training_cost(tokens, epochs, price)
    assert type(answer) is Decimal
    return answer


def training_row(name: str, edition: str | None = None) -> ModelPrice:
    book = load_price_book()
    return book.training_row(book.resolve(name, edition))


def test_the_toy_file_of_the_cookbook() -> None:
    billed = sum(billed_tokens(tokens, 4096) for tokens in TOY_FILE)
    epochs = default_epochs(len(TOY_FILE))
    assert (billed, epochs, billed * epochs) == (4306, 20, 86_120)
    assert cost(billed, epochs, training_row("gpt-3.5-turbo", "2023-08")) == Decimal("0.68896")


@pytest.mark.parametrize(
    ("examples", "epochs"),
    [
        *[(0, 25), (1, 25), (4, 25), (5, 20), (10, 10), (25, 4), (32, 3), (33, 3), (34, 3), (100, 3), (8_333, 3)],
        *[(8_334, 2), (12_500, 2), (12_501, 1), (25_000, 1), (25_001, 1), (10_000_000, 1)],
    ],
)
def test_default_epochs(examples: int, epochs: int) -> None:
    assert default_epochs(examples) == epochs


def test_default_epochs_refuses_fewer_than_no_examples() -> None:
    with pytest.raises(ValueError, match="-1"):
        default_epochs(-1)


@given(st.integers(min_value=0, max_value=10**9))
def test_default_epochs_stay_in_bounds_and_never_rise_with_the_examples(examples: int) -> None:
    assert 1 <= default_epochs(examples + 1) <= default_epochs(examples) <= 25


@pytest.mark.parametrize(
    ("tokens", "limit", "billed"), [(0, 4096, 0), (4095, 4096, 4095), (4096, 4096, 4096), (4097, 4096, 4096)]
)
def test_billed_tokens_end_at_the_limit(tokens: int, limit: int, billed: int) -> None:
    assert billed_tokens(tokens, limit) == billed
    assert billed_tokens(tokens, None) == tokens


@pytest.mark.parametrize(
    ("model", "edition", "dollars"),
    [
        ("gpt-3.5-turbo", "2023-08", "2.40"),
        ("ft:gpt-3.5-turbo", "2023-08", "2.40"),
        ("babbage-002", None, "0.12"),
        ("davinci-002", None, "1.80"),
        ("gpt-4o-mini", None, "0.90"),
        ("gpt-4.1-nano", None, "0.45"),
        ("gpt-4.1", None, "7.50"),
    ],
)
def test_training_on_100_000_tokens_for_3_epochs(model: str, edition: str | None, dollars: str) -> None:
    assert cost(100_000, 3, training_row(model, edition)) == Decimal(dollars)


def test_a_tenth_of_a_cent_is_not_rounded_away() -> None:
    assert cost(1, 1, training_row("gpt-4.1-nano")) == Decimal("0.0000015")


def test_no_cost_where_no_price_of_a_token_is_known() -> None:
    assert training_cost(100_000, 3, training_row("gpt-4")) is None
    assert training_cost(100_000, 3, training_row("o4-mini")) is None


@given(prices)
def test_no_tokens_cost_nothing(price: ModelPrice) -> None:
    assert cost(0, 25, price) == 0


@given(lengths, lengths, epoch_counts, prices)
def test_cost_is_additive(some: int, others: int, epochs: int, price: ModelPrice) -> None:
    assert cost(some, epochs, price) + cost(others, epochs, price) == cost(some + others, epochs, price)


@given(lengths, lengths, epoch_counts, epoch_counts, prices)
def test_cost_is_monotone_in_tokens_and_epochs(
    tokens: int, more_tokens: int, epochs: int, more_epochs: int, price: ModelPrice
) -> None:
    assert cost(tokens, epochs, price) <= cost(tokens + more_tokens, epochs + more_epochs, price)


@given(lengths, st.none() | lengths, st.none() | lengths)
def test_billing_is_bounded_by_length_and_limit(tokens: int, limit: int | None, other: int | None) -> None:
    billed = billed_tokens(tokens, limit)
    assert 0 <= billed <= tokens
    assert limit is None or billed <= limit
    assert billed_tokens(billed_tokens(tokens, limit), other) == billed_tokens(billed_tokens(tokens, other), limit)
