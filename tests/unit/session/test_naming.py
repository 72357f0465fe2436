"""Which files are meant by what is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import UnreadableError, UsageError
from curator.session.naming import natural, one_path, paths_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("p-10.jsonl", "p-2.jsonl.gz", "p-2.jsonl.gz.curator", ".hidden.jsonl", "notes.txt", "P.NDJSON"):
        (tmp_path / name).touch()
    (tmp_path / "p-1.jsonl").mkdir()
    return tmp_path


def test_a_folder_stands_for_its_files_of_records_in_natural_order(folder: Path) -> None:
    assert [one.name for one in paths_of([folder])] == ["P.NDJSON", "p-2.jsonl.gz", "p-10.jsonl"]


def test_a_pattern_stands_for_what_fits_it_without_journals(folder: Path) -> None:
    assert [one.name for one in paths_of([folder / "p*"])] == ["p-2.jsonl.gz", "p-10.jsonl"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path) -> None:
    odd = folder / "p[0-9]*.jsonl"
    odd.touch()
    assert paths_of([odd]) == [odd]


def test_where_nothing_is_meant_a_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="is a folder without files of records"):
        paths_of([tmp_path])
    with pytest.raises(UnreadableError, match="no file fits this pattern"):
        paths_of([tmp_path / "*.jsonl"])


def test_one_file_is_one_file(folder: Path) -> None:
    with pytest.raises(UsageError, match="stands for 3 files"):
        one_path(folder)
    with pytest.raises(UsageError, match="once only"):
        paths_of([Path("-"), Path("-")])


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_numbers_in_names_are_sorted_as_numbers(numbers: list[int]) -> None:
    names = [Path(f"part-{one}.jsonl") for one in numbers]
    assert sorted(names, key=natural) == [Path(f"part-{one}.jsonl") for one in sorted(numbers)]
