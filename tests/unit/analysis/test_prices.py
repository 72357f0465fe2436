from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.prices import ModelPrice, PriceBook, UnknownEditionError, UnknownModelError, load_price_book
from curator.errors import UsageError

AUGUST_2023 = """
id                | alias                  | encoding    | input | cached | output | training | unit      | context
gpt-3.5-turbo     | gpt-3.5-turbo-0613     | cl100k_base |  1.50 |        |   2.00 |          |           |  4096
ft:gpt-3.5-turbo  |                        | cl100k_base | 12.00 |        |  16.00 |     8.00 | 1M tokens |  4096
gpt-3.5-turbo-16k | gpt-3.5-turbo-16k-0613 | cl100k_base |  3.00 |        |   4.00 |          |           | 16385
gpt-4             | gpt-4-0613             | cl100k_base | 30.00 |        |  60.00 |          |           |  8192
babbage-002       |                        | cl100k_base |  0.40 |        |   0.40 |          |           | 16384
ft:babbage-002    |                        | cl100k_base |  1.60 |        |   1.60 |     0.40 | 1M tokens | 16384
davinci-002       |                        | cl100k_base |  2.00 |        |   2.00 |          |           | 16384
ft:davinci-002    |                        | cl100k_base | 12.00 |        |  12.00 |     6.00 | 1M tokens | 16384
text-davinci-003  |                        | p50k_base   | 20.00 |        |  20.00 |          |           |  4096
"""

YEAR_2026 = """
id                         | alias         | encoding    | input | cached | output | training | unit      | context | longest | uncertain
gpt-4.1-2025-04-14         | gpt-4.1       | o200k_base  |  2    | 0.50   |   8    |          |           |  128000 |   65536 | context
ft:gpt-4.1-2025-04-14      |               | o200k_base  |  3    | 0.75   |  12    |    25    | 1M tokens |  128000 |   65536 | context
gpt-4.1-mini-2025-04-14    | gpt-4.1-mini  | o200k_base  |  0.40 | 0.10   |   1.60 |          |           |  128000 |   65536 | context
ft:gpt-4.1-mini-2025-04-14 |               | o200k_base  |  0.80 | 0.20   |   3.20 |     5    | 1M tokens |  128000 |   65536 | context
gpt-4.1-nano-2025-04-14    | gpt-4.1-nano  | o200k_base  |  0.10 | 0.025  |   0.40 |          |           |  128000 |   65536 | context
ft:gpt-4.1-nano-2025-04-14 |               | o200k_base  |  0.20 | 0.05   |   0.80 |     1.50 | 1M tokens |  128000 |   65536 | context
gpt-4o-2024-08-06          | gpt-4o        | o200k_base  |  2.50 | 1.25   |  10    |          |           |  128000 |   65536 |
ft:gpt-4o-2024-08-06       |               | o200k_base  |  3.75 | 1.875  |  15    |    25    | 1M tokens |  128000 |   65536 |
gpt-4o-mini-2024-07-18     | gpt-4o-mini   | o200k_base  |  0.15 | 0.075  |   0.60 |          |           |  128000 |   65536 |
ft:gpt-4o-mini-2024-07-18  |               | o200k_base  |  0.30 | 0.15   |   1.20 |     3    | 1M tokens |  128000 |   65536 |
gpt-3.5-turbo-0125         | gpt-3.5-turbo | cl100k_base |  0.50 |        |   1.50 |          |           |   16385 |   16385 |
ft:gpt-3.5-turbo-0125      |               | cl100k_base |  3    |        |   6    |     8    | 1M tokens |   16385 |   16385 |
o4-mini-2025-04-16         | o4-mini       | o200k_base  |  1.10 | 0.275  |   4.40 |          |           |  200000 |   65536 | longest_example
ft:o4-mini-2025-04-16      |               | o200k_base  |  4    | 1      |  16    |   100    | hour      |  200000 |   65536 | longest_example
"""  # noqa: E501

SOURCES = {
    "2023-08": "OpenAI's prices of August 2023",
    "2026": "OpenAI's pricing page; limits from its fine-tuning guides",
}


@pytest.fixture
def book() -> PriceBook:
    return load_price_book()


def rows_of(table: str) -> list[dict[str, str]]:
    head, *lines = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return [dict(zip(head, line, strict=True)) for line in lines]


