"""Groups of records that were found to be alike, as something to filter and to sort by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyroaring import BitMap64

from curator.errors import UsageError
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

    from curator.session.path_values import Ranks


@dataclass(frozen=True, slots=True)
class Groups:
    """Some groups, as they were when they were looked for: edits change neither the groups nor their order."""

    ranks: Mapping[int, Ranks]
    """By the number of the source: its records, with their places when all groups stand one behind the other."""

    def records(self, source: WorkingSource) -> BitMap64:
        """The records of a source that are in a group."""
        known = self.ranks.get(source.number)
        return BitMap64() if known is None else BitMap64(known.ids.tolist())

    def places(self, source: WorkingSource, ids: NDArray[uint64]) -> NDArray[uint64]:
        """The places of some records, shape of `ids`; those in no group stand behind all others."""
        import numpy

        from curator.session.figures_now import put

        places = numpy.full(len(ids), sum(len(one.ids) for one in self.ranks.values()) + 1, dtype=numpy.uint64)
        known = self.ranks.get(source.number)
        if known is not None:
            put(places, ids, known.ids, known.ranks)
        return places


def known_groups(groups: Groups | None) -> Groups:
    """The groups that were found last. Raises UsageError where none were looked for."""
    if groups is None:
        raise UsageError("`alike` and `group` stand for groups that D lists by v or V; none has been listed yet.")
    return groups
