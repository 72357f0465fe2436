"""Any text in an editor: it comes back exactly, and nothing of it reaches a terminal."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curator.tui.editable_text import harmless, on_one_line, pasted, shown, stored
from curator.tui.visible import to_show

ALL = st.integers(0, 0x10FFFF).map(chr)
SIGNS = st.sampled_from(
    ["⟨", "⟩", "U+", "⟨U+200B⟩", "⟨U+27E8⟩", "⟨U+FFFFFF⟩", "⟨U+D800⟩", "␛", "␊", "␉", "␡", "\x1b", "\x7f", "\x9b"]
)
BREAKS = st.sampled_from("\n\r\t\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\u202e\u200b\ufe0f\ud800\udfff\U000e0041")
TEXTS = st.lists(st.one_of(ALL, SIGNS, BREAKS, st.sampled_from("U+0123456789ABCDEF⟨⟩"))).map("".join)


@given(TEXTS)
@example("⟨U+200B⟩ and \u200b")
@example("⟨⟨U+27E8⟩U+27E8⟩")
def test_every_text_comes_back(text: str) -> None:
    assert stored(shown(text)) == text
    assert stored(on_one_line(shown(text))) == text


@given(TEXTS)
def test_nothing_that_acts_on_a_terminal_is_shown(text: str) -> None:
    content = shown(text)
    assert not to_show().search(content)
    assert content.splitlines() in (content.split("\n"), content.split("\n")[:-1])
    assert not set(on_one_line(content)) & {"\n", "\t"}


@pytest.mark.parametrize("first", range(0, 0x110000, 0x1000))
def test_every_character_comes_back(first: int) -> None:
    text = "".join(map(chr, range(first, first + 0x1000)))
    content = shown(text)
    assert stored(content) == text
    assert not to_show().search(content)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("plain\n\ttext ⟨x, y⟩", "plain\n\ttext ⟨x, y⟩"),
        ("\x1b[31m\x7f", "␛[31m␡"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("a\r\nb", "a␍\nb"),
        ("␛", "⟨U+241B⟩"),
        ("⟨U+200B⟩", "⟨U+27E8⟩U+200B⟩"),
        ("❤\ufe0f", "❤⟨U+FE0F⟩"),
    ],
)
def test_what_stands_for_it_is_what_the_reader_shows(text: str, content: str) -> None:
    assert shown(text) == content


@given(TEXTS)
def test_what_was_copied_in_an_editor_is_put_in_as_it_is(text: str) -> None:
    assert harmless(shown(text)) == shown(text)


@pytest.mark.parametrize("typed", ["⟨U+200B⟩", "⟨U+200b⟩", "⟨U+FFFFFF⟩", "⟨U+⟩", "⟨"])
def test_a_sign_can_be_typed(typed: str) -> None:
    assert stored(harmless(typed)) == ("\u200b" if typed == "⟨U+200B⟩" else typed)


def test_a_terminal_pastes_carriage_returns_between_lines() -> None:
    assert pasted("a\rb\r\nc\nd") == "a\nb\nc\nd"