def money(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def expected_model(edition: str, row: dict[str, str]) -> ModelPrice:
    longest = row.get("longest")
    uncertain = row.get("uncertain")
    return ModelPrice(
        id=row["id"],
        edition=edition,
        encoding=row["encoding"],
        aliases=(row["alias"],) if row["alias"] else (),
        base=row["id"].removeprefix("ft:") if row["id"].startswith("ft:") else None,
        input=money(row["input"]),
        cached_input=money(row["cached"]),
        output=money(row["output"]),
        training=money(row["training"]),
        training_unit={"": None, "1M tokens": "1M tokens", "hour": "hour"}[row["unit"]],
        context=int(row["context"]),
        longest_example=int(longest) if longest else None,
        status="retired" if edition == "2023-08" else "active",
        source=SOURCES[edition],
        uncertain=(uncertain,) if uncertain else (),
    )


@pytest.mark.parametrize(("edition", "table"), [("2023-08", AUGUST_2023), ("2026", YEAR_2026)])
def test_every_row_of_an_edition(book: PriceBook, edition: str, table: str) -> None:
    expected = [expected_model(edition, row) for row in rows_of(table)]
    assert list(book.edition(edition).models) == expected


def test_editions_stand_oldest_to_newest(book: PriceBook) -> None:
    assert [edition.name for edition in book.editions] == ["2023-08", "2026"]
    assert {edition.currency for edition in book.editions} == {"USD"}


def test_the_newest_edition_tells_that_the_service_ends(book: PriceBook) -> None:
    assert book.edition("2026").note is not None
    assert "6 January 2027" in (book.edition("2026").note or "")


def test_the_book_is_read_once() -> None:
    assert load_price_book() is load_price_book()


def test_prices_are_decimals_and_limits_whole_numbers(book: PriceBook) -> None:
    for model in every_model(book):
        for price in (model.input, model.cached_input, model.output, model.training):
            assert price is None or type(price) is Decimal
        assert type(model.context) is int
        for day in (model.effective_from, model.effective_to, model.shutdown, model.checked_on):
            assert day is None or type(day) is date


def test_names_are_unique_within_an_edition_and_bases_exist(book: PriceBook) -> None:
    for edition in book.editions:
        names = [name for model in edition.models for name in model.names]
        assert len(names) == len(set(names))
        ids = {model.id for model in edition.models}
        for model in edition.models:
            assert model.base is None or model.base in ids
            assert set(model.uncertain) <= set(ModelPrice.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "edition", "row", "row_edition"),
    [
        ("gpt-4o-mini", None, "gpt-4o-mini-2024-07-18", "2026"),
        ("gpt-4o", None, "gpt-4o-2024-08-06", "2026"),
        ("gpt-4.1", None, "gpt-4.1-2025-04-14", "2026"),
        ("gpt-4.1-mini", None, "gpt-4.1-mini-2025-04-14", "2026"),
        ("gpt-4.1-nano", None, "gpt-4.1-nano-2025-04-14", "2026"),
        ("o4-mini", None, "o4-mini-2025-04-16", "2026"),
        ("gpt-3.5-turbo", None, "gpt-3.5-turbo-0125", "2026"),
        ("gpt-3.5-turbo", "2023-08", "gpt-3.5-turbo", "2023-08"),
        ("gpt-3.5-turbo-0613", None, "gpt-3.5-turbo", "2023-08"),
        ("gpt-3.5-turbo-16k-0613", None, "gpt-3.5-turbo-16k", "2023-08"),
        ("gpt-4-0613", None, "gpt-4", "2023-08"),
        ("text-davinci-003", None, "text-davinci-003", "2023-08"),
        ("ft:gpt-4o-mini-2024-07-18", None, "ft:gpt-4o-mini-2024-07-18", "2026"),
        ("ft:gpt-4o-mini-2024-07-18:my-org:custom:id", None, "ft:gpt-4o-mini-2024-07-18", "2026"),
        ("ft:gpt-4o-mini:my-org::id", None, "ft:gpt-4o-mini-2024-07-18", "2026"),
        ("ft:gpt-4.1-nano-2025-04-14:gpt-4.1:gpt-4.1:id", None, "ft:gpt-4.1-nano-2025-04-14", "2026"),
        ("ft:gpt-3.5-turbo:my-org", None, "ft:gpt-3.5-turbo-0125", "2026"),
        ("ft:gpt-3.5-turbo:my-org", "2023-08", "ft:gpt-3.5-turbo", "2023-08"),
        ("ft:gpt-3.5-turbo-0613:my-org::id", None, "ft:gpt-3.5-turbo", "2023-08"),
        ("ft:davinci-002:my-org::id", None, "ft:davinci-002", "2023-08"),
    ],
)
def test_names_resolve(book: PriceBook, name: str, edition: str | None, row: str, row_edition: str) -> None:
    model = book.resolve(name, edition)
    assert (model.id, model.edition) == (row, row_edition)


def test_nano_is_not_priced_as_its_larger_namesake(book: PriceBook) -> None:
    nano = book.training_row(book.resolve("gpt-4.1-nano"))
    assert (nano.input, nano.training) == (Decimal("0.10"), Decimal("1.50"))
    assert nano.training != book.training_row(book.resolve("gpt-4.1")).training


@pytest.mark.parametrize(
    "name",
    [
        *("", "gpt", "gpt-4.1-", "gpt-4.1-nano-2025", "GPT-4o", " gpt-4o", "gpt-4o-mini-2024-07-18:x"),
        *("my-gpt-4.1-nano", "ft", "ft:", "ft::gpt-4o", "ft:gpt-4", "ft:gpt-4o-mini-2024", "ft:ft:gpt-4o"),
        *("gpt-3.5-turbo-0301", "x:gpt-4o-mini"),
    ],
)
def test_nothing_but_a_whole_name_resolves(book: PriceBook, name: str) -> None:
    with pytest.raises(UnknownModelError):
        book.resolve(name)


