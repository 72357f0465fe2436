from dataclasses import replace

import pytest

from curator.analysis.counting import Counting, counting_of
from curator.analysis.prices import load_price_book

CL, P5, O2 = "cl100k_base", "p50k_base", "o200k_base"


@pytest.mark.parametrize(
    ("name", "counting"),
    [
        ("gpt-4.1", Counting(O2, 3, 1, 7, 85, 170)),
        ("gpt-4.1-mini", Counting(O2, 3, 1, 7, 85, 170)),
        ("gpt-4.1-nano", Counting(O2, 3, 1, 7, 85, 170)),
        ("gpt-4o", Counting(O2, 3, 1, 7, 85, 170)),
        ("gpt-4o-mini", Counting(O2, 3, 1, 7, 2833, 5667)),
        ("ft:gpt-4o-mini:my-org:custom:id", Counting(O2, 3, 1, 7, 2833, 5667)),
        ("o4-mini", Counting(O2, 3, 1, 7, 85, 170)),
        ("gpt-3.5-turbo", Counting(CL, 3, 1, 10, 85, 170)),
        ("ft:gpt-3.5-turbo-0613:my-org::id", Counting(CL, 3, 1, 10, 85, 170)),
        ("gpt-4", Counting(CL, 3, 1, 10, 85, 170)),
        ("babbage-002", Counting(CL, 3, 1, 10, 85, 170)),
        ("text-davinci-003", Counting(P5, 3, 1, 10, 85, 170)),
    ],
)
def test_counting_of_a_model(name: str, counting: Counting) -> None:
    assert counting_of(load_price_book().resolve(name)) == counting


def test_the_first_turbo_counts_four_a_message_and_drops_the_role_of_named_ones() -> None:
    model = replace(load_price_book().resolve("gpt-3.5-turbo", "2023-08"), id="gpt-3.5-turbo-0301", aliases=())
    assert counting_of(model) == Counting(CL, 4, -1, 10, 85, 170)


def test_a_fine_tuned_model_counts_as_its_base() -> None:
    book = load_price_book()
    for edition in book.editions:
        for model in edition.models:
            tuned = book.tuned(model)
            assert tuned is None or counting_of(tuned) == counting_of(model)


def test_models_that_count_alike_are_one_key() -> None:
    book = load_price_book()
    assert len({counting_of(book.resolve(name)) for name in ("gpt-4.1", "gpt-4o", "o4-mini")}) == 1
