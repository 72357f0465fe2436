"""Editors of texts: what is typed and pasted is stored exactly, and told at the right time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import pytest
from staging import on_stage
from textual import events
from textual.message import Message

from curator.tui.widgets import text_editor
from curator.tui.widgets.line_editor import LineEditor
from curator.tui.widgets.text_editor import TextEditor, too_long_for_place

HOSTILE = "a\tb\x1b[31mred\x07\r\n\x0b\x85\u2028\u2029\u202ereversed\u200b ⟨U+200B⟩ ␛ \ud800 ❤\ufe0f 字\nend"


class Listening(TextEditor):
    """An editor that keeps what it says, from the moment it says it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.said: list[tuple[str, str]] = []

    def post_message(self, message: Message) -> bool:
        if isinstance(message, TextEditor.Edited | TextEditor.Typed | TextEditor.Committed):
            self.said.append((type(message).__name__.lower(), message.text))
        return super().post_message(message)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Drafts and figures come a little sooner."""
    monkeypatch.setattr(text_editor, "EDITED_AFTER", 0.1)
    monkeypatch.setattr(text_editor, "TYPED_AFTER", 0.4)
    monkeypatch.setattr(text_editor, "TYPED_AT_LEAST_EVERY", 0.6)
    yield


async def test_a_hostile_text_is_edited_without_harm_to_it_or_the_terminal() -> None:
    editor = TextEditor(HOSTILE)
    async with on_stage(editor) as (stage, pilot):
        stage.text()
        assert editor.text_stored == HOSTILE
        await pilot.press("x", "enter", "y")
        assert editor.text_stored == f"x\ny{HOSTILE}"
        await pilot.press("ctrl+z", "ctrl+z", "ctrl+z")
        assert editor.text_stored == HOSTILE
        await pilot.press("ctrl+y", "ctrl+y", "ctrl+y")
        assert editor.text_stored == f"x\ny{HOSTILE}"
        stage.text()


async def test_what_a_terminal_pastes_is_taken_for_what_it_is() -> None:
    editor = TextEditor("")
    async with on_stage(editor) as (stage, pilot):
        stage.post_message(events.Paste("one\rtwo\r\n\x1b]52;c;aGk=\x07\u202e␛⟨U+200B⟩"))
        await pilot.pause()
        assert editor.text_stored == "one\ntwo\n\x1b]52;c;aGk=\x07\u202e␛⟨U+200B⟩"
        stage.text()


async def test_what_is_copied_and_put_in_again_is_the_same() -> None:
    editor = TextEditor(HOSTILE)
    async with on_stage(editor) as (_, pilot):
        editor.select_all()
        await pilot.press("ctrl+x")
        assert editor.text_stored == ""
        await pilot.press("ctrl+v")
        assert editor.text_stored == HOSTILE


@pytest.mark.usefixtures("soon")
async def test_figures_are_asked_for_and_drafts_kept_after_the_last_key() -> None:
    editor = Listening("old")
    async with on_stage(editor) as (_, pilot):
        await pilot.press("a", "b")
        await pilot.pause(0.2)
        assert editor.said[-1] == ("edited", "abold")
        await pilot.pause(0.4)
        assert [one for one in editor.said if one[0] == "typed"] == [("typed", "abold")]
        count = len(editor.said)
        await pilot.pause(0.8)
        assert len(editor.said) == count


@pytest.mark.usefixtures("soon")
async def test_drafts_are_kept_while_typing_goes_on() -> None:
    editor = Listening()
    async with on_stage(editor) as (_, pilot):
        for _ in range(14):
            await pilot.press("a")
            await asyncio.sleep(0.06)
        drafts = [text for kind, text in editor.said if kind == "typed"]
        assert drafts
        assert all(len(one) < len(other) for one, other in pairwise(drafts))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("key", ["ctrl+s", "escape"])
async def test_the_text_is_committed_and_no_draft_follows(key: str) -> None:
    editor = Listening("x")
    async with on_stage(editor) as (_, pilot):
        await pilot.press("q", "j", key)
        await pilot.pause(0.7)
        assert [one for one in editor.said if one[0] != "edited"] == [("committed", "qjx")]


@pytest.mark.usefixtures("soon")
async def test_another_text_is_begun_with() -> None:
    editor = Listening("x")
    async with on_stage(editor) as (_, pilot):
        await pilot.press("y")
        before = list(editor.said)
        editor.edit_text("new")
        await pilot.pause(0.7)
        assert editor.said == before
        await pilot.press("ctrl+z", "z")
        assert editor.text_stored == "znew"


@pytest.mark.usefixtures("soon")
async def test_a_text_that_was_put_back_as_it_was_is_no_draft() -> None:
    editor = Listening("x")
    async with on_stage(editor) as (_, pilot):
        await pilot.press("y", "backspace")
        await pilot.pause(0.7)
        assert "typed" not in [kind for kind, _ in editor.said]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("x" * 8_000, ""),
        ("x" * 8_001, "A line takes 8.0 kB"),
        ("short\n" * 10_000, ""),
        ("short\n" * 11_000, "The text takes 66.0 kB"),
        ("\x00" * 3_000, "A line takes 9.0 kB"),
    ],
)
def test_what_is_too_long_to_be_edited_here(text: str, words: str) -> None:
    sentence = too_long_for_place(text)
    assert sentence.startswith(words)
    assert bool(sentence) == bool(words)


async def test_a_line_holds_any_text() -> None:
    editor = LineEditor(HOSTILE)
    async with on_stage(editor) as (stage, pilot):
        stage.text()
        assert editor.text_stored == HOSTILE
        await pilot.press("end", "x")
        assert editor.text_stored == f"{HOSTILE}x"
        editor.set_text("")
        stage.post_message(events.Paste("one\rtwo\t␛\x1b"))
        await pilot.pause()
        assert editor.text_stored == "one\ntwo\t␛\x1b"
        stage.text()
