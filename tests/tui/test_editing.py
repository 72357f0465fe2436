"""Editing in place and in another editor: what is committed, what is refused, what is kept of what was not finished."""

from __future__ import annotations

import json
import signal
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from piloting import NARROW, WIDE, Driven, chat, running, write
from textual.app import App
from textual.widgets import OptionList

from curator.storage.journal import Journal, JournalError
from curator.tui.screens.choose import Choose
from curator.tui.screens.confirm import Confirm
from curator.tui.widgets import text_editor

CALL = {"id": "call_1", "type": "function", "function": {"name": "tide", "arguments": '{"harbour": "Skerrow"}'}}
WITH_CALL = {
    "messages": [
        {"role": "user", "content": "High water?"},
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"high": "01:12"}'},
        {"role": "assistant", "content": "At 01:12."},
    ],
}
BROKEN = ['{"messages": [', "", b'{"messages": "\xe9"}', "[1, 2]"]


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Three records, the second with a call, the third with other keys."""
    return write(tmp_path / "few.jsonl", [chat("one", "two", "three"), WITH_CALL, chat("a", "b", source={"page": 7})])


@contextmanager
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Drafts are kept sooner than they are for users."""
    with monkeypatch.context() as patch:
        patch.setattr(text_editor, "TYPED_AFTER", 0.05)
        yield


def header(run: Driven) -> str:
    return run.text_of(run.main.header)


async def read(run: Driven, number: int, item: int = 0) -> None:
    """Read a record, with the cursor on an item of it, from 0."""
    await run.go_to(number)
    await run.press("enter", *["j"] * item)


# Texts


@pytest.mark.parametrize("key", ["escape", "ctrl+s"])
async def test_a_message_is_edited_and_the_edit_taken_back(few: Path, key: str) -> None:
    before = few.read_bytes()
    async with running(few, size=WIDE) as run:
        await read(run, 1, 1)
        await run.press("e")
        assert run.main.editor.has_focus
        assert "edit message 2 of #1" in header(run)
        await run.type("Well, q: u\tx\n")
        await run.until(lambda: "(+" in header(run), "for figures")
        await run.press(key)
        assert run.reader.has_focus
        assert json.loads(run.lines[0])["messages"][1]["content"] == "Well, q: u\tx\ntwo"
        assert run.lines[0] == before.splitlines(keepends=True)[0].replace(b'"two"', b'"Well, q: u\\tx\\ntwo"')
        assert "1 edited" in run.text_of(run.main.title_bar)
        await run.follows()
        assert run.reader.item is not None
        assert run.reader.item.message == 1
        await run.press("u")
        assert b"".join(run.lines) == before
        await run.press("ctrl+r")
        assert run.titles == ["edit message 2 of #1"]
    assert few.read_bytes() == before


