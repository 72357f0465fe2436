"""Divides the records of a session, as they are now, into training, validation and test without leaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curator.analysis.division import SIDES, Division
from curator.analysis.prints import Likeness, Wanted
from curator.errors import UsageError
from curator.session.duplicates import READING, join_near
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.origins import pieces_in
from curator.session.picking import RecordRun, part_of
from curator.session.prints import Gathered, gather
from curator.session.working_source import WorkingSource
from curator.storage.delivering import Delivered
from curator.storage.new_files import new_files

if TYPE_CHECKING:
    from curator.analysis.drawing import Numbers
    from curator.analysis.duplicates import Flags, Rows, Unions
    from curator.session.strata import Strata

FEWEST_TOO_MANY, TOO_LARGE_A_SHARE = 1_000, 5
"""What so many records have in common, and one in five, tells none of them from the others."""


@dataclass(frozen=True, slots=True)
class Request:
    """How records are to be divided."""

    division: Division
    threshold: float
    """From when on near duplicates stay on one side; 0 for exact ones alone."""
    by_key: str = ""
    """Path of the key whose values are spread evenly; empty for none."""
    together: str = ""
    """Path of the key whose values keep records on one side."""
    against: frozenset[int] = frozenset()
    """Numbers of the sources that are only there to be compared with: what belongs together with theirs is told."""
    without: frozenset[int] = frozenset()
    """Numbers of those of which the same holds, but what belongs together with theirs is left out."""
    strata: Strata | None = None
    """What is spread evenly in place of that key's values."""


class Divided:
    """What came of it."""

    def __init__(self, gathered: Gathered, request: Request, kin: Kin) -> None:
        from curator.analysis.dividing import Records, divide

        self.request = request
        self.pieces = kin.pieces
        """Records that stay with others because the journal knows that they are pieces of one conversation."""
        self.alike = kin.alike
        """Records that begin as so many others do, or have a turn that so many have, that it tells nothing of them."""
        self._gathered = gathered
        self._firsts = kin.unions.firsts
        keys = kin.keys
        self._own = ~gathered.of_sources(request.against | request.without)
        self._blank = keys == 0
        self._kept_out = self._own & self._beside(request.without)
        keys[~self._own | self._kept_out] = 0
        self._sides = divide(Records(keys, self._firsts, _strata(gathered, request)), request.division)

    def sizes(self) -> list[int]:
        """The number of records of each side."""
        return [int((self._sides == side).sum()) for side in range(len(self.request.division.sides))]

    def empty_sides(self) -> list[str]:
        """The sides that have no record, though the ratio gives them some."""
        division = self.request.division
        return [
            name
            for name, weight, size in zip(division.sides, division.ratio, self.sizes(), strict=False)
            if weight and not size
        ]

    @property
    def blank(self) -> int:
        """Blank lines, which go nowhere."""
        return int((self._blank & self._own).sum())

    @property
    def no_groups(self) -> bool:
        """Whether no record has the key whose values are to be spread evenly."""
        return not any(self._gathered.names)

    @property
    def none_together(self) -> bool:
        """Whether no record has the key whose values keep records together."""
        return not any(self._gathered.prints.together)

    def kept_together(self) -> tuple[int, int, int]:
        """How many sets of several records stay on one side, how many records they have, and the largest of them."""
        import numpy as np

        sizes = np.unique(self._firsts[self._sides >= 0], return_counts=True)[1]
        several = sizes[sizes > 1]
        return len(several), int(several.sum()), int(several.max(initial=0))

    def also_elsewhere(self) -> list[tuple[WorkingSource, int]]:
        """The records that belong together with one of the files that they are compared with, and are not left out."""
        return self._records((self._sides >= 0) & self._beside(self.request.against))

    def kept_out(self) -> list[tuple[WorkingSource, int]]:
        """The records that are left out, as they belong together with one of the files to be kept out."""
        return self._records(self._kept_out)

    def _beside(self, numbers: frozenset[int]) -> Flags:
        """The rows that belong together with one that is no blank line, of these sources."""
        import numpy as np

        theirs = np.zeros(len(self._firsts), dtype=np.bool_)
        theirs[self._firsts[self._gathered.of_sources(numbers) & ~self._blank]] = True
        found: Flags = theirs[self._firsts] & ~self._blank
        return found

    def _records(self, rows: Flags) -> list[tuple[WorkingSource, int]]:
        return [(self._gathered.source_of(row), self._gathered.ids[row]) for row in rows.nonzero()[0].tolist()]

    def runs(self, side: int | None = None) -> Iterator[RecordRun]:
        """The records of a side, or of all sides, in the order of the files."""
        import numpy as np

        ids = np.frombuffer(self._gathered.ids, dtype=np.uint64)
        for source, start, end in zip(
            self._gathered.sources, self._gathered.starts, self._gathered.starts[1:], strict=False
        ):
            sides = self._sides[start:end]
            mine = ids[start:end][sides >= 0 if side is None else sides == side]
            begins = np.flatnonzero(np.diff(mine, prepend=mine[:1]) != 1) if len(mine) else mine
            for place, after in pairwise((*begins.tolist(), len(mine))):
                yield source, int(mine[place]), after - place


