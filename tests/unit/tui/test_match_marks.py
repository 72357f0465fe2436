"""Matches are marked in laid out lines wherever the lines were wrapped, and each is counted once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curator.records.searching import Search
from curator.tui.layout_lines import INDENT, Line, body, of_item
from curator.tui.match_marks import (
    LINES_AT_ONCE,
    MATCH,
    MATCH_GOES_ON,
    MATCH_HERE,
    marked,
    match_count,
    with_match_here,
)


def marks(text: str, search: Search, width: int, *, escaped: bool = False) -> list[Line]:
    lines = list(of_item(0, body(text, "text", width, escaped=escaped)))
    found = list(marked(iter(lines), search, lambda _: True))
    assert [plain(one) for one in found] == [plain(one) for one in lines]
    return found


def plain(line: Line) -> str:
    return "".join(text for text, _ in line.spans)


def pieces(lines: list[Line]) -> list[str]:
    """What is marked, each match with its pieces on later lines."""
    found: list[str] = []
    for line in lines:
        for text, style in line.spans:
            if style == MATCH:
                found.append(text)
            elif style == MATCH_GOES_ON:
                found[-1] += f"|{text}"
    return found


def test_matches_go_on_over_wrapped_lines() -> None:
    assert pieces(marks("the lamp and the LAMP", Search("lamp"), 40)) == ["lamp", "LAMP"]
    assert pieces(marks("one red lamp", Search("red lamp"), 9)) == ["red|lamp"]
    assert pieces(marks("abcdefghijkl", Search("efgh"), 8)) == ["ef|gh"]
    assert pieces(marks("灯台の灯台", Search("の灯"), 8)) == ["の|灯"]
    assert pieces(marks("a lamp", Search("l.m", regex=True), 40)) == ["lam"]
    assert pieces(marks('{"a": "caf\\u00e9"}', Search("é"), 40, escaped=True)) == ["\\u00e9"]
    assert pieces(marks("C:\\new", Search("\\new"), 40)) == ["\\new"]


def test_regular_expressions_see_a_text_as_it_was_before_it_was_wrapped() -> None:
    text = "one red lamp\nand more"
    assert pieces(marks(text, Search(r"red\slamp$", regex=True), 9)) == ["red|lamp"]
    assert pieces(marks(text, Search(r"lamp\nand", regex=True), 40)) == ["lamp|and"]
    assert pieces(marks(text, Search("^lamp", regex=True), 9)) == []
    assert pieces(marks("ab" * 20, Search("(?:ab){20}", regex=True), 12)) == ["ababababab|" * 3 + "ababababab"]
    assert pieces(marks("a\tb \u200bx", Search("a\tb \u200b"), 40)) == ["a   b ⟨U+200B⟩"]


def test_what_is_not_searched_is_not_marked() -> None:
    lines = [Line((("lamp", "role-user"),), message=0, item=0), Line((("lamp", "cut"),), item=0), Line(())]
    assert list(marked(iter(lines), Search("lamp"), lambda _: True)) == lines
    other = list(of_item(1, body("lamp", "text", 20)))
    assert list(marked(iter(other), Search("lamp"), lambda item: item == 0)) == other


def test_the_match_that_was_gone_to_stands_out() -> None:
    line = marks("lamp lamp lamp", Search("lamp"), 40)[0]
    assert match_count(line) == 3
    styles = [style for text, style in with_match_here(line, 1) if text == "lamp"]
    assert styles == [MATCH, MATCH_HERE, MATCH]


@given(
    words=st.lists(st.sampled_from(["lamp", "lam", "p", "灯台", "x" * 9, "la\nmp"]), min_size=1, max_size=40),
    width=st.integers(4, 30),
    repeat=st.sampled_from([1, LINES_AT_ONCE]),
)
def test_every_match_is_marked_once(words: list[str], width: int, repeat: int) -> None:
    text = "\n".join([" ".join(words)] * repeat)
    found = pieces(marks(text, Search("lamp"), width + len(INDENT)))
    wanted = text.count("lamp")
    assert all(one.replace("|", "") == "lamp" for one in found)
    assert len(found) == wanted
