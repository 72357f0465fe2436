"""A batch over two files is in both or in none, wherever the program ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from edited_files import lines_of, session_on, visible
from pyroaring import BitMap64

from curator.edits.companions import PENDING
from curator.edits.edited_source import EditedSource
from curator.session import Session
from curator.storage.journal import Journal


class KilledError(BaseException):
    """Stands for the end of the program."""


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path in paths:
        path.write_bytes(lines_of(3))
    return paths


def drop_in_both(session: Session) -> None:
    session.editor.drop({source: BitMap64([1]) for source in session.sources}, "drop 2")


def lengths(session: Session) -> list[int]:
    return [source.edited.length() for source in session.sources]


def die_at(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, call: int) -> None:
    """Let the program end instead of the given call of a method."""
    whole = getattr(owner, name)
    calls = iter(range(1, 100))

    def dying(*arguments: object, **named: object) -> object:
        if next(calls) >= call:
            raise KilledError
        return whole(*arguments, **named)

    monkeypatch.setattr(owner, name, dying)


ENDS = [(Journal, "remember", call) for call in (1, 2, 3, 4)] + [(EditedSource, "commit", call) for call in (1, 2)]
BOTH = {("remember", 3), ("remember", 4)}


@pytest.fixture(params=ENDS, ids=lambda end: f"{end[1]}-{end[2]}")
def killed(
    two: tuple[Path, Path], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[int]]:
    """A program that ended while it dropped a record of both files, and how many of each are expected."""
    with session_on(*two) as session:
        session.editor.tag({source: BitMap64([0]) for source in session.sources}, "good", "tag")
        with monkeypatch.context() as patched, pytest.raises(KilledError):
            die_at(patched, *request.param)
            drop_in_both(session)
    return [2, 2] if request.param[1:] in BOTH else [3, 3]


@pytest.mark.parametrize("order", [1, -1])
def test_it_is_in_both_or_in_none(two: tuple[Path, Path], killed: list[int], order: int) -> None:
    with session_on(*two[::order]) as session:
        assert lengths(session) == killed
        assert all(
            source.edited.journal.remembered(PENDING) == "" for source in session.sources if source.edited.journal
        )
        session.editor.redo()
        assert lengths(session) == killed
        for source in session.sources:
            assert source.edited.overlay.labels.tags_of(0) == ("good",)


@pytest.mark.parametrize("first", [0, 1])
def test_files_that_are_opened_alone_agree_too(two: tuple[Path, Path], killed: list[int], first: int) -> None:
    for path in (two[first], two[1 - first]):
        with session_on(path) as session:
            assert lengths(session) == killed[:1]


def test_undo_and_redo_reach_both(two: tuple[Path, Path]) -> None:
    with session_on(*two) as session:
        before = visible(session)
        drop_in_both(session)
        after = visible(session)
        assert len(after) == 4
        for _ in range(2):
            done = session.editor.undo()
            assert done
            assert done.records == 2
            assert visible(session) == before
            session.editor.redo()
            assert visible(session) == after
    with session_on(*two[::-1]) as session:
        assert lengths(session) == [2, 2]
        session.editor.undo()
        assert lengths(session) == [3, 3]


def test_undo_follows_the_order_in_which_things_were_done(two: tuple[Path, Path]) -> None:
    with session_on(*two) as session:
        one, other = session.sources
        states = [lengths(session)]
        for source, record in ((one, 0), (other, 1), (one, 2), (other, 0)):
            session.editor.drop({source: BitMap64([record])}, "drop")
            states.append(lengths(session))
        for state in states[-2::-1]:
            session.editor.undo()
            assert lengths(session) == state
        assert session.editor.undo() is None
        for state in states[1:]:
            session.editor.redo()
            assert lengths(session) == state
        assert session.editor.redo() is None


STEPS = [(Journal, "remember", call) for call in (1, 2, 3, 4)] + [(Journal, "move_cursor", call) for call in (1, 2)]


@pytest.mark.parametrize("end", STEPS, ids=lambda end: f"{end[1]}-{end[2]}")
@pytest.mark.parametrize("back", [True, False], ids=["undo", "redo"])
def test_undo_and_redo_that_were_cut_off_are_completed(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, end: tuple[type, str, int], back: bool
) -> None:
    with session_on(*two) as session:
        drop_in_both(session)
        if not back:
            session.editor.undo()
        with monkeypatch.context() as patched, pytest.raises(KilledError):
            die_at(patched, *end)
            step = session.editor.undo if back else session.editor.redo
            step()
    with session_on(*two) as session:
        not_begun = end[1:] in {("remember", 1), ("remember", 2), ("move_cursor", 1)}
        found = lengths(session)
        assert found in ([3, 3], [2, 2])
        assert not_begun or found == ([3, 3] if back else [2, 2])
        assert all(one.edited.journal.remembered(PENDING) == "" for one in session.sources if one.edited.journal)
