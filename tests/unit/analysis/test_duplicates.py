"""Sets of rows that belong together, against a model in plain Python."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.duplicates import Doubtful, Unions, candidates, contradictions, sets_of

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
    hashes = numbers([one for some in turns for one in some])
    unions.join_common(hashes, np.repeat(np.arange(len(turns)), [len(some) for some in turns]))
    pairs = [(a, b) for a, some in enumerate(turns) for b, more in enumerate(turns) if set(some) & set(more)]
    other.join(np.array([one for one, _ in pairs], dtype=np.int64), np.array([two for _, two in pairs], dtype=np.int64))
    assert unions.firsts.tolist() == other.firsts.tolist()


@given(HASHES)
def test_all_pairs_of_small_buckets_are_candidates(keys: list[int]) -> None:
    rows = np.arange(len(keys))
    one, other = candidates(numbers(keys), rows)
    found = set(zip(one.tolist(), other.tolist(), strict=True))
    for bucket in set(keys):
        members = [row for row, key in enumerate(keys) if key == bucket]
        pairs = {(a, b) for place, a in enumerate(members) for b in members[place + 1 :]}
        assert (pairs if len(members) <= 5 else {(members[0], b) for b in members[1:]}) <= found
    assert all(a < b and keys[a] == keys[b] for a, b in found)


def test_pairs_compared_in_vain_are_not_compared_again() -> None:
    unions = Unions(3)
    doubtful = Doubtful(unions, np.arange(3))
    one, other = doubtful.pairs(numbers([7, 7, 7]))
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
    doubtful.take(one, other, np.array([True, False, False]))
    assert not len(doubtful.pairs(numbers([7, 7, 7]))[0])
    assert unions.firsts.tolist() == [0, 0, 2]


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
