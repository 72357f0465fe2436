"""Marks, tags, verdicts and notes under their keys."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from piloting import Driven, chat, running, write

from curator.tui.screens.tag import ChooseTag


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """A file of ten records."""
    return write(tmp_path / "ten.jsonl", (chat(f"question {n}", f"answer {n}") for n in range(1, 11)))


def marked(run: Driven) -> list[int]:
    """The numbers of the marked records."""
    return [one + 1 for one in run.app.session.sources[0].marked]


def standing(run: Driven, number: int) -> tuple[frozenset[str], str, str]:
    """Tags, verdict and note of a record."""
    found = run.app.session.standing(number - 1)
    return frozenset(found.tags), found.verdict or "", found.note


def title(run: Driven) -> str:
    return run.text_of(run.main.title_bar)


# Marks


@pytest.mark.parametrize(
    ("keys", "numbers"),
    [
        ("space space j space", [1, 2, 4]),
        ("space k space", []),
        ("j V j j V", [2, 3, 4]),
        ("4 G V g V", [1, 2, 3, 4]),
        ("V j j escape V V", [3]),
        ("asterisk", [*range(1, 11)]),
        ("space asterisk", []),
        ("asterisk space", [*range(2, 11)]),
    ],
)
async def test_records_are_marked(ten: Path, keys: str, numbers: list[int]) -> None:
    async with running(ten, size=(120, 30)) as run:
        await run.press(*keys.split())
        assert marked(run) == numbers
        assert (f"{len(numbers)} marked: " in run.text_of(run.main.totals_bar)) == bool(numbers)
        assert sum("●" in line for line in run.texts(run.records)) == len(numbers)


async def test_marks_and_place_are_there_again_when_the_file_is_opened_again(ten: Path) -> None:
    async with running(ten) as run:
        await run.press("space", "space", "5", "G", "space")
        await run.press("ctrl+q")
    async with running(ten) as run:
        assert marked(run) == [1, 2, 5]
        await run.until(lambda: run.records.cursor == 5)


async def test_what_marked_records_take_is_asked_in_numbers(ten: Path) -> None:
    async with running(ten) as run:
        await run.press("V", "j", "j", "V", "j", "x")
        assert "the 3 marked records" in run.dialog
        assert "this record, #4" in run.dialog
        await run.press("m")
        assert len(run.lines) == 7
        assert run.titles == ["drop 3 marked records"]
        await run.press("u", "4", "G")
        assert len(run.lines) == 10
        await run.press("r", "escape")
        assert run.titles == []
        await run.press("a", "t")
        assert [standing(run, n)[1] for n in range(1, 6)] == ["", "", "", "accepted", ""]
        await run.press("w", "m", "t", "m")
        await run.type("tone\n")
        assert [standing(run, n) for n in (1, 3)] == [(frozenset(["tone"]), "needs work", "")] * 2
        assert standing(run, 4) == (frozenset(), "accepted", "")


# Verdicts


async def test_verdicts_go_on_to_the_next_unreviewed_and_are_counted(ten: Path) -> None:
    async with running(ten, size=(120, 30)) as run:
        await run.press("2", "G", "a", "1", "G", "a")
        assert run.records.cursor == 2
        await run.press("r", "w")
        assert run.records.cursor == 4
        assert [standing(run, n)[1] for n in range(1, 6)] == ["accepted", "accepted", "rejected", "needs work", ""]
        assert "4 reviewed (40%)" in title(run)
        signs = [set(line[:8]) & set("arw") for line in run.texts(run.records)[:5]]
        assert signs == [{"a"}, {"a"}, {"r"}, {"w"}, set()]
        await run.press("g", "right_curly_bracket")
        assert run.records.cursor == 4
        await run.press("G", "left_curly_bracket")
        assert run.records.cursor == 8
        await run.press("4", "G", "right_curly_bracket", "left_curly_bracket")
        await run.said("All records before this one have a verdict.")


async def test_the_same_verdict_again_takes_it_back_and_stays(ten: Path) -> None:
    async with running(ten) as run:
        await run.press("a", "k", "a")
        assert standing(run, 1)[1] == ""
        assert run.records.cursor == 0
        assert run.titles == ["accepted #1", "no verdict on #1"]
        await run.press("u")
        assert standing(run, 1)[1] == "accepted"


async def test_the_last_verdict_says_that_there_are_no_more(ten: Path) -> None:
    async with running(ten) as run:
        await run.press("G", "a")
        await run.said("All records from here on have a verdict.")
        assert run.records.cursor == 9


# Tags


async def test_a_digit_puts_one_of_the_own_tags_on_and_takes_it_off(ten: Path) -> None:
    async with running(ten, tags="tone, too long") as run:
        await run.press("t")
        assert "1 tone   2 too long" in run.dialog
        await run.press("2")
        assert standing(run, 1)[0] == {"too long"}
        await run.press("t")
        assert "2 too long*" in run.dialog
        await run.press("2", "t", "1")
        assert standing(run, 1)[0] == {"tone"}
        assert run.titles == ["tag #1: too long", "untag #1: too long", "tag #1: tone"]
        await run.follows()
        assert "tag: tone" in run.text_of(run.main.header)
        assert "[tone]" in run.texts(run.records)[0]


async def test_tags_are_completed_from_those_of_the_file(ten: Path) -> None:
    async with running(ten) as run:
        await run.press("t")
        await run.type("facts wrong\n")
        await run.press("j", "t")
        assert "1 facts wrong" in run.dialog
        await run.type("wr\t\n")
        assert standing(run, 2)[0] == {"facts wrong"}
        await run.press("t")
        await run.type("2nd\n")
        assert standing(run, 2)[0] == {"facts wrong", "2nd"}
        await run.press("j", "t", "enter")
        assert isinstance(run.app.screen, ChooseTag)
        assert "at least one character" in run.dialog
        await run.press("escape")
        assert standing(run, 3)[0] == frozenset()


async def test_in_the_reader_single_messages_are_tagged_and_their_tags_go_with_them(ten: Path) -> None:
    async with running(ten) as run:
        await run.follows()
        await run.press("enter", "j", "t")
        assert "message 2 of #1" in run.dialog
        await run.type("tone\n")
        await run.until(lambda: "tag: tone" in run.text_of(run.reader))
        await run.press("K")
        await run.until(lambda: "message 1" in run.titles[-1] or "move" in run.titles[-1])
        assert run.app.session.standing(0).message_tags == {0: frozenset(["tone"])}
        await run.press("t")
        await run.type("tone\n")
        assert run.app.session.standing(0).message_tags == {}
        await run.press("u")
        assert run.app.session.standing(0).message_tags == {0: frozenset(["tone"])}


# Notes


async def test_a_note_is_written_changed_and_taken_off(ten: Path) -> None:
    async with running(ten) as run:
        await run.press("N")
        await run.type("ask q about it\n")
        assert standing(run, 1)[2] == "ask q about it"
        await run.follows()
        assert "note: ask q about it" in run.text_of(run.main.header)
        await run.press("N", "ctrl+a", "ctrl+k", "enter")
        assert standing(run, 1)[2] == ""
        assert run.titles == ["note on #1", "no note on #1"]
        await run.press("N", "x", "escape")
        assert len(run.titles) == 2


async def test_labels_leave_the_file_as_it_is(ten: Path) -> None:
    before = ten.read_bytes()
    async with running(ten) as run:
        await run.press("space", "k", "escape", "a", "N", "n", "enter", "ctrl+s")
        await run.said("holds all of it already")
        assert ten.read_bytes() == before
        assert all(json.loads(line) for line in run.lines)


async def test_no_key_does_harm_where_there_are_no_records(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.jsonl", [])
    keys = "space V V asterisk t N a r w x H equals_sign e E d J K R W s M u ctrl+r h right_curly_bracket"
    async with running(path) as run:
        for key in keys.split():
            await run.press(key)
            await run.press("escape")
            assert run.app.screen is run.main, key
        assert run.titles == []
    await asyncio.sleep(0)


# At random


async def test_some_of_the_listed_records_at_random(ten: Path) -> None:
    async with running(ten) as run:
        await run.audited()
        await run.press("space")
        await run.app.run_action("screen.draw")
        await run.asked("10 listed records")
        await run.press("backspace", "5")
        await run.until(lambda: "a number from 1 to 10" in run.dialog)
        await run.press("backspace", "backspace", "4", "enter")
        await run.said("4 of 10 records are marked, drawn at random with seed 0.")
        first = marked(run)
        assert len(first) == 4
        await run.app.run_action("screen.draw")
        await run.press("backspace", "backspace", "4", "tab", "backspace", "7", "enter")
        await run.said("4 of 10 records are marked, drawn at random with seed 7.")
        assert len(marked(run)) == 4 and marked(run) != first
