"""Ids of a set from one of them on, in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from pyroaring import BitMap64


def ids_from(records: BitMap64, first: int) -> Iterator[int]:
    """The ids of a set that are not below `first`.

    A look where there are none is not taken: each costs 224 bytes that pyroaring 1.2 never gives back.
    """
    return records.iter_equal_or_larger(first) if records and records.max() >= first else iter(())


def ids_within(records: BitMap64, first: int, end: int) -> Iterator[int]:
    """The ids of a set in [first, end)."""
    return takewhile(end.__gt__, ids_from(records, first))
