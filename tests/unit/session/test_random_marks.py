"""Records drawn at random: those that the headless command draws, in bounded memory, of what is listed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.engine.executors import InlineExecutor
from curator.errors import UsageError
from curator.session import Session, random_marks
from curator.session.drawing import sampled
from curator.session.random_marks import candidates, drawn_from
from curator.settings import Settings


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    paths = []
    for name, count in (("a", 30), ("b", 50)):
        lines = [json.dumps({"messages": [{"role": "user", "content": f"{name} {n}"}]}) for n in range(count)]
        lines.insert(7, "  ")
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("\n".join(lines) + "\n")
    session = Session(paths, Settings(workers=-1, accelerate=False))
    for _ in session.audit(InlineExecutor(), 1):
        pass
    yield session
    session.close()


def lines_of(runs: list[tuple[object, int, int]]) -> dict[object, set[int]]:
    found: dict[object, set[int]] = {}
    for source, first, count in runs:
        found.setdefault(source, set()).update(range(first, first + count))
    return found


@pytest.mark.parametrize("count", [1, 13, 79, 80])
@pytest.mark.parametrize("seed", [0, 4])
def test_of_whole_files_they_are_those_of_the_command(session: Session, count: int, seed: int) -> None:
    runs, of, _ = sampled(session.sources, count, seed)
    drawn = drawn_from(candidates(session), count, seed)
    assert of == 80
    assert {source: set(some) for source, some in drawn.items() if some} == lines_of(runs)


def test_piece_by_piece_they_are_the_same(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = drawn_from(candidates(session), 20, 1)
    monkeypatch.setattr(random_marks, "AT_ONCE", 9)
    assert drawn_from(candidates(session), 20, 1) == whole


def test_only_what_is_listed(session: Session) -> None:
    first, second = session.sources
    session.editor.drop({first: BitMap64(range(30))}, "drop")
    assert 7 not in candidates(session)[second]
    drawn = drawn_from(candidates(session), 40, 0)
    assert set(drawn[first]) <= {30} and len(drawn[first]) + len(drawn[second]) == 40


def test_more_than_there_are(session: Session) -> None:
    with pytest.raises(UsageError, match=r"^There are 80 records, fewer than the 81 that are asked for\.$"):
        drawn_from(candidates(session), 81, 0)
