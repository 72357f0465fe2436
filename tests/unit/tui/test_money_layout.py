"""Tables of figures, plots and what is typed about money, without a screen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from curator.analysis.break_even import Call, Training, Usage, break_even
from curator.analysis.price_overrides import priced_book
from curator.analysis.report import Columns, Flag
from curator.tui.break_even_lines import (
    Case,
    calls_to_show,
    cost_lines,
    figure_lines,
    variation_lines,
    variations,
    verdict,
)
from curator.tui.cost_plots import Plots, Spread, bin_width, binned, cumulated, spread_of
from curator.tui.figure_table import Heading, fitted, laid_out, titles
from curator.tui.money_fields import (
    decimal,
    usage_of,
    whole,
    wrong_amount,
    wrong_discount,
    wrong_share,
    wrong_whole,
)
from curator.tui.plots import bars, lines

HEADINGS = (Heading("model", left=True), Heading("tokens", 5), Heading("status", 1, left=True))
ROWS = [["gpt", "1,000", "active"], ["a longer name", "2", "retired"]]


@pytest.mark.parametrize(("width", "shown"), [(60, (0, 1, 2)), (26, (0, 1)), (14, (0,)), (5, (0,))])
def test_the_least_columns_give_way(width: int, shown: tuple[int, ...]) -> None:
    table = fitted(HEADINGS, ROWS, width)
    assert table.columns == shown
    assert all(len(laid_out(HEADINGS, row, table)) <= max(width, 5) for row in ROWS)


def test_figures_end_at_the_right() -> None:
    table = fitted(HEADINGS, ROWS, 40)
    drawn = [laid_out(HEADINGS, row, table) for row in (titles(HEADINGS, 1, falling=True), *ROWS)]
    assert drawn[0].index("▼") == drawn[1].index("1,000") + 4 == drawn[2].index("2")


@pytest.mark.parametrize(
    ("typed", "number"), [("0.5", "0.5"), ("50 %", "0.5"), ("1,000", "1000"), ("x", None), ("-1", None), ("nan", None)]
)
def test_numbers_as_typed(typed: str, number: str | None) -> None:
    assert decimal(typed) == (None if number is None else Decimal(number))


def test_what_is_wrong_with_a_number() -> None:
    assert whole("12_000") == 12_000
    assert whole("1.5") is None
    assert not any((wrong_whole(""), wrong_whole("3"), wrong_share("1"), wrong_discount("99 %"), wrong_amount("0.5")))
    assert all((wrong_whole("0"), wrong_whole("x"), wrong_share("1.1"), wrong_discount("1"), wrong_amount("0")))
    use, hours = usage_of(["1,000", "0.5", "", "2"])
    assert use is not None
    assert (use.calls, use.cached_share, use.batch_discount, hours) == (1000, Decimal("0.5"), 0, 2)
    assert usage_of(["", "0", "0", ""]) == (None, None)


def case(completion: int = 10) -> Case:
    book = priced_book({})
    base = book.resolve("gpt-3.5-turbo", "2023-08")
    tuned = book.tuned(base)
    assert tuned is not None
    call = Call(prompt=1000, short_prompt=100, completion=completion)
    return Case(base, tuned, Usage(call, calls_a_day=Decimal(400)), Training(100_000, 3))


def answer(some: Case) -> str:
    return "\n".join(figure_lines(some, break_even(some.base, some.tuned, some.usage, some.training), 1))


def test_the_figures_of_a_case_worked_out_by_hand() -> None:
    told = answer(case())
    for part in ("$0.00152 a call", "$0.00136 a call", "$2.40", "from 15,000 calls on, after 37.5 days"):
        assert part in told
    assert "never" in answer(case(22))


def test_how_it_changes_fits_the_width() -> None:
    tables = variations(case())
    assert [len(rows) for _, rows in tables] == [5, 5, 5]
    narrow, wide = variation_lines(tables, 76), variation_lines(tables, 190)
    assert max(map(len, narrow)) <= 76
    assert len(wide) < len(narrow)
    assert "15,000" in "\n".join(narrow)


@pytest.mark.parametrize(("completion", "said"), [(10, "15,000 calls: it has paid"), (22, "the lines never cross")])
def test_both_costs_are_drawn(completion: int, said: str) -> None:
    some = case(completion)
    found = break_even(some.base, some.tuned, some.usage, some.training)
    drawn = cost_lines(found, None, 90, 14)
    assert said in "".join(text for text, _ in drawn[0])
    assert {tone for line in drawn[1:] for _, tone in line} >= {"first", "second", "plain"}
    assert len(drawn) == 14
    assert all(sum(len(text) for text, _ in line) == 90 for line in drawn[1:-1])
    assert calls_to_show(found, None) >= 10
    assert verdict(found)


def test_nothing_is_drawn_where_there_is_no_room() -> None:
    assert lines([], 10, 10) == []


def test_bins_hold_every_number_once() -> None:
    for most in (0, 1, 23, 24, 25, 999, 65_536, 10**9):
        step = bin_width(most)
        assert most // step < 24
    numbers = [0, 4, 5, 99]
    assert sum(binned(numbers, 5)) == len(numbers)
    assert binned(numbers, 5)[:2] == [2, 1]


def test_a_cumulative_cost_ends_at_the_cost_of_all() -> None:
    billed = list(range(1, 1000))
    xs, ys = cumulated(billed, Decimal("0.001"))
    assert (xs[0], ys[0], xs[-1]) == (0, 0, 999)
    assert ys[-1] == pytest.approx(sum(billed) * 0.001)
    assert ys == sorted(ys)
    assert cumulated([], Decimal(1)) == ([0.0], [0.0])


def test_a_spread_leaves_out_what_is_no_record() -> None:
    columns = Columns.blank(3)
    columns.tokens[0], columns.tokens[2] = 7, 9
    columns.flags[1] = Flag.BLANK
    assert list(spread_of([columns]).tokens) == [7, 9]


def test_every_plot_is_drawn_even_of_nothing() -> None:
    book = priced_book({})
    model = book.training_row(book.resolve("gpt-4o-mini", None))
    for spread in (Spread([], [], []), Spread([1], [0], [0]), Spread([70_000, 30, 50], [10, 10, 10], [1, 2, 3])):
        for drawing in Plots(spread, model, 3).all:
            assert drawing(80, 18)
            assert len(drawing(80, 18)) <= 18
    title = Plots(Spread([70_000, 30], [10, 10], [1, 2]), model, 3).tokens(80, 18)[0]
    assert "1 are over 65,536" in title[1][0]


def test_bars_are_aligned() -> None:
    drawn = bars(("a", "bbb"), (5, 1000), 40, of=1000)
    assert [text for (text, _), _ in drawn] == [" a        5    0%  ", " bbb  1,000  100%  "]
