"""Find and replace: where, what by what, every change before it is made, and one undo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from piloting import PATIENCE, WIDE, Driven, chat, running, write

from curator.session import sweeping
from curator.tui.screens.diff_view import DiffView


@pytest.fixture
def six(tmp_path: Path) -> Path:
    """Six records; `lamp` stands twice in the first, once in the others but the last."""
    records = [chat("The lamp, the Lamp.", "A lamp."), *(chat(f"lamp {n}", f"answer {n}") for n in range(2, 6))]
    return write(tmp_path / "six.jsonl", [*records, chat("nothing", "here")])


async def replace(run: Driven, scope: int, find: str, by: str, *, toggles: str = "") -> None:
    """Ask for a replacement; `toggles` says which of the two boxes are set."""
    await run.press("percent_sign", *["j"] * scope, "enter")
    await run.press("ctrl+a", "ctrl+k")
    await run.type(find)
    await run.press("tab", "ctrl+a", "ctrl+k")
    await run.type(by)
    await run.press("tab", *(["space"] if "r" in toggles else []), "tab", *(["space"] if "c" in toggles else []))
    await run.press("enter")


def texts(run: Driven, number: int) -> list[str]:
    return [one["content"] for one in json.loads(run.lines[number - 1])["messages"]]


async def test_in_a_message(six: Path) -> None:
    async with running(six, size=WIDE) as run:
        await run.go_to(1)
        await run.press("enter")
        await replace(run, 0, "lamp", "light")
        await run.asked("2 matches in #1")
        assert "A light." not in run.dialog
        await run.press("enter")
        assert texts(run, 1) == ["The light, the light.", "A lamp."]
        assert run.titles == ["replace “lamp” in #1"]
        await run.press("u")
        assert b"".join(run.lines) == six.read_bytes()


async def test_in_a_record_with_case_told_apart(six: Path) -> None:
    async with running(six, size=WIDE) as run:
        await run.go_to(1)
        await replace(run, 1, "lamp", "light", toggles="c")
        await run.asked("2 matches in #1")
        await run.press("escape")
        assert run.titles == []
        await replace(run, 1, "lamp", "light", toggles="c")
        await run.asked("2 matches in #1")
        await run.press("enter")
        assert texts(run, 1) == ["The light, the Lamp.", "A light."]


async def test_in_all_records_by_a_pattern_with_groups(six: Path) -> None:
    async with running(six, size=WIDE) as run:
        await run.go_to(6)
        await replace(run, 2, r"lamp (\d)", r"\1 light", toggles="r")
        await run.asked("4 records change. Enter replaces in all of them")
        assert "#2, message 1, text" in run.dialog
        assert "2 light" in run.dialog
        await run.press("enter")
        assert texts(run, 5)[0] == "5 light"
        assert run.titles == [r"replace “lamp (\d)” in 4 records"]
        await run.audited()
        await run.until(lambda: not run.app.session.recount.waiting(1))
        await run.press("u")
        assert b"".join(run.lines) == six.read_bytes()
        await run.press("ctrl+r")
        assert texts(run, 2)[0] == "2 light"


async def test_in_the_marked_records_only(six: Path) -> None:
    async with running(six) as run:
        await run.press("j", "space", "space")
        await run.follows()
        await run.press("percent_sign")
        assert "the 2 marked records" in run.dialog
        await run.press("escape")
        await replace(run, 2, "lamp", "light")
        await run.asked("2 records change.")
        await run.press("enter")
        assert [texts(run, n)[0] for n in (2, 3, 4)] == ["light 2", "light 3", "lamp 4"]


@pytest.mark.parametrize("scope", [1, 2])
async def test_what_does_not_match_is_said(six: Path, scope: int) -> None:
    async with running(six) as run:
        await run.go_to(1)
        await replace(run, scope, "zebra", "horse")
        await run.said("Nothing matches.")
        await run.until(lambda: run.app.screen is run.main)
        assert run.titles == []


async def test_what_cannot_be_a_pattern_is_refused_while_one_types(six: Path) -> None:
    async with running(six) as run:
        await run.go_to(1)
        await replace(run, 2, "(lamp", "light", toggles="r")
        assert "✗" in run.dialog
        await run.press("escape")
        await run.press("percent_sign", "enter", "enter")
        assert "There is nothing to find." in run.dialog


async def test_what_was_asked_last_stands_there_again(six: Path) -> None:
    async with running(six) as run:
        await run.go_to(1)
        await replace(run, 1, "zebra", "horse")
        await run.press("percent_sign", "enter")
        assert "zebra" in run.dialog
        assert "horse" in run.dialog


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """A search that goes on only when the event is set."""
    go_on = Event()
    search = sweeping.find_changes

    def held(*arguments: object, **keys: object) -> Iterator[object]:
        for found in search(*arguments, **keys):  # type: ignore[arg-type]
            go_on.wait(PATIENCE)
            yield found

    monkeypatch.setattr(sweeping, "find_changes", held)
    yield go_on
    go_on.set()


async def test_a_slow_search_holds_up_no_key_and_can_be_left(six: Path, slow: Event) -> None:
    async with running(six) as run:
        await run.go_to(1)
        await replace(run, 2, "lamp", "light")
        assert isinstance(run.app.screen, DiffView)
        assert "Looking" in run.dialog
        await run.press("j", "enter")
        await run.said("Not all records have been looked at yet")
        assert isinstance(run.app.screen, DiffView)
        await run.press("escape", "j", "j", "a")
        assert run.titles == ["accepted #3"]
        slow.set()
        await replace(run, 2, "lamp", "light")
        await run.asked("5 records change.")
        await run.press("enter")
        assert texts(run, 1) == ["The light, the light.", "A light."]


async def test_a_pattern_that_takes_too_long_in_a_record_is_given_up(tmp_path: Path) -> None:
    path = write(tmp_path / "slow.jsonl", [chat("a" * 40 + "b", "x"), chat("two", "x")])
    async with running(path) as run:
        await run.go_to(1)
        await replace(run, 1, "(a|aa)+$", "z", toggles="r")
        await run.press("j", "a")
        assert run.titles == ["accepted #2"]
        await run.until(lambda: any("takes" in one or "long" in one for one in run.notices), "for the end of it")
        assert run.app.screen is run.main
