"""Random choices and divisions: stable, whole, without leaks, as many as were asked for."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.dividing import Records, divide
from curator.analysis.division import Division
from curator.analysis.drawing import drawn, sample, shares, shuffled

DRAWS = [258863698125685209, 15979313559291895140, 3385023308830181501]
KEYS = st.lists(st.integers(0, 1 << 63), max_size=60)


def rows_of(keys: list[int], strata: list[int] | None = None) -> Records:
    """Rows that belong together where their keys are the same."""
    firsts = [keys.index(key) if key else row for row, key in enumerate(keys)]
    kinds = None if strata is None else np.array(strata, dtype=np.int64)
    return Records(np.array(keys, dtype=np.uint64), np.array(firsts, dtype=np.int64), kinds)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_shares_are_within_one_and_add_up(total: int, weights: list[int]) -> None:
    parts = shares(total, weights)
    whole = sum(weights)
    assert sum(parts) == (total if whole else 0)
    if whole:
        assert all(abs(part - Fraction(total * one, whole)) < 1 for part, one in zip(parts, weights, strict=True))


@given(KEYS, st.integers(0, 1000), st.data())
def test_by_ratio_a_record_goes_where_it_goes_whatever_else_is_there(
    keys: list[int], seed: int, given_: st.DataObject
) -> None:
    division = Division(ratio=(Fraction(8), Fraction(1), Fraction(1)), seed=seed)
    sides = divide(rows_of(keys), division).tolist()
    assert [side < 0 for side in sides] == [key == 0 for key in keys]
    places = given_.draw(st.permutations(range(len(keys))))[: len(keys) // 2]
    some = divide(rows_of([keys[place] for place in places]), division).tolist()
    assert some == [sides[place] for place in places]


def test_by_ratio_the_sizes_are_about_what_was_asked_and_another_seed_divides_otherwise() -> None:
    keys = (drawn(np.arange(20_000, dtype=np.uint64), 99) | np.uint64(1)).tolist()
    records = Records(np.array(keys, dtype=np.uint64), np.arange(len(keys)))
    ratio = (Fraction(90), Fraction(5), Fraction(5))
    sides = divide(records, Division(ratio=ratio, seed=1))
    counts = Counter(sides.tolist())
    assert abs(counts[0] - 18_000) < 200 and abs(counts[1] - 1000) < 150 and abs(counts[2] - 1000) < 150
    assert (sides != divide(records, Division(ratio=ratio, seed=2))).any()


@given(st.lists(st.integers(1, 1 << 63), unique=True, min_size=1, max_size=60), st.integers(0, 99), st.data())
def test_counts_are_exact_where_nothing_belongs_together(keys: list[int], seed: int, given_: st.DataObject) -> None:
    wanted = given_.draw(st.integers(1, len(keys)))
    more = given_.draw(st.integers(0, len(keys) - wanted))
    counts = Counter(divide(rows_of(keys), Division(counts=(wanted, more), seed=seed)).tolist())
    assert (counts[1], counts[2]) == (wanted, more) and sum(counts.values()) == len(keys)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=60), st.integers(1, 60))
def test_what_belongs_together_stays_together_and_no_side_gets_more_than_asked(keys: list[int], wanted: int) -> None:
    sides = divide(rows_of(keys), Division(counts=(wanted,))).tolist()
    assert all(len({side for side, one in zip(sides, keys, strict=True) if one == key}) == 1 for key in keys)
    assert sides.count(1) <= wanted


@given(st.lists(st.tuples(st.integers(1, 1 << 63), st.integers(0, 3)), unique_by=lambda one: one[0], max_size=80))
def test_strata_are_spread_evenly_within_one_record(records: list[tuple[int, int]]) -> None:
    ratio = (Fraction(8), Fraction(1), Fraction(1))
    keys, strata = [one for one, _ in records], [two for _, two in records]
    sides = divide(rows_of(keys, strata), Division(ratio=ratio)).tolist()
    for stratum, size in Counter(strata).items():
        mine = Counter(side for side, one in zip(sides, strata, strict=True) if one == stratum)
        assert all(abs(mine[side] - size * weight / 10) < 1 for side, weight in enumerate(ratio))


@given(st.integers(0, 300), st.integers(0, 9))
def test_a_shuffle_is_a_permutation_that_follows_from_the_seed(count: int, seed: int) -> None:
    order = shuffled(count, seed)
    assert sorted(order.tolist()) == list(range(count)) and (order == shuffled(count, seed)).all()


def test_draws_are_the_same_on_every_machine() -> None:
    assert shuffled(8, 1).tolist() == shuffled(8, 1).tolist() != list(range(8))
    assert drawn(np.arange(3, dtype=np.uint64), 0).tolist() == DRAWS


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.data())
def test_a_sample_has_of_each_group_its_share(sizes: list[int], given_: st.DataObject) -> None:
    ends = np.cumsum(sizes)
    groups = [np.arange(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    wanted = given_.draw(st.integers(0, sum(sizes)))
    rows = sample(groups, wanted, 5).tolist()
    assert rows == sorted(set(rows)) and len(rows) == wanted
    for group in groups:
        assert abs(len(set(rows) & set(group.tolist())) - wanted * len(group) / sum(sizes)) < 1


def test_large_sets_go_to_no_side_more_often_than_others() -> None:
    keys = drawn(np.arange(20_000, dtype=np.uint64), 7) | np.uint64(1)
    records = Records(keys, np.arange(20_000) // 50 * 50)
    sides = divide(records, Division(ratio=(Fraction(1), Fraction(1)), seed=3)).tolist()
    assert 8_000 < sides.count(0) < 12_000
