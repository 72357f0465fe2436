"""Whether a shorter prompt pays: cases worked out by hand, and what holds for any."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.break_even import (
    BreakEven,
    Call,
    Training,
    Usage,
    break_even,
    over_answers,
    over_epochs,
    over_prompts,
)
from curator.analysis.costs import PriceNotKnownError, training_cost
from curator.analysis.model_choice import tuned_row
from curator.analysis.prices import ModelPrice, load_price_book
from curator.analysis.recitation import Repeats, is_recited, recitation_warning

TRAINING = Training(100_000, 3)

CASES = """
base              | tuned         | P    | p   | c   | before   | after    | saving    | C    | N
gpt-3.5-turbo     | gpt-3.5-turbo | 1000 | 100 | 10  | 0.00152  | 0.00136  | 0.00016   | 2.40 | 15000
gpt-3.5-turbo     | gpt-3.5-turbo | 1000 | 100 | 20  | 0.00154  | 0.00152  | 0.00002   | 2.40 | 120000
gpt-3.5-turbo     | gpt-3.5-turbo | 1000 | 100 | 22  | 0.001544 | 0.001552 | -0.000008 | 2.40 |
gpt-3.5-turbo     | gpt-3.5-turbo | 2050 | 250 | 100 | 0.003275 | 0.0046   | -0.001325 | 2.40 |
gpt-3.5-turbo-16k | gpt-3.5-turbo | 2000 | 200 | 100 | 0.0064   | 0.004    | 0.0024    | 2.40 | 1000
gpt-4             | gpt-3.5-turbo | 2000 | 200 | 100 | 0.066    | 0.004    | 0.062     | 2.40 | 39
babbage-002       | babbage-002   | 1000 | 100 | 10  | 0.000404 | 0.000176 | 0.000228  | 0.12 | 527
davinci-002       | davinci-002   | 1000 | 100 | 10  | 0.00202  | 0.00132  | 0.0007    | 1.80 | 2572
"""

amounts = st.decimals(min_value=0, max_value=1000, places=4)
lengths = st.integers(min_value=0, max_value=10**9)
shares = st.decimals(min_value=0, max_value=1, places=6)
rows = st.builds(
    ModelPrice,
    id=st.just("m"),
    edition=st.just("e"),
    encoding=st.just("o200k_base"),
    input=amounts,
    cached_input=st.none() | amounts,
    output=amounts,
    training=amounts,
    training_unit=st.just("1M tokens"),
)
calls = st.builds(Call, prompt=lengths, short_prompt=lengths, completion=lengths, count=st.integers(1, 10**6))
usages = st.builds(
    Usage,
    calls,
    shares,
    st.decimals(min_value=0, max_value="0.99", places=2),
    st.none() | st.decimals(min_value=1, max_value=10**6, places=1),
)
trainings = st.builds(Training, lengths, st.integers(1, 50))


def of_2023(name: str) -> ModelPrice:
    return load_price_book().resolve(name, "2023-08")


def tuned(name: str, edition: str | None = "2023-08") -> ModelPrice:
    book = load_price_book()
    return tuned_row(book, book.resolve(name, edition))


def usage(prompt: int, short: int, completion: int, **more: Any) -> Usage:
    return Usage(Call(prompt=prompt, short_prompt=short, completion=completion), **more)


def case(base: str, to: str, prompt: int, short: int, completion: int, **more: Any) -> BreakEven:
    return break_even(of_2023(base), tuned(to), usage(prompt, short, completion, **more), TRAINING)


def cases() -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", cases(), ids=lambda row: " ".join(row[:5]))
def test_the_cases_worked_out_by_hand(row: list[str]) -> None:
    base, to, prompt, short, completion, before, after, saving, cost, number = row
    answer = case(base, to, int(prompt), int(short), int(completion))
    money = (answer.base_per_call, answer.tuned_per_call, answer.saving_per_call, answer.training_cost)
    assert money == tuple(map(Decimal, (before, after, saving, cost)))
    assert all(type(one) is Decimal for one in money)
    assert answer.calls == (int(number) if number else None)
    assert answer.pays is bool(number)


@pytest.mark.parametrize(
    ("base", "to", "prompt", "short", "completion", "told"),
    [
        (
            *("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10),
            "A prompt of 1,000 tokens cut to 100 pays only while answers stay under 22 tokens; yours have 10.",
        ),
        (
            *("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 22),
            "A prompt of 1,000 tokens cut to 100 pays only while answers stay under 22 tokens; yours have 22,"
            " so it never pays.",
        ),
        (
            *("gpt-3.5-turbo", "gpt-3.5-turbo", 2050, 250, 100),
            "A prompt of 2,050 tokens cut to 250 pays only while answers stay under 6 tokens; yours have 100,"
            " so it never pays.",
        ),
        (
            *("gpt-3.5-turbo", "gpt-3.5-turbo", 800, 100, 0),
            "A prompt of 800 tokens cut to 100 never pays: ft:gpt-3.5-turbo reads 100 tokens for no less than"
            " gpt-3.5-turbo reads 800, and its answers cost no less.",
        ),
        (
            *("gpt-4", "gpt-3.5-turbo", 2000, 200, 100),
            "A prompt of 2,000 tokens cut to 200 pays whatever the length of the answers.",
        ),
        (
            *("gpt-4", "gpt-3.5-turbo", 100, 300, 14),
            "A prompt of 100 tokens grown to 300 pays only once answers are longer than 13 tokens; yours have 14.",
        ),
        (
            *("gpt-4", "gpt-3.5-turbo", 100, 300, 13),
            "A prompt of 100 tokens grown to 300 pays only once answers are longer than 13 tokens; yours have 13,"
            " so it never pays.",
        ),
        (
            *("gpt-3.5-turbo", "gpt-3.5-turbo", 100, 100, 5),
            "A prompt of 100 tokens that stays as it is never pays: ft:gpt-3.5-turbo reads 100 tokens for no less than"
            " gpt-3.5-turbo reads 100, and its answers cost no less.",
        ),
    ],
)
def test_the_condition_is_in_the_users_own_numbers(
    base: str, to: str, prompt: int, short: int, completion: int, told: str
) -> None:
    assert case(base, to, prompt, short, completion).condition == told


def test_a_threshold_that_is_whole_does_not_pay_itself() -> None:
    for answer, pays in ((299, True), (300, False)):
        found = case("gpt-3.5-turbo-16k", "gpt-3.5-turbo", 2000, 200, answer)
        assert found.pays is pays
        assert "under 300 tokens" in found.condition


def test_averages_are_told_apart_from_the_threshold() -> None:
    call = Call(prompt=10_000, short_prompt=1_000, completion=214, count=10)
    answer = break_even(of_2023("gpt-3.5-turbo"), tuned("gpt-3.5-turbo"), Usage(call), TRAINING)
    assert answer.pays
    assert "stay under 21.43 tokens; yours have 21.40." in answer.condition


def test_sums_over_calls_are_worth_their_average() -> None:
    one = case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10)
    call = Call(prompt=7_000, short_prompt=700, completion=70, count=7)
    assert break_even(of_2023("gpt-3.5-turbo"), tuned("gpt-3.5-turbo"), Usage(call), TRAINING) == one


def test_a_cached_share_is_of_the_long_prompt_and_of_a_short_one_from_1024_tokens_on() -> None:
    book = load_price_book()
    base, to = book.resolve("gpt-4o-mini"), tuned("gpt-4o-mini", None)
    half = Decimal("0.5")

    def costs(prompt: int, short: int) -> tuple[Decimal, Decimal]:
        found = break_even(base, to, usage(prompt, short, 0, cached_share=half), TRAINING)
        return found.base_per_call * 10**6, found.tuned_per_call * 10**6

    assert costs(2000, 1024) == (1000 * base.input + 1000 * Decimal("0.075"), 512 * to.input + 512 * Decimal("0.15"))
    assert costs(1000, 1023) == (500 * base.input + 500 * Decimal("0.075"), 1023 * to.input)
    no_cache = case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10, cached_share=half)
    assert no_cache == case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10)


def test_a_batch_discount_is_off_the_calls_and_not_off_the_training() -> None:
    plain = case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10)
    batch = case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10, batch_discount=Decimal("0.5"))
    assert batch.saving_per_call * 2 == plain.saving_per_call
    assert (batch.training_cost, batch.calls) == (plain.training_cost, 30_000)
    assert batch.condition == plain.condition


def test_days_at_the_users_rate() -> None:
    assert case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10).days is None
    assert case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10, calls_a_day=Decimal(400)).days == Decimal("37.5")
    assert case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 22, calls_a_day=Decimal(400)).days is None


def test_training_by_the_hour() -> None:
    base, to = load_price_book().resolve("gpt-4o"), tuned("o4-mini", None)
    unknown = break_even(base, to, usage(5000, 100, 10), TRAINING)
    assert (unknown.training_cost, unknown.calls, unknown.pays) == (None, None, True)
    assert unknown.condition.endswith(" The training price is by the hour; give --training-hours.")
    assert unknown.cost_after(10) == (10 * unknown.base_per_call, None)
    known = break_even(base, to, usage(5000, 100, 10), replace(TRAINING, hours=Decimal("1.5")))
    assert known.training_cost == 150
    assert known.calls == ceil(150 / Fraction(known.saving_per_call))
    assert "hour" not in known.condition
    assert training_cost(100_000, 3, to, Decimal("1.5")) == 150


def test_an_unknown_training_price_is_told() -> None:
    bare = replace(tuned("gpt-3.5-turbo"), training=None, training_unit=None)
    answer = break_even(of_2023("gpt-4"), bare, usage(2000, 200, 100), TRAINING)
    assert answer.calls is None
    assert answer.condition.endswith(" The training price of ft:gpt-3.5-turbo is not known.")


def test_a_missing_price_is_a_sentence() -> None:
    bare = replace(of_2023("gpt-4"), output=None)
    with pytest.raises(PriceNotKnownError, match=r"^gpt-4 has no output price in edition 2023-08; set your own\.$"):
        break_even(bare, tuned("gpt-3.5-turbo"), usage(1, 1, 1), TRAINING)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cached_share": Decimal("1.1")},
        {"cached_share": Decimal(-1)},
        {"batch_discount": Decimal(1)},
        {"calls_a_day": Decimal(0)},
    ],
)
def test_usage_that_cannot_be_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError):
        usage(1, 1, 1, **wrong)


def test_calls_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError):
        Call(prompt=-1, short_prompt=0, completion=0)
    with pytest.raises(ValueError):
        Call(prompt=1, short_prompt=0, completion=0, count=0)


def test_how_it_changes() -> None:
    base, to, asked = of_2023("gpt-3.5-turbo"), tuned("gpt-3.5-turbo"), usage(1000, 100, 10)
    by_prompt = over_prompts(base, to, asked, TRAINING, (500, 1000, 2000))
    assert [(length, one.calls) for length, one in by_prompt] == [(500, None), (1000, 15_000), (2000, 1_446)]
    by_answer = over_answers(base, to, asked, TRAINING, (10, 20, 22))
    assert [(length, one.calls) for length, one in by_answer] == [(10, 15_000), (20, 120_000), (22, None)]
    by_epochs = over_epochs(base, to, asked, TRAINING, (1, 3, 6))
    assert [(number, one.calls) for number, one in by_epochs] == [(1, 5_000), (3, 15_000), (6, 30_000)]


def test_the_two_lines_cross_at_the_break_even() -> None:
    answer = case("gpt-3.5-turbo", "gpt-3.5-turbo", 1000, 100, 10)
    assert answer.cost_after(0) == (0, Decimal("2.40"))
    before, after = answer.cost_after(15_000)
    assert before == after == Decimal("22.80")


@given(rows, rows, usages, trainings)
def test_the_break_even_is_the_first_call_that_pays(
    base: ModelPrice, to: ModelPrice, asked: Usage, training: Training
) -> None:
    answer = break_even(base, to, asked, training)
    for one in fields(answer):
        assert not isinstance(getattr(answer, one.name), float)
    assert (answer.calls is None) is (answer.saving_per_call <= 0)
    assert answer.training_cost == training_cost(training.tokens, training.epochs, to)
    if answer.calls:
        slack = Fraction(answer.calls, 10**20)
        saving, cost = Fraction(answer.saving_per_call), Fraction(answer.training_cost or 0)
        assert saving * answer.calls >= cost - slack
        assert saving * (answer.calls - 1) < cost + slack


@given(rows, rows, usages, trainings)
def test_the_condition_never_says_the_contrary(
    base: ModelPrice, to: ModelPrice, asked: Usage, training: Training
) -> None:
    answer = break_even(base, to, asked, training)
    assert ("never pays" in answer.condition) is not answer.pays


@given(rows, rows, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_the_threshold_is_the_users_own(
    base: ModelPrice, to: ModelPrice, prompt: int, short: int, completion: int
) -> None:
    told = break_even(base, to, usage(prompt, short, completion), TRAINING).condition
    if "stay under" in told:
        bound = int(told.split("stay under ")[1].split(" ")[0].replace(",", ""))
        for length in {bound - 1, bound}:
            assert break_even(base, to, usage(prompt, short, length), TRAINING).pays is (length < bound)


@given(rows, rows, usages, trainings, st.integers(1, 50))
def test_more_epochs_never_pay_sooner(
    base: ModelPrice, to: ModelPrice, asked: Usage, training: Training, more: int
) -> None:
    few = break_even(base, to, asked, training)
    many = break_even(base, to, asked, replace(training, epochs=training.epochs + more))
    assert few.pays is many.pays
    assert few.calls is None or many.calls is None or few.calls <= many.calls


# Recitation


@pytest.mark.parametrize(
    ("epochs", "copies", "recited"), [(3, 10, False), (3, 11, True), (1, 32, True), (31, 1, False), (25, 2, True)]
)
def test_answers_are_recited_from_32_sights_on(epochs: int, copies: int, recited: bool) -> None:
    assert is_recited(epochs, copies) is recited
    assert bool(recitation_warning(epochs, copies)) is recited


def test_a_single_copy_is_none_to_drop() -> None:
    assert is_recited(32, 1)
    assert recitation_warning(32, 1) == ""
    assert recitation_warning(3, 20) == (
        "One answer stands in the data 20 times and is seen 60 times in 3 epochs: from 32 on a model recites it."
        " Drop copies, or train fewer epochs."
    )


def test_repeats_are_counted_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.analysis.recitation.MOST_ANSWERS", 10)
    one, other = Repeats(), Repeats()
    assert one.most == 0
    one.add(["Yes.", "No.", "", "", "", "Yes."])
    other.add(["Yes.", *map(str, range(9))])
    one.merge(other)
    assert one.most == 3
    one.add(map(str, range(100)))
    assert one.most >= 3
