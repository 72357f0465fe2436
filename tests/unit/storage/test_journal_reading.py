"""Whoever only reads a journal writes nothing, and sees what others write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from killing import APPENDING, killed

from curator.errors import UnreadableError
from curator.storage.journal import Journal, JournalError, StoredOperation

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.jsonl.curator"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal.create(path, b'{"size":1}')
    yield journal
    journal.close()


@pytest.fixture(params=["log", "rollback"])
def of_either_kind(request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A journal as on a local file system, and one as on a network file system."""
    monkeypatch.setattr("curator.storage.journal_file.is_local", lambda _path: request.param == "log")
    with closing(Journal.create(path, b"{}")) as journal:
        yield journal


def titles(journal: Journal) -> list[str]:
    return [batch.title for batch in journal.batches()]


def test_reading_writes_nothing(of_either_kind: Journal) -> None:
    path = of_either_kind.path
    of_either_kind.append(
        "one", [StoredOperation("replace", 1, b"x", None)], [(of_either_kind.reserve_texts(1), b"text")]
    )
    of_either_kind.close()
    before = path.read_bytes(), path.stat().st_mtime_ns
    with closing(Journal.open(path, read_only=True)) as journal:
        assert (titles(journal), journal.cursor, journal.text(1)) == (["one"], 1, b"text")
        assert list(path.parent.iterdir()) == [path]
        with pytest.raises(JournalError, match="it may not be written; the change was not made"):
            journal.append("two", [])
    assert list(path.parent.iterdir()) == [path]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_reader_sees_what_is_written_meanwhile(of_either_kind: Journal) -> None:
    of_either_kind.append("before", [])
    with closing(Journal.open(of_either_kind.path, read_only=True)) as reader:
        assert titles(reader) == ["before"]
        of_either_kind.append("meanwhile", [])
        assert titles(reader) == ["before", "meanwhile"]


def test_a_reader_that_came_first_sees_what_a_later_program_writes(of_either_kind: Journal) -> None:
    path = of_either_kind.path
    of_either_kind.close()
    with closing(Journal.open(path, read_only=True)) as reader:
        assert titles(reader) == []
        with closing(Journal.open(path, read_only=False)) as writer:
            writer.append("later", [])
        assert titles(reader) == ["later"]


def test_a_reader_refuses_what_changed_under_its_hands(path: Path) -> None:
    Journal.create(path, b"{}").close()
    with closing(Journal.open(path, read_only=True)) as reader:
        with pytest.raises(UnreadableError, match="was changed while it was being read"), reader.file.reading():
            path.write_bytes(b"something else")
        with pytest.raises(UnreadableError, match="is no journal of curator"):
            list(reader.batches())
        path.unlink()
        with pytest.raises(UnreadableError, match="is no longer there"):
            list(reader.batches())


def test_a_reader_sees_what_a_killed_program_left_in_the_log(path: Path) -> None:
    Journal.create(path, b"{}").close()
    killed(APPENDING, path, lines=3)
    content = path.read_bytes()
    with closing(Journal.open(path, read_only=True)) as reader:
        assert len(titles(reader)) >= 3
    assert path.read_bytes() == content


@as_user
def test_a_folder_that_cannot_be_written_can_be_read(path: Path) -> None:
    with closing(Journal.create(path, b"{}")) as journal:
        journal.append("one", [])
    path.parent.chmod(0o500)
    with closing(Journal.open(path, read_only=True)) as journal:
        assert titles(journal) == ["one"]
    with pytest.raises(JournalError, match=r"cannot be opened for changes: .*--journal PATH"):
        Journal.open(path, read_only=False)
    path.parent.chmod(0o700)


@as_user
def test_a_log_that_cannot_be_read_in_such_a_folder_is_told(path: Path) -> None:
    Journal.create(path, b"{}").close()
    killed(APPENDING, path, lines=3)
    path.with_name(path.name + "-shm").unlink()
    path.parent.chmod(0o500)
    with pytest.raises(UnreadableError, match="its last changes still lie in the file beside it"):
        Journal.open(path, read_only=True)
    path.parent.chmod(0o700)
