"""A view of the records: some of them, or all in another order; a snapshot that stays until it is taken anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap64

from curator.analysis.predicates import Everything, Predicate
from curator.session.ordered import Ordered


@dataclass(frozen=True, eq=False)
class View:
    """What is listed. A record that is edited stays in it; one that comes of another, such as a piece, comes in."""

    title: str = ""
    """What was asked for, as typed; empty where all records are listed, in another order."""
    predicate: Predicate = field(default_factory=Everything)
    """What that means."""
    outside: Mapping[int, BitMap64] = field(default_factory=dict)
    """By the number of the source: records that are left out."""
    known: Mapping[int, int] = field(default_factory=dict)
    """By the number of the source: lines that were looked at; those behind are left out too."""
    cursors: Mapping[int, int] = field(default_factory=dict)
    """By the number of the source: the undo cursor at which the records were looked at."""
    ordered: Ordered | None = None
    """The order of the records; None for that of the files."""
    order_title: str = ""
    """By what they are sorted."""
