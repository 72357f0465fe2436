"""Duplicates and contradictions on the screen, and what is done from there; dividing into files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from piloting import NARROW, WIDE, Driven, HeldWork, running, write

SAID = "the ferry to the island leaves at noon from the second quay on the left side of the harbour"


def chat(user: str, assistant: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]}


RECORDS = [
    chat("When does it leave?", SAID),
    chat("Who steers?", "The pilot."),
    chat("When does it leave?", SAID + " today"),
    chat("Who steers?", "The pilot."),
    chat("Who steers?", "Nobody knows."),
    chat("When does it leave?", SAID),
    *(chat(f"What is berth {number} for, and who pays {number * 7}?", f"other {number}") for number in range(8)),
]


@asynccontextmanager
async def opened(folder: Path, size: tuple[int, int] = NARROW) -> AsyncIterator[Driven]:
    async with running(write(folder / "a.jsonl", RECORDS), size=size, workers=1) as driven:
        await driven.audited()
        await driven.press("D")
        await driven.asked("groups of")
        yield driven


def answers(driven: Driven) -> list[str]:
    """Of the records that are about the ferry."""
    said = [json.loads(line)["messages"][1]["content"] for line in driven.lines]
    return [one for one in said if not one.startswith("other")]


async def test_groups_stand_with_the_largest_first_and_one_is_settled_in_one_step(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        rows = [line.split()[:2] for line in driven.dialog.split("\n")[2:4]]
        assert rows == [["▌", "3"], ["2", "exact"]]
        assert "2 groups of 5 records: 3 too many (2 exact, 1 near)." in driven.words
        assert all(len(line) <= 80 for line in driven.dialog.split("\n"))
        await driven.press("l")
        assert "#3 kept" in driven.dialog
        await driven.press("k", "f")
        await driven.press("escape")
        assert answers(driven) == ["The pilot.", SAID + " today", "The pilot.", "Nobody knows."]
        assert driven.titles == ["keep #3, drop 2 duplicates"]
        await driven.press("u")
        assert len(answers(driven)) == 6


async def test_members_are_compared_and_the_one_under_the_cursor_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path, WIDE) as driven:
        await driven.press("enter")
        await driven.asked("3 records are nearly the same")
        await driven.asked("#1 (on the left) and #3 (on the right) are")
        assert "left side of the harbour today" in driven.dialog
        await driven.press("j")
        await driven.asked("#6 says what #1 says.")
        await driven.press("m", "enter")
        await driven.asked("2 records say the same")
        await driven.press("escape")
        await driven.asked("groups of")
        await driven.press("escape")
        assert driven.titles == ["keep #6, drop 2 duplicates"]
        assert driven.main.number_marked == 3


async def test_groups_are_gone_through_and_steps_are_taken_back_without_leaving(tmp_path: Path) -> None:
    async with opened(tmp_path, WIDE) as driven:
        await driven.press("enter")
        await driven.asked("group 1 of 2")
        await driven.press("greater_than_sign")
        await driven.asked("group 2 of 2")
        await driven.press("greater_than_sign", "less_than_sign", "l")
        await driven.asked("group 2 of 2")
        await driven.press("a")
        await driven.asked("2 groups of 5 records")
        assert "#3 kept" in driven.dialog and "all kept" in driven.dialog
        await driven.press("u", "u")
        assert "kept" not in driven.dialog and driven.titles == []
        assert len(answers(driven)) == 6
        await driven.press("g", "f", "k", "enter")
        await driven.asked("#1 kept")
        await driven.press("l")
        assert driven.titles == ["keep #1, drop 2 duplicates"]


async def test_the_first_difference_of_long_members_is_shown_at_once(tmp_path: Path) -> None:
    long = "\n".join(f"Line {number} of a long text that goes on and on for a while." for number in range(60))
    records = [chat("Tell me.", long), chat("Tell me.", long.replace("Line 30 of", "Verse 30 of") + "\nThe end.")]
    async with running(write(tmp_path / "a.jsonl", records), size=NARROW, workers=1) as driven:
        await driven.audited()
        await driven.press("D")
        await driven.asked("1 group of 2 records")
        await driven.press("enter")
        await driven.asked("+ Verse 30 of a long text")
        await driven.press("n")
        await driven.asked("+ The end.")
        await driven.press("n")
        await driven.said("They differ in no other place")
        await driven.press("N")
        await driven.asked("+ Verse 30 of a long text")


async def test_one_of_each_group_is_kept_after_asking(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("F")
        await driven.asked("3 records of 2 groups are dropped")
        await driven.press("y")
        await driven.asked("first kept")
        await driven.press("escape")
        assert answers(driven) == [SAID, "The pilot.", "Nobody knows."]
        assert driven.titles == ["keep the first of 2 groups"]


async def test_contradictions_are_shown_and_settled_alike(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("n")
        await driven.asked("2 groups of 4 records: 2 too many.")
        await driven.press("b")
        await driven.asked("2 groups of 6 records: 4 too many.")
        await driven.press("enter")
        await driven.asked("3 records have the same prompt")
        await driven.press("escape", "b")
        await driven.asked("2 groups of 4 records: 2 too many.")
        await driven.press("enter")
        await driven.asked("2 records give the same answer")
        await driven.press("escape", "b")
        await driven.asked("2 prompts with different answers, in 6 records.")
        await driven.press("j", "enter")
        await driven.asked("3 records answer the same prompt")
        await driven.press("j", "enter")
        await driven.asked("group 1 of 2")
        await driven.press("escape", "escape")
        assert [one for one in answers(driven) if SAID not in one] == ["Nobody knows."]


async def test_the_screen_is_left_while_it_looks(tmp_path: Path, work: HeldWork) -> None:
    async with running(write(tmp_path / "a.jsonl", RECORDS), size=NARROW) as driven:
        await driven.audited()
        work.hold()
        await driven.press("D")
        await driven.asked("Looking")
        await driven.press("j", "enter", "l", "F", "m", "escape")
        assert not driven.dialog
        work.go_on()


async def test_records_are_divided_into_files_after_the_numbers_were_shown(tmp_path: Path) -> None:
    async with running(write(tmp_path / "a.jsonl", RECORDS), size=NARROW, workers=1) as driven:
        await driven.audited()
        await driven.press("X")
        await driven.asked("divide into training")
        await driven.press("G", "enter")
        await driven.asked("Divide all 14 records")
        await driven.press("ctrl+u")
        await driven.type("50:50")
        await driven.press("enter")
        await driven.asked("train.jsonl")
        assert "validation.jsonl" in driven.words and "stay together" in driven.words
        await driven.press("y")
        await driven.said("read back and proved")
    folder = tmp_path / "a.divided"
    lines = [line for name in ("train", "validation") for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]
    assert sorted(lines) == sorted((tmp_path / "a.jsonl").read_bytes().splitlines())


async def test_what_another_open_file_has_is_kept_out(tmp_path: Path) -> None:
    exam = write(tmp_path / "exam.jsonl", RECORDS[6:8])
    async with running(write(tmp_path / "a.jsonl", RECORDS), exam, size=NARROW, workers=1) as driven:
        await driven.audited()
        await driven.press("X")
        await driven.asked("Export, from a.jsonl")
        await driven.press("G", "enter")
        await driven.asked("Keep out what this open file has:")
        await driven.press(*["tab"] * 6)
        await driven.type("exam")
        await driven.press("enter")
        await driven.asked("No file exam is open; these are: a.jsonl, exam.jsonl.")
        await driven.type(".jsonl")
        await driven.press("enter")
        await driven.asked("2 records left out that belong together with what is kept out.")
        await driven.press("y")
        await driven.said("read back and proved")
    lines = [line for path in (tmp_path / "a.divided").iterdir() for line in path.read_bytes().splitlines()]
    every = (tmp_path / "a.jsonl").read_bytes().splitlines()
    assert sorted(lines) == sorted(every[:6] + every[8:])


async def test_a_facet_is_spread_evenly(tmp_path: Path) -> None:
    system = {"role": "system", "content": "Answer."}
    records = [chat(f"question {number} about {number * 7}", f"reply {number}") for number in range(20)]
    for record in records[:10]:
        record["messages"].insert(0, system)
    async with running(write(tmp_path / "a.jsonl", records), size=NARROW, workers=1) as driven:
        await driven.audited()
        await driven.press("ctrl+x")
        await driven.asked("Spread evenly (a facet, or a key):")
        await driven.press("tab")
        await driven.type("4")
        await driven.press("tab", "tab")
        await driven.type("roles")
        await driven.press("enter")
        await driven.asked("validation.jsonl")
        await driven.press("y")
        await driven.said("read back and proved")
    chosen = (tmp_path / "a.divided" / "validation.jsonl").read_text().splitlines()
    assert (len(chosen), sum("Answer." in line for line in chosen)) == (4, 2)
