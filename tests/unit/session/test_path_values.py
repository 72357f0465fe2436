"""The places of records by what they have under a key: none before numbers, numbers before texts, equal ones equal."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from curator.session.path_values import Value, _ranked

values = st.lists(st.none() | st.floats(allow_nan=False) | st.text(max_size=3), max_size=20)


def as_sorted(value: Value) -> tuple[int, float, str]:
    if value is None:
        return 0, 0.0, ""
    return (1, value, "") if isinstance(value, float) else (2, 0.0, value)


@given(values, values)
def test_places_are_in_the_order_of_the_values(one: list[Value], other: list[Value]) -> None:
    ids = {0: array("Q", range(len(one))), 3: array("Q", range(len(other)))}
    found = _ranked(ids, {0: one, 3: other})
    assert [found[number].ids.tolist() for number in (0, 3)] == [list(range(len(one))), list(range(len(other)))]
    ranks = [*found[0].ranks.tolist(), *found[3].ranks.tolist()]
    keys = list(map(as_sorted, [*one, *other]))
    for first, rank in zip(keys, ranks, strict=True):
        for second, other_rank in zip(keys, ranks, strict=True):
            assert (first < second) == (rank < other_rank)
            assert (first == second) == (rank == other_rank)
        assert (rank == 0) == (first[0] == 0)
