"""Columns kept between runs: what comes back, what is thrown away, and that nothing ever fails."""

from __future__ import annotations

import os
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.storage import column_cache
from curator.storage.column_cache import ColumnCache, users_folder

COLUMNS = [array("I", range(1000)), array("Q", [2**64 - 1, 0]), array("B", b"\0\xff"), array("I")]
ARRAYS = st.one_of(
    st.lists(st.integers(0, 2**32 - 1), max_size=30).map(lambda numbers: array("I", numbers)),
    st.lists(st.integers(0, 2**64 - 1), max_size=30).map(lambda numbers: array("Q", numbers)),
    st.lists(st.integers(0, 255), max_size=30).map(lambda numbers: array("B", numbers)),
)


@pytest.fixture
def cache(tmp_path: Path) -> ColumnCache:
    return ColumnCache(tmp_path / "cache" / "columns")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "columns").iterdir(), key=lambda path: path.stat().st_mtime_ns)


@given(key=st.text(st.characters(exclude_categories=["Cs"])), columns=st.lists(ARRAYS, max_size=9), extra=st.binary())
def test_what_is_stored_comes_back(cache: ColumnCache, key: str, columns: list[array[int]], extra: bytes) -> None:
    cache.store(key, columns, extra)
    found = cache.load(key)
    assert found == (columns, extra)
    assert [one.format for one in found[0]] == [one.typecode for one in columns]


def test_columns_are_written_piece_by_piece(cache: ColumnCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_cache, "WRITTEN_AT_ONCE", 7)
    cache.store("a", COLUMNS, b"extra")
    assert cache.load("a") == (COLUMNS, b"extra")


def test_what_was_not_stored_is_not_there(cache: ColumnCache) -> None:
    assert cache.load("a") is None
    cache.store("a", COLUMNS, b"")
    assert cache.load("b") is None
    assert cache.load("a") == (COLUMNS, b"")


def test_a_key_holds_what_was_stored_last(cache: ColumnCache, tmp_path: Path) -> None:
    cache.store("a", COLUMNS, b"one")
    cache.store("a", COLUMNS[:1], b"two")
    assert cache.load("a") == (COLUMNS[:1], b"two")
    assert len(files(tmp_path)) == 1


def test_the_folder_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    assert users_folder() == tmp_path / "mine" / "curator" / "columns"
    users_folder().mkdir(parents=True)
    users_folder().chmod(0o755)
    ColumnCache().store("a", COLUMNS, b"")
    assert users_folder().stat().st_mode & 0o777 == 0o700
    assert ColumnCache().load("a") == (COLUMNS, b"")


def test_damage_is_noticed_and_removed(cache: ColumnCache, tmp_path: Path) -> None:
    cache.store("a", COLUMNS[1:], b"extra")
    (path,) = files(tmp_path)
    sound = path.read_bytes()
    for at in range(len(sound)):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        assert cache.load("a") is None
        assert not path.exists()
        path.write_bytes(sound[:at])
        assert cache.load("a") is None
        assert not path.exists()
    path.write_bytes(sound + b"\0")
    assert cache.load("a") is None
    path.write_bytes(sound)
    assert cache.load("a") == (COLUMNS[1:], b"extra")


def test_columns_of_another_key_are_not_taken_for_this_one(cache: ColumnCache, tmp_path: Path) -> None:
    cache.store("a", COLUMNS, b"")
    (of_a,) = files(tmp_path)
    cache.store("b", COLUMNS[:1], b"")
    of_b = next(path for path in files(tmp_path) if path != of_a)
    of_a.replace(of_b)
    assert cache.load("b") is None


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = ColumnCache(tmp_path / "cache" / "columns", limit=13_500)
    for age, key in enumerate(["a", "b", "c"]):
        cache.store(key, COLUMNS, b"")
        newest = files(tmp_path)[-1]
        os.utime(newest, (1000 + age, 1000 + age))
    assert cache.load("a")
    cache.store("d", COLUMNS, b"")
    assert [key for key in "abcd" if cache.load(key)] == ["a", "c", "d"]
    cache.store("too large", [array("Q", bytes(16_000))], b"")
    assert cache.load("too large") is None
    assert [key for key in "abcd" if cache.load(key)] == ["a", "c", "d"]


def test_a_place_that_cannot_be_used_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = ColumnCache(tmp_path / "file" / "columns")
    cache.store("a", COLUMNS, b"")
    assert cache.load("a") is None


def test_nothing_is_left_of_a_store_that_fails(tmp_path: Path, cache: ColumnCache) -> None:
    cache.store("a", COLUMNS, b"")
    (path,) = files(tmp_path)
    path.unlink()
    path.mkdir()
    cache.store("a", COLUMNS, b"")
    assert files(tmp_path) == [path]
    assert cache.load("a") is None


class Shrinking:
    """A column that loses its last number when it is read."""

    typecode, itemsize = "I", 4

    def __init__(self) -> None:
        self.numbers = array("I", range(20))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: slice) -> array[int]:
        self.numbers.pop()
        return self.numbers[place]


def test_columns_that_change_meanwhile_are_not_kept(cache: ColumnCache, tmp_path: Path) -> None:
    cache.store("a", [*COLUMNS, Shrinking()], b"")
    assert cache.load("a") is None
    assert files(tmp_path) == []
