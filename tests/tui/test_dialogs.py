"""Dialogs under their keys: what they answer, and what they say before."""

from __future__ import annotations

from typing import Any

import pytest
from staging import on_stage
from textual.containers import VerticalScroll

from curator.tui.screens.ask import Answers, Ask, AskSeveral, Field, Toggle, completions_of
from curator.tui.screens.confirm import Choice, Confirm
from curator.tui.screens.history import History, Step

TAGS = ("tone", "too long", "facts", "[/bold]", "\x1b[31mred")


def no_blank(text: str) -> str:
    """What is wrong with a text that has a blank in it, or nothing in it."""
    return "It must not be empty." if not text else "It holds a blank." if " " in text else ""


# Asking


@pytest.mark.parametrize(
    ("value", "keys", "answer"),
    [
        ("", "a b enter", "ab"),
        ("x", "y enter", "xy"),
        ("x", "escape", None),
        ("", "t o tab enter", "tone"),
        ("", "t o down down enter", "too long"),
        ("", "o n g tab enter", "too long"),
        ("", "down enter", "tone"),
        ("", "down down up enter", "tone"),
        ("", "t o n e tab enter", "tone"),
        ("", "q q tab enter", "qq"),
        ("", "enter", ""),
    ],
)
async def test_a_text_is_answered(value: str, keys: str, answer: str | None) -> None:
    async with on_stage(Ask("Which tag?", value, TAGS)) as (stage, pilot):
        await pilot.press(*keys.split())
        await pilot.pause()
        assert stage.answers == [answer]


async def test_what_is_wrong_is_said_while_one_types_and_must_be_put_right() -> None:
    async with on_stage(Ask("Which tag?", "", (), no_blank)) as (stage, pilot):
        assert "✗" not in stage.text()
        await pilot.press("enter")
        assert "✗ It must not be empty." in stage.text()
        await pilot.press("a", "space")
        await pilot.pause()
        assert "✗ It holds a blank." in stage.text()
        await pilot.press("enter")
        assert not stage.answers
        await pilot.press("backspace", "enter")
        await pilot.pause()
        assert stage.answers == ["a"]


async def test_titles_labels_and_completions_are_only_text() -> None:
    ask = Ask("[/nope] \x1b]52;c;aGk=\x07 \u202e", "\x1b[31m", TAGS)
    async with on_stage(ask) as (stage, pilot):
        await pilot.press("ctrl+a", "ctrl+k")
        await pilot.pause()
        shown = stage.text()
        assert "[/nope] ␛]52" in shown
        assert "[/bold]" in shown
        await pilot.press("down", "down", "down", "down", "down", "enter")
        await pilot.pause()
        assert stage.answers == ["\x1b[31mred"]


def replace_form(**keys: Any) -> AskSeveral:
    entries = [Field("find"), Field("replace by", "new"), Toggle("regular expression"), Toggle("all records", True)]
    return AskSeveral("Find and replace", entries, **keys)


async def test_several_texts_and_toggles_are_answered() -> None:
    async with on_stage(replace_form()) as (stage, pilot):
        assert "[ ] regular expression" in stage.text()
        assert "[x] all records" in stage.text()
        await pilot.press("o", "l", "d", "tab", "e", "r", "tab", "space", "tab", "space", "shift+tab", "shift+tab", "s")
        assert "[x] regular expression" in stage.text()
        await pilot.press("enter")
        await pilot.pause()
        assert stage.answers == [Answers(("old", "newers"), (True, False))]


async def test_what_is_wrong_with_all_together_is_said() -> None:
    def check(answers: Answers) -> str:
        return "That is no pattern." if answers.toggles[0] and "(" in answers.texts[0] else ""

    async with on_stage(replace_form(check=check)) as (stage, pilot):
        await pilot.press("left_parenthesis", "tab", "tab")
        assert "✗" not in stage.text()
        await pilot.press("space")
        await pilot.pause()
        assert "✗ That is no pattern." in stage.text()
        await pilot.press("enter")
        assert not stage.answers
        await pilot.press("space", "enter")
        await pilot.pause()
        assert stage.answers == [Answers(("(", "new"), (False, True))]


