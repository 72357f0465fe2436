"""Shortening the system prompt: where, which one, by what, the preview, and one undo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from piloting import NARROW, WIDE, Driven, HeldWork, running, write

TUTOR = "You are a tutor of mathematics, who never gives an answer away. Pupil: "
LONG = "You are a careful examiner of students. " * 30


def record(number: int, prompt: str) -> dict[str, Any]:
    said = [("system", prompt), ("user", f"question {number}"), ("assistant", f"because {number}")]
    return {"messages": [{"role": role, "content": content} for role, content in said if content], "id": f"r{number}"}


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """Six records with the long prompt, three of pupils of a tutor, one without a prompt."""
    prompts = [*[LONG] * 6, *(TUTOR + name for name in ("Anna", "Ben", "Cem")), ""]
    return write(tmp_path / "ten.jsonl", [record(number, one) for number, one in enumerate(prompts)])


async def choose(run: Driven, scope: int, prompt: int | None, short: str) -> None:
    """Ask to shorten: the scope's place in the list, the prompt's, and the short text."""
    await run.press("S", *["j"] * scope, "enter")
    if prompt is not None:
        await run.asked("The system prompt that gets shorter")
        await run.press(*["j"] * prompt, "enter")
    await run.asked("The short prompt")
    await run.press("ctrl+a", "ctrl+k")
    await run.type(short)
    await run.press("enter")


def prompt_of(run: Driven, number: int) -> str:
    return str(json.loads(run.lines[number - 1])["messages"][0]["content"])


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_in_all_records_after_a_preview_in_figures(ten: Path, size: tuple[int, int]) -> None:
    async with running(ten, size=size) as run:
        await run.audited()
        tokens = run.app.session.totals.tokens
        await run.press("S", "enter")
        await run.asked("3 alike")
        assert all(len(line) <= size[0] for line in run.dialog.split("\n"))
        await run.press("escape")
        await choose(run, 0, 1, "Examine, {id}.")
        await run.asked("6 of 10 records: their system prompts give way to the short one.")
        assert f"{tokens:,}" in run.dialog
        assert "training" in run.dialog
        assert "3 stay as they are: another system prompt." in run.words
        assert "characters …" in run.words
        await run.press("enter")
        assert [prompt_of(run, number) for number in (1, 6)] == ["Examine, r0.", "Examine, r5."]
        assert run.titles == ["shorten the system prompt in 6 records"]
        await run.until(lambda: run.app.session.totals.tokens < tokens, "for the totals")
        await run.press("u")
        assert b"".join(run.lines) == ten.read_bytes()
        await run.until(lambda: run.app.session.totals.tokens == tokens, "for the totals")


async def test_all_that_begin_alike_keep_what_follows(ten: Path) -> None:
    async with running(ten, size=WIDE) as run:
        await run.audited()
        await choose(run, 0, 0, "Tutor of {rest}")
        await run.asked("3 of 10 records")
        assert "Tutor of Anna" in run.dialog
        await run.press("enter")
        assert [prompt_of(run, number) for number in (7, 8, 9)] == ["Tutor of Anna", "Tutor of Ben", "Tutor of Cem"]


async def test_in_the_marked_records(ten: Path) -> None:
    async with running(ten) as run:
        await run.audited()
        await run.press("space", "space")
        await choose(run, 0, 0, "Short.")
        await run.asked("2 of 2 records")
        await run.press("enter")
        assert [prompt_of(run, number) == "Short." for number in (1, 2, 3)] == [True, True, False]


async def test_in_this_record_and_an_empty_one_removes_it(ten: Path) -> None:
    async with running(ten) as run:
        await run.audited()
        await run.go_to(7)
        await choose(run, 1, None, "")
        await run.asked("1 of 1 record: its system prompt is removed.")
        await run.press("escape")
        assert run.titles == []
        await choose(run, 1, None, "")
        await run.asked("is removed")
        await run.press("enter")
        assert prompt_of(run, 7) == "question 6"
        assert run.titles == ["remove the system prompt in 1 record"]
        await run.go_to(10)
        await run.press("S", "j", "enter")
        await run.said("begins with no system prompt")


async def test_the_short_prompt_comes_from_a_file(ten: Path, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("Two\nlines.\n")
    async with running(ten) as run:
        await run.audited()
        await run.go_to(1)
        await run.press("S", "j", "enter", "tab")
        await run.type(str(tmp_path / "none.txt"))
        await run.press("enter")
        await run.asked("there is no such file of text")
        await run.press("ctrl+a", "ctrl+k")
        await run.type(str(tmp_path / "short.txt"))
        await run.press("enter")
        await run.asked("1 of 1 record")
        await run.press("enter")
        assert prompt_of(run, 1) == "Two\nlines."


async def test_what_can_never_be_made_is_told(ten: Path) -> None:
    async with running(ten) as run:
        await run.audited()
        await choose(run, 0, 1, "{rest}")
        await run.asked("✗ {rest} is what follows")
        await run.press("ctrl+a", "ctrl+k")
        await run.type("{nothing}")
        await run.press("enter")
        await run.said("not all that the short prompt takes from the record ({nothing})")
        assert run.app.screen is run.main
        assert run.titles == []


async def test_looking_holds_up_no_key_and_can_be_left(ten: Path, work: HeldWork) -> None:
    async with running(ten) as run:
        await run.audited()
        work.hold()
        await run.press("S", "enter")
        await run.asked("Looking for system prompts")
        await run.press("escape", "j", "a")
        assert run.titles == ["accepted #2"]
        work.go_on()
        await choose(run, 0, 1, "Short.")
        await run.asked("6 of 10 records")


async def test_a_file_without_system_prompts_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"prompt": "Why? ->", "completion": " So."}])
    async with running(path) as run:
        await run.audited()
        await run.press("S", "enter")
        await run.said("No record begins with a system prompt")


async def test_the_break_even_screen_leads_here(ten: Path) -> None:
    async with running(ten) as run:
        await run.audited()
        await run.press("b")
        await run.asked("A prompt of")
        await run.press("s")
        await run.press("ctrl+a", "ctrl+k", "tab")
        await run.type("Examine them.")
        await run.press("enter")
        await run.asked("cut to Examine them.")
        await run.press("S")
        await run.asked("The short prompt")
        assert "Examine them." in run.dialog
        await run.press("enter")
        await run.asked("6 of 10 records")
        await run.press("enter")
        assert prompt_of(run, 1) == "Examine them."
