"""The ways to split side by side are what splitting the records one by one comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.totals import Totals
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.session import Session
from curator.session.reshaping import reshape
from curator.session.splitting_choices import Tried, tried, ways_for
from curator.settings import Settings

LIMIT = 60


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_audit, "CHUNK_BYTES", (600,))
    monkeypatch.setattr(engine_audit, "LARGEST_CHUNK", 600)


def conversation(turns: int) -> bytes:
    messages = [{"role": "system", "content": "be brief"}]
    for turn in range(turns):
        messages += [
            {"role": "user", "content": f"question {turn}"},
            {"role": "assistant", "content": "word " * (turn + 1)},
        ]
    return json.dumps({"messages": messages}).encode()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    lines = [conversation(number % 6 + 1) for number in range(30)]
    lines[4], lines[9] = b"", b"{broken"
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\r\n".join(lines))
    opened = Session([path], Settings(workers=-1, accelerate=False, dialect="openai-chat", context_length=LIMIT))
    opened.sources[0].opened.index.finish()
    yield opened
    opened.close()


def last(session: Session, selection: dict[object, BitMap64] | None = None) -> Tried:
    *_, (share, found) = tried(session, ways_for(LIMIT), InlineExecutor(), 1, selection)  # type: ignore[arg-type]
    assert share == 1
    return found


def brute(session: Session, positions: Iterator[int] | range) -> list[tuple[int, ...]]:
    """Whole, then each way, by previews of the records."""
    spec = session.spec(session.sources[0].opened)
    lines = [session.line(at) for at in positions]
    sums = [Totals() for _ in range(1 + len(ways_for(LIMIT)))]
    for place, way in enumerate(ways_for(LIMIT), 1):
        for shaped in reshape(lines, way, spec):
            if place == 1:
                sums[0].add(shaped.before, LIMIT)
            sums[place].add(shaped.after if shaped.pieces else shaped.before, LIMIT)
    return [figures(one) for one in sums]


def figures(totals: Totals) -> tuple[int, ...]:
    return totals.records, totals.tokens, totals.trained_tokens, totals.over_context, totals.billed_tokens


def of(found: Tried) -> list[tuple[int, ...]]:
    return [figures(found.whole), *map(figures, found.after)]


def test_all_records_as_they_are(session: Session) -> None:
    found = last(session)
    assert of(found) == brute(session, range(len(session)))
    assert found.after[0].records > found.whole.records
    assert found.after[3].over_context == 0 < found.whole.over_context
    assert len({one.trained_tokens for one in (found.whole, *found.after)}) == 1


def test_edited_and_dropped_records(session: Session) -> None:
    (source,) = session.sources
    session.editor.drop({source: BitMap64([0, 5])}, "drop")
    session.editor.duplicate(session.record(7))
    session.editor.rewrite(session.record(10), conversation(9), "rewrite")
    assert of(last(session)) == brute(session, range(len(session)))


def test_some_records(session: Session) -> None:
    (source,) = session.sources
    assert of(last(session, {source: BitMap64([2, 3, 4, 11])})) == brute(session, iter([2, 3, 4, 11]))


def test_without_a_limit_nothing_is_fitted() -> None:
    assert [way.by for way in ways_for(0)] == ["turn", "pair", "window"]
    assert ways_for(10)[-1].budget == 10
