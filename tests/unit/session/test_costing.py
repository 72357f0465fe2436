"""Costs beside each other are those of an audit of the file as it would be written, by each model's own rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.chunk import analyse_bytes
from curator.analysis.costs import training_cost
from curator.analysis.counting import Counting
from curator.analysis.model_costs import MonthlyUse
from curator.analysis.scenario import scenario_of
from curator.analysis.totals import Totals
from curator.edits.saving import plan_save
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.errors import UsageError
from curator.records.find_replace import Replacement, Search
from curator.session import Session
from curator.session.costing import (
    Terms,
    by_counting,
    called,
    costs,
    counted,
    known_already,
    models_of,
    write_table,
)
from curator.session.editor import Selection
from curator.session.saving import save
from curator.session.sweeping import find_changes
from curator.settings import Settings

SETTINGS = Settings(workers=-1, accelerate=False, dialect="openai-chat")
LIMITS = (0, 12, 30)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_audit, "CHUNK_BYTES", (200,))
    monkeypatch.setattr(engine_audit, "LARGEST_CHUNK", 200)


def chat(number: int) -> dict[str, object]:
    said = [("system", "be brief"), ("user", f"cat {number}"), ("assistant", "tokenisation " * (number % 9 + 1))]
    return {"messages": [{"role": role, "content": content} for role, content in said]}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "a.jsonl"
    lines = [json.dumps(chat(number)).encode() for number in range(40)]
    lines[5], lines[6] = b"", b"{broken"
    path.write_bytes(b"\n".join(lines))
    opened = Session([path], SETTINGS)
    opened.sources[0].opened.index.finish()
    yield opened
    opened.close()


def edit(session: Session) -> None:
    """Drop, copy and sweep some records."""
    (source,) = session.sources
    session.editor.drop({source: BitMap64([1, 2, 30])}, "drop")
    session.editor.duplicate(session.record(3))
    replacement = Replacement(Search("cat"), "a very long hippopotamus")
    for changed, records in list(find_changes(session, replacement, InlineExecutor(), 1)):
        if some := records & BitMap64(range(10, 20)):
            session.editor.sweep({changed: some}, replacement, "sweep")


def lines_now(session: Session, chosen: BitMap64 | None = None) -> list[bytes]:
    """The lines of records as they are now, one by one."""
    positions = [at for at in range(len(session)) if chosen is None or session.listing.locate(at)[1] in chosen]
    return [session.line(at).rstrip(b"\r\n") for at in positions]


def brute(session: Session, counting: Counting, limit: int, lines: list[bytes]) -> Totals:
    """What an audit of these lines alone finds."""
    spec = replace(session.spec(session.sources[0].opened), counting=counting)
    totals = Totals()
    totals.add(analyse_bytes(b"".join(line + b"\n" for line in lines), spec).columns, limit)
    return totals


def sums_of(session: Session, counting: Counting, selection: Selection | None = None) -> dict[int, Totals]:
    found = list(counted(session, counting, LIMITS, InlineExecutor(), 1, selection))
    shares = [share for share, _ in found]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return found[-1][1].by_limit


def figures(totals: Totals) -> tuple[int, ...]:
    return totals.records, totals.examples, totals.tokens, totals.billed_tokens, totals.over_context


@pytest.fixture(params=["as it is", "edited", "saved", "edited after a save"])
def changed(request: pytest.FixtureRequest, session: Session) -> Session:
    """The session after something was done to it."""
    if "edited" in request.param or request.param == "saved":
        edit(session)
    if "save" in request.param:
        save(session, session.sources[0], plan_save(session.sources[0].edited))
    if request.param == "edited after a save":
        edit(session)
    return session


@pytest.mark.parametrize("edition", ["2023-08", "2026"])
def test_counts_are_those_of_an_audit_of_the_records_as_they_are(changed: Session, edition: str) -> None:
    for counting, _ in by_counting(models_of(changed, edition), changed.counting):
        sums = sums_of(changed, counting)
        for limit in LIMITS:
            assert figures(sums[limit]) == figures(brute(changed, counting, limit, lines_now(changed)))


def test_counts_of_some_records(changed: Session) -> None:
    (source,) = changed.sources
    chosen = BitMap64(range(0, 24, 2)) | source.edited.overlay.derived
    sums = sums_of(changed, changed.counting, {source: chosen})
    for limit in LIMITS:
        expected = brute(changed, changed.counting, limit, lines_now(changed, chosen))
        assert figures(sums[limit]) == figures(expected)


def test_calls_are_those_of_the_records_as_they_are(changed: Session) -> None:
    expected = scenario_of(lines_now(changed), changed.spec(changed.sources[0].opened))
    *_, (_, found) = called(changed, changed.counting, InlineExecutor(), 1)
    assert found.call() == expected.call()
    assert [(one.key, one.records) for one in found.prompts.ranked()] == [
        (one.key, one.records) for one in expected.prompts.ranked()
    ]


def test_the_audit_is_used_again_where_it_counts_alike(session: Session) -> None:
    assert known_already(session, session.counting, LIMITS) is None
    for _ in session.audit(InlineExecutor(), 1):
        pass
    known = known_already(session, session.counting, LIMITS)
    assert known is not None
    assert {limit: figures(one) for limit, one in known.by_limit.items()} == {
        limit: figures(one) for limit, one in sums_of(session, session.counting).items()
    }
    for counting, _ in by_counting(models_of(session, "2026"), session.counting):
        alike = counting.encoding == session.counting.encoding  # without images, nothing else of them differs
        assert (known_already(session, counting, LIMITS) is not None) == alike
    edit(session)
    assert known_already(session, session.counting, LIMITS) is None


def test_costs_follow_the_terms(session: Session) -> None:
    (counting, models), *_ = by_counting(models_of(session, "2026"), session.counting)
    assert counting == session.counting
    *_, (_, sums) = counted(session, counting, [one.limit or 0 for one in models], InlineExecutor(), 1)
    *_, (_, calls) = called(session, counting, InlineExecutor(), 1)
    for epochs in (1, 4):
        for one in costs(models, session.book, sums, Terms(epochs, use=MonthlyUse(1000)), calls):
            assert one.training == training_cost(one.billed, epochs, one.model)
            assert one.inference is not None
    assert all(one.inference is None for one in costs(models, session.book, sums, Terms(1)))


def test_a_table_is_written_by_the_ending_of_its_name(session: Session, tmp_path: Path) -> None:
    (_, models), *_ = by_counting(models_of(session, "2026"), session.counting)
    *_, (_, sums) = counted(session, session.counting, [one.limit or 0 for one in models], InlineExecutor(), 1)
    table = costs(models, session.book, sums, Terms(2))
    for name in ("a.csv", "a.json", "a.MD"):
        assert write_table(tmp_path / name, table) == []
    assert [one["tokens"] for one in json.loads((tmp_path / "a.json").read_text())] == [one.tokens for one in table]
    assert len((tmp_path / "a.csv").read_text().splitlines()) == len(table) + 1
    assert len((tmp_path / "a.MD").read_text().splitlines()) == len(table) + 2
    with pytest.raises(UsageError, match=r"end the name in \.csv"):
        write_table(tmp_path / "a.txt", table)
    assert not (tmp_path / "a.txt").exists()
