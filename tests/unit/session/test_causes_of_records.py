"""Findings grouped by cause over files and over records as they are now."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap64

from curator.analysis.chunk import analyse_bytes
from curator.edits.saving import plan_save, write_copy
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.session import Session, causes
from curator.session.causes import Causes, causes_in_files, causes_now
from curator.session.saving import save
from curator.settings import Settings

SETTINGS = Settings(workers=-1, accelerate=False, dialect="openai-chat", context_length=40)
USER, ANSWER = {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}


def chat(*messages: Any, **keys: Any) -> bytes:
    return json.dumps({"messages": list(messages), **keys}).encode()


SOUND, NO_ANSWER, BAD_ROLE = chat(USER, ANSWER), chat(USER), chat({"role": "bot", "content": "Hi"}, ANSWER)
LONG = chat(USER, {"role": "assistant", "content": "tokenisation " * 60})
LINES = [SOUND, NO_ANSWER, SOUND, b"{oops", b"", NO_ANSWER, BAD_ROLE, LONG, SOUND, chat(USER, ANSWER, id=4)] * 3


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_audit, "CHUNK_BYTES", (300,))
    monkeypatch.setattr(engine_audit, "LARGEST_CHUNK", 300)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(LINES) + b"\n")
    opened = audited(path)
    opened.editor.open_journals()
    yield opened
    opened.close()


def audited(path: Path) -> Session:
    session = Session([path], SETTINGS)
    for _ in session.audit(InlineExecutor(), 1):
        pass
    return session


def now(session: Session) -> Causes:
    spec = session.spec(session.data.sources[0])
    looks = causes_now(session.sources, lambda _: spec, session.limit, InlineExecutor(), 1)
    return deque(looks, maxlen=1).pop()


def in_files(session: Session) -> Causes:
    spec = session.spec(session.data.sources[0])
    looks = causes_in_files(session.sources, lambda _: spec, session.limit, InlineExecutor(), 1)
    return deque(looks, maxlen=1).pop()


def counts(found: Causes) -> dict[tuple[str, str, str], int]:
    return {(one.cause.code, one.cause.sentence, one.cause.shape): one.count for one in found.groups.values()}


def lines_with(found: Causes, code: str) -> list[list[int]]:
    return [list(one.records[0]) for one in found.ranked() if one.cause.code == code]


def work_off(session: Session) -> None:
    while waiting := session.recount.waiting(10):
        source, texts = waiting
        content = b"".join(line.removesuffix(b"\n") + b"\n" for _, _, line in texts)
        report = analyse_bytes(content, session.spec(source.opened))
        session.recount.take(source, texts, report.columns, session.audits)
    while not session.recount.settle(100):
        pass


def test_each_cause_has_its_lines_and_an_example(session: Session) -> None:
    found = in_files(session)
    assert lines_with(found, "CUR007") == [[1, 5, 11, 15, 21, 25]]
    assert lines_with(found, "CUR005") == [[6, 16, 26]]
    assert lines_with(found, "CUR009") == [[9, 19, 29]]
    assert lines_with(found, "CUR010") == [[7, 17, 27]]
    assert lines_with(found, "CUR033") == [[3, 13, 23]]
    assert lines_with(found, "CUR035") == [[4, 14, 24]]
    ranked = found.ranked()
    assert [one.count for one in ranked] == sorted((one.count for one in ranked), reverse=True)
    role = next(one for one in ranked if one.cause.code == "CUR005")
    assert (role.source, role.record, role.cause.shape) == (0, 6, "/messages/*/role")
    assert role.finding is not None
    assert role.finding.place == "message 1 (bot), `role`"
    assert counts(now(session)) == counts(found)


def test_records_as_they_are_now_have_the_causes_of_the_file_that_they_would_be(
    session: Session, tmp_path: Path
) -> None:
    (source,) = session.sources
    session.editor.rewrite(session.record(0), BAD_ROLE, "rewrite")
    session.editor.rewrite(session.record(1), SOUND, "rewrite")
    session.editor.drop({source: BitMap64([3, 5, 9])}, "drop")
    session.editor.duplicate(session.record(6))
    session.editor.insert(source, LONG, None)
    work_off(session)
    found = now(session)
    write_copy(source.edited, plan_save(source.edited), tmp_path / "b.jsonl")
    written = audited(tmp_path / "b.jsonl")
    assert counts(found) == counts(in_files(written))
    written.close()
    assert counts(in_files(session)) != counts(found)
    save(session, source, plan_save(source.edited))
    for _ in session.audit(InlineExecutor(), 1):
        pass
    work_off(session)
    assert counts(now(session)) == counts(found)
    roles = next(one for one in now(session).groups.values() if one.cause.code == "CUR005")
    assert 0 in roles.records[0]


def test_there_is_an_end_to_the_groups(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts(in_files(session))
    monkeypatch.setattr(causes, "MOST_CAUSES", 2)
    after = in_files(session)
    assert len(after.groups) < 2 + len({code for code, _, _ in before})
    assert {one.cause.code for one in after.groups.values()} == {code for code, _, _ in before}
