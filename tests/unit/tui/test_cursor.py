"""Movement, as lists of moves and landings; whatever the moves, the cursor is on screen and in the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.tui.cursor import View

Move = Callable[[View], View]

down: Move = lambda view: view.by(1)  # noqa: E731 - names of moves, for the lists below
up: Move = lambda view: view.by(-1)  # noqa: E731
half_down: Move = lambda view: view.by_page(0.5)  # noqa: E731
half_up: Move = lambda view: view.by_page(-0.5)  # noqa: E731
page_down: Move = lambda view: view.by_page(1)  # noqa: E731
page_up: Move = lambda view: view.by_page(-1)  # noqa: E731
last: Move = lambda view: view.moved(view.rows - 1)  # noqa: E731
first: Move = lambda view: view.moved(0)  # noqa: E731


def to(row: int) -> Move:
    return lambda view: view.moved(row)


def landings(view: View, moves: Sequence[Move]) -> list[tuple[int, int]]:
    """The cursor and the first row on screen after each move."""
    seen = accumulate(moves, lambda before, move: move(before), initial=view)
    return [(one.cursor, one.top) for one in list(seen)[1:]]


@pytest.mark.parametrize(
    ("view", "moves", "expected"),
    [
        (View(100, 10, 0, 0), [down, down, up], [(1, 0), (2, 0), (1, 0)]),
        (View(100, 10, 0, 0), [up], [(0, 0)]),
        (View(100, 10, 90, 99), [down], [(99, 90)]),
        (View(100, 10, 0, 9), [down, down], [(10, 5), (11, 5)]),
        (View(100, 10, 20, 20), [up, up], [(19, 15), (18, 15)]),
        (View(100, 10, 0, 0), [half_down, half_down, half_up], [(4, 4), (8, 8), (4, 4)]),
        (View(100, 10, 0, 3), [page_down, page_down, page_up], [(12, 9), (21, 18), (12, 9)]),
        (View(100, 10, 85, 88), [page_down, page_down], [(97, 90), (99, 90)]),
        (View(100, 10, 5, 8), [page_up, page_up], [(0, 0), (0, 0)]),
        (View(100, 10, 0, 0), [last, first], [(99, 90), (0, 0)]),
        (View(100, 10, 0, 0), [to(50)], [(50, 45)]),
        (View(100, 10, 40, 45), [to(48), to(60)], [(48, 40), (60, 55)]),
        (View(100, 10, 0, 0), [to(98), to(-5), to(1_000)], [(98, 90), (0, 0), (99, 90)]),
        (View(4, 10, 0, 0), [down, page_down, last, half_up], [(1, 0), (3, 0), (3, 0), (0, 0)]),
        (View(0, 10, 0, 0), [down, up, last, page_down], [(0, 0), (0, 0), (0, 0), (0, 0)]),
        (View(100, 1, 0, 0), [down, half_down, page_down, half_up, up], [(1, 1), (2, 2), (3, 3), (2, 2), (1, 1)]),
        (View(100, 2, 0, 0), [down, down, half_down], [(1, 0), (2, 1), (3, 2)]),
    ],
)
def test_where_moves_land(view: View, moves: Sequence[Move], expected: list[tuple[int, int]]) -> None:
    assert landings(view, moves) == expected


@pytest.mark.parametrize(
    ("view", "rows", "height", "expected"),
    [
        (View(100, 10, 50, 55), 100, 4, (55, 52)),
        (View(100, 10, 50, 55), 100, 20, (55, 50)),
        (View(100, 10, 90, 99), 100, 20, (99, 80)),
        (View(100, 10, 50, 55), 1_000, 10, (55, 50)),
        (View(100, 10, 90, 99), 20, 10, (19, 10)),
        (View(100, 10, 90, 99), 0, 10, (0, 0)),
        (View(0, 10, 0, 0), 100, 10, (0, 0)),
    ],
)
def test_where_a_change_of_size_leaves_the_cursor(
    view: View, rows: int, height: int, expected: tuple[int, int]
) -> None:
    resized = view.resized(rows, height)
    assert (resized.cursor, resized.top) == expected
    assert (resized.rows, resized.height) == (rows, height)


heights = st.integers(1, 60)
sizes = st.integers(0, 300)
moves = st.one_of(
    st.integers(-400, 400).map(lambda row: lambda view: view.moved(row)),
    st.integers(-70, 70).map(lambda rows: lambda view: view.by(rows)),
    st.sampled_from([-3.0, -1.0, -0.5, 0.5, 1.0, 2.5]).map(lambda pages: lambda view: view.by_page(pages)),
    st.tuples(sizes, heights).map(lambda size: lambda view: view.resized(*size)),
)


def assert_sound(view: View) -> None:
    assert 0 <= view.cursor <= max(0, view.rows - 1)
    assert 0 <= view.top <= max(0, view.rows - view.height)
    assert view.top <= view.cursor < view.top + view.height


@given(sizes, heights, st.lists(moves, max_size=30))
def test_the_cursor_stays_on_screen_and_in_the_list(rows: int, height: int, steps: list[Move]) -> None:
    for view in accumulate(steps, lambda before, move: move(before), initial=View(rows, height, 0, 0)):
        assert_sound(view)


@given(sizes, heights, st.integers(0, 300), st.integers(-400, 400))
def test_the_cursor_lands_where_it_is_sent_if_there_is_such_a_row(rows: int, height: int, start: int, to: int) -> None:
    landed = View(rows, height, 0, 0).moved(start).moved(to)
    assert landed.cursor == max(0, min(to, rows - 1))


@given(st.integers(1, 300), heights, st.integers(0, 299))
def test_a_row_down_and_up_again_is_where_one_was(rows: int, height: int, start: int) -> None:
    view = View(rows, height, 0, 0).moved(start)
    if view.cursor < rows - 1:
        assert view.by(1).by(-1).cursor == view.cursor


@given(st.integers(2, 300), heights, st.integers(0, 299), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_page_moves_by_a_row_at_least(rows: int, height: int, start: int, pages: float) -> None:
    view = View(rows, height, 0, 0).moved(start)
    assert view.cursor == rows - 1 or view.by_page(pages).cursor > view.cursor
    assert view.cursor == 0 or view.by_page(-pages).cursor < view.cursor


@given(st.integers(1, 300), heights, st.integers(0, 299), st.integers(-59, 59))
def test_a_move_within_the_screen_does_not_scroll(rows: int, height: int, start: int, by: int) -> None:
    view = View(rows, height, 0, 0).moved(start)
    target = view.cursor + by
    if 0 <= target < rows and view.top <= target < view.top + view.height:
        assert view.by(by).top == view.top
