"""The reader's cursor: which item it is on, what is drawn when it moves, and that it stays through changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from piloting import NARROW, WIDE, Driven, chat, running, write

from curator.tui.conversation_layout import Item
from curator.tui.widgets import conversation_view
from curator.tui.widgets.conversation_view import MARKER


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A record of short messages, a long one among them, with tools and other keys; and a second record."""
    texts = ["one", "two", "\n".join(f"line {n}" for n in range(60)), "four", "five"]
    return write(tmp_path / "talk.jsonl", [chat(*texts, tools=[{"name": "find"}], source=7), chat("other", "record")])


def marked(run: Driven) -> list[tuple[int, str]]:
    """The lines that carry the marker."""
    return [(y, text[1:].strip()) for y, text in enumerate(run.texts(run.reader)) if text.startswith(MARKER)]


def said(run: Driven) -> str:
    """The first words at the marker, the figures left out."""
    (one,) = marked(run)
    return one[1].split("  ")[0]


@pytest.mark.parametrize(
    ("keys", "item"),
    [
        ("", Item("message", 0)),
        ("j", Item("message", 1)),
        ("j j", Item("message", 2)),
        ("2 j", Item("message", 2)),
        ("2 j k", Item("message", 1)),
        ("2 j 1 0 j", Item("message", 2)),
        ("9 9 j", Item("key", key="source")),
        ("9 9 j k", Item("tools")),
        ("G", Item("key", key="source")),
        ("G 2 k", Item("message", 4)),
        ("G g", Item("message", 0)),
        ("5 escape j", Item("message", 1)),
        ("5 z j", Item("message", 1)),
    ],
)
async def test_keys_move_the_cursor_over_items(talk: Path, keys: str, item: Item) -> None:
    async with running(talk) as run:
        await run.follows()
        await run.press("enter", *keys.split())
        assert run.reader.item == item
        assert len(marked(run)) == 1


async def test_a_long_message_is_scrolled_through_line_by_line(talk: Path) -> None:
    async with running(talk, size=NARROW) as run:
        await run.follows()
        await run.press("enter", "j", "j")
        assert marked(run)[0][0] == 0
        assert said(run) == "user"
        top, height = run.reader.top, run.reader.size.height
        lines = 61
        for n in range(1, lines - height + 1):
            await run.press("j")
            assert run.reader.top == top + n
        assert said(run) == f"line {lines - height - 1}"
        await run.press("j")
        assert run.reader.item == Item("message", 3)
        await run.press("k")
        assert run.reader.item == Item("message", 2)
        assert run.reader.top == top
        assert run.texts(run.reader)[0].startswith(f"{MARKER}user")


async def test_only_the_marker_is_drawn_when_nothing_scrolls(talk: Path) -> None:
    async with running(talk, size=WIDE) as run:
        await run.follows()
        await run.press("tab")
        drawn: list[Any] = []
        refresh = run.reader.refresh
        run.reader.refresh = lambda *regions, **keys: (drawn.append(regions), refresh(*regions, **keys))[1]  # type: ignore[method-assign]
        await run.press("j")
        assert [region.size for regions in drawn for region in regions] == [(1, 1), (1, 1)]
        assert len(drawn) == 2
        drawn.clear()
        await run.press("k", "k")
        assert len(drawn) == 2


async def test_pages_keep_the_cursor_on_screen(talk: Path) -> None:
    async with running(talk) as run:
        await run.follows()
        await run.press("enter")
        for key in ("ctrl+d", "ctrl+d", "pagedown", "pagedown", "pagedown", "pageup", "ctrl+u", "pageup", "pageup"):
            await run.press(key)
            assert len(marked(run)) == 1
        await run.press("pageup", "pageup")
        assert run.reader.item == Item("message", 0)
        await run.press(*["pagedown"] * 9)
        assert run.reader.item == Item("key", key="source")


async def test_the_marker_is_shown_where_the_keys_go(talk: Path) -> None:
    async with running(talk, size=WIDE) as run:
        await run.follows()
        assert not marked(run)
        await run.press("tab")
        assert len(marked(run)) == 1
        await run.press("tab")
        assert not marked(run)


