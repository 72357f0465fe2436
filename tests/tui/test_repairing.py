"""Lines and files that are not JSON Lines: what is offered, and what comes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from piloting import NARROW, WIDE, chat, running, write

RECORDS = [chat(f"question {n}", f"answer {n}") for n in range(1, 4)]


@pytest.fixture
def array(tmp_path: Path) -> Path:
    path = tmp_path / "array.json"
    path.write_text(json.dumps(RECORDS, indent=2))
    return path


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_an_array_is_offered_as_records(array: Path, size: tuple[int, int]) -> None:
    before = array.read_bytes()
    async with running(array, size=size) as run:
        await run.asked("Repair this file?")
        assert "array.json is one JSON array of 3 records, laid out over" in run.words
        assert "stays as it is" in run.words
        await run.press("enter")
        await run.until(lambda: run.app.others)
    assert run.app.others == (array.with_name("array.repaired.jsonl"),)
    assert [json.loads(line) for line in run.app.others[0].read_text().splitlines()] == RECORDS
    assert array.read_bytes() == before


async def test_the_file_can_be_looked_at_as_it_is(array: Path) -> None:
    async with running(array, size=WIDE) as run:
        await run.asked("Repair this file?")
        await run.press("escape")
        await run.until(lambda: run.app.screen is run.main)
        await run.audited()
        assert run.app.screen is run.main
    assert list(array.parent.glob("*.jsonl")) == []
    assert not run.app.others


async def test_a_repaired_file_that_is_there_is_opened_and_never_replaced(array: Path) -> None:
    there = write(array.with_name("array.repaired.jsonl"), RECORDS[:1])
    async with running(array, size=WIDE) as run:
        await run.asked("is there already")
        await run.press("r")
        await run.until(lambda: run.app.others)
    assert run.app.others == (array.with_name("array.repaired-2.jsonl"),)
    async with running(array, size=WIDE) as run:
        await run.asked("is there already")
        await run.press("o")
        await run.until(lambda: run.app.others)
    assert run.app.others == (array.with_name("array.repaired-2.jsonl"),)
    assert len(there.read_bytes().splitlines()) == 1


async def test_guesses_are_shown_and_may_be_declined(tmp_path: Path) -> None:
    path = write(tmp_path / "some.jsonl", [RECORDS[0], '{"a": NaN,}', '{"a": "C:\\work"}', "{'a': 1}", "{'a': 2}"])
    async with running(path, size=WIDE) as run:
        await run.asked("Repair this file?")
        await run.press("g")
        await run.asked("2 guesses.")
        assert "line 2: NaN or Infinity written as null" in run.words
        await run.press("escape")
        await run.asked("Repair this file?")
        await run.press("g")
        await run.asked("2 guesses.")
        await run.press("enter")
        await run.until(lambda: run.app.others)
    lines = run.app.others[0].read_text().splitlines()
    assert lines[1:] == ['{"a": null}', '{"a": "C:\\\\work"}', '{"a": 1}', '{"a": 2}']


async def test_a_line_is_repaired_as_an_edit_that_can_be_undone(tmp_path: Path) -> None:
    broken = "{'messages': [{'role': 'user', 'content': 'hi'}]}"
    path = write(tmp_path / "some.jsonl", [*RECORDS, broken])
    async with running(path, size=WIDE) as run:
        await run.said("1 line is not JSON")
        await run.go_to(4)
        await run.press("exclamation_mark")
        await run.asked("#4 can be repaired. Only one reading is left.")
        await run.press("enter")
        await run.until(lambda: run.app.screen is run.main)
        assert json.loads(run.lines[3]) == {"messages": [{"role": "user", "content": "hi"}]}
        assert run.titles == ["repair #4"]
        await run.press("u")
        assert run.lines[3] == f"{broken}\n".encode()
    assert path.read_bytes().endswith(f"{broken}\n".encode())


async def test_a_line_that_cannot_be_repaired_says_why(tmp_path: Path) -> None:
    path = write(tmp_path / "some.jsonl", [*RECORDS, '{"a": oops}', '{"a": 1}{"a": 2}'])
    async with running(path, size=WIDE) as run:
        await run.audited()
        await run.go_to(4)
        await run.press("exclamation_mark")
        await run.said("There is no saying what this line should be: a value is expected")
        await run.go_to(5)
        await run.press("exclamation_mark")
        await run.said("This line holds 2 records")
        await run.go_to(1)
        assert not run.main.check_action("mend", ())


async def test_the_palette_offers_to_repair_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "some.jsonl", [*RECORDS, "{'a': 1}"])
    async with running(path, size=WIDE) as run:
        await run.audited()
        await run.app.run_action("screen.repair_file")
        await run.asked("Repair this file?")
        await run.press("escape")
    sound = write(tmp_path / "sound.jsonl", RECORDS)
    async with running(sound, size=WIDE) as run:
        await run.audited()
        await run.app.run_action("screen.repair_file")
        await run.said("there is nothing that can be repaired")