async def test_enter_leads_to_the_field_that_is_wrong() -> None:
    form = AskSeveral("Two", [Field("a", "", (), no_blank), Field("b")])
    async with on_stage(form) as (stage, pilot):
        await pilot.press("tab", "y", "enter", "x", "enter")
        await pilot.pause()
        assert stage.answers == [Answers(("x", "y"), ())]


def test_completions_that_begin_with_the_text_come_first() -> None:
    assert list(completions_of("TO", ["into", "tone", "facts", "too"])) == ["tone", "too", "into"]
    assert list(completions_of("", ["b", "a"])) == ["b", "a"]


# Confirming

CHOICES = (Choice("s", "save in place", "save"), Choice("a", "save as another file", "as"))


@pytest.mark.parametrize(
    ("key", "answer"), [("s", "save"), ("a", "as"), ("enter", "save"), ("escape", None), ("x", "nothing yet")]
)
async def test_a_key_answers(key: str, answer: str | None) -> None:
    async with on_stage(Confirm("Save?", ["3 records change."], CHOICES)) as (stage, pilot):
        shown = stage.text()
        assert "3 records change." in shown
        assert "save as another file" in shown
        await pilot.press(key)
        await pilot.pause()
        assert stage.answers == ([] if answer == "nothing yet" else [answer])


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (200, 50)])
async def test_long_lines_scroll_and_the_choices_stay_in_sight(size: tuple[int, int]) -> None:
    lines = [f"Line {n} \x1b[31m [/nope]" for n in range(1, 101)]
    async with on_stage(Confirm("Save?", lines, CHOICES), size) as (stage, pilot):
        assert "Line 1 ␛[31m [/nope]" in stage.text()
        assert "Esc" in stage.text()
        for _ in range(60):
            await pilot.press("pagedown")
        await pilot.pause()
        assert "Line 100 " in stage.text()
        assert "save in place" in stage.text()
        await pilot.press("k", "j", "pageup")
        assert stage.screen.query_one(VerticalScroll).scroll_y > 0


# History

STEPS = [
    Step(4, 1_000, "Edited message 2", 1),
    Step(5, 4_000, "Replaced [/x] by \x1b[31m", 1_204),
    Step(6, 4_500, "Dropped", 3),
]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [("enter", 5), ("j enter", 4), ("k enter", 6), ("G enter", 3), ("g enter", 6), ("escape", None), ("q", None)],
)
async def test_a_state_is_gone_to(keys: str, answer: int | None) -> None:
    async with on_stage(History(STEPS, 5, 3, 4_600, saved=4)) as (stage, pilot):
        await pilot.press(*keys.split())
        await pilot.pause()
        assert stage.answers == [answer]


async def test_the_history_says_when_and_how_much_and_where_it_was_saved() -> None:
    async with on_stage(History(STEPS, 5, 3, 4_600, saved=4), (100, 24)) as (stage, _):
        lines = [" ".join(line.strip(" │").split()) for line in stage.drawn() if line.strip(" │╭╰─╮╯")]
        stage.text()
    assert lines == [
        "History: 2 in force, 1 undone. Enter goes to the state after a step, Esc back.",
        "6 1 minute ago 3 records undone: Dropped",
        "▶ 5 10 minutes ago 1,204 records Replaced [/x] by ␛[31m",
        "── the file was saved here ──",
        "4 1 hour ago 1 record Edited message 2",
        "as opened, before the first change",
    ]


async def test_the_beginning_can_be_the_state_in_force_and_the_saved_one() -> None:
    async with on_stage(History(STEPS, 3, 3, 4_600, saved=3)) as (stage, pilot):
        shown = stage.text()
        assert "▶ as opened" in shown
        assert shown.index("saved here") < shown.index("as opened")
        assert "3 undone" in shown
        await pilot.press("enter")
        await pilot.pause()
        assert stage.answers == [3]


async def test_a_history_without_steps() -> None:
    async with on_stage(History([], 0, 0, 0)) as (stage, pilot):
        await pilot.press("j", "k", "enter")
        await pilot.pause()
        assert stage.answers == [0]
