"""Differences in lines: what is marked, what is cut short, and that nothing is lost between the signs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from curator.tui.difference_layout import BLANK, MOST_LINES_SHOWN, Difference, DifferenceLine, lay_out_difference
from curator.tui.visible import to_show, visible

TEXTS = st.lists(st.sampled_from(["a", "b", "word", " ", "\n", "\t", "字", "\x1b", "\u202e", ",", "1"])).map("".join)


def texts(before: str, after: str, width: int = 60) -> list[str]:
    return [
        "".join(text for text, _ in line.spans) for line in lay_out_difference(Difference("#1", before, after), width)
    ]


def marked(lines: list[DifferenceLine]) -> list[tuple[str, str]]:
    """The pieces that changed, with their styles."""
    return [span for line in lines for span in line.spans if span[1].endswith("-part")]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("one", "two", ["- one", "+ two"]),
        ("", "new", ["+ new"]),
        ("old\nlines", "", ["- old", "- lines"]),
        ("a\nb\nc", "a\nB\nc", ["  a", "- b", "+ B", "  c"]),
        ("a\nb", "a\nb\nc", ["  a", "  b", "+ c"]),
        ("same", "same", ["  same"]),
        ("a", "a\n", ["  a", "+ "]),
        (" a b  ", "a  b", ["- ·a b··", "+ a  b"]),
        ("x\ny\nz", "1", ["- x", "- y", "- z", "+ 1"]),
    ],
)
def test_lines_before_and_after_have_signs(before: str, after: str, lines: list[str]) -> None:
    assert texts(before, after) == ["#1", *lines, ""]


def test_lines_far_from_a_change_are_counted_instead_of_shown() -> None:
    before = "\n".join(map(str, range(30)))
    assert texts(before, before.replace("15", "fifteen"))[1:-1] == [
        "  … 13 lines stay",
        *("  13", "  14", "- 15", "+ fifteen", "  16", "  17"),
        "  … 12 lines stay",
    ]


def test_the_word_that_changes_is_marked() -> None:
    lines = lay_out_difference(Difference("", "The colour of it.", "The color of it."), 60)
    assert marked(lines) == [("colour", "removed-part"), ("color", "added-part")]


def test_a_long_paragraph_is_cut_short_around_its_change() -> None:
    before = "word " * 500 + "colour" + " word" * 500
    removed, added = (
        text for text in texts(before, before.replace("colour", "color"), 300) if text[:1] in "-+" and text
    )
    assert removed.startswith("- … ")
    assert "word colour word" in removed
    assert "word color word" in added
    assert len(removed) < 200


def test_many_lines_are_cut_short() -> None:
    lines = texts("\n".join(map(str, range(5000))), "")
    assert len(lines) == MOST_LINES_SHOWN + 3
    assert lines[-2] == "  … and more of it"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x " * 500_000, "y " * 500_000),
        ("\n".join(map(str, range(100_000))), "\n".join(map(str, range(1, 100_001)))),
        ("a" * 5_000_000, "a" * 4_999_999 + "b"),
    ],
)
def test_large_texts_take_no_minutes(before: str, after: str) -> None:
    began = time.perf_counter()
    assert len(texts(before, after)) < 1000
    assert time.perf_counter() - began < 5


@given(TEXTS, TEXTS, st.integers(4, 40))
def test_every_line_keeps_to_the_width_and_shows_no_control(before: str, after: str, width: int) -> None:
    for line in texts(before, after, width):
        assert not to_show().search(line)
        assert "\n" not in line
        assert cell_len(line) <= width or "…" in line or line == "#1"


LINES = st.text(st.sampled_from("ab 字,.\x1b\u202e…1"), max_size=40)


@given(LINES, LINES)
def test_short_lines_can_be_read_whole(before: str, after: str) -> None:
    lines = lay_out_difference(Difference("", before, after), 10_000)
    if before and after and before != after:
        shown = [line.replace(BLANK, " ") for line in texts(before, after, 10_000)[1:-1]]
        assert shown == [f"- {visible(before)}", f"+ {visible(after)}"]
    assert not marked(lines) or before != after
