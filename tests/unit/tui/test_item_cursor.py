"""Moves in a record of items, and where they land; and what holds for any record and any moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.tui.item_cursor import ItemLines, Place

HEIGHT = 6


def laid_out(*sizes: int, lead: int = 0, complete: bool = True) -> ItemLines:
    """Items of so many lines, a blank after each, behind lines of no item."""
    items = ItemLines()
    items.take([-1] * lead)
    for number, size in enumerate(sizes):
        items.take([number] * size + [-1])
    items.complete = complete
    return items


def moved(items: ItemLines, moves: str, place: Place, height: int = HEIGHT) -> Place:
    """Where moves lead: j and k step, d and u go by half a page."""
    for move in moves:
        if move in "jk":
            place = items.stepped(place, 1 if move == "j" else -1, height)
        else:
            place = items.paged(place, height // 2 if move == "d" else -height // 2, height)
    return place


@pytest.mark.parametrize(
    ("sizes", "moves", "landing"),
    [
        ((2, 2, 2), "", (0, 0)),
        ((2, 2, 2), "j", (0, 1)),
        ((2, 2, 2), "jj", (2, 2)),
        ((2, 2, 2), "jjj", (3, 2)),
        ((2, 2, 2), "jjjj", (3, 2)),
        ((2, 2, 2), "jjjk", (3, 1)),
        ((2, 2, 2), "jjjkk", (0, 0)),
        ((2, 2, 2), "k", (0, 0)),
        ((9, 2), "j", (1, 0)),
        ((9, 2), "jjj", (3, 0)),
        ((9, 2), "jjjj", (6, 1)),
        ((9, 2), "jjjjk", (0, 0)),
        ((2, 9, 2), "j", (3, 1)),
        ((2, 9, 2), "jj", (4, 1)),
        ((2, 9, 2), "jjjj", (6, 1)),
        ((2, 9, 2), "jjjjj", (9, 2)),
        ((2, 9, 2), "jjjjjk", (3, 1)),
        ((2, 9, 2), "jjk", (3, 1)),
        ((1, 1, 1, 1), "jjj", (1, 3)),
        ((2, 2, 2, 2, 2), "d", (3, 1)),
        ((2, 2, 2, 2, 2), "dd", (6, 2)),
        ((2, 2, 2, 2, 2), "ddd", (9, 3)),
        ((2, 2, 2, 2, 2), "dddd", (9, 4)),
        ((2, 2, 2, 2, 2), "ddddu", (6, 3)),
        ((2, 2, 2, 2, 2), "dddduuuu", (0, 0)),
        ((20,), "d", (3, 0)),
        ((), "jd", (0, 0)),
    ],
)
def test_moves_and_landings(sizes: tuple[int, ...], moves: str, landing: tuple[int, int]) -> None:
    assert moved(laid_out(*sizes), moves, Place(0, 0)) == landing


@pytest.mark.parametrize(("moves", "landing"), [("j", (1, 0)), ("jj", (2, 0)), ("jjk", (1, 0)), ("jjj", (5, 1))])
def test_findings_above_the_first_item_are_scrolled_through(moves: str, landing: tuple[int, int]) -> None:
    items = laid_out(2, 2, lead=6)
    assert moved(items, moves, Place(0, 0)) == landing


def test_the_marker_stays_on_screen_in_a_long_item() -> None:
    items = laid_out(2, 9)
    assert items.marked(Place(0, 1)) == 3
    assert items.marked(Place(5, 1)) == 5
    assert ItemLines().marked(Place(0, 0)) == -1


def test_an_item_that_is_still_laid_out_goes_on() -> None:
    items = laid_out(2, complete=False)
    items.take([1] * 4)
    assert items.end(0) == 2
    assert items.end(1) == items.lines + 1
    items.complete = True
    assert items.end(1) == items.lines


SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=12)


@given(SIZES, st.integers(0, 8), st.text("jkdu", max_size=60), st.integers(1, 12))
def test_the_cursor_is_on_screen_after_any_moves(sizes: list[int], lead: int, moves: str, height: int) -> None:
    items = laid_out(*sizes, lead=lead)
    place = moved(items, moves, Place(0, 0), height)
    assert 0 <= place.top <= max(0, items.lines - height)
    assert 0 <= place.item < len(sizes)
    if place.item not in (0, len(sizes) - 1):
        assert items.sees(place, height)


@given(SIZES, st.integers(0, 8), st.integers(1, 12))
def test_j_shows_every_line_of_every_item_and_ends_at_the_last_item(sizes: list[int], lead: int, height: int) -> None:
    items = laid_out(*sizes, lead=lead)
    place, seen = Place(0, 0), set(range(height))
    for _ in range(items.lines + len(sizes)):
        place = items.stepped(place, 1, height)
        seen |= set(range(place.top, place.top + height))
    assert place.item == len(sizes) - 1
    assert seen >= {line for start, end in zip(items.starts, items.ends, strict=True) for line in range(start, end)}


@given(SIZES, st.integers(0, 8), st.integers(1, 12))
def test_k_goes_back_to_the_start(sizes: list[int], lead: int, height: int) -> None:
    items = laid_out(*sizes, lead=lead)
    place = items.at_item(Place(0, 0), len(sizes) - 1, height)
    for _ in range(items.lines + len(sizes)):
        place = items.stepped(place, -1, height)
    assert place == (0, 0)
