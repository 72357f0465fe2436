"""Records of the list, drawn at random."""

from __future__ import annotations

from pyroaring import BitMap64

from curator.analysis.predicates.nodes import State
from curator.errors import UsageError
from curator.session.facade import Session
from curator.session.filtering import matching
from curator.session.viewing import records_of
from curator.session.working_source import WorkingSource

AT_ONCE = 1 << 20
"""Records that are drawn from together."""


def candidates(session: Session) -> dict[WorkingSource, BitMap64]:
    """The records that are listed, by source, without blank lines as far as the audit knows them."""
    blank: dict[WorkingSource, BitMap64] = {}
    for found in matching(session, State("blank")):
        blank = found
    return {source: records - blank.get(source, BitMap64()) for source, records in records_of(session).items()}


def drawn_from(records: dict[WorkingSource, BitMap64], count: int, seed: int) -> dict[WorkingSource, BitMap64]:
    """That many of some records; of all records of a file the ones that `curator sample` draws with that seed.

    Raises UsageError where there are fewer. Takes memory for `count` records and `AT_ONCE` more, not for all.
    """
    import numpy as np

    from curator.analysis.drawing import drawn

    number = sum(map(len, records.values()))
    if count > number:
        raise UsageError(f"There are {number:,} records, fewer than the {count:,} that are asked for.")
    lots, rows = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64)
    for start in range(0, number, AT_ONCE):
        more = np.arange(start, min(start + AT_ONCE, number), dtype=np.uint64)
        lots, rows = np.concatenate((lots, drawn(more, seed))), np.concatenate((rows, more))
        lowest = np.argsort(lots, kind="stable")[:count]
        lots, rows = lots[lowest], rows[lowest]
    chosen, before = np.sort(rows), 0
    found: dict[WorkingSource, BitMap64] = {}
    for source, some in records.items():
        mine = chosen[(chosen >= before) & (chosen < before + len(some))] - np.uint64(before)
        found[source] = BitMap64(some[int(place)] for place in mine)
        before += len(some)
    return found