async def test_an_edited_record_of_several_files_is_named_by_its_line(few: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.jsonl", [chat("x", "y")])
    async with running(few, other, size=WIDE) as run:
        await run.press("j", "j", "e", "X", "escape", "escape")
        await run.until(lambda: header(run).split()[0] == "few.jsonl:3" and "edited" in header(run))
        await run.press("equals_sign")
        await run.until(lambda: header(run).split()[0] == "few.jsonl:new")


async def test_what_was_not_changed_makes_no_journal(few: Path) -> None:
    async with running(few) as run:
        await read(run, 1)
        await run.press("e", "escape", "e", "x", "backspace", "escape", "v", "e", "escape")
        assert run.reader.has_focus
    assert [one.name for one in few.parent.iterdir()] == ["few.jsonl"]


async def test_the_totals_follow_an_edit(few: Path) -> None:
    async with running(few, size=WIDE) as run:
        await run.audited()
        tokens = run.app.session.totals.tokens
        await run.press("e")
        await run.type("more and more words ")
        await run.press("escape")
        await run.until(lambda: run.app.session.totals.tokens > tokens)
        await run.press("u")
        await run.until(lambda: run.app.session.totals.tokens == tokens)


async def test_a_hostile_text_comes_back_as_it_was(tmp_path: Path) -> None:
    text = "\x1b]52;c;aGk=\x07 \u202e ⟨U+200B⟩\u200b ␛\r\n end"
    path = write(tmp_path / "hostile.jsonl", [json.dumps(chat(text, "x\ud800y"))])
    async with running(path) as run:
        await read(run, 1)
        await run.press("e", "X", "escape")
        assert json.loads(run.lines[0])["messages"][0]["content"] == f"X{text}"
        await run.press("j", "e", "Y", "escape")
        assert json.loads(run.lines[0])["messages"][1]["content"] == "Yx\ud800y"


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_editor_takes_a_narrow_screen_and_gives_it_back(few: Path, size: tuple[int, int]) -> None:
    async with running(few, size=size) as run:
        await run.follows()
        await run.press("e")
        assert run.records.display == (size == WIDE)
        assert not run.reader.display
        assert run.main.editor.size.height > size[1] - 8
        await run.press("escape")
        assert run.reader.has_focus
        await run.press("escape")
        assert run.records.display
        assert run.records.has_focus


# JSON


async def edit_arguments(run: Driven) -> None:
    """Open the editor on the arguments of the second record's call."""
    await read(run, 2, 1)
    await run.press("e")
    assert "arguments of the call (tide)" in run.dialog
    await run.press("enter")
    assert run.main.editor.text_stored == '{"harbour": "Skerrow"}'


async def test_arguments_are_checked_as_they_are_typed(few: Path) -> None:
    async with running(few, size=WIDE) as run:
        await edit_arguments(run)
        await run.press("end", "backspace")
        await run.until(lambda: "✗ not JSON" in header(run))
        await run.type(', "day": 1}')
        await run.until(lambda: "✗" not in header(run))
        await run.press("escape")
        call = json.loads(run.lines[1])["messages"][1]["tool_calls"][0]
        assert call["function"]["arguments"] == '{"harbour": "Skerrow", "day": 1}'


async def test_what_is_no_json_is_refused_once_and_then_kept_as_a_draft(few: Path) -> None:
    async with running(few) as run:
        await edit_arguments(run)
        await run.press("x", "escape")
        assert run.main.editor.has_focus
        await run.said("Mend it, or leave again: it is then kept as a draft.")
        await run.press("y", "escape")
        assert run.main.editor.has_focus
        await run.press("escape")
        assert run.reader.has_focus
        assert run.titles == []
        await run.press("ctrl+q")
    async with running(few) as run:
        await run.asked("An edit was not finished.")
        assert 'xy{"harbour": "Skerrow"}' in run.dialog
        await run.press("e")
        assert run.main.editor.text_stored == 'xy{"harbour": "Skerrow"}'
        await run.press("delete", "delete", "escape", "escape")
        assert run.titles == []
    async with running(few) as run:
        assert run.app.screen is run.main


async def test_the_name_of_a_call_is_edited(few: Path) -> None:
    async with running(few) as run:
        await read(run, 2, 1)
        await run.press("e", "k", "enter", "x", "escape")
        assert json.loads(run.lines[1])["messages"][1]["tool_calls"][0]["function"]["name"] == "xtide"


async def test_another_key_is_edited_as_json(few: Path) -> None:
    async with running(few, size=WIDE) as run:
        await read(run, 3, 2)
        await run.press("e")
        assert run.main.editor.text_stored == '{\n  "page": 7\n}'
        await run.press("down", "end", "5")
        await run.press("escape")
        assert json.loads(run.lines[2])["source"] == {"page": 75}
        assert run.titles == ["edit `source` of #3"]


async def test_the_record_is_edited_as_json_with_findings_as_one_types(few: Path) -> None:
    async with running(few, size=WIDE) as run:
        await read(run, 1)
        await run.press("v", "e")
        assert "edit the JSON of #1" in header(run)
        text = run.main.editor.text
        run.main.editor.load_text(text.replace('"user"', '"usher"', 1))
        await run.until(lambda: "✗" in header(run) and "usher" in header(run), "for the finding")
        await run.press("escape")
        assert json.loads(run.lines[0])["messages"][0]["role"] == "usher"
        assert len(run.lines[0].splitlines()) == 1
        await run.press("u")
        assert run.lines[0] == few.read_bytes().splitlines(keepends=True)[0]


async def test_what_would_be_lost_is_said_before_it_happens_and_kept(tmp_path: Path) -> None:
    messages = '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]'
    line = f'{{"n": 1, "n": 123456789012345678901, "messages": {messages}}}'
    path = write(tmp_path / "odd.jsonl", [line])
    async with running(path) as run:
        await read(run, 1)
        await run.press("e")
        await run.said("that stays as it is")
        await run.press("x", "escape")
        assert run.lines[0].decode() == line.replace('"a"', '"xa"') + "\n"


async def test_lines_that_are_no_conversations(tmp_path: Path) -> None:
    path = write(tmp_path / "broken.jsonl", [chat("a", "b"), *BROKEN])
    async with running(path, size=WIDE) as run:
        await read(run, 2)
        await run.press("e")
        assert run.main.editor.text_stored == '{\n  "messages": ['
        await run.press("down", "end", "right_square_bracket", "right_curly_bracket", "escape")
        assert run.lines[1] == b'{"messages": []}\n'
        await run.press("u")
        await read(run, 3)
        await run.press("e")
        assert run.main.editor.has_focus
        await run.type('{"a": 1}')
        await run.press("escape")
        assert run.lines[2] == b'{"a":1}\n'
        await read(run, 4)
        await run.press("e")
        await run.said("is not UTF-8")
        assert not run.main.editor.display
        await read(run, 5)
        for key in ("d", "R", "W", "J", "i", "s", "M", "E"):
            await run.press(key, "escape")
        assert run.lines[4] == b"[1, 2]\n"


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a script the user's own editor; the screen stays, as there is none to suspend."""

    @contextmanager
    def suspend(_: App[Any]) -> Iterator[None]:
        yield

    def make(script: str) -> None:
        path = tmp_path / "bin" / "editor"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", str(path))
        monkeypatch.setattr(App, "suspend", suspend)

    return make


async def test_a_long_text_is_edited_in_the_users_own_editor(tmp_path: Path, editor: Callable[[str], None]) -> None:
    path = write(tmp_path / "long.jsonl", [chat("word " * 20_000, "b")])
    editor('printf %s "shorter" > "$1"')
    async with running(path) as run:
        await read(run, 1)
        await run.press("e")
        await run.said("E opens $EDITOR")
        assert not run.main.editor.display
        await run.press("E")
        assert json.loads(run.lines[0])["messages"][0]["content"] == "shorter"
        assert run.titles == ["edit message 1 of #1"]


async def test_what_another_editor_leaves_is_checked(few: Path, editor: Callable[[str], None]) -> None:
    editor('printf %s "{" > "$1"')
    async with running(few) as run:
        await read(run, 2, 1)
        await run.press("E", "enter")
        await run.said("Mend it here.")
        assert run.main.editor.text_stored == "{"
        await run.press("delete", "1", "escape")
        assert run.titles == ["edit message 2, arguments of the call (tide) of #2"]
        editor("exit 3")
        await run.press("E", "enter")
        await run.said("ended with exit code 3")


# A disk that is full


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, journals take nothing more."""

    def refuse(*_: object, **__: object) -> None:
        raise JournalError("The disk is full.")

    def begin() -> None:
        for name in ("append", "put_draft", "drop_draft"):
            monkeypatch.setattr(Journal, name, refuse)

    return begin


async def test_a_text_stays_in_the_editor_while_it_cannot_be_written(few: Path, full: Callable[[], None]) -> None:
    async with running(few) as run:
        await run.press("x", "u")
        await read(run, 1)
        await run.press("e")
        await run.type("New ")
        full()
        await run.press("escape")
        await run.said("The disk is full.")
        await run.press("escape", "escape")
        assert run.notices.count("The disk is full.") <= 1
        assert run.main.editor.has_focus
        assert run.main.editor.text_stored == "New one"
        await run.press("backspace", "backspace", "backspace", "backspace", "escape")
        assert run.reader.has_focus
        assert run.titles == []


async def test_json_that_is_not_finished_stays_in_the_editor_where_no_draft_can_be_kept(
    few: Path, full: Callable[[], None]
) -> None:
    async with running(few) as run:
        await run.press("x", "u")
        await read(run, 1)
        full()
        await run.press("v", "e", "x", "escape", "escape", "escape")
        assert run.main.editor.has_focus
        assert run.main.editor.text_stored.startswith("x{")


async def test_what_another_editor_leaves_is_not_lost(
    few: Path, full: Callable[[], None], editor: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor('printf %s "written" > "$1"')
    async with running(few) as run:
        await run.press("x", "u")
        await read(run, 1)
        full()
        await run.press("E")
        await run.said("The disk is full.")
        assert run.main.editor.text_stored == "written"
        await run.press("ctrl+a", "ctrl+k")
        await run.type("one")
        await run.press("escape")
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        long = "word " * 20_000
        editor(f'printf "%s" "{long}" > "$1"')
        await run.press("E")
        await run.said("It is too long to be edited here; it is in ")
        (kept,) = tmp_path.glob("curator-*.txt")
        assert kept.read_text() == long
        assert run.titles == []


# Messages


def roles(run: Driven, number: int = 1) -> str:
    """The roles of a record's messages, by their first letters."""
    return "".join(one["role"][0] for one in json.loads(run.lines[number - 1])["messages"])


async def test_messages_are_inserted_moved_deleted_and_given_to_others(few: Path) -> None:
    async with running(few, size=WIDE) as run:
        await read(run, 1, 2)
        await run.press("i")
        assert "New message 4, by" in run.dialog
        await run.press("enter")
        await run.type("four")
        await run.press("escape")
        await run.follows()
        assert roles(run) == "uaua"
        assert run.reader.item is not None
        assert run.reader.item.message == 3
        await run.press("g", "I", "G", "k", "k", "k", "enter")
        await run.type("be kind")
        await run.press("escape")
        assert roles(run) == "suaua"
        await run.follows()
        await run.press("g", "J")
        assert roles(run) == "usaua"
        await run.follows()
        await run.press("K")
        assert roles(run) == "suaua"
        await run.follows()
        await run.press("R", "enter")
        assert len(run.titles) == 4
        await run.press("R", "g", "enter")
        assert roles(run) == "uuaua"
        await run.follows()
        await run.press("j", "j", "W")
        assert json.loads(run.lines[0])["messages"][2]["weight"] == 0
        await run.until(lambda: "not trained" in run.text_of(run.reader))
        await run.press("W", "d")
        assert roles(run) == "uuua"
        await run.press(*["u"] * len(run.titles))
        assert b"".join(run.lines) == few.read_bytes()


async def test_a_message_that_is_given_up_is_not_inserted(few: Path) -> None:
    async with running(few) as run:
        await read(run, 1)
        await run.press("i", "enter", "escape", "i", "escape")
        assert run.titles == []
        assert run.reader.has_focus


async def test_what_a_deletion_leaves_incomplete_is_asked(few: Path) -> None:
    async with running(few) as run:
        await read(run, 2, 1)
        await run.press("d")
        assert "The result of tide loses its call." in run.dialog
        await run.press("escape")
        assert roles(run, 2) == "uata"
        await run.press("d", "d")
        assert roles(run, 2) == "uta"
        await run.press("u", "j", "d")
        assert "The call of tide loses its result." in run.dialog
        await run.press("enter")
        assert roles(run, 2) == "uaa"


async def test_where_a_message_cannot_go_is_said(few: Path) -> None:
    async with running(few) as run:
        await read(run, 1)
        await run.press("K")
        assert run.notices
        assert run.titles == []


async def test_a_new_message_goes_with_the_side_it_was_asked_for(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes((project / "samples" / "trl_preference.jsonl").read_bytes())
    async with running(path) as run:
        record = run.app.session.record(0)
        first = next(n for n, one in enumerate(record.conversation.messages) if one.pointer.startswith("/chosen"))
        await read(run, 1)
        await run.until(lambda: run.reader.complete)
        await run.press(*["j"] * 60)
        await run.until(lambda: run.reader.item is not None and run.reader.item.message >= first)
        while run.reader.item is not None and run.reader.item.message > first:
            await run.press("k")
        await run.press("I", "enter", "x", "escape")
        edited = json.loads(run.lines[0])
        assert edited["chosen"][0]["content"] == "x"


# Drafts


async def test_a_draft_is_offered_again_and_can_be_dropped(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with at_once(monkeypatch):
        async with running(few) as run:
            await read(run, 1)
            await run.press("i", "enter")
            await run.type("draft")
            await run.until(lambda: run.app.session.editor.drafts())
    for key, offered in (("escape", True), ("d", True), ("escape", False)):
        async with running(few) as run:
            await run.pilot.pause(0.05)
            assert isinstance(run.app.screen, Confirm) == offered
            assert ("new assistant message in #1" in run.dialog or "new user message in #1" in run.dialog) == offered
            await run.press(key)
            assert run.titles == []


async def test_a_draft_of_an_inserted_message_is_gone_on_with(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with at_once(monkeypatch):
        async with running(few) as run:
            await read(run, 1, 1)
            await run.press("I", "enter")
            await run.type("draft")
            await run.until(lambda: run.app.session.editor.drafts())
    async with running(few) as run:
        await run.asked("An edit was not finished.")
        await run.press("e")
        await run.until(lambda: run.main.editor.has_focus)
        assert run.main.editor.text_stored == "draft"
        await run.press("escape")
        assert len(json.loads(run.lines[0])["messages"]) == 4
        assert run.app.session.editor.drafts() == []


async def test_leaving_while_typing_keeps_what_was_typed(few: Path) -> None:
    async with running(few) as run:
        await read(run, 1)
        await run.press("e", "q", "q", "ctrl+q")
        assert run.app.return_code == 0
    async with running(few) as run:
        await run.asked("qqone")
        await run.press("e")
        run.app._on_signal(signal.SIGHUP)
        await run.pilot.pause()
        assert run.app.return_code == 129
    async with running(few) as run:
        await run.asked("qqone")
        await run.press("d")
        assert run.app.session.editor.drafts() == []


async def test_choosing_is_by_keys(few: Path) -> None:
    async with running(few) as run:
        await read(run, 1)
        await run.press("R")
        choose = run.app.screen
        assert isinstance(choose, Choose)
        for key, at in (("G", 5), ("k", 4), ("g", 0), ("j", 1)):
            await run.press(key)
            assert choose.query_one(OptionList).highlighted == at
        await run.press("q")
        assert run.titles == []