def divided(
    session: Session, request: Request, executor: Executor, workers: int, among: Selection | None = None
) -> Iterator[tuple[float, Divided | None]]:
    """Which record goes to which side, with `among` of those alone.

    Yields the share of the work that is done, and at last what came of it.
    """
    likeness = Likeness("record", request.threshold)
    part = READING if likeness.near else 1.0
    gathered = None
    wanted = Wanted(likeness, opening=True, group=request.by_key, together=request.together)
    for share, so_far in gather(session, wanted, executor, workers, among):
        gathered = so_far
        yield share * part, None
    assert gathered is not None
    kin = _kin(gathered)
    for share in join_near(session, gathered, kin.unions, likeness, executor, workers):
        yield part + (1 - part) * share, None
    yield 1.0, Divided(gathered, request, kin)


class Kin(NamedTuple):
    """Which records belong together."""

    unions: Unions
    keys: Numbers
    """What the side of each row follows from; 0 for what is no record."""
    pieces: int
    alike: int


def _kin(gathered: Gathered) -> Kin:
    """What belongs together, near duplicates aside.

    What very many records have in common, a greeting say, or the one prompt that all of them answer, does not put
    them together: else there would be nothing to divide.
    """
    import numpy as np

    from curator.analysis.duplicates import Unions, blot_out

    prints, column, unions = gathered.prints, gathered.column, Unions(len(gathered))
    most = max(FEWEST_TOO_MANY, len(gathered) // TOO_LARGE_A_SHARE)
    keys, alike = column(prints.lines), np.zeros(len(gathered), dtype=np.bool_)
    for numbers, least in ((prints.same, len(gathered)), (prints.prompts, most), (prints.openings, most)):
        hashes = column(numbers)
        alike[blot_out(hashes, least)] = True
        unions.join_equal(hashes)
        keys = np.where(hashes != 0, hashes, keys)
    unions.join_equal(column(prints.together))
    ends = np.cumsum(np.frombuffer(prints.turn_counts, dtype=prints.turn_counts.typecode), dtype=np.int64)
    places = gathered.places_read()
    alike[unions.join_common(gathered.turns, ends, most, None if places is None else np.argsort(places))] = True
    # Lines that are no records are together where they are the same.
    unions.join_equal(keys)
    ones, others = pieces_in(gathered)
    unions.join(ones, others)
    return Kin(unions, keys, len(np.unique(np.concatenate((ones, others)))), int(alike.sum()))


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
        notes = new.share_columns([path.name for path in paths], [part_of(found.runs(), first)])
        written = [new.write(path.name, [part_of(found.runs(side), first)]) for side, path in enumerate(paths)]
        new.commit()
    return [replace(written[0], notes=(*notes, *written[0].notes)), *written[1:]]


def _strata(gathered: Gathered, request: Request) -> Rows | None:
    """The number of the stratum of each row, in the order in which they are met; None where none are asked for."""
    import numpy as np

    if request.strata is not None:
        ids = np.array(gathered.ids, dtype=np.uint64)
        spans = zip(gathered.sources, gathered.starts, gathered.starts[1:], strict=False)
        return np.concatenate([request.strata.of(source, ids[start:end]) for source, start, end in spans])
    return gathered.column(gathered.strata).astype(np.int64) if request.by_key else None
