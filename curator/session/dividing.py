"""Divides the records of a session, as they are now, into training, validation and test without leaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from curator.analysis.division import SIDES, Division
from curator.analysis.prints import Likeness, Wanted
from curator.errors import UsageError
from curator.session.duplicates import READING, join_near
from curator.session.facade import Session
from curator.session.picking import RecordRun, part_of
from curator.session.prints import Gathered, gather
from curator.session.working_source import WorkingSource
from curator.storage.delivering import Delivered
from curator.storage.new_files import new_files

if TYPE_CHECKING:
    from curator.analysis.dividing import Rows, Sides
    from curator.analysis.drawing import Numbers
    from curator.session.strata import Strata


@dataclass(frozen=True, slots=True)
class Request:
    """How records are to be divided."""

    division: Division
    threshold: float
    """From when on near duplicates stay on one side; 0 for exact ones alone."""
    by_key: str = ""
    """Path of the key whose values are spread evenly; empty for none."""
    by_tag: bool = False
    """Whether tags are."""
    together: str = ""
    """Path of the key whose values keep records on one side."""
    others: int = 0
    """How many of the session's last sources are only there to be compared with."""
    strata: Strata | None = None
    """What else is spread evenly."""


class Divided:
    """What came of it."""

    def __init__(
        self, gathered: Gathered, request: Request, sides: Sides, firsts: Rows, origins: Sequence[WorkingSource]
    ) -> None:
        self.request = request
        self._gathered = gathered
        self._sides = sides
        self._firsts = firsts
        self._sources = origins
        self._end = gathered.starts[len(origins)]

    def sizes(self) -> list[int]:
        """The number of records of each side."""
        return [int((self._sides[: self._end] == side).sum()) for side in range(len(self.request.division.sides))]

    @property
    def left_out(self) -> int:
        """Blank lines, which go nowhere."""
        return int((self._sides[: self._end] < 0).sum())

    @property
    def no_groups(self) -> bool:
        """Whether no record has the key whose values are to be spread evenly."""
        return not any(self._gathered.prints.groups)

    @property
    def none_together(self) -> bool:
        """Whether no record has the key whose values keep records together."""
        return not any(self._gathered.prints.together)

    def kept_together(self) -> tuple[int, int, int]:
        """How many sets of several records stay on one side, how many records they have, and the largest of them."""
        import numpy as np

        firsts = self._firsts[: self._end][self._sides[: self._end] >= 0]
        sizes = np.unique(firsts, return_counts=True)[1]
        several = sizes[sizes > 1]
        return len(several), int(several.sum()), int(several.max(initial=0))

    def also_elsewhere(self) -> list[tuple[WorkingSource, int]]:
        """The records that belong together with one of the other files."""
        import numpy as np

        elsewhere = np.unique(
            self._firsts[self._end :][self._gathered.column(self._gathered.prints.lines)[self._end :] != 0]
        )
        rows = np.flatnonzero(np.isin(self._firsts[: self._end], elsewhere) & (self._sides[: self._end] >= 0))
        return [(self._gathered.source_of(row), self._gathered.ids[row]) for row in rows.tolist()]

    def runs(self, side: int) -> Iterator[RecordRun]:
        """The records of a side, in the order of the files."""
        for source, start, end in zip(self._sources, self._gathered.starts, self._gathered.starts[1:], strict=False):
            rows = (self._sides[start:end] == side).nonzero()[0]
            ids = (self._gathered.ids[start + row] for row in rows.tolist())
            for _, group in groupby(enumerate(ids), lambda pair: pair[1] - pair[0]):
                members = [record for _, record in group]
                yield source, members[0], len(members)


def divided(
    session: Session, request: Request, executor: Executor, workers: int
) -> Iterator[tuple[float, Divided | None]]:
    """Which record goes to which side; yields the share of the work that is done, and at last what came of it."""
    likeness = Likeness("record", request.threshold)
    part = READING if likeness.near else 1.0
    gathered = None
    wanted = Wanted(likeness, opening=True, group=request.by_key, together=request.together)
    for share, so_far in gather(session, wanted, executor, workers):
        gathered = so_far
        yield share * part, None
    assert gathered is not None
    import numpy as np

    from curator.analysis.dividing import Records, divide
    from curator.analysis.duplicates import Unions

    prints, column = gathered.prints, gathered.column
    keys = _keys(gathered)
    unions = Unions(len(gathered))
    for hashes in (keys, column(prints.same), column(prints.together)):
        unions.join_equal(hashes)
    unions.join_common(np.array(gathered.turns[:], dtype=np.uint64), gathered.rows_of_turns())
    for share in join_near(session, gathered, unions, likeness, executor, workers):
        yield part + (1 - part) * share, None
    origins = gathered.sources[: len(gathered.sources) - request.others]
    own = keys.copy()
    own[gathered.starts[len(origins)] :] = 0
    sides = divide(Records(own, unions.firsts, _strata(gathered, request)), request.division)
    yield 1.0, Divided(gathered, request, sides, unions.firsts, origins)


def paths_of_sides(output: Path, sides: Sequence[str]) -> list[Path]:
    """The files of the sides: of a folder `train.jsonl` and so on; of a name with `*`, the side stands in its place.

    Raises UsageError where a file of another division would be left beside them.
    """
    if "*" in output.name:
        named = {side: output.with_name(output.name.replace("*", side)) for side in SIDES}
    else:
        named = {side: output / f"{side}.jsonl" for side in SIDES}
    for other in SIDES[len(sides) :]:
        if named[other].exists():
            raise UsageError(f"{named[other]}: is of another division; remove it, or give another name.")
    return [named[side] for side in sides]


def write_sides(session: Session, found: Divided, paths: Sequence[Path], *, force: bool = False) -> list[Delivered]:
    """Write a file for each side, into one folder; all appear together, or none. With `force`, others are replaced.

    Raises UsageError where a name is taken, and what `deliver` raises.
    """
    first = session.sources[0]
    with new_files(paths[0].parent, first.edited.source, size=session.data.bytes, replace=force) as new:
        written = [new.write(path.name, [part_of(found.runs(side), first)]) for side, path in enumerate(paths)]
        new.commit()
    return written


def _keys(gathered: Gathered) -> Numbers:
    """What the side of each row follows from: how its conversation begins, else what it says, else its line."""
    import numpy as np

    prints, column = gathered.prints, gathered.column
    openings, same = column(prints.openings), column(prints.same)
    return np.where(openings != 0, openings, np.where(same != 0, same, column(prints.lines)))


def _strata(gathered: Gathered, request: Request) -> Rows | None:
    """The number of the stratum of each row, in the order in which they are met; None where none are asked for."""
    import numpy as np

    if request.strata is not None:
        ids = np.array(gathered.ids, dtype=np.uint64)
        spans = zip(gathered.sources, gathered.starts, gathered.starts[1:], strict=False)
        return np.concatenate([request.strata.of(source, ids[start:end]) for source, start, end in spans])
    if request.by_tag:
        names = [
            "\n".join(gathered.source_of(row).edited.overlay.labels.tags_of(record))
            for row, record in enumerate(gathered.ids)
        ]
    elif request.by_key:
        names = gathered.prints.groups
    else:
        return None
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(name, len(numbers)) for name in names]
    return np.array(found, dtype=np.int64)
