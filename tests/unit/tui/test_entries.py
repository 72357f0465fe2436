"""What the list shows of a line, before and after the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curator.engine.executors import InlineExecutor
from curator.records.dialects import DIALECTS
from curator.records.searching import Search
from curator.session import Session
from curator.settings import Settings
from curator.tui.entries import PREVIEW_CELLS, entry_of
from curator.tui.match_preview import around_match
from curator.tui.widgets.record_list import Entry


def chat(user: Any, assistant: str = "Hello", **keys: Any) -> str:
    messages = [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return json.dumps({"messages": messages, **keys})


LINES = [
    chat("Hi\tthere\nyou"),
    "",
    "{not json",
    chat("No answer", ""),
    '{"messages": []}',
    chat("long " * 1000, "x " * 300),
    chat("\x1b]52;c;aGk=\x07 \u202e evil"),
    chat("x" * 200_000),
    "42",
]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(LINES))
    opened = Session([path], Settings(context_length=1000))
    opened.data.sources[0].index.finish()
    yield opened
    opened.close()


def audited(session: Session) -> list[Entry]:
    for _ in session.audit(InlineExecutor(), 1):
        pass
    return [entry_of(session, position) for position in range(len(LINES))]


def test_before_the_audit_only_the_words_are_there(session: Session) -> None:
    for position in range(len(LINES)):
        entry = entry_of(session, position)
        assert entry[:4] == ("waiting", "", "", False)
    assert entry_of(session, 0).preview == "Hi there⏎you"


def test_after_the_audit_flags_and_figures_are_there(session: Session) -> None:
    entries = audited(session)
    assert entries[0].flag == "fine"
    assert entries[0].turns == "1"
    assert entries[0].tokens == f"{session.row(0).tokens:,}"  # type: ignore[union-attr]
    assert entries[1] == Entry("blank", "", "", False, "blank line", number=2)
    assert entries[2] == Entry("error", "", "", False, "{not json", number=3)
    assert entries[4].flag == "error"
    assert entries[8].flag == "error"


def test_a_record_over_the_limit_is_an_error(session: Session) -> None:
    entry = audited(session)[5]
    assert (entry.flag, entry.over) == ("error", True)


def test_a_warning_is_less_than_an_error(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(chat("Hi").encode() + b"\r\n")
    opened = Session([path], Settings())
    for _ in opened.audit(InlineExecutor(), 1):
        pass
    assert entry_of(opened, 0).flag == "warning"
    opened.close()


def test_words_are_one_safe_line(session: Session) -> None:
    for entry in audited(session):
        assert entry.preview.isprintable()
        assert len(entry.preview) <= PREVIEW_CELLS
    assert "␛]52;c;aGk=␇" in entry_of(session, 6).preview
    assert entry_of(session, 7).preview.startswith("xxx")


def test_a_line_that_the_file_no_longer_holds_is_told(session: Session) -> None:
    audited(session)
    session.data.sources[0].path.write_bytes(b"")
    assert entry_of(session, 3) == Entry("error", "", "", False, "cannot be read any more", number=4)


def test_a_record_that_matches_is_told_by_the_words_around(tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    early, late = "A lamp", "Not this one, nor that,\nbut a  LAMP\n and lamp"
    lines = [
        chat("no", early),
        chat(late),
        chat("none"),
        chat("x" * 70_000 + " lamp"),
        "{lamp",
        "",
        chat("y " * 400_000 + "lamp"),
    ]
    path.write_text("\n".join(lines))
    opened = Session([path], Settings())
    opened.data.sources[0].index.finish()
    found = [entry_of(opened, position, Search("lamp")) for position in range(len(lines))]
    assert [entry.preview[:30] for entry in found[:3]] == ["A lamp", "…nor that,⏎but a LAMP and lamp", "none"]
    assert [[entry.preview[low:high] for low, high in entry.found] for entry in found] == [
        ["lamp"],
        ["LAMP", "lamp"],
        [],
        ["lamp"],
        ["lamp"],
        [],
        [],
    ]
    assert found[3].preview == "…" + "x" * 19 + " lamp"
    shared = [{"role": "system", "content": "lamp 1"}, {"role": "user", "content": "no"}]
    line = json.dumps({"messages": [*shared, {"role": "assistant", "content": "lamp 2"}], "tools": ["lamp 3"]})
    for search, preview in ((Search("lamp"), "lamp 2"), (Search("lamp 1"), "lamp 1"), (Search("lamp 3"), '"lamp 3"')):
        around = around_match(line.encode(), DIALECTS[0], search, only=False)
        assert around is not None
        assert around[0] == preview
    user_only = Search("lamp", roles=frozenset(("user",)))
    assert not entry_of(opened, 0, user_only).found
    opened.close()