@pytest.mark.parametrize(
    ("name", "edition", "parts"),
    [
        ("gpt-4.1-nan", None, ["The price book has no model 'gpt-4.1-nan'", "Nearest names: gpt-4.1-nano,"]),
        ("GPT-4o-Mini", None, ["Nearest names: gpt-4o-mini,"]),
        ("ft:gpt-4o-mni-2024-07-18:my-org:custom:id", None, ["Nearest names: ft:gpt-4o-mini-2024-07-18,"]),
        ("gpt-4o", "2023-08", ["Edition 2023-08 of the price book has no", "Edition 2026 has it: choose that edition"]),
        ("llama", None, ["Choose one of: gpt-4.1-2025-04-14,", "text-davinci-003."]),
        ("llama", "2023-08", ["Choose one of: gpt-3.5-turbo, gpt-3.5-turbo-16k, gpt-4,"]),
    ],
)
def test_an_unknown_model_is_told_what_to_do(book: PriceBook, name: str, edition: str | None, parts: list[str]) -> None:
    with pytest.raises(UnknownModelError) as raised:
        book.resolve(name, edition)
    for part in parts:
        assert part in str(raised.value)


def test_an_unknown_edition_is_told_the_known_ones(book: PriceBook) -> None:
    with pytest.raises(UnknownEditionError, match=r"no edition '2024'\. Choose one of its editions: 2023-08, 2026\."):
        book.resolve("gpt-4o", "2024")
    assert issubclass(UnknownEditionError, UsageError)
    assert issubclass(UnknownModelError, UsageError)


def test_tuned_row_of_a_base_model(book: PriceBook) -> None:
    for model in every_model(book):
        tuned = book.tuned(model)
        if model.base is not None:
            assert tuned is model
        elif model.id in {"gpt-3.5-turbo-16k", "gpt-4", "text-davinci-003"}:
            assert tuned is None
        else:
            assert tuned is not None
            assert (tuned.base, tuned.edition) == (model.id, model.edition)


def test_a_model_of_no_edition_has_no_tuned_row(book: PriceBook) -> None:
    own = ModelPrice(id="gpt-4o-mini-2024-07-18", edition="mine", encoding="o200k_base")
    assert book.tuned(own) is None
    assert book.training_row(own) is own


@pytest.mark.parametrize(
    ("name", "training", "unit", "limit"),
    [
        ("gpt-4o-mini", Decimal(3), "1M tokens", 65_536),
        ("gpt-3.5-turbo", Decimal(8), "1M tokens", 16_385),
        ("gpt-3.5-turbo-0613", Decimal(8), "1M tokens", 4_096),
        ("babbage-002", Decimal("0.40"), "1M tokens", 16_384),
        ("o4-mini", Decimal(100), "hour", 65_536),
        ("gpt-4", None, None, 8_192),
    ],
)
def test_training_row(book: PriceBook, name: str, training: Decimal | None, unit: str | None, limit: int) -> None:
    base = book.resolve(name)
    row = book.training_row(base)
    assert (row.training, row.training_unit, row.limit) == (training, unit, limit)
    assert (row.id, row.input, row.output, row.context) == (base.id, base.input, base.output, base.context)


def test_training_row_fills_gaps_and_keeps_what_the_user_set(book: PriceBook) -> None:
    o4 = book.resolve("o4-mini")
    bare = replace(o4, longest_example=None, uncertain=())
    assert book.training_row(bare).longest_example == 65_536
    assert book.training_row(bare).uncertain == ("longest_example",)
    own = replace(o4, longest_example=1_000, training=Decimal(7), training_unit="1M tokens", uncertain=())
    assert book.training_row(own) == own


def test_limit_is_the_longest_example_or_else_the_context(book: PriceBook) -> None:
    model = book.resolve("gpt-4o-mini")
    assert model.limit == 65_536
    assert replace(model, longest_example=None).limit == 128_000
    assert replace(model, longest_example=None, context=None).limit is None


@given(st.text(max_size=40) | st.text(alphabet="ft:gpo-4.1nami35ur", max_size=30))
def test_any_text_resolves_to_its_own_row_or_is_unknown(name: str) -> None:
    book = load_price_book()
    try:
        model = book.resolve(name)
    except UnknownModelError as fault:
        assert repr(name) in str(fault)
    else:
        base = name.split(":")[1] if name.startswith("ft:") else name
        assert base in model.names or book.resolve(base, model.edition).id == model.base


@given(st.data())
def test_any_trained_name_has_the_row_of_its_base(data: st.DataObject) -> None:
    book = load_price_book()
    tuned = data.draw(st.sampled_from([model for model in every_model(book) if model.base is not None]))
    rest = data.draw(st.lists(st.text(max_size=10), max_size=4))
    assert book.resolve(":".join([tuned.id, *rest]), tuned.edition) == tuned


def every_model(book: PriceBook) -> list[ModelPrice]:
    return [model for edition in book.editions for model in edition.models]
