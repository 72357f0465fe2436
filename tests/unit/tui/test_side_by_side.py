"""Two texts side by side: both are there, aligned, and as wide as they may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from curator.tui.difference_layout import Difference
from curator.tui.side_by_side import MIDDLE, lay_out_side_by_side

TEXT = st.text(st.sampled_from("ab \n渡é"), max_size=60)


def rows(before: str, after: str, width: int) -> list[tuple[str, str]]:
    lines = [
        "".join(text for text, _ in line.spans) for line in lay_out_side_by_side(Difference("", before, after), width)
    ]
    return [(left.rstrip(), right.rstrip()) for left, _, right in (line.partition(MIDDLE) for line in lines)]


def test_a_changed_line_stands_beside_what_it_was() -> None:
    before, after = "user:\nWhen?\nassistant:\nAt noon.", "user:\nWhen?\nassistant:\nAt ten."
    assert rows(before, after, 43) == [
        ("  user:", "  user:"),
        ("  When?", "  When?"),
        ("  assistant:", "  assistant:"),
        ("- At noon.", "+ At ten."),
    ]
    found = lay_out_side_by_side(Difference("", before, after), 43)[-1]
    assert [text for text, style in found.spans if style in ("removed-part", "added-part")] == ["noon", "ten"]


def test_texts_that_are_the_same_are_shown_whole() -> None:
    said = "\n".join(map(str, range(9)))
    assert rows(said, said, 43) == [(f"  {number}", f"  {number}") for number in range(9)]


def test_what_only_one_has_stands_beside_nothing() -> None:
    assert rows("a\nb", "a\nx\ny\nb", 43) == [("  a", "  a"), ("", "+ x"), ("", "+ y"), ("  b", "  b")]


@given(TEXT, TEXT, st.integers(60, 140))
def test_no_line_is_wider_than_the_screen_and_the_middle_is_straight(before: str, after: str, width: int) -> None:
    half = (width - len(MIDDLE)) // 2
    for line in lay_out_side_by_side(Difference("", before, after), width):
        texts = [text for text, _ in line.spans]
        place = next(number for number, text in enumerate(texts) if text.endswith(MIDDLE))
        assert sum(map(cell_len, texts[: place + 1])) == half + len(MIDDLE)
        assert sum(map(cell_len, texts)) <= width
