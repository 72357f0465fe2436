"""Filters give the records that a plain look at each of them gives, edited ones as they are now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse
from curator.edits.labels import Verdict
from curator.edits.saving import plan_save
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.records.find_replace import Replacement, Search
from curator.session import Record, Row, Session, Standing
from curator.session.filtering import matching
from curator.session.saving import save
from curator.session.sweeping import figure_out, find_changes
from curator.settings import Settings

SETTINGS = Settings(workers=-1, accelerate=False, context_length=60)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_audit, "CHUNK_BYTES", (200,))
    monkeypatch.setattr(engine_audit, "LARGEST_CHUNK", 400)


def chat(number: int) -> bytes:
    said = [("user", f"cat {number}"), ("assistant", "dog " * (number % 30 + 1))] * (1 + number % 3)
    messages = [{"role": role, "content": content} for role, content in said]
    return json.dumps({"messages": messages, "meta": {"n": number}}).encode()


def settle(session: Session) -> None:
    """Let all figures follow."""
    while waiting := session.recount.waiting(100):
        from curator.analysis.chunk import analyse_bytes

        source, texts = waiting
        lines = b"".join(line for _, _, line in texts)
        session.recount.take(source, texts, analyse_bytes(lines, session.spec(source.opened)).columns, session.audits)
    while missing := session.recount.missing_layer():
        for _ in figure_out(session, *missing, InlineExecutor(), 1):
            pass
    session.recount.settle(1000)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    lines = [chat(number) for number in range(60)]
    lines[5], lines[6] = b"", b"{broken"
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    session = Session([path], SETTINGS)
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    yield session
    session.close()


def edit(session: Session) -> None:
    source = session.sources[0]
    session.editor.rewrite(session.record(10), chat(200), "rewrite")
    session.editor.duplicate(session.record(20))
    session.editor.drop({source: BitMap64([30, 31])}, "drop")
    replacement = Replacement(Search("cat 4", roles=frozenset(("user",))), "cow dog dog ")
    found = dict(find_changes(session, replacement, InlineExecutor(), 1))
    session.editor.sweep({source: next(iter(found.values()))}, replacement, "replace")
    session.editor.tag({source: BitMap64([3, 4, 40])}, "done", "tag")
    session.editor.review({source: BitMap64([4, 50])}, Verdict.ACCEPTED, "accept")
    settle(session)


Look = Callable[[Record, Row, Standing], bool]


def found(session: Session, text: str) -> set[int]:
    """What the filter finds, of what is to be seen."""
    *_, last = matching(session, parse(text), InlineExecutor(), 1)
    (records,) = last.values()
    return set(records - session.sources[0].edited.hidden)


def looked_at(session: Session, true: Look) -> set[int]:
    ids = set()
    for position in range(len(session)):
        record, row = session.record(position), session.row(position)
        assert row is not None
        if true(record, row, session.standing(position)):
            ids.add(record.place.id)
    return ids


def says(record: Record, text: str) -> bool:
    return any(text in message.text for message in record.conversation.messages)


CASES: dict[str, Look] = {
    "": lambda *_: True,
    "tokens > 40": lambda _, row, __: row.tokens > 40,
    "tokens != 40 and turns = 2": lambda _, row, __: row.tokens != 40 and row.turns == 2,
    "over": lambda _, row, __: row.over_context,
    "code:CUR010": lambda _, row, __: row.over_context,
    "code:CUR033": lambda record, *_: record.body == b"{broken",
    "malformed or blank": lambda record, *_: record.body in (b"{broken", b""),
    "text ~ cow": lambda record, *_: says(record, "cow"),
    "user ~ 'cat 4' and tokens < 60": lambda record, row, _: says(record, "cat 4") and row.tokens < 60,
    "not text ~ cat": lambda record, *_: not says(record, "cat"),
    "not (text ~ cat or tokens > 50)": lambda record, row, _: not says(record, "cat") and row.tokens <= 50,
    "meta.n >= 55": lambda record, *_: isinstance(record.value, dict) and record.value["meta"]["n"] >= 55,
    "tag:done": lambda _, __, standing: "done" in standing.tags,
    "tagged and not accepted": lambda _, __, standing: bool(standing.tags) and not standing.verdict,
    "reviewed": lambda _, __, standing: standing.verdict is not None,
    "edited": lambda _, __, standing: standing.edited and not standing.derived,
    "new": lambda record, *_: record.place.id >= 1 << 40,
    "source:*.jsonl": lambda *_: True,
    "source:b*": lambda *_: False,
    "dialect:openai-chat and role:assistant": lambda record, *_: bool(record.conversation.messages),
}


@pytest.mark.parametrize("state", ["as read", "edited", "saved", "edited after a save", "undone"])
def test_a_filter_finds_what_a_look_at_each_record_finds(session: Session, state: str) -> None:
    if state != "as read":
        edit(session)
    if "save" in state:
        save(session, session.sources[0], plan_save(session.sources[0].edited))
        session.sources[0].opened.index.finish()
        for _ in session.audit_more(InlineExecutor(), 1):
            pass
        settle(session)
    if state == "edited after a save":
        session.editor.rewrite(session.record(12), chat(100), "rewrite")
        session.editor.rewrite(session.record(44), chat(130), "rewrite")
        settle(session)
    if state == "undone":
        while session.editor.undo():
            pass
        settle(session)
    for text, true in CASES.items():
        assert found(session, text) == looked_at(session, true), text


def test_dropped_records_are_found_when_they_are_asked_for(session: Session) -> None:
    edit(session)
    *_, last = matching(session, parse("dropped"))
    assert set(next(iter(last.values()))) == {30, 31}


def test_findings_that_a_record_is_excused_from_are_not_found(session: Session) -> None:
    source = session.sources[0]
    *_, before = matching(session, parse("code:CUR009"), InlineExecutor(), 1)
    first, second = list(before[source])[:2]
    session.editor.tag({source: BitMap64([first])}, "ignore: CUR009", "excuse")
    *_, after = matching(session, parse("code:CUR009"), InlineExecutor(), 1)
    assert first not in after[source]
    assert second in after[source]
