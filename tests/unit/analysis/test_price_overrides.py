"""The user's own figures in the price book, prices of other models, and which rows a comparison takes."""

from __future__ import annotations

import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.model_choice import notes_on, resolve_together, tuned_row
from curator.analysis.other_prices import EDITION, GenaiPrices
from curator.analysis.price_overrides import priced_book
from curator.analysis.prices import ModelPrice, PriceBook, UnknownModelError, load_price_book
from curator.errors import UsageError
from curator.settings import OwnPrice


def own(model: str, field: str, value: str) -> OwnPrice:
    return OwnPrice(model, field, Decimal(value), "curator.toml")


def all_rows(book: PriceBook) -> dict[tuple[str, str], ModelPrice]:
    return {(edition.name, row.id): row for edition in book.editions for row in edition.models}


def changed(*prices: OwnPrice) -> dict[tuple[str, str], ModelPrice]:
    plain = all_rows(load_price_book())
    return {key: row for key, row in all_rows(priced_book(prices)).items() if row != plain[key]}


def test_without_own_figures_the_book_is_as_shipped() -> None:
    assert changed() == {}
    assert priced_book(()).editions == load_price_book().editions


def test_one_field_of_one_row_is_replaced() -> None:
    (found,) = changed(own("gpt-4o-mini", "input", "0.12")).items()
    assert found[0] == ("2026", "gpt-4o-mini-2024-07-18")
    row = load_price_book().resolve("gpt-4o-mini")
    source = "OpenAI's pricing page; limits from its fine-tuning guides; input of curator.toml"
    assert found[1] == replace(row, input=Decimal("0.12"), source=source)


def test_the_training_price_is_set_on_the_fine_tuned_row() -> None:
    (found,) = changed(own("gpt-4o-mini", "training", "2.5")).items()
    assert found[0] == ("2026", "ft:gpt-4o-mini-2024-07-18")
    book = priced_book([own("gpt-4o-mini", "training", "2.5")])
    assert book.training_row(book.resolve("gpt-4o-mini")).training == Decimal("2.5")
    hourly = priced_book([own("o4-mini", "training", "80")]).resolve("ft:o4-mini")
    assert (hourly.training, hourly.training_unit) == (80, "hour")
    alone = priced_book([own("gpt-4", "training", "90")]).resolve("gpt-4")
    assert (alone.training, alone.training_unit) == (90, "1M tokens")


def test_limits_are_those_of_base_and_fine_tuned_row() -> None:
    found = changed(own("gpt-4.1", "context", "1000000"))
    assert {key[1] for key in found} == {"gpt-4.1-2025-04-14", "ft:gpt-4.1-2025-04-14"}
    for row in found.values():
        assert (row.context, type(row.context), row.uncertain) == (1_000_000, int, ())


def test_the_later_figure_counts_and_an_edition_can_be_said() -> None:
    book = priced_book([own("gpt-4o", "output", "9"), own("gpt-4o-2024-08-06", "output", "8")])
    assert book.resolve("gpt-4o").output == 8
    assert set(changed(own("gpt-3.5-turbo@2023-08", "input", "1"))) == {("2023-08", "gpt-3.5-turbo")}
    assert set(changed(own("gpt-3.5-turbo", "input", "1"))) == {("2026", "gpt-3.5-turbo-0125")}


def test_a_figure_of_an_unknown_model_is_told_with_its_origin() -> None:
    with pytest.raises(UnknownModelError, match=r'^curator\.toml: \[prices\."gpt-4o-mni"\]: .* Nearest names: gpt-4o'):
        priced_book([own("gpt-4o-mni", "input", "1")])
    with pytest.raises(UsageError, match=r"^curator\.toml: .* no edition \'1999\'"):
        priced_book([own("gpt-4@1999", "input", "1")])


@given(st.sampled_from(sorted(all_rows(load_price_book()))), st.decimals(0, 1000, places=9))
def test_any_price_comes_out_as_it_went_in(key: tuple[str, str], amount: Decimal) -> None:
    found = all_rows(priced_book([own(f"{key[1]}@{key[0]}", "output", str(amount))]))[key]
    assert str(found.output) == str(amount)


# Rows that are compared


