"""A journal's file is made, and opened so that nothing is lost, and what cannot be done is told in a sentence."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from killing import killed

from curator.errors import CuratorError, UnreadableError, UsageError
from curator.storage.journal import Journal, JournalError, Saved, StoredOperation, journal_path
from curator.storage.journal_schema import VERSION

CREATING = """
import sys
from itertools import count
from pathlib import Path
from curator.storage.journal import Journal
for number in count():
    print(number, flush=True)
    Journal.create(Path(sys.argv[1]) / str(number), b"{}")
"""
KILLED_WHILE_FILLING = """
import os, signal, sys
from pathlib import Path
from curator.storage.journal_file import JournalFile
def fill(connection):
    connection.execute("PRAGMA cache_spill = 1")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("CREATE TABLE much(content)")
    connection.executemany("INSERT INTO much VALUES (zeroblob(5000))", [()] * 200)
    os.kill(os.getpid(), signal.SIGKILL)
JournalFile.create(Path(sys.argv[1]), 0o600, fill)
"""
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


def operation(name: str = "x", ids: bytes | None = None) -> StoredOperation:
    return StoredOperation("replace", 1, name.encode(), ids)


def titles(journal: Journal) -> list[str]:
    return [batch.title for batch in journal.batches()]


# Where it lies, and how it is begun.


def test_it_lies_beside_the_file_that_the_path_leads_to(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "link.jsonl").symlink_to("deep/data.jsonl")
    assert journal_path(tmp_path / "link.jsonl") == (tmp_path / "deep" / "data.jsonl.curator").resolve()
    assert journal_path(tmp_path / "link.jsonl", tmp_path / "chosen") == tmp_path / "chosen"


def test_a_new_one_is_empty_and_saved_as_the_file_is(journal: Journal) -> None:
    assert (journal.cursor, journal.floor, list(journal.batches()), journal.intent) == (0, 0, [], None)
    assert journal.saved == Saved(0, b"", b'{"size":1}')


def test_it_has_the_permissions_asked_for(tmp_path: Path) -> None:
    for mode in (0o600, 0o640):
        with closing(Journal.create(tmp_path / oct(mode), b"{}", mode)) as journal:
            journal.append("one", [])
            for file in tmp_path.glob(f"{oct(mode)}*"):
                assert file.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("name", ["a?b=c.jsonl", "50%25.jsonl", "#1 data.jsonl", "é\udcff.jsonl", "a&mode=memory"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with closing(Journal.create(path, b"{}")) as journal:
        journal.append("one", [])
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with closing(Journal.open(path, read_only=True)) as journal:
        assert journal.cursor == 1


def test_no_file_and_an_empty_file_are_no_journal(path: Path) -> None:
    for read_only in (True, False):
        assert Journal.find(path, read_only) is None
        assert not path.exists()
    path.touch()
    for read_only in (True, False):
        assert Journal.find(path, read_only) is None
        with pytest.raises(UnreadableError, match="there is no journal; it is made with the first change"):
            Journal.open(path, read_only)
    with closing(Journal.create(path, b"{}")) as journal:
        assert journal.append("one", []).number == 1


def test_a_second_beginning_is_refused(journal: Journal, path: Path) -> None:
    journal.append("one", [])
    with pytest.raises(JournalError, match="there is a journal already"):
        Journal.create(path, b"{}")
    assert titles(journal) == ["one"]


def test_killed_while_it_is_made_it_is_no_journal_and_can_be_made_again(path: Path) -> None:
    killed(KILLED_WHILE_FILLING, path)
    assert path.stat().st_size > 0
    with pytest.raises(UnreadableError, match="its last changes still lie in the file beside it"):
        Journal.find(path, read_only=True)
    assert Journal.find(path, read_only=False) is None
    with closing(Journal.create(path, b"{}")) as journal:
        assert journal.cursor == 0


def test_killed_at_any_time_those_made_are_complete(tmp_path: Path) -> None:
    last = int(killed(CREATING, tmp_path, lines=5)[-1])
    for number in range(last + 1):
        journal = Journal.find(tmp_path / str(number), read_only=False)
        assert journal is not None or number == last
        if journal:
            assert (journal.cursor, journal.saved.fingerprint) == (0, b"{}")
            journal.close()


def test_a_missing_folder_is_told_with_another_place_to_choose(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be made there: No such file or directory; .*--journal PATH"):
        Journal.create(tmp_path / "nowhere" / "journal", b"{}")


@as_user
def test_a_folder_that_cannot_be_written_is_told_with_another_place_to_choose(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match=r"cannot be made there: Permission denied; .*--journal PATH"):
        Journal.create(tmp_path / "journal", b"{}")
    tmp_path.chmod(0o700)


# What is no journal.


@pytest.mark.parametrize("read_only", [True, False])
def test_other_files_are_refused(path: Path, read_only: bool) -> None:
    path.write_bytes(b'{"messages": []}\n' * 100)
    with pytest.raises(UnreadableError, match="is no journal of curator; move it away"):
        Journal.open(path, read_only)
    path.unlink()
    path.mkdir()
    with pytest.raises(UnreadableError, match="is no journal of curator"):
        Journal.open(path, read_only)
    with pytest.raises(UnreadableError, match="is no journal of curator"):
        Journal.create(path, b"{}")


@pytest.mark.parametrize("read_only", [True, False])
def test_other_databases_are_refused_and_left_alone(path: Path, read_only: bool) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE people(name)")
    content = path.read_bytes()
    with pytest.raises(UnreadableError, match="is no journal of curator"):
        Journal.open(path, read_only)
    with pytest.raises(UnreadableError, match="is no journal of curator"):
        Journal.create(path, b"{}")
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [True, False])
def test_a_journal_of_a_newer_version_is_refused(journal: Journal, path: Path, read_only: bool) -> None:
    with journal.file.writing() as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(UnreadableError, match=rf"newer curator \(journal version {VERSION + 1}\); update it"):
        Journal.open(path, read_only)


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("keep", [100, 3000, 4096, 30_000])
def test_a_truncated_journal_is_told_not_thrown(path: Path, keep: int, read_only: bool) -> None:
    with closing(Journal.create(path, b"{}")) as journal:
        for _ in range(20):
            journal.append("one", [operation("x" * 3000)], [(journal.reserve_texts(1), b"y" * 5000)])
    path.write_bytes(path.read_bytes()[:keep])
    with (
        pytest.raises(UnreadableError, match=r"is damaged|is no journal"),
        closing(Journal.open(path, read_only)) as journal,
    ):
        list(journal.batches())
        journal.texts(range(1, 21))


def test_a_damaged_page_is_told_not_thrown(path: Path) -> None:
    with closing(Journal.create(path, b"{}")) as journal:
        journal.append("one", [operation("x" * 50_000)])
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xff" * (len(content) - 4096 * 2)
    path.write_bytes(content)
    with closing(Journal.open(path, read_only=True)) as journal, pytest.raises(UnreadableError, match="is damaged"):
        list(journal.batches())


def test_missing_rows_are_told_not_thrown(journal: Journal) -> None:
    with journal.file.writing() as connection:
        connection.execute("DELETE FROM counters")
        connection.execute("DELETE FROM saved")
    with pytest.raises(UnreadableError, match=r"is damaged \(the counter of cursor is missing\)"):
        journal.append("one", [])
    with pytest.raises(UnreadableError, match=r"is damaged \(the counter of floor is missing\)"):
        _ = journal.floor
    with pytest.raises(UnreadableError, match=r"is damaged \(the last save is missing\)"):
        _ = journal.saved


# What the world does to it.


def test_a_full_disk_is_told_and_nothing_is_lost(of_either_kind: Journal) -> None:
    journal = of_either_kind
    journal.append("one", [operation()])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(JournalError, match="the change was not made, and nothing is lost"):
            journal.append("two", [], [(journal.reserve_texts(1), b"x" * 1_000_000)])
        assert (titles(journal), journal.cursor) == (["one"], 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    journal.append("three", [])
    assert titles(journal) == ["one", "three"]


def test_a_full_file_system_is_told_by_its_name(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)]
    if os.geteuid() or subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        with closing(Journal.create(small / "journal", b"{}")) as journal:
            journal.append("one", [])
            with pytest.raises(JournalError, match=r"the disk is full; the change was not made.* Make room there"):
                journal.append("two", [], [(journal.reserve_texts(1), b"x" * 1_000_000)])
            assert titles(journal) == ["one"]
            assert journal.append("three", []).number == 2
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_journal_in_use_is_told(journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with journal.file.reading() as connection:
            connection.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(JournalError, match="another program is writing to it; the change was not made"):
            journal.append("one", [])
        monkeypatch.setattr("curator.storage.journal_file.PATIENCE", 0.01)
        with pytest.raises(JournalError, match="cannot be opened for changes: another program is writing to it"):
            Journal.open(path, read_only=False)


def test_a_journal_that_was_moved_or_replaced_takes_no_changes(journal: Journal, path: Path) -> None:
    aside = path.with_name("aside")
    path.rename(aside)
    with pytest.raises(JournalError, match="was moved, deleted or replaced while it was open; the change was not made"):
        journal.append("one", [])
    path.write_bytes(aside.read_bytes())
    with pytest.raises(JournalError, match="was moved, deleted or replaced"):
        journal.append("one", [])
    aside.rename(path)
    journal.append("one", [])
    assert titles(journal) == ["one"]


def test_used_after_it_was_closed_it_says_so(journal: Journal) -> None:
    journal.close()
    with pytest.raises(CuratorError, match="closed database"):
        journal.append("one", [])
    with pytest.raises(CuratorError, match="closed database"):
        list(journal.batches())


def test_closing_leaves_one_file(of_either_kind: Journal) -> None:
    of_either_kind.append("one", [])
    of_either_kind.close()
    assert list(of_either_kind.path.parent.iterdir()) == [of_either_kind.path]


def test_a_journal_from_another_kind_of_file_system_is_made_fit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for local in (True, False, True):
        monkeypatch.setattr("curator.storage.journal_file.is_local", lambda _path, local=local: local)
        opening = Journal.open(path, read_only=False) if path.exists() else Journal.create(path, b"{}")
        with closing(opening) as journal:
            journal.append("one", [])
            assert path.with_name(path.name + "-wal").exists() is local
