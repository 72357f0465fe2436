"""Nothing that steers, hides or reorders passes the boundary to the terminal, and list previews stay aligned."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from curator.tui.visible import one_line, visible

FORBIDDEN = frozenset(
    chr(code)
    for first, last in (
        (0x00, 0x09),
        (0x0B, 0x1F),
        (0x7F, 0x9F),
        (0xAD, 0xAD),
        (0x61C, 0x61C),
        (0x200B, 0x200F),
        (0x2028, 0x202E),
        (0x2060, 0x206F),
        (0xD800, 0xDFFF),
        (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB),
        (0x1F3FB, 0x1F3FF),
        (0xE0000, 0xE007F),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
PRINTED_FORMAT_CHARACTERS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"

any_text = st.text(st.characters(exclude_categories=()))
nasty_text = st.text(st.sampled_from([*sorted(FORBIDDEN), *"ab \n\t字é😀❤\u0301"]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text\nof two lines", "plain text\nof two lines"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("one\r\ntwo\rthree", "one␍\ntwo␍three"),
        ("\x00\x7f", "␀␡"),
        ("é\x1b\x7f", "é␛␡"),
        ("\x9b31m\x85", "⟨U+009B⟩31m⟨U+0085⟩"),
        ("abc\u202edef\u202c", "abc⟨U+202E⟩def⟨U+202C⟩"),
        ("\ufeffstart", "⟨U+FEFF⟩start"),
        ("co\u00adoperate", "co⟨U+00AD⟩operate"),
        ("half \ud83d of it", "half ⟨U+D83D⟩ of it"),
        ("hi\U000e0068\U000e0069", "hi⟨U+E0068⟩⟨U+E0069⟩"),
        ("👩\u200d🔬", "👩⟨U+200D⟩🔬"),
        ("👍🏽", "👍⟨U+1F3FD⟩"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Grüße, señor",
        "Привет",
        "你好。世界",
        "नमस्ते",
        "שלום",
        "مرحبا",
        "สวัสดี",
        "e\u0301",
        "😀 ≠ 🇫🇷",
        "\u00a0wide\u3000",
    ],
)
def test_writing_of_all_kinds_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_text_with_nothing_to_show_is_not_copied() -> None:
    text = "as it is " * 1000
    assert visible(text) is text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\tx", "    x"),
        ("ab\tx", "ab  x"),
        ("abcd\tx", "abcd    x"),
        ("a\n\tx\ty", "a\n    x   y"),
        ("é\tx", "é   x"),
        ("字\tx", "字  x"),
        ("字字\tx", "字字    x"),
        ("e\u0301\tx", "e\u0301   x"),
        ("\x1b\tx", "␛   x"),
        ("a\rb\tx", "a␍b x"),
    ],
)
def test_tabs_reach_to_the_next_stop(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_selector_by_itself_is_left_out_and_a_row_of_them_is_shown() -> None:
    assert visible("❤\ufe0f and ✈\ufe0e") == "❤ and ✈"
    assert visible("葛\U000e0100") == "葛"
    assert visible("a\ufe01\U000e0150") == "a⟨U+FE01⟩⟨U+E0150⟩"


@given(any_text | nasty_text)
def test_no_forbidden_character_is_left(text: str) -> None:
    shown = visible(text)
    assert not FORBIDDEN & set(shown)
    for character in shown:
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or (
            character in PRINTED_FORMAT_CHARACTERS or character == "\n"
        )
    shown.encode()


@given(any_text | nasty_text)
def test_what_is_visible_stays_so(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(any_text | nasty_text)
def test_lines_stay_lines(text: str) -> None:
    assert visible(text).count("\n") == text.count("\n")


@given(st.text(st.sampled_from("ab\t\n字é\u0301")))
def test_tab_stops_are_multiples_of_four_cells(text: str) -> None:
    for line, shown in zip(text.split("\n"), visible(text).split("\n"), strict=True):
        *cells, last = line.split("\t")
        expanded = "".join(cell + " " * (4 - cell_len(cell) % 4) for cell in cells)
        assert shown == expanded + last


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Hello there", "Hello there"),
        ("", ""),
        (" \n\t ", ""),
        ("  Hello \t there\u00a0\u3000you ", "Hello there you"),
        ("One.\r\n\r\n  Two.\n", "One.⏎Two."),
        ("\x1b[31mred", "␛[31mred"),
        ("❤\ufe0f and 1\ufe0f\u20e3", "❤ and 1□"),
        ("👍🏽!", "👍□!"),
        ("👩\u200d🔬", "👩□🔬"),
        ("🇫🇷 flag", "□ flag"),
        ("\U0001fae8 and \U0001fae0", "□ and □"),
        ("a\U000e0068\U000e0069\U000e0070b", "a□b"),
        ("a\u202eb", "a□b"),
        ("नमस्ते", "नमस□ते"),
        ("हिन्दी", "ह□न□द□"),
        ("cafe\u0301", "café"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u0301x", "□x"),
        ("\ud83d", "□"),
    ],
)
def test_a_preview_is_one_steady_line(text: str, line: str) -> None:
    assert one_line(text, 40) == line


def test_a_preview_says_that_there_is_more() -> None:
    assert one_line("abcdefgh", 8) == "abcdefgh"
    assert one_line("abcdefghi", 8) == "abcdefg…"
    assert one_line("字字字字字", 8) == "字字字…"
    assert one_line("ab" + " " * 1000 + "c", 8) == "ab…"
    assert one_line("anything", 0) == ""


def test_a_preview_reads_only_the_start() -> None:
    class Watched(str):
        def __getitem__(self, key: object) -> str:
            assert isinstance(key, slice)
            assert key.stop is not None
            assert key.stop <= 800
            return str.__getitem__(self, key)

    assert one_line(Watched("word " * 100_000), 100).endswith("…")


@given(any_text | nasty_text, st.integers(0, 60))
def test_every_terminal_agrees_on_the_width_of_a_preview(text: str, limit: int) -> None:
    line = one_line(text, limit)
    width = cell_len(line)
    assert width <= limit
    assert "\n" not in line
    assert visible(line) == line
    assert sum(get_character_cell_size(character, "13.0.0") for character in line) == width
    assert not FORBIDDEN & set(line)
    assert not any(unicodedata.category(character) in ("Mc", "Cn") for character in line)
