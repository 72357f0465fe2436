"""Lines keep to their width in cells, break where people would, and lose nothing but the blanks at a break."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from curator.tui.visible import visible
from curator.tui.wrapping import ONE_CELL_RANGES, clip, fit, spans, wrap

any_text = st.text()
mixed_text = st.lists(
    st.sampled_from([*"abc     \n\n-é字字。한😀\u0301", "e\u0301", "क\u094d", "🇫🇷", "word", "    "]), max_size=100
).map("".join)
ascii_text = st.text(st.sampled_from("abcdefg   \n"), max_size=200)
widths = st.integers(1, 30)


def columns(text: str) -> int:
    """Measure by the properties of Unicode, not by the tables under test."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("fits", 10, ["fits"]),
        ("fits too.", 9, ["fits too."]),
        ("one two three", 8, ["one two", "three"]),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 5, ["one", "two", "three"]),
        ("a\n\nb\n", 10, ["a", "", "b", ""]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
        ("an unbreakable", 6, ["an", "unbrea", "kable"]),
        ("    code", 20, ["    code"]),
        ("    one two three", 12, ["    one two", "three"]),
        ("    unbreakable", 10, ["    unbrea", "kable"]),
        ("one.  Two", 5, ["one. ", "Two"]),
        ("one.  Two", 4, ["one.", "Two"]),
        ("end    \nnext", 4, ["end ", "next"]),
        ("word     ", 4, ["word", " "]),
        ("        x", 4, ["    ", "x"]),
        ("字字字字", 4, ["字字", "字字"]),
        ("字字字字", 5, ["字字", "字字"]),
        ("a b字字字", 6, ["a b字", "字字"]),
        ("字", 1, ["字"]),
        ("字e\u0301字", 1, ["字", "e\u0301", "字"]),
        ("aaae\u0301b", 4, ["aaae\u0301", "b"]),
        ("aaa🇫🇷", 4, ["aaa", "🇫🇷"]),
        ("aa❤\ufe0f", 3, ["aa", "❤\ufe0f"]),
        ("ab \u0301c", 2, ["ab", " \u0301c"]),
        ("abc", 0, ["a", "b", "c"]),
    ],
)
def test_where_lines_end(text: str, width: int, lines: list[str]) -> None:
    assert list(wrap(text, width)) == lines


def test_a_long_run_of_blanks_is_still_seen() -> None:
    assert list(wrap("a" + " " * 30 + "b", 10)) == ["a" + " " * 9, " " * 10, "b"]


def test_lines_come_one_at_a_time() -> None:
    lines = wrap("字 word " * 1_000_000, 80)
    assert isinstance(lines, Iterator)
    assert all(70 < cell_len(line) <= 80 for line in islice(lines, 50))


def test_endless_marks_do_not_make_an_endless_line() -> None:
    lines = list(wrap("a" + "\u0301" * 10_000, 10))
    assert len(lines) > 50
    assert "".join(lines) == "a" + "\u0301" * 10_000


@given(any_text | mixed_text, st.integers(2, 30))
@example("aa\ufe0f字\u200d字", 2)
def test_lines_keep_to_the_width(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width))


@given(mixed_text, st.integers(2, 30))
def test_lines_keep_to_the_width_by_another_measure(text: str, width: int) -> None:
    assert all(columns(line) <= width for line in wrap(text, width))


@given(any_text | mixed_text, widths)
def test_only_newlines_and_blanks_at_a_break_are_left_out(text: str, width: int) -> None:
    reached = 0
    newlines = 0
    for start, end in spans(text, width):
        left_out = text[reached:start]
        assert re.fullmatch(" *\n?", left_out)
        newlines += left_out.count("\n")
        assert "\n" not in text[start:end]
        reached = end
    assert not text[reached:].strip(" ")
    assert newlines == text.count("\n")


@given(any_text | mixed_text)
def test_lines_that_fit_stay_whole(text: str) -> None:
    assert list(wrap(text, 10_000)) == text.split("\n")


@given(ascii_text, widths)
def test_words_are_broken_only_where_there_is_no_blank(text: str, width: int) -> None:
    lines = list(spans(text, width))
    for (start, end), (following, _) in pairwise(lines):
        if end == following:
            assert " " not in text[start:end].lstrip(" ")
            assert end - start == width


@given(mixed_text, st.integers(2, 30))
def test_marks_stay_with_their_base(text: str, width: int) -> None:
    for start, _ in spans(text, width):
        if start and text[start - 1] != "\n":
            assert start == len(text) or not unicodedata.category(text[start]).startswith("M")


@given(mixed_text, widths)
def test_flags_stay_whole_where_two_cells_are_free(text: str, width: int) -> None:
    for line in wrap(text, width + 1):
        assert sum("\U0001f1e6" <= character <= "\U0001f1ff" for character in line) % 2 == 0


def test_characters_taken_for_one_cell_are() -> None:
    for first, last in ONE_CELL_RANGES:
        for code in range(first, last + 1):
            assert get_character_cell_size(chr(code)) == 1, hex(code)
            assert get_character_cell_size(chr(code), "13.0.0") == 1, hex(code)


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("abc", 5, "abc  "),
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 1, "…"),
        ("abcd", 0, ""),
        ("", 2, "  "),
        ("字字", 4, "字字"),
        ("字字", 3, "字…"),
        ("字字字", 5, "字字…"),
        ("字字字", 4, "字… "),
        ("e\u0301e\u0301", 3, "e\u0301e\u0301 "),
        ("字", 1, "…"),
    ],
)
def test_fitting_pads_or_cuts(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted


@given(any_text | mixed_text, st.integers(0, 30))
def test_fitted_text_has_exactly_the_width(text: str, width: int) -> None:
    line = visible(text).replace("\n", " ")
    assert cell_len(fit(line, width)) == width
    assert cell_len(clip(line, width)) <= width
    assert width == 0 or cell_len(line) > width or clip(line, width) == line
