"""A source is known again: untouched, touched, grown, replaced."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import UnreadableError
from curator.storage.fingerprint import SAMPLE_BYTES, SAMPLES, Fingerprint, Relation, fingerprint_of, relation
from curator.storage.source import opened

LARGE = SAMPLES * SAMPLE_BYTES + 12_345


def taken(path: Path) -> Fingerprint:
    with opened(path) as source:
        return fingerprint_of(source)


def related(known: Fingerprint, path: Path) -> Relation:
    with opened(path) as source:
        return relation(known, source)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_bytes(os.urandom(LARGE))
    return path


@given(st.builds(Fingerprint, st.integers(0), st.integers(), st.integers(0), st.integers(0), st.text()))
def test_it_survives_json(known: Fingerprint) -> None:
    assert Fingerprint.from_json(json.loads(json.dumps(known.to_json()))) == known


@pytest.mark.parametrize("value", [None, [], {}, {"size": "1"}, {"size": 1, "mtime_ns": 2, "inode": 3, "device": 4}])
def test_anything_else_is_refused_with_a_sentence(value: object) -> None:
    with pytest.raises(UnreadableError, match="is damaged; move the journal away"):
        Fingerprint.from_json(value)


def test_an_untouched_file_is_the_same_and_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = taken(path)
    monkeypatch.setattr("curator.storage.fingerprint._samples", None)
    assert related(known, path) is Relation.SAME


def test_a_copy_is_the_same(path: Path, tmp_path: Path) -> None:
    known = taken(path)
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(path.read_bytes())
    assert related(known, copy) is Relation.SAME


def test_a_touched_file_is_the_same(path: Path) -> None:
    known = taken(path)
    os.utime(path, ns=(1, 1))
    assert related(known, path) is Relation.SAME


@pytest.mark.parametrize("at", [0, SAMPLE_BYTES - 1, LARGE - SAMPLE_BYTES, LARGE - 1])
def test_another_byte_in_the_first_or_last_block_is_a_change(path: Path, at: int) -> None:
    known = taken(path)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    assert related(known, path) is Relation.CHANGED


def test_what_was_appended_to_grew(path: Path) -> None:
    known = taken(path)
    with path.open("ab") as file:
        file.write(b"more\n")
    assert related(known, path) is Relation.GREW


def test_an_empty_file_that_was_written_to_grew(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    known = taken(path)
    path.write_bytes(b"{}\n")
    assert related(known, path) is Relation.GREW


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: b"x" + content,
        lambda content: content[:-1] + b"??",
        lambda content: content[:0],
    ],
)
def test_shorter_or_shifted_is_a_change(path: Path, change: Callable[[bytes], bytes]) -> None:
    known = taken(path)
    path.write_bytes(change(path.read_bytes()))
    assert related(known, path) is Relation.CHANGED


@given(before=st.binary(max_size=50), after=st.binary(max_size=50))
def test_small_files_are_compared_in_full(tmp_path: Path, before: bytes, after: bytes) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"[" + before)
    new.write_bytes(b"[" + after)
    expected = Relation.CHANGED
    if after.startswith(before):
        expected = Relation.SAME if after == before else Relation.GREW
    assert related(taken(old), new) is expected


def test_the_first_bytes_of_a_grown_file_have_the_samples_of_the_file_before(path: Path) -> None:
    known = taken(path)
    with path.open("ab") as file:
        file.write(b"more\n")
    with opened(path) as source:
        assert fingerprint_of(source, known.size).samples == known.samples
        assert fingerprint_of(source).samples != known.samples
        assert fingerprint_of(source, known.size).size == known.size


def test_a_file_that_was_replaced_while_open_is_not_taken_for_the_one_under_its_path(path: Path) -> None:
    with opened(path) as source:
        other = path.with_name("other")
        other.write_bytes(os.urandom(LARGE))
        other.rename(path)
        known = fingerprint_of(source)
        assert relation(known, source) is Relation.SAME
    assert related(known, path) is Relation.CHANGED


def test_a_file_that_was_deleted_while_open_still_has_a_fingerprint(path: Path) -> None:
    with opened(path) as source:
        path.unlink()
        assert relation(fingerprint_of(source), source) is Relation.SAME
