"""Sets of rows that belong together, against a model in plain Python."""

from __future__ import annotations

from array import array
from collections import defaultdict
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.duplicates import Doubtful, Unions, contradictions, sets_of, sets_without

HASHES = st.lists(st.integers(0, 6), max_size=30)


def numbers(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def as_lists(sets: object) -> list[list[int]]:
    return [rows.tolist() for rows in sets]  # type: ignore[attr-defined]


@given(HASHES)
def test_equal_hashes_are_one_set(hashes: list[int]) -> None:
    unions = Unions(len(hashes))
    unions.join_equal(numbers(hashes))
    by_hash = defaultdict(list)
    for row, one in enumerate(hashes):
        if one:
            by_hash[one].append(row)
    expected = [rows for rows in by_hash.values() if len(rows) > 1]
    assert as_lists(sets_of(unions.firsts)) == sorted(expected, key=lambda rows: (-len(rows), rows[0]))


@given(st.integers(1, 20), st.data())
def test_joining_pairs_is_the_closure(rows: int, given_: st.DataObject) -> None:
    row = st.integers(0, rows - 1)
    pairs = given_.draw(st.lists(st.tuples(row, row), max_size=20))
    unions, model = Unions(rows), [{one} for one in range(rows)]
    half = len(pairs) // 2
    for some in (pairs[:half], pairs[half:]):
        unions.join(
            np.array([one for one, _ in some], dtype=np.int64), np.array([two for _, two in some], dtype=np.int64)
        )
    for one, two in pairs:
        joined = model[one] | model[two]
        for member in joined:
            model[member] = joined
    assert unions.firsts.tolist() == [min(one) for one in model]


@given(st.lists(st.lists(st.integers(1, 9), max_size=3), max_size=12))
def test_rows_with_a_hash_in_common_are_put_together(turns: list[list[int]]) -> None:
    unions, other = Unions(len(turns)), Unions(len(turns))
    hashes = array("Q", (one << 60 for some in turns for one in some))
    with patch("curator.analysis.duplicates.AT_ONCE", 3):
        unions.join_common(hashes, np.cumsum([len(some) for some in turns], dtype=np.int64), len(hashes))
    pairs = [(a, b) for a, some in enumerate(turns) for b, more in enumerate(turns) if set(some) & set(more)]
    other.join(np.array([one for one, _ in pairs], dtype=np.int64), np.array([two for _, two in pairs], dtype=np.int64))
    assert unions.firsts.tolist() == other.firsts.tolist()


@given(HASHES)
def test_all_pairs_of_small_buckets_are_proposed(keys: list[int]) -> None:
    doubtful = Doubtful(Unions(len(keys)), np.flatnonzero(numbers(keys)))
    found = {
        pair for one, other in doubtful.rounds(numbers(keys)) for pair in zip(one.tolist(), other.tolist(), strict=True)
    }
    for bucket in set(keys) - {0}:
        members = [row for row, key in enumerate(keys) if key == bucket]
        pairs = {(a, b) for place, a in enumerate(members) for b in members[place + 1 :]}
        assert (pairs if len(members) <= 5 else {(members[0], b) for b in members[1:]}) <= found
    assert all(a < b and keys[a] == keys[b] for a, b in found)


def test_pairs_compared_in_vain_are_not_compared_again() -> None:
    unions = Unions(4)
    doubtful = Doubtful(unions, np.arange(4))
    asked = []
    for alike in (True, False):
        for one, other in doubtful.rounds(numbers([7, 7, 7, 7])):
            pairs = list(zip(one.tolist(), other.tolist(), strict=True))
            asked.append(pairs)
            doubtful.take(one, other, np.array([alike and pair in ((0, 1), (1, 3)) for pair in pairs], dtype=np.bool_))
    assert asked == [[(0, 1), (0, 2), (0, 3)], [(1, 2), (1, 3), (2, 3)], [], []]
    assert unions.firsts.tolist() == [0, 0, 2, 0]


@given(HASHES, st.data())
def test_sets_that_another_file_has_a_part_of_are_none(keys: list[int], drawn: st.DataObject) -> None:
    unions = Unions(len(keys))
    unions.join_equal(numbers(keys))
    theirs = drawn.draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys)))
    found, elsewhere = sets_without(unions.firsts, np.array(theirs, dtype=np.bool_))
    known = {key for key, other in zip(keys, theirs, strict=True) if other and key}
    assert elsewhere.tolist() == [row for row, key in enumerate(keys) if key in known and not theirs[row]]
    assert {keys[int(row)] for rows in found for row in rows} == {
        key for key in keys if key and key not in known and keys.count(key) > 1
    }


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=30))
def test_contradictions_are_prompts_with_several_answers(records: list[tuple[int, int]]) -> None:
    found = as_lists(contradictions(numbers([one for one, _ in records]), numbers([two for _, two in records])))
    by_prompt = defaultdict(list)
    for row, (prompt, answer) in enumerate(records):
        if prompt and answer:
            by_prompt[prompt].append(row)
    expected = [rows for rows in by_prompt.values() if len({records[row][1] for row in rows}) > 1]
    assert found == sorted(expected, key=lambda rows: (-len(rows), rows[0]))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=30))
def test_the_best_of_each_set_is_the_first_of_the_largest(records: list[tuple[int, int]]) -> None:
    hashes, values = [one for one, _ in records], [two for _, two in records]
    unions = Unions(len(records))
    unions.join_equal(numbers(hashes))
    sets = sets_of(unions.firsts)
    found = sets.rows[sets.best(numbers(values)[sets.rows])].tolist()
    assert sorted(found) == sorted(max(rows, key=lambda row: (values[row], -row)) for rows in as_lists(sets))
    assert sets.distinct(numbers(values)[sets.rows]) == sum(
        len({values[row] for row in rows}) for rows in as_lists(sets)
    )
