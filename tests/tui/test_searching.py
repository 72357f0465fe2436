"""Search in the program: matches one by one, counted, marked, listed alone; and what is copied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from piloting import WIDE, Driven, chat, running, write

from curator.tui.item_cursor import Place


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Forty records; `lamp` in every tenth, twice in the twentieth; one is long."""
    records = [chat(f"question {n}", f"answer {n}") for n in range(1, 41)]
    records[9] = chat("a LAMP here", "no")
    records[19] = chat("dark", "a lamp\n" + "line\n" * 200 + "and another lamp at the end")
    records[29] = chat("caf\u00e9", "the lamp")
    return write(tmp_path / "forty.jsonl", records)


async def search(run: Driven, typed: str) -> None:
    await run.press("slash")
    await run.type(typed)
    await run.press("enter")


async def at(run: Driven, number: int, words: str = "") -> None:
    """Wait until the cursor is on a record and the bar says something."""
    await run.until(
        lambda: run.records.cursor == number - 1 and words in run.text_of(run.main.search_bar),
        f"for #{number} and {words!r}, cursor {run.records.cursor + 1}, {run.text_of(run.main.search_bar)}",
    )


def here(run: Driven) -> str:
    """What the match that was gone to reads, as far as it is drawn on its first line."""
    style = run.reader._style("match-here")
    return "".join(
        segment.text
        for strip in run.strips(run.reader)
        for segment in strip
        if segment.style and segment.style.bgcolor == style.bgcolor
    )


