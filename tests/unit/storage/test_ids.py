"""Ids of a set from one of them on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.storage.ids import ids_from, ids_within

STATUS = Path("/proc/self/status")
ids = st.integers(0, 300) | st.integers((1 << 40) - 3, (1 << 40) + 3)


@given(st.sets(ids), ids, ids)
def test_ids_are_those_not_below_and_within(held: set[int], first: int, end: int) -> None:
    records = BitMap64(held)
    assert [*ids_from(records, first)] == [one for one in sorted(held) if one >= first]
    assert [*ids_within(records, first, end)] == [one for one in sorted(held) if first <= one < end]


def _own_memory() -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) << 10


@pytest.mark.skipif(not STATUS.exists(), reason="the memory of a process is told by Linux")
def test_many_looks_take_no_memory() -> None:
    records, none = BitMap64(range(0, 3000, 3)), BitMap64()

    def look() -> None:
        for first in (0, 1500, 2998, 5000, 1 << 40):
            next(ids_from(records, first), None)
            list(ids_within(records, first, first + 9))
            list(ids_from(none, first))

    for _ in range(500):
        look()
    before = _own_memory()
    for _ in range(20_000):
        look()
    assert _own_memory() - before < 4 << 20
