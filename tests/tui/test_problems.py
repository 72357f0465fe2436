"""The problems in groups, the walk over one of them, and fixes: where, the preview, one undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from piloting import NARROW, WIDE, Driven, chat, running, write


def with_key(number: int) -> dict[str, object]:
    return {**chat(f"question {number}", f"answer {number}"), "note": number}


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Twelve records: #2, #5, #8 and #11 with a key that does not belong there, #4 blank, #6 with a wrong weight."""
    records: list[dict[str, object] | str] = [
        with_key(number) if number % 3 == 2 else chat(f"question {number}", f"answer {number}")
        for number in range(1, 13)
    ]
    records[3] = ""
    weighed = chat("question 6", "answer 6")
    weighed["messages"][1]["weight"] = True
    records[5] = weighed
    return write(tmp_path / "mixed.jsonl", records)


async def problems(run: Driven) -> None:
    await run.audited()
    await run.press("p")
    await run.asked("CUR009")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_problems_are_grouped_by_rule_with_what_mends_them(mixed: Path, size: tuple[int, int]) -> None:
    async with running(mixed, size=size) as run:
        await problems(run)
        assert all(len(line) <= size[0] for line in run.dialog.split("\n"))
        rows = [line for line in run.dialog.split("\n") if "CUR0" in line and "━" in line]
        assert [row.split()[-2] for row in rows] == ["4", "1", "1"]
        assert "extra top-level key" in rows[0]
        assert "what stands under these keys is lost" in run.words
        await run.press("j", "j")
        await run.asked("drop blank lines (safe)")
        await run.press("G", "enter")
        await run.asked("11 examples: 50 or more are advised")


async def test_a_group_is_walked_and_left(mixed: Path) -> None:
    async with running(mixed, size=WIDE) as run:
        await run.audited()
        await run.go_to(3)
        await problems(run)
        await run.press("enter")
        assert run.records.cursor == 4
        assert "walking CUR009: extra top-level key, 4 of 4 left" in run.text_of(run.main.title_bar)
        await run.press("]")
        assert run.records.cursor == 7
        await run.press("[", "[")
        assert run.records.cursor == 1
        await run.press("[")
        await run.said("No CUR009 problem before this line.")
        await run.press("escape", "]")
        assert "walking" not in run.text_of(run.main.title_bar)
        assert run.records.cursor == 3


async def test_the_walk_goes_on_when_its_record_is_mended(mixed: Path) -> None:
    async with running(mixed, size=WIDE) as run:
        await problems(run)
        await run.press("enter")
        assert run.records.cursor == 1
        await run.press("!")
        await run.asked("remove keys that the format does not know (look first)")
        await run.press("k", "enter")
        await run.asked("this record")
        await run.press("enter")
        await run.asked("1 record changes.")
        await run.press("enter")
        await run.until(lambda: run.records.cursor == 4, "for the next one")
        assert "3 of 4 left" in run.text_of(run.main.title_bar)
        assert b"note" not in run.lines[1]


async def test_a_group_is_fixed_as_one_step(mixed: Path) -> None:
    before = mixed.read_bytes()
    async with running(mixed, size=WIDE) as run:
        await problems(run)
        await run.press("!")
        await run.asked("excuse all of them")
        await run.press("k", "enter")
        await run.asked("4 records change. Enter does it, u takes it back.")
        assert "key, note" in run.words
        await run.press("enter")
        assert run.titles == ["fix 4 records: unknown-keys"]
        await run.said("No CUR009")
        assert run.app.session.totals.findings["CUR009"] == 0
        await run.press("u")
        assert b"".join(run.lines) == before
        await run.until(lambda: run.app.session.totals.findings["CUR009"] == 4)
    assert mixed.read_bytes() == before


async def test_only_a_group_is_listed_until_it_is_left(mixed: Path) -> None:
    async with running(mixed, size=WIDE) as run:
        await problems(run)
        await run.press("f")
        assert len(run.app.session) == 4
        await run.press("]", "]")
        assert b"question 8" in run.app.session.record(run.records.cursor).line
        await run.press("escape")
        assert len(run.app.session) == 12
        assert run.records.cursor == 7


async def test_a_record_is_excused_by_a_tag(mixed: Path) -> None:
    async with running(mixed, size=WIDE) as run:
        await run.audited()
        await run.go_to(2)
        await run.press("!")
        await run.asked("excuse #2")
        await run.press("enter")
        await run.said("#2 excused from CUR009")
        assert run.app.session.standing(1).tags == ("ignore:CUR009",)
        await problems(run)
        assert next(line for line in run.dialog.split("\n") if "CUR009" in line).split()[-2] == "3"


async def test_a_rule_is_turned_off_and_on(mixed: Path) -> None:
    async with running(mixed) as run:
        await problems(run)
        await run.press("x")
        await run.until(lambda: "off" in run.dialog and run.app.session.complete)
        assert run.app.session.totals.findings["CUR009"] == 0
        row = next(number for number, line in enumerate(run.dialog.split("\n")) if "CUR009" in line)
        assert "off" in run.dialog.split("\n")[row]
        await run.press("G", "x")
        await run.until(lambda: run.app.session.totals.findings["CUR009"] == 4)


async def test_causes_stand_below_their_rule_and_are_walked_alone(tmp_path: Path) -> None:
    keys = ["note", "mood", "note", "mood", "note"]
    path = write(tmp_path / "keys.jsonl", [chat(f"why {n}?", f"So {n}.", **{key: n}) for n, key in enumerate(keys)])
    async with running(path) as run:
        await problems(run)
        await run.asked("the key `mood` is extra")
        rows = [line.split() for line in run.dialog.split("\n") if "extra" in line and "━" in line]
        assert [row[-2] for row in rows] == ["5", "3", "2"]
        await run.press("j", "j")
        await run.asked("For example #2: ")
        await run.press("enter", "]")
        assert run.records.cursor == 3
        assert "CUR009 2/2" in run.text_of(run.main.title_bar)
        await run.press("[", "[")
        await run.said("No CUR009 problem before this line.")
