"""Numbers are short, rounded once, and never longer than the next unit's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.tui.figures import ago, duration, meter, short


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (812, "812"),
        (9_999, "9,999"),
        (10_000, "10.0 k"),
        (71_310, "71.3 k"),
        (99_949, "99.9 k"),
        (99_950, "100 k"),
        (999_499, "999 k"),
        (999_500, "1.0 M"),
        (1_234_567, "1.2 M"),
        (812_400_000, "812 M"),
        (999_999_999, "1.0 G"),
        (2_500_000_000, "2.5 G"),
        (123_000_000_000, "123 G"),
    ],
)
def test_short_numbers(number: int, words: str) -> None:
    assert short(number) == words


@given(st.integers(0, 10**12 - 10**9))
def test_short_numbers_take_six_characters_at_most(number: int) -> None:
    assert len(short(number)) <= 6


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (100, "1:40"), (3_599.7, "1:00:00"), (3_725, "1:02:05")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("share", "cells", "bar"),
    [
        (0, 4, "────"),
        (0.125, 4, "╸───"),
        (0.5, 4, "━━──"),
        (0.62, 4, "━━╸─"),
        (1, 4, "━━━━"),
        (1.5, 4, "━━━━"),
        (0.5, 0, ""),
    ],
)
def test_a_meter_is_filled_in_proportion(share: float, cells: int, bar: str) -> None:
    assert meter(share, cells) == bar


@given(st.floats(0, 2), st.integers(0, 100))
def test_a_meter_has_its_width(share: float, cells: int) -> None:
    assert len(meter(share, cells)) == cells


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (0, "just now"),
        (9.9, "just now"),
        (10, "10 seconds ago"),
        (60, "1 minute ago"),
        (3 * 60 + 59, "3 minutes ago"),
        (3600, "1 hour ago"),
        (86_400 - 1, "23 hours ago"),
        (86_400, "1 day ago"),
        (20 * 86_400, "2 weeks ago"),
        (364 * 86_400, "1 year ago"),
        (3_000 * 364 * 86_400, "3,000 years ago"),
    ],
)
def test_how_long_ago_it_was(seconds: float, words: str) -> None:
    assert ago(seconds) == words
