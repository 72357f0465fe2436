"""A search finds what a plain look at each record finds, from wherever it begins, whatever was done to the records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse
from curator.edits.saving import plan_save
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.records.find_replace import Replacement
from curator.records.said import said
from curator.records.searching import Search, compiled
from curator.session import Session, finding_in_order
from curator.session.filtering import matching
from curator.session.finding import Finding
from curator.session.listing import ALL
from curator.session.saving import save
from curator.session.sorting import sort_keys, sorted_view
from curator.session.viewing import filtered_view
from curator.settings import Settings

SEARCH = Search("cat 1")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_audit, "CHUNK_BYTES", (200,))
    monkeypatch.setattr(engine_audit, "LARGEST_CHUNK", 400)


def chat(number: int) -> bytes:
    said = [("user", f"Cat {number}, cat {number}"), ("assistant", "dog")] * (1 + number % 2)
    return json.dumps({"messages": [{"role": role, "content": text} for role, text in said]}).encode()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    paths = []
    for name, first in (("a", 0), ("b", 90)):
        lines = [chat(number) for number in range(first, first + 40)]
        lines[5], lines[6], lines[7] = b"", b"{broken cat 1", b"[1]"
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_bytes(b"\n".join(lines) + (b"\n" if first else b""))
    session = Session(paths, Settings(workers=-1, accelerate=False))
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    yield session
    session.close()


def finding(session: Session, search: Search = SEARCH) -> Finding:
    return Finding(session, search, InlineExecutor(), 1)


def plainly(session: Session, search: Search = SEARCH) -> list[int]:
    """How often something is found at each position."""
    counts = []
    for position in range(len(session)):
        record = session.record(position)
        texts = said(record.body, record.conversation, search.roles)
        counts.append(sum(len(list(compiled(search).finditer(text))) for text in texts))
    return counts


def check(session: Session, one: Finding) -> None:
    """What is known in the end is what a plain look at each record finds."""
    for _ in one.steps():
        pass
    counts = plainly(session)
    found = [position for position, count in enumerate(counts) if count]
    for position in range(-1, len(counts) + 1):
        after = [at for at in found if at > position]
        before = [at for at in found if at < position]
        assert one.nearest(position, 1) == (after[0] if after else None, True)
        assert one.nearest(position, -1) == (before[-1] if before else None, True)
    tally = one.tally()
    assert (tally.matches, tally.records, tally.complete) == (sum(counts), len(found), True)
    assert [tally.before(position) for position in range(len(counts))] == [
        sum(counts[:position]) for position in range(len(counts))
    ]


def edit(session: Session) -> None:
    session.editor.rewrite(session.record(3), chat(1), "rewrite")
    session.editor.rewrite(session.record(11), chat(2), "rewrite")
    session.editor.duplicate(session.record(12))
    session.editor.duplicate(session.record(1))
    source = session.sources[0]
    session.editor.drop({source: BitMap64([13, 14])}, "drop")
    session.editor.move(30, -1)


@pytest.mark.parametrize(("order", "block"), [("", 1024), ("-messages", 1024), ("messages", 1024), ("messages", 4)])
def test_from_each_place_the_nearest_is_found_first(
    session: Session, order: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_in_order, "FIRST_AHEAD", 2)
    monkeypatch.setattr(finding_in_order, "BLOCK", block)
    if order:
        edit(session)
        session.listing.view = sorted_view(session, sort_keys(order))
    counts = plainly(session)
    for position in (-1, 0, 17, 35, 60, len(counts) - 1):
        for step in (1, -1):
            one = finding(session)
            one.aim(position, step)
            wanted = [at for at, count in enumerate(counts) if count and (at - position) * step > 0]
            steps = one.steps()
            while not (answer := one.nearest(position, step)).sure:
                assert answer.position is None
                next(steps)
            assert answer.position == (min(wanted) if step > 0 and wanted else max(wanted) if wanted else None)
            if wanted:
                assert not one.complete


def test_everything_is_found(session: Session) -> None:
    one = finding(session)
    check(session, one)
    assert one.tally().before(0) == 0
    assert one.tally().share == 1


def test_records_are_found_as_they_are_now(session: Session) -> None:
    one = finding(session)
    check(session, one)
    edit(session)
    check(session, one)
    session.listing.with_dropped = True
    check(session, one)
    session.editor.undo()
    check(session, one)
    source = session.sources[0]
    session.editor.sweep({source: BitMap64(range(10, 20))}, Replacement(Search("cat"), "cow"), "replace")
    check(session, one)
    session.listing.with_dropped = False
    check(session, finding(session))


def test_what_is_not_listed_is_not_found(session: Session) -> None:
    one = finding(session)
    edit(session)
    predicate = parse("messages > 2 or edited")
    *_, found = matching(session, predicate)
    session.listing.view = filtered_view(session, "long", predicate, found)
    check(session, one)
    session.listing.view = sorted_view(session, sort_keys("-messages"))
    check(session, one)
    check(session, finding(session))
    session.listing.view = ALL
    check(session, one)


def test_a_search_goes_on_after_a_save_and_when_the_file_grows(session: Session) -> None:
    one = finding(session)
    check(session, one)
    edit(session)
    save(session, session.sources[0], plan_save(session.sources[0].edited))
    check(session, one)
    session.editor.rewrite(session.record(4), chat(1), "rewrite")
    check(session, one)
    path = session.sources[1].opened.path
    with path.open("ab") as file:
        file.write(chat(1) + b"\n" + chat(100)[:30])
    session.sources[1].grow(0)
    check(session, one)
    with path.open("ab") as file:
        file.write(chat(100)[30:] + b"\n")
    session.sources[1].grow(0)
    check(session, one)


def test_of_some_roles_only(session: Session) -> None:
    one = finding(session, Search("cat", roles=frozenset(("assistant",))))
    for _ in one.steps():
        pass
    assert one.nearest(-1, 1) == (None, True)
    two = finding(session, Search("dog", roles=frozenset(("assistant",))))
    for _ in two.steps():
        pass
    assert two.tally().records == 74
