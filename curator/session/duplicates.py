"""Duplicates and contradictions among the records of a session as they are now."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from pyroaring import BitMap64

from curator.analysis.prints import Likeness, Wanted
from curator.analysis.report import AuditSpec
from curator.engine.scan import in_order
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.groups import Groups
from curator.session.path_values import Ranks
from curator.session.prints import PORTIONS_A_WORKER, Gathered, gather
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from curator.analysis.duplicates import Rows, Sets, Unions

Kind = Literal["exact", "near", "contradiction"]
Keep = Literal["first", "longest"]

READING = 0.6
"""Share of the work until all records are read, where near duplicates are looked for."""
PAIRS_AT_ONCE = 500
"""Pairs of records that a worker compares in one call."""

Place: TypeAlias = "tuple[int, int, int] | tuple[int, bytes]"
"""Where a line is: the number of its source and its bytes [start, end), or that number and the line itself."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of records that may be alike."""

    files: tuple[tuple[Path, tuple[int, int], AuditSpec], ...]
    """The path, identity and spec of each source."""
    places: tuple[Place, ...]
    ones: array[int]
    """Of each pair, the first as an index into the places."""
    others: array[int]
    likeness: Likeness


def compare(pairs: Pairs) -> bytes:
    """For each pair 1 where it is alike enough, else 0. Runs in a worker."""
    from curator.analysis.chunk import read_chunk
    from curator.analysis.fingerprints import reader_for
    from curator.analysis.shingles import jaccard

    found = []
    for place in pairs.places:
        path, identity, spec = pairs.files[place[0]]
        line = place[1] if len(place) == 2 else read_chunk(path, place[1], place[2], identity)
        found.append(reader_for(spec).compared(line, pairs.likeness.by))
    least = pairs.likeness.threshold
    return bytes(
        jaccard(found[one], found[other]) >= least for one, other in zip(pairs.ones, pairs.others, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records that are alike, in the order of the files."""

    kind: Kind
    records: tuple[tuple[WorkingSource, int], ...]
    lengths: tuple[int, ...]
    """Characters of all texts of each."""


class Clusters:
    """What was found, the largest cluster first."""

    def __init__(
        self,
        gathered: Gathered,
        sets: Sets,
        likeness: Likeness,
        *,
        contradictions: bool = False,
        elsewhere: Rows | None = None,
    ) -> None:
        self.gathered = gathered
        self._elsewhere = elsewhere
        self.elsewhere = 0 if elsewhere is None else len(elsewhere)
        """Records that another file has, which are in no cluster."""
        self.likeness = likeness
        self.contradictions = contradictions
        self._sets = sets
        self._same = gathered.column(gathered.prints.same)
        self._lengths = gathered.column(gathered.prints.lengths)
        self.records = len(sets.rows)
        """Records in all clusters."""
        self.spare = self.records - len(sets)
        """Records that are left over where one of each cluster is kept."""
        self.exact = self.records - sets.distinct(self._same[sets.rows])
        """Of these, the ones that say exactly what an earlier one of their cluster says."""

    def __len__(self) -> int:
        return len(self._sets)

    def __getitem__(self, number: int) -> Cluster:
        rows = self._sets[number]
        records = tuple(map(self._record, rows.tolist()))
        return Cluster(self.kind(number), records, tuple(self._lengths[rows].tolist()))

    def __iter__(self) -> Iterator[Cluster]:
        return (self[number] for number in range(len(self)))

    def size(self, number: int) -> int:
        """Records of a cluster."""
        return int(self._sets.sizes[number])

    def kind(self, number: int) -> Kind:
        """What its records have in common."""
        rows = self._sets[number]
        if self.contradictions:
            return "contradiction"
        return "exact" if bool((self._same[rows] == self._same[rows[0]]).all()) else "near"

    def first(self, number: int) -> tuple[WorkingSource, int]:
        """Its first record."""
        return self._record(int(self._sets[number][0]))

    def _record(self, row: int) -> tuple[WorkingSource, int]:
        return self.gathered.source_of(row), self.gathered.ids[row]

    def selection(self) -> dict[WorkingSource, BitMap64]:
        """The records of all clusters."""
        return self.gathered.selection(self._sets.rows)

    def groups(self, numbers: Iterable[int] | None = None) -> Groups:
        """All clusters, or some, as something to filter and to sort by."""
        import numpy as np

        meant = range(len(self)) if numbers is None else numbers
        rows = np.concatenate([self._sets[number] for number in meant])
        ids, ranks = np.frombuffer(self.gathered.ids, np.uint64), np.arange(1, len(rows) + 1, dtype=np.uint64)
        found = {}
        for source, start, end in zip(
            self.gathered.sources, self.gathered.starts, self.gathered.starts[1:], strict=False
        ):
            mine = (rows >= start) & (rows < end)
            if mine.any():
                found[source.number] = Ranks(ids[rows[mine]], ranks[mine])
        return Groups(found)

    def dropped(self, keep: Keep, numbers: Iterable[int] | None = None) -> dict[WorkingSource, BitMap64]:
        """The records to drop where one of each cluster, or of some, is kept; of equally long ones the first.

        Where all clusters are meant, those that another file has are dropped too.
        """
        import numpy as np

        sets = self._sets
        lengths = self._lengths[sets.rows]
        gone = ~sets.best(lengths if keep == "longest" else np.zeros_like(lengths))
        if numbers is not None:
            gone &= np.isin(sets.numbers, np.fromiter(numbers, np.int64))
        elif self._elsewhere is not None:
            return self.gathered.selection(np.concatenate((sets.rows[gone], self._elsewhere)))
        return self.gathered.selection(sets.rows[gone])


def clusters(
    session: Session,
    likeness: Likeness,
    executor: Executor,
    workers: int,
    *,
    contradictions: bool = False,
    without: frozenset[int] = frozenset(),
    among: Selection | None = None,
) -> Iterator[tuple[float, Clusters | None]]:
    """Duplicates among all records as they are now, or records with the same prompt and different answers.

    Those of the sources with the numbers `without` are only compared with: what they have too is in no cluster. With
    `among` other records are not looked at.
    Yields the share of the work that is done, and at last what was found.
    """
    part = READING if likeness.near and not contradictions else 1.0
    asked = Likeness("prompt") if contradictions else likeness
    gathered = None
    for share, so_far in gather(session, Wanted(asked), executor, workers, among):
        gathered = so_far
        yield share * part, None
    assert gathered is not None
    from curator.analysis import duplicates

    same, elsewhere = gathered.column(gathered.prints.same), None
    if contradictions:
        found = duplicates.contradictions(same, gathered.column(gathered.prints.answers))
    else:
        unions = duplicates.Unions(len(gathered))
        unions.join_equal(same)
        for share in join_near(session, gathered, unions, likeness, executor, workers):
            yield part + (1 - part) * share, None
        theirs = gathered.of_sources(without)
        found, elsewhere = duplicates.sets_without(unions.firsts, theirs)
    yield 1.0, Clusters(gathered, found, asked, contradictions=contradictions, elsewhere=elsewhere)


def join_near(
    session: Session, gathered: Gathered, unions: Unions, likeness: Likeness, executor: Executor, workers: int
) -> Iterator[float]:
    """Put records together that are nearly the same; yields the share of the work that is done."""
    import numpy as np

    from curator.analysis.duplicates import Doubtful
    from curator.analysis.shingles import fewest_equal

    same = gathered.column(gathered.prints.same)
    # One of those that are exactly the same is enough.
    _, firsts = np.unique(same, return_index=True)
    doubtful = Doubtful(unions, np.sort(firsts[same[firsts] != 0]))
    for number, band in enumerate(gathered.bands):
        for pairs in doubtful.rounds(gathered.column(band)):
            likely = gathered.by_sketch(*pairs) >= fewest_equal(likeness.threshold)
            ones, others = (side[likely] for side in pairs)
            starts = range(0, len(ones), PAIRS_AT_ONCE)
            tasks = (
                _task(session, gathered, likeness, ones[at : at + PAIRS_AT_ONCE], others[at : at + PAIRS_AT_ONCE])
                for at in starts
            )
            alike = bytearray()
            for _, one in in_order(executor, compare, tasks, window=PORTIONS_A_WORKER * workers):
                alike += one
                yield (number + len(alike) / max(1, len(ones))) / len(gathered.bands)
            doubtful.take(ones, others, np.frombuffer(alike, dtype=np.bool_))


def _task(session: Session, gathered: Gathered, likeness: Likeness, ones: Rows, others: Rows) -> Pairs:
    opened = [one.opened for one in gathered.sources]
    files = tuple((one.source.place, one.index.identity, session.spec(one)) for one in opened)
    places: dict[int, int] = {}
    numbers = [[places.setdefault(row, len(places)) for row in side.tolist()] for side in (ones, others)]
    return Pairs(
        files,
        tuple(_place(gathered.source_of(row), gathered.ids[row]) for row in places),
        array("I", numbers[0]),
        array("I", numbers[1]),
        likeness,
    )


def _place(source: WorkingSource, record: int) -> Place:
    content = source.edited.content
    line = content.line_number(record)
    return (source.number, content.line(record)) if line is None else (source.number, *content.span(line))