async def test_matches_are_gone_to_one_by_one_and_round(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await search(run, "lamp")
        await at(run, 10, "1 of 4 matches in 3 records")
        await run.until(lambda: here(run) == "LAMP")
        await run.press("n")
        await at(run, 20, "2 of 4 matches")
        await run.until(lambda: here(run) == "lamp")
        top = run.reader.top
        await run.press("n")
        await at(run, 20, "3 of 4 matches")
        await run.until(lambda: run.reader.top > top and here(run) == "lamp")
        await run.press("n")
        await at(run, 30, "4 of 4 matches")
        await run.press("n")
        await at(run, 10, "1 of 4 matches")
        await run.said("From the first record on.")
        await run.press("ctrl+n")
        await at(run, 30, "4 of 4")
        await run.press("ctrl+n")
        await at(run, 20, "3 of 4 matches")
        await run.until(lambda: here(run) == "lamp" and run.reader.top > 100)
        await run.press("ctrl+n")
        await at(run, 20, "2 of 4 matches")


async def test_the_list_marks_what_is_found_in_it(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await search(run, "lamp")
        await at(run, 10)
        assert run.main._entry(9).preview[slice(*run.main._entry(9).found[0])] == "LAMP"
        await run.press("escape", "escape")
        assert not run.main._entry(9).found
        assert not run.main.search_bar.display


async def test_a_regular_expression_in_one_role(data: Path) -> None:
    async with running(data) as run:
        await search(run, "user:/caf./")
        await at(run, 30, "1 of 1 match in 1 record")
        await search(run, "user:the lamp")
        await run.said("Nothing matches")
        assert run.records.cursor == 29


async def test_what_was_found_is_listed_alone(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await search(run, "lamp")
        await at(run, 10, "4 matches in 3 records")
        await run.press("ampersand")
        await run.until(lambda: len(run.app.session) == 3)
        await run.press("ampersand")
        await run.until(lambda: len(run.app.session) == 40)
        assert run.records.cursor == 9


async def test_what_was_found_is_listed_in_the_order_and_within_the_filter_that_are_in_force(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await run.audited()
        view = run.app.session.listing
        await run.press("o", "9", "9", "enter")
        await run.until(lambda: view.view.order_title == "bytes")
        await search(run, "lamp")
        await run.until(lambda: "4 matches in 3 records" in run.text_of(run.main.search_bar))
        await run.press("ampersand")
        await run.until(lambda: len(run.app.session) == 3)
        assert view.view.order_title == "bytes"
        await run.press("ampersand")
        await run.until(lambda: len(run.app.session) == 40)
        assert view.view.order_title == "bytes"
        await run.press("O", "f")
        await run.burst("messages = 2 or messages = 3", "enter")
        await run.until(lambda: view.view.title == "messages = 2 or messages = 3")
        before = len(run.app.session)
        await run.press("ampersand")
        await run.until(lambda: len(run.app.session) == 3)
        assert view.view.title == '(messages = 2 or messages = 3) and any~"lamp"'
        await run.press("ampersand")
        await run.until(lambda: len(run.app.session) == before)
        assert view.view.title == "messages = 2 or messages = 3"


async def test_a_fault_is_told_while_it_is_typed_and_history_comes_back(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await search(run, "lamp")
        await run.press("slash")
        await run.type("/(x/")
        line = run.main.search_line
        await run.until(lambda: "not understood" in str(line._hint.content))
        await run.press("enter")
        assert line.display
        await run.press("up")
        assert line._editor.text_stored == "lamp"
        await run.press("escape")
        assert not line.display
        assert run.records.has_focus


async def test_edited_records_are_found_as_they_are(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        session = run.app.session
        session.editor.rewrite(session.record(2), json.dumps(chat("zebra", "x")).encode(), "rewrite")
        session.editor.rewrite(session.record(9), json.dumps(chat("dark", "x")).encode(), "rewrite")
        await search(run, "zebra")
        await at(run, 3, "1 of 1 match in 1 record")
        await search(run, "lamp")
        await at(run, 20, "1 of 3 matches")


async def test_replacing_begins_with_what_was_searched(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await search(run, "lamp")
        await at(run, 10, "4 matches")
        await run.press("percent_sign", "enter")
        await run.asked("Find:")
        assert "lamp" in run.dialog


async def test_what_is_nowhere_is_told(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await search(run, "no such word at all")
        await run.said("Nothing matches")
        assert run.reader._place == Place(0, 0)


async def test_searches_of_other_days_come_back(data: Path) -> None:
    async with running(data) as run:
        await search(run, "a lamp")
        await search(run, "lamp")
    async with running(data) as run:
        await run.press("slash")
        await run.type("x")
        await run.press("up", "up")
        line = run.main.search_line._editor
        assert line.text_stored == "a lamp"
        await run.press("down", "down")
        assert line.text_stored == "x"
        await run.press("escape", "n")
        await at(run, 10, "1 of 4 matches")


async def test_names_declared_tools_and_other_keys_are_found_and_marked(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "find_bus", "arguments": '{"to": "Ly\\u00f6n"}'}}
    tool = {"type": "function", "function": {"name": "book", "description": "Books\na seat."}}
    says = [{"role": "user", "content": "Hi"}, {"role": "assistant", "tool_calls": [call]}]
    records = [chat("x", "y"), {"messages": says, "tools": [tool], "meta": {"page": 7.5, "of": 'a "quoted" word'}}]
    async with running(write(tmp_path / "a.jsonl", records), size=WIDE) as run:
        for typed, marked in (
            ("find_bus", "find_bus"),
            ("lyön", "Lyön"),
            ("tools:seat", "seat"),
            ("books", "Books"),
            ("keys:7.5", "7.5"),
            ('"quoted', '\\"quoted'),
        ):
            await run.press("g")
            await search(run, typed)
            await at(run, 2, "1 of 1 match in 1 record")
            await run.until(lambda marked=marked: here(run) == marked, f"for {marked}: {here(run)}")
        await search(run, "text:seat")
        await run.said("Nothing matches")


async def test_a_match_in_a_folded_message_unfolds_it_alone(tmp_path: Path) -> None:
    long = "\n".join(f"line {n}" for n in range(30))
    path = write(tmp_path / "a.jsonl", [chat(f"{long}\nlamp and lamp", f"lamp\n{long}", "no lamp")])
    async with running(path, size=WIDE) as run:
        await run.press("tab", "z")
        await search(run, "lamp")
        await at(run, 1, "1 of 4 matches")
        await run.until(lambda: here(run) == "lamp")
        shown = run.text_of(run.reader)
        assert "line 29" in shown
        assert shown.count("… more; z unfolds") == 1
        await run.press("tab", "z", "z")
        assert "… more, with 2 matches; n and z unfold" in run.text_of(run.reader)
        await run.press("n")
        await at(run, 1, "2 of 4 matches")
        await run.press("n", "n")
        await at(run, 1, "4 of 4 matches")
        await run.press("z", "z", "ctrl+n", "ctrl+n")
        await at(run, 1, "2 of 4 matches")
        assert "line 29" in run.text_of(run.reader)


async def test_in_a_sorted_list_matches_are_gone_to_in_its_order(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await run.audited()
        await run.press("o", "9", "enter")
        await run.until(lambda: run.app.session.listing.view.ordered is not None, "for the order")
        await run.press("g")
        await search(run, "lamp")
        positions = []
        for number in range(1, 5):
            await run.until(lambda number=number: f"{number} of 4 matches" in run.text_of(run.main.search_bar))
            positions.append(run.records.cursor)
            await run.press("n")
        assert positions == sorted(positions)
        assert len(set(positions)) == 3
        await run.said("From the first record on.")


async def test_what_is_laid_out_otherwise_than_it_is_spelt_is_told(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "go", "arguments": '{"to":"Lyon","on":"Monday"}'}}
    says = [{"role": "user", "content": "Hi"}, {"role": "assistant", "tool_calls": [call]}]
    async with running(write(tmp_path / "a.jsonl", [chat("x", "y"), {"messages": says}])) as run:
        await search(run, '"to":"lyon"')
        await search(run, '/to":"Lyon/')
        await at(run, 2, "1 match in 1 record")
        await run.said("What matches in #2 is laid out otherwise than it is spelt; v shows its JSON.")


async def test_the_list_shows_what_is_found_while_it_is_marked(data: Path) -> None:
    async with running(data, size=WIDE) as run:
        await search(run, "another lamp")
        await at(run, 20, "1 of 1 match")
        assert run.main._entry(19).preview == "…line⏎line⏎line⏎and another lamp at the end"
        assert run.main._entry(18).preview == "question 19"
        await run.press("escape", "escape")
        assert run.main._entry(19).preview == "dark"
