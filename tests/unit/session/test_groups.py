"""Groups of duplicates as filters and orders, among all records or some, and beside what the audit finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse
from curator.analysis.prints import Likeness
from curator.engine.executors import InlineExecutor
from curator.errors import UsageError
from curator.session import Session
from curator.session.duplicates import Clusters, clusters
from curator.session.filtering import matching
from curator.session.sorting import sort_keys, sorted_view
from curator.session.viewing import filtered_view
from curator.settings import Settings

SAID = ["a b c", "one", "a b c", "two", "one", "x y z", "a b c", "three", "x y z", "four"]


def chat(number: int, answer: str) -> str:
    messages = [{"role": "user", "content": f"q{number % 2}"}, {"role": "assistant", "content": f"Says {answer}."}]
    return json.dumps({"messages": messages})


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    paths = []
    for name, some in (("a", SAID[:6]), ("b", SAID[6:])):
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("".join(f"{chat(0, one)}\n" for one in some))
    session = Session(paths, Settings(workers=-1, accelerate=False))
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    session.file_findings.follow(InlineExecutor())
    yield session
    session.close()


def found_in(session: Session, among: dict[int, list[int]] | None = None, *, contradictions: bool = False) -> Clusters:
    some = None if among is None else {session.sources[one]: BitMap64(ids) for one, ids in among.items()}
    steps = clusters(session, Likeness("record"), InlineExecutor(), 1, contradictions=contradictions, among=some)
    *_, (_, found) = steps
    assert found is not None
    return found


def places(found: Clusters) -> list[list[tuple[int, int]]]:
    return [[(source.number, record) for source, record in one.records] for one in found]


def listed(session: Session) -> list[tuple[int, int]]:
    found = map(session.listing.locate, range(len(session)))
    return [(source.number, record) for source, record in found]


def list_alike(session: Session, text: str = "alike", order: str = "group") -> list[tuple[int, int]]:
    *_, found = matching(session, parse(text))
    session.listing.view = sorted_view(session, sort_keys(order), filtered_view(session, text, parse(text), found))
    return listed(session)


def test_groups_stand_next_to_each_other_the_largest_first(session: Session) -> None:
    found = found_in(session)
    session.groups = found.groups()
    assert places(found)[0] == [(0, 0), (0, 2), (1, 0)]
    assert list_alike(session) == [one for group in places(found) for one in group]
    assert list_alike(session, order="-group") == [one for group in places(found) for one in group][::-1]
    session.groups = found.groups([1])
    assert list_alike(session) == places(found)[1]
    everything = list_alike(session, "tokens > 0")
    assert everything[:2] == places(found)[1]
    assert len(everything) == 10


def test_some_records_alone_are_compared(session: Session) -> None:
    found = found_in(session, {0: [0, 1, 4], 1: [2]})
    assert places(found) == [[(0, 1), (0, 4)]]
    assert places(found_in(session, {})) == []
    source = session.sources[0]
    session.editor.drop({source: BitMap64([4])}, "drop")
    assert places(found_in(session, {0: [0, 1, 2, 4]})) == [[(0, 0), (0, 2)]]


def test_what_was_listed_stays_when_records_change(session: Session) -> None:
    session.groups = found_in(session).groups()
    before = list_alike(session)
    session.editor.drop({session.sources[0]: BitMap64([2])}, "drop")
    assert list_alike(session) == [one for one in before if one != (0, 2)]
    session.editor.undo()
    assert list_alike(session, "alike and source:b.jsonl") == [one for one in before if one[0] == 1]


@pytest.mark.parametrize("text", ["alike", "not alike"])
def test_groups_that_were_not_looked_for_are_told(session: Session, text: str) -> None:
    with pytest.raises(UsageError, match="none has been listed yet"):
        list(matching(session, parse(text)))
    with pytest.raises(UsageError, match="none has been listed yet"):
        sorted_view(session, sort_keys("group"))


def test_words_for_what_the_audit_finds_agree_with_the_groups_of_each_file(session: Session) -> None:
    *_, repeats = matching(session, parse("duplicate"))
    *_, opposed = matching(session, parse("contradiction"))
    for source in session.sources:
        everything = {source.number: list(range(len(source.edited)))}
        groups = places(found_in(session, everything))
        assert sorted(repeats[source]) == sorted(one for group in groups for _, one in group[1:])
        answers = places(found_in(session, everything, contradictions=True))
        assert sorted(opposed[source]) == sorted(one for group in answers for _, one in group)
