"""Several new files at once: all or none, never in the place of another, nothing left behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from curator.errors import UnwritableError, UsageError
from curator.storage import new_files as module
from curator.storage.new_files import new_files


def put(folder: Path, *names: str) -> None:
    with new_files(folder) as new:
        for name in names:
            new.write(name, lambda descriptor, name=name: os.write(descriptor, name.encode()))  # type: ignore[misc]
        new.commit()


def test_all_files_are_there_afterwards_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path / "new", "a", "b")
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == {"a": b"a", "b": b"b"}


def test_without_a_commit_nothing_is_there(tmp_path: Path) -> None:
    with new_files(tmp_path / "new") as new:
        new.write("a", lambda descriptor: os.write(descriptor, b"a"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_is_taken_refuses_all(tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UnwritableError, match="No space left"), new_files(tmp_path) as new:
        new.write("a", lambda descriptor: os.write(descriptor, b"a"))
        new.write("b", full)
    assert list(tmp_path.iterdir()) == []


def test_what_killed_writers_left_is_removed_but_not_what_is_in_work(tmp_path: Path) -> None:
    stray = tmp_path / ".curator-0123456789abcdef.parts"
    stray.mkdir()
    (stray / "a").write_bytes(b"a")
    with new_files(tmp_path) as one:
        assert not stray.exists()
        one.write("a", lambda descriptor: os.write(descriptor, b"a"))
        put(tmp_path, "b")
        one.commit()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="nothing can be written there"), new_files(tmp_path / "file" / "x"):
        pass
