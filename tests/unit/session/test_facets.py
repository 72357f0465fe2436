"""Facets: what they count is what the filters list that they offer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse
from curator.analysis.predicates.traits import can_tell_languages, role_pattern
from curator.edits.labels import Verdict
from curator.engine.executors import InlineExecutor
from curator.errors import UsageError
from curator.records.conversation import Conversation, Message
from curator.session import Session, facets
from curator.session.facets import FACETS, Facet, facet
from curator.session.filtering import matching
from curator.session.viewing import number_listed, records_of
from curator.settings import Settings

TEXTS = ("What is the time of the next train to Lyon?", "Wann fährt der nächste Zug nach Berlin ab?")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "a b.jsonl"
    lines = []
    for number in range(40):
        turns = [("user", TEXTS[number % 2]), ("assistant", "word " * number * 9)] * (1 + number % 3)
        messages = [{"role": role, "content": content} for role, content in turns]
        if number % 5 == 0:
            messages[-1]["tool_calls"] = [  # type: ignore[assignment]
                {"id": "c", "type": "function", "function": {"name": 'say "it"', "arguments": "{}"}}
            ]
        keys = {} if number % 7 == 0 else {"meta": {"kind": ["a", 'b "c"', 3, None, True, 1.5][number % 6]}}
        keys |= {"odd . name": [number % 3, "x", [f"{number % 4}"]], "model": f"m {number % 2}"} if number % 3 else {}
        lines.append(json.dumps({"messages": messages, **keys}))
    lines[4], lines[9] = "", "{broken"
    path.write_text("\n".join(lines) + "\n")
    session = Session([path], Settings(workers=-1, accelerate=False, context_length=300))
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    source = session.sources[0]
    session.editor.tag({source: BitMap64([1, 2, 3])}, "two words", "tag")
    session.editor.review({source: BitMap64([2, 8])}, Verdict.NEEDS_WORK, "review")
    yield session
    session.close()


def counted(session: Session, by: str) -> Facet:
    *_, (share, found) = facet(session, by, records_of(session), InlineExecutor(), 1)
    assert share == 1
    return found


@pytest.mark.parametrize("by", [*FACETS, ".meta.kind", ".messages.role", '."odd . name"', ".messages.content"])
def test_a_value_is_had_by_as_many_records_as_its_filter_lists(session: Session, by: str) -> None:
    if by == "language" and not can_tell_languages():
        pytest.skip("the extra `languages` is not installed")
    found = counted(session, by)
    assert found.values
    assert not found.others
    assert found.records == 40
    for value in found.values:
        if value.expression:
            *_, some = matching(session, parse(value.expression), InlineExecutor(), 1)
            assert number_listed(session, some) == value.count, value


def test_rare_values_are_counted_together(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "MOST_VALUES", 2)
    found = counted(session, ".meta.kind")
    assert len(found.values) == 2
    assert sum(value.count for value in found.values) + found.others == 40


def test_what_there_is_no_facet_for_is_told(session: Session) -> None:
    with pytest.raises(UsageError, match="no facet 'nothing'; known are dialect"):
        counted(session, "nothing")


@pytest.mark.parametrize(
    ("roles", "pattern"),
    [
        ("", ""),
        ("sua", "system user assistant"),
        ("suaua", "system (user assistant)+"),
        ("suatatu", "system user (assistant tool)+ user"),
        ("uua", "(user)+ assistant"),
    ],
)
def test_roles_that_are_repeated_are_put_in_brackets(roles: str, pattern: str) -> None:
    names = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
    assert role_pattern(Conversation(tuple(Message(names[one]) for one in roles))) == pattern
