"""Several new files at once: all or none, never in the place of another, nothing left behind."""

from __future__ import annotations

import errno
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curator.errors import UnwritableError, UsageError
from curator.storage import new_files as module
from curator.storage.new_files import new_files
from curator.storage.source import Source, opened


@pytest.fixture
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    path = tmp_path_factory.mktemp("source") / "in.jsonl"
    path.write_bytes(b"{}\n")
    path.chmod(0o640)
    with opened(path) as one:
        yield one


@pytest.fixture
def put(source: Source) -> Callable[..., None]:
    """Makes files of the given names that hold their names."""

    def do(folder: Path, *names: str, replace: bool = False) -> None:
        with new_files(folder, source, size=9, replace=replace) as new:
            for name in names:
                new.write(name, [(source, [name.encode()])])
            new.commit()

    return do


Put = Callable[..., None]


def test_all_files_are_there_afterwards_and_nothing_else(tmp_path: Path, put: Put) -> None:
    put(tmp_path / "new", "a", "b")
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == {"a": b"a", "b": b"b"}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()} == {0o640}, "as the source"


def test_a_name_says_how_a_file_is_packed(tmp_path: Path, put: Put) -> None:
    put(tmp_path, "a.gz", "b")
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"a.gz"
    assert (tmp_path / "b").read_bytes() == b"b"


def test_others_are_replaced_where_that_is_asked(tmp_path: Path, put: Put) -> None:
    (tmp_path / "a").write_bytes(b"old")
    put(tmp_path, "a", "b", replace=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"a", "b": b"b"}


@pytest.mark.parametrize("links", [True, False])
def test_where_one_cannot_be_replaced_the_others_come_back(
    tmp_path: Path, put: Put, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:

        def link(*_: object) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(module.os, "link", link)
    (tmp_path / "a").write_bytes(b"old a")
    (tmp_path / "c").mkdir()
    with pytest.raises(UnwritableError):
        put(tmp_path, "a", "b", "c", replace=True)
    assert (tmp_path / "a").read_bytes() == (b"old a" if links else b"a"), "never neither of the two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c"]


def test_without_a_commit_nothing_is_there(tmp_path: Path, source: Source) -> None:
    with new_files(tmp_path / "new", source, size=9) as new:
        new.write("a", [(source, [b"a"])])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_is_taken_refuses_all(
    tmp_path: Path, put: Put, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:

        def link(*_: object) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(module.os, "link", link)
    (tmp_path / "b").write_bytes(b"mine")
    with pytest.raises(UsageError, match="b: is there already"):
        put(tmp_path, "a", "b", "c")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"mine"}
    put(tmp_path, "d", "e")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "d", "e"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, source: Source) -> None:
    def full() -> Iterator[bytes]:
        yield b"b"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UnwritableError, match="No space left"), new_files(tmp_path / "new", source, size=9) as new:
        new.write("a", [(source, [b"a"])])
        new.write("b", [(source, full())])
    assert list(tmp_path.iterdir()) == []


def test_what_killed_writers_left_is_removed_but_not_what_is_in_work(tmp_path: Path, source: Source, put: Put) -> None:
    stray = tmp_path / ".curator-0123456789abcdef.parts"
    stray.mkdir()
    (stray / "a").write_bytes(b"a")
    with new_files(tmp_path, source, size=9) as one:
        assert not stray.exists()
        one.write("a", [(source, [b"a"])])
        put(tmp_path, "b")
        one.commit()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, source: Source) -> None:
    (tmp_path / "file").write_bytes(b"")
    wrong = tmp_path / "file" / "x"
    with pytest.raises(UsageError, match="nothing can be written there"), new_files(wrong, source, size=9):
        pass