async def test_raw_json_has_no_cursor_and_gives_it_back(talk: Path) -> None:
    async with running(talk, size=(80, 12)) as run:
        await run.follows()
        await run.press("enter", "G", "k", "k", "v")
        assert run.reader.item is None
        assert not marked(run)
        await run.press("j", "3", "j", "k")
        assert run.reader.top == 3
        await run.press("v")
        assert run.reader.item == Item("message", 4)
        assert len(marked(run)) == 1


async def test_folding_and_resizing_keep_the_item(talk: Path) -> None:
    async with running(talk) as run:
        await run.follows()
        await run.press("enter", "G", "3", "k")
        assert run.reader.item == Item("message", 3)
        for key in "zz":
            await run.press(key)
            assert run.reader.item == Item("message", 3)
            assert said(run) == "assistant"
        for size in ((40, 10), (200, 50), (80, 24)):
            await run.resize(*size)
            assert run.reader.item == Item("message", 3)
            assert said(run) == "assistant"


async def test_folding_inside_a_long_message_goes_to_its_start(talk: Path) -> None:
    async with running(talk) as run:
        await run.follows()
        await run.press("enter", "2", "j", "2", "0", "j", "z")
        assert run.reader.item == Item("message", 2)
        assert said(run) == "user"


async def test_another_record_begins_at_its_first_item(talk: Path) -> None:
    async with running(talk) as run:
        await run.follows()
        await run.press("enter", "3", "j", "greater_than_sign")
        await run.follows()
        assert run.reader.item == Item("message", 0)
        assert run.reader.top == 0


async def test_a_record_is_shown_anew_with_marks_and_at_an_item(talk: Path) -> None:
    async with running(talk, size=WIDE) as run:
        await run.follows()
        await run.press("tab", "j", "j")
        reader, record, report = run.reader, run.main.record, run.reader._report
        reader.show(record, report, tags={2: ("tone", "[/x]\x1b")}, edited={2})
        await run.pilot.pause()
        assert reader.item == Item("message", 2)
        assert "user  ~ edited  tags: tone, [/x]␛" in run.text_of(reader)
        reader.show(record, report, item=4)
        await run.pilot.pause()
        assert reader.item == Item("message", 4)
        assert reader.item_number == 4
        assert len(marked(run)) == 1
        assert "edited" not in run.text_of(reader)
        reader.show(record, report, item=99)
        assert reader.item == Item("key", key="source")
        reader.show(None, None)
        assert reader.item is None


async def test_figures_that_add_findings_keep_what_is_read_on_screen(project: Path) -> None:
    async with running(project / "samples" / "contrary.jsonl", size=(60, 12)) as run:
        await run.audited()
        await run.press("right_square_bracket", "enter")
        await run.follows()
        await run.press("G")
        report, record = run.reader._report, run.main.record
        run.reader.show(record, None)
        item, place = run.reader.item, marked(run)[0][0]
        assert run.reader.top > 0
        run.reader.show(record, report)
        assert run.reader.item == item
        assert marked(run)[0][0] == place


async def test_lines_that_are_no_conversation_scroll_without_a_cursor(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.jsonl", [{"odd": list(range(1000))}, "{broken" + "x" * 10_000])
    async with running(path) as run:
        await run.audited()
        for _ in range(2):
            await run.press("enter", "3", "j")
            assert run.reader.top == 3
            assert run.reader.item is None
            assert not marked(run)
            await run.press("ctrl+d", "G", "k", "g", "escape", "j")
            await run.until(lambda: "CUR033" in run.text_of(run.reader))


async def test_items_that_are_not_laid_out_yet_are_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "many.jsonl", [chat(*(f"message {n}" for n in range(5000)))])
    monkeypatch.setattr(conversation_view, "SLICE_SECONDS", 0)
    monkeypatch.setattr(conversation_view, "SLICE_PAUSE", 3600)
    async with running(path) as run:
        await run.follows()
        await run.press("enter", "3", "0", "0", "0", "j")
        assert run.reader.item == Item("message", 3000)
        assert not run.reader.complete
        assert "message 3000" in run.text_of(run.reader)
        await run.press("z")
        assert run.reader.item == Item("message", 3000)
        run.reader.show(run.main.record, None, item=4000)
        await run.pilot.pause()
        assert "message 4000" in run.text_of(run.reader)