@pytest.mark.parametrize(
    ("names", "edition", "rows"),
    [
        (["gpt-3.5-turbo"], "", [("gpt-3.5-turbo-0125", "2026")]),
        (["gpt-3.5-turbo-16k", "gpt-3.5-turbo"], "", [("gpt-3.5-turbo-16k", "2023-08"), ("gpt-3.5-turbo", "2023-08")]),
        (["gpt-4", "gpt-4o@2026"], "", [("gpt-4", "2023-08"), ("gpt-4o-2024-08-06", "2026")]),
        (["gpt-3.5-turbo", "gpt-3.5-turbo"], "2023-08", [("gpt-3.5-turbo", "2023-08")] * 2),
        (["gpt-3.5-turbo@2023-08", "gpt-4o"], "2026", [("gpt-3.5-turbo", "2023-08"), ("gpt-4o-2024-08-06", "2026")]),
    ],
)
def test_a_comparison_takes_its_models_from_one_edition(
    names: list[str], edition: str, rows: list[tuple[str, str]]
) -> None:
    assert [(row.id, row.edition) for row in resolve_together(priced_book(()), names, edition)] == rows


def test_models_that_no_edition_holds_together_are_told() -> None:
    told = r"No edition .* all of them: gpt-4 is in 2023-08, gpt-4o is in 2026\. Say which with NAME@EDITION\.$"
    with pytest.raises(UsageError, match=told):
        resolve_together(load_price_book(), ["gpt-4", "gpt-4o"])
    with pytest.raises(UnknownModelError):
        resolve_together(load_price_book(), ["gpt-4", "gtp-4"])


def test_the_row_that_is_trained() -> None:
    book = load_price_book()
    base = book.resolve("gpt-4o-mini")
    assert tuned_row(book, base) is tuned_row(book, book.resolve("ft:gpt-4o-mini:my-org::id"))
    told = (
        r"^gpt-4 cannot be fine-tuned, by edition 2023-08\. Those that can: gpt-3\.5-turbo, babbage-002, davinci-002\.$"
    )
    with pytest.raises(UsageError, match=told):
        tuned_row(book, book.resolve("gpt-4"))


def test_retired_models_say_so() -> None:
    assert notes_on(load_price_book().resolve("gpt-4o")) == []
    told = "gpt-4 is retired; its figures are by the prices of edition 2023-08."
    assert notes_on(load_price_book().resolve("gpt-4")) == [told]


# Other models


def test_without_the_library_other_models_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.analysis.other_prices.find_spec", lambda _: None)
    assert GenaiPrices().find("gpt-5") is None
    with pytest.raises(UnknownModelError):
        priced_book(()).resolve("gpt-5")


@pytest.fixture
def genai() -> PriceBook:
    pytest.importorskip("genai_prices")
    return priced_book(())


def test_the_library_is_not_imported_for_models_of_the_book(genai: PriceBook, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "genai_prices"]:
        monkeypatch.delitem(sys.modules, name)
    genai.resolve("gpt-4o-mini")
    assert "genai_prices" not in sys.modules


def test_other_models_have_prices_of_inference(genai: PriceBook) -> None:
    row = genai.resolve("gpt-5")
    assert (row.id, row.edition, row.encoding, row.uncertain) == ("gpt-5", "genai-prices", "o200k_base", ())
    assert all(type(price) is Decimal for price in (row.input, row.cached_input, row.output))
    assert (row.training, genai.tuned(row), genai.training_row(row)) == (None, None, row)
    assert genai.edition(row.edition) is EDITION
    assert genai.resolve("openai/gpt-5", EDITION.name).input == row.input
    assert notes_on(row) == []
    tiered = genai.resolve("claude-sonnet-4-5")
    assert (tiered.uncertain, type(tiered.input)) == (("encoding",), Decimal)
    assert "tokens are estimated by o200k_base" in notes_on(tiered)[0]


def test_other_models_too_are_matched_by_their_whole_name(genai: PriceBook) -> None:
    for name in ("claude-sonnet-4-5x", "gpt-5-turbo-none", "gpt", "openai/", "/gpt-5", "nobody/gpt-5"):
        with pytest.raises(UnknownModelError):
            genai.resolve(name)
    with pytest.raises(UnknownModelError, match=r"genai-prices"):
        genai.resolve("nothing-like-it", EDITION.name)


def test_the_book_goes_before_other_prices(genai: PriceBook) -> None:
    assert genai.resolve("gpt-4o").edition == "2026"
    rows = resolve_together(genai, ["gpt-5", "gpt-4", "gpt-3.5-turbo"])
    assert [row.edition for row in rows] == ["genai-prices", "2023-08", "2023-08"]


def test_all_other_models(genai: PriceBook) -> None:
    rows = list(GenaiPrices().all())
    assert len(rows) > 500
    assert {row.edition for row in rows} == {EDITION.name}
    assert all(type(row.input) is type(row.output) is Decimal for row in rows)
    for row in rows[::100]:
        assert genai.resolve(row.id, EDITION.name).output == row.output
