"""The preview of changes: what is on screen, however many there are, and what its keys do."""

from __future__ import annotations

import time

import pytest
from staging import on_stage

from curator.tui.difference_layout import Difference
from curator.tui.screens.diff_view import DiffView
from curator.tui.widgets.difference_list import KEPT_LAYOUTS, DifferenceList


def differences(first: int, end: int) -> list[Difference]:
    return [Difference(f"#{n}", f"before {n}", f"after {n}") for n in range(first, end)]


@pytest.mark.parametrize(("key", "answer"), [("enter", True), ("escape", False), ("q", False)])
async def test_it_is_applied_or_left(key: str, answer: bool) -> None:
    async with on_stage(DiffView("3 records change.", differences(1, 4))) as (stage, pilot):
        lines = [line.strip() for line in stage.drawn()]
        assert lines[:6] == ["3 records change.", "#1", "- before 1", "+ after 1", "", "#2"]
        await pilot.press(key)
        await pilot.pause()
        assert stage.answers == [answer]


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        ("", "#1"),
        ("j", "- before 1"),
        ("5 j", "- before 2"),
        ("5 j 3 k", "+ after 1"),
        ("k", "#1"),
        ("n", "#2"),
        ("3 n", "#4"),
        ("n j N", "#2"),
        ("n N", "#1"),
        ("ctrl+d ctrl+u", "#1"),
        ("G g", "#1"),
        ("9 9 9 9 9 9 9 9 k", "#1"),
    ],
)
async def test_keys_scroll(keys: str, top: str) -> None:
    async with on_stage(DiffView("Many.", differences(1, 100))) as (stage, pilot):
        await pilot.press(*keys.split())
        await pilot.pause()
        assert stage.drawn()[1].strip() == top


async def test_the_end_of_very_many_is_reached_at_once_and_little_is_kept() -> None:
    async with on_stage(DiffView("Very many.", differences(1, 50_001))) as (stage, pilot):
        began = time.perf_counter()
        await pilot.press("G")
        await pilot.pause()
        assert time.perf_counter() - began < 2
        assert "+ after 50000" in stage.text()
        for _ in range(100):
            await pilot.press("pageup")
        assert len(stage.screen.query_one(DifferenceList)._layouts) <= KEPT_LAYOUTS


async def test_more_may_follow_and_what_is_on_screen_stays() -> None:
    view = DiffView("Looking.")
    async with on_stage(view) as (stage, pilot):
        await pilot.press("j", "G", "n", "N", "pagedown", "g")
        view.set_more("2 so far.", differences(1, 3))
        await pilot.pause()
        assert [line.strip() for line in stage.drawn()[:2]] == ["2 so far.", "#1"]
        view.set_more("100 in all.", differences(3, 101))
        await pilot.press("n")
        await pilot.pause()
        assert [line.strip() for line in stage.drawn()[:2]] == ["100 in all.", "#2"]
        await pilot.press("G")
        await pilot.pause()
        assert "#100" in stage.text()


async def test_another_width_keeps_the_place() -> None:
    long = [Difference(f"#{n}", "word " * 100, "word " * 99 + "other") for n in range(30)]
    async with on_stage(DiffView("Long.", long)) as (stage, pilot):
        await pilot.press("n", "n")
        await pilot.resize_terminal(40, 20)
        await pilot.pause()
        assert stage.drawn()[1].strip() == "#2"
        await pilot.resize_terminal(200, 50)
        await pilot.pause()
        assert stage.drawn()[1].strip() == "#2"


async def test_hostile_texts_are_only_text() -> None:
    hostile = "[/nope]\x1b]52;c;aGk=\x07\t\u202e\r\n\x85"
    async with on_stage(DiffView(hostile, [Difference(hostile, hostile, hostile * 2)])) as (stage, _):
        assert "[/nope]␛]52" in stage.text()
