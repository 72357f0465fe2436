"""Records as wholes: dropped, copied, made, moved; split and joined, with what that comes to said before."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from piloting import WIDE, Driven, chat, running, write

from curator.cli import commands

TURNS = [f"{kind} {n}" for n in range(1, 4) for kind in ("question", "answer")]
SYSTEM = {"role": "system", "content": "Be brief."}
WITH_SYSTEM = {"messages": [SYSTEM, *chat(*TURNS)["messages"]], "source": "book"}


@pytest.fixture
def five(tmp_path: Path) -> Path:
    """A file of five records, the second with a system prompt and three turns."""
    records = [chat(f"question {n}", f"answer {n}") for n in range(1, 6)]
    return write(tmp_path / "five.jsonl", [records[0], WITH_SYSTEM, *records[2:]])


def numbers(run: Driven) -> list[str]:
    """What the first user message of each record says."""
    return [next(one["content"] for one in json.loads(line)["messages"] if one["role"] == "user") for line in run.lines]


# One record


async def test_a_record_is_dropped_shown_and_restored(five: Path) -> None:
    async with running(five, size=WIDE) as run:
        await run.press("j", "j", "x")
        assert numbers(run) == ["question 1", "question 1", "question 4", "question 5"]
        assert "1 dropped" in run.text_of(run.main.title_bar)
        assert run.records.cursor == 2
        await run.press("H")
        assert len(run.lines) == 5
        await run.press("3", "G")
        await run.follows()
        assert "dropped" in run.text_of(run.main.header)
        await run.press("x")
        assert run.titles == ["drop #3", "restore #3"]
        await run.press("H")
        assert b"".join(run.lines) == five.read_bytes()


async def test_showing_dropped_records_keeps_the_record_under_the_cursor(five: Path) -> None:
    async with running(five) as run:
        await run.press("x", "G", "H")
        assert run.records.cursor == 4
        await run.press("H")
        assert run.records.cursor == 3


async def test_a_record_is_copied_and_moved(five: Path) -> None:
    async with running(five) as run:
        await run.press("G", "equals_sign")
        assert run.records.cursor == 5
        assert run.lines[4] == run.lines[5]
        await run.press("ctrl+up", "ctrl+up")
        assert numbers(run)[3:] == ["question 5", "question 4", "question 5"]
        assert run.records.cursor == 3
        await run.press("ctrl+down")
        assert numbers(run)[3:] == ["question 4", "question 5", "question 5"]
        await run.press("g", "ctrl+up", "G", "ctrl+down")
        assert run.titles == ["duplicate #5", "move #6", "move #5", "move #4"]
        await run.press("u", "u", "u", "u")
        assert b"".join(run.lines) == five.read_bytes()


async def test_a_new_record_is_made_from_the_dialect_with_the_system_prompt(five: Path) -> None:
    async with running(five) as run:
        await run.press("j", "plus")
        assert run.records.cursor == 2
        new = json.loads(run.lines[2])
        assert new["messages"][0] == SYSTEM
        assert [one["role"] for one in new["messages"]] == ["system", "user", "assistant"]
        await run.press("u")
        assert b"".join(run.lines) == five.read_bytes()


# Split


async def split(run: Driven, downs: int, *answers: str) -> str:
    """Choose a way to split by its place in the list; what the preview says."""
    await run.press("s", "g", *["j"] * downs, "enter")
    if answers:
        await run.press("ctrl+a", "ctrl+k", *answers[0])
        for answer in answers[1:]:
            await run.press("tab", "ctrl+a", "ctrl+k", *answer)
        await run.press("enter")
    await run.asked("before")
    return run.dialog


async def test_a_record_is_cut_at_the_cursor_with_or_without_its_system_prompt(five: Path) -> None:
    async with running(five) as run:
        await run.go_to(2)
        await run.press("enter", "j", "j", "j")
        preview = await split(run, 0)
        assert re.search(r"records +1 +2", preview)
        await run.press("y")
        assert len(run.lines) == 6
        assert json.loads(run.lines[2])["messages"][0] == SYSTEM
        assert json.loads(run.lines[2])["source"] == "book"
        assert run.titles == ["split #2"]
        await run.press("u")
        await run.follows()
        await run.press("g", "j", "j", "j")
        await split(run, 1)
        await run.press("enter")
        assert [one["role"] for one in json.loads(run.lines[2])["messages"]] == ["user", "assistant"] * 2
        await run.press("u")
        assert b"".join(run.lines) == five.read_bytes()


WAYS = [
    (2, (), ["--by", "turn"]),
    (3, (), ["--by", "pair"]),
    (4, (), ["--by", "pair", "--no-system"]),
    (5, ("2",), ["--by", "window", "--turns", "2"]),
    (6, ("40", "1"), ["--by", "fit", "--budget", "40", "--overlap", "1"]),
]


@pytest.mark.parametrize(("downs", "answers", "arguments"), WAYS, ids=["turn", "pair", "bare pair", "window", "fit"])
async def test_pieces_and_figures_are_those_of_the_headless_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], downs: int, answers: tuple[str, ...], arguments: list[str]
) -> None:
    path, out = write(tmp_path / "one.jsonl", [WITH_SYSTEM]), tmp_path / "out.jsonl"
    assert commands.run("split", [str(path), "-o", str(out), "--epochs", "3", *arguments]) in (0, 1)
    said = capsys.readouterr().err
    async with running(path, epochs=3) as run:
        await run.follows()
        preview = await split(run, downs, *answers)
        for words, row in (("tokens", r"\btokens"), ("trained tokens", "trained tokens")):
            before, after = re.search(rf"^curator: {words}: ([\d,]+) before, ([\d,]+) after", said, re.M).groups()  # type: ignore[union-attr]
            assert re.search(rf"{row} +{before} +{after}\b", preview), (said, preview)
        costs = re.search(r"training cost: (\S+) .*before, (\S+) ", said)
        assert costs is not None
        assert re.search(rf"training cost +{re.escape(costs[1])} +{re.escape(costs[2])}", preview)
        await run.press("enter")
        assert b"".join(run.lines) == out.read_bytes()
        await run.press("u")
        assert b"".join(run.lines) == path.read_bytes()


async def test_the_likely_way_to_split_is_offered_first(five: Path) -> None:
    async with running(five, context_length=40) as run:
        await run.go_to(2)
        await run.press("s", "enter")
        assert "Most tokens of a piece:" in run.dialog
        await run.press("escape", "g")
        await run.follows()
        await run.press("s", "enter")
        await run.until(lambda: run.notices or "before" in run.dialog)


async def test_a_budget_is_a_number(five: Path) -> None:
    async with running(five, context_length=40) as run:
        await run.go_to(2)
        await run.press("s", "G", "k", "enter", "x", "enter")
        assert "whole number" in run.dialog
        await run.press("escape")
        assert run.titles == []


async def test_what_stays_as_it_is_is_said(five: Path) -> None:
    async with running(five) as run:
        await run.follows()
        await run.press("s", "g", "j", "j", "enter")
        await run.until(lambda: run.notices)
        assert run.titles == []
        assert run.app.screen is run.main


async def test_marked_records_are_split_together(five: Path) -> None:
    async with running(five) as run:
        await run.press("asterisk")
        await run.press("s", "g", "j", "j", "j", "enter", "m")
        await run.asked("before")
        assert "4 of 5 records stay as they are." in run.dialog
        await run.press("y")
        assert len(run.lines) == 7
        assert run.titles == ["split 5 marked records"]
        await run.press("u")
        assert b"".join(run.lines) == five.read_bytes()


# Join


async def test_a_record_is_joined_with_the_next_or_the_marked_ones(five: Path) -> None:
    async with running(five) as run:
        await run.follows()
        await run.press("M")
        await run.asked("Join #1 and #2?")
        await run.press("y")
        assert len(run.lines) == 4
        joined = json.loads(run.lines[0])["messages"]
        assert [one["content"] for one in joined if one["role"] == "user"] == ["question 1", *TURNS[::2]]
        await run.press("u", "space", "j", "space", "G", "space", "M", "m")
        await run.asked("Join 3 marked records?")
        await run.press("enter")
        assert numbers(run) == ["question 1", "question 1", "question 4"]
        assert len(json.loads(run.lines[0])["messages"]) == 6
        await run.press("u")
        assert b"".join(run.lines) == five.read_bytes()


async def test_the_last_record_has_none_to_be_joined_with(five: Path) -> None:
    async with running(five) as run:
        await run.press("G", "M")
        await run.said("There is no record after this one")


async def test_the_ways_to_split_are_explained_and_compared_before_one_is_chosen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [chat(*map(str, range(8))) for _ in range(3)])
    async with running(path) as run:
        await run.audited()
        await run.press("s")
        await run.asked("Keeps all context;")
        await run.press("j")
        await run.asked("The cheapest;")
        await run.press("G", "enter")
        await run.until(lambda: "whole or pieces #1 " in run.words)
        await run.until(lambda: run.words.count("$") >= 4)
        await run.press("j")
        await run.asked("It takes 1 of 1 record apart.")
        await run.press("enter")
        await run.asked("Split #1 by turn?")
        await run.press("y")
        await run.until(lambda: run.titles == ["split #1 by turn"])
        assert len(run.lines) == 6
        await run.press("g", "space", "space", "s", "G", "enter", "m")
        await run.asked("2 marked records")
