"""Has workers read all records of a session as they are now, and gathers the hashes by which they are compared."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyroaring import BitMap64

from curator.analysis.prints import Prints, Wanted
from curator.analysis.report import AuditSpec
from curator.edits.segments import all_records
from curator.engine.scan import in_order
from curator.session.current_records import Portion, lines_of, portions_with_ids
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.working_source import WorkingSource
from curator.storage.runs import Runs
from curator.storage.spilled import SpilledColumn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Places = NDArray[np.int64]
    Flags = NDArray[np.bool_]

PORTIONS_A_WORKER = 3
BY_ROW = ("same", "answers", "lines", "lengths", "prompts", "openings", "turn_counts", "together")
"""The columns of what workers find that have a row a record, where they were asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """Some records of a source, and what is asked of them."""

    portion: Portion
    wanted: Wanted


def answer(question: Question) -> Prints:
    """The hashes of a portion's records, a row each. Runs in a worker."""
    from curator.analysis.fingerprints import reader_for

    return reader_for(question.portion.spec).prints(lines_of(question.portion), question.wanted)


@dataclass(slots=True)
class Gathered:
    """The hashes of all records of a session: a row each, in the order of the files, whatever is listed."""

    sources: list[WorkingSource] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    """The row at which each source begins, and the one behind the last."""
    ids: array[int] = field(default_factory=lambda: array("Q"))
    """The record of each row."""
    prints: Prints = field(default_factory=Prints)
    bands: list[SpilledColumn] = field(default_factory=list)
    """The keys of each band."""
    strata: array[int] = field(default_factory=lambda: array("I"))
    """The number of the stratum of each row, in the order in which these were met; empty without strata."""
    names: dict[str, int] = field(default_factory=dict)
    """The strata by name."""
    sketches: SpilledColumn = field(default_factory=SpilledColumn)
    """The sketches of all rows, in the order in which these were read."""
    turns: SpilledColumn = field(default_factory=SpilledColumn)
    """The turns of all rows, in the order in which these were read."""
    orders: list[Places | None] = field(default_factory=list)
    """Of each source, where its rows stand in what was read; None where they were read in order."""

    def __len__(self) -> int:
        return len(self.ids)

    def source_of(self, row: int) -> WorkingSource:
        """The source of a row's record."""
        return next(one for one, end in zip(self.sources, self.starts[1:], strict=True) if row < end)

    def column(self, numbers: array[int] | SpilledColumn) -> Numbers:
        """A column of hashes or lengths by row; all 0 where it was not asked for."""
        import numpy as np

        if not len(numbers):
            return np.zeros(len(self), dtype=np.uint64)
        held = numbers[:]
        read: Numbers = np.frombuffer(held, dtype=held.typecode).astype(np.uint64, copy=False)
        places = self.places_read()
        return read if places is None else read[places]

    def by_sketch(self, ones: Places, others: Places) -> Places:
        """For each pair of rows, how many bytes of their sketches are equal."""
        import numpy as np

        from curator.analysis.shingles import HASHES, equal_bytes

        sketches = np.frombuffer(self.sketches.view(), dtype=np.uint8).reshape(-1, HASHES)
        places = self.places_read()
        return equal_bytes(sketches, *((ones, others) if places is None else (places[ones], places[others])))

    def places_read(self) -> Places | None:
        """Where each row stands in what was read; None where that is in order."""
        import numpy as np

        if all(order is None for order in self.orders):
            return None
        places = np.arange(len(self), dtype=np.int64)
        for start, order in zip(self.starts, self.orders, strict=False):
            if order is not None:
                places[start : start + len(order)] = start + order
        return places

    def of_sources(self, numbers: Collection[int]) -> Flags:
        """For each row, whether it is of one of the sources with these numbers."""
        import numpy as np

        mine = [source.number in numbers for source in self.sources]
        return np.repeat(mine, np.diff(self.starts))

    def records_but(self, numbers: Collection[int]) -> int:
        """The records of all sources but those with these numbers; blank lines are none."""
        return int((self.column(self.prints.lines)[~self.of_sources(numbers)] != 0).sum())

    def selection(self, rows: Places) -> dict[WorkingSource, BitMap64]:
        """The records of some rows, by source."""
        import numpy as np

        ids = np.frombuffer(self.ids, dtype=np.uint64)
        found: dict[WorkingSource, BitMap64] = {}
        for source, start, end in zip(self.sources, self.starts, self.starts[1:], strict=False):
            mine = rows[(rows >= start) & (rows < end)]
            if len(mine):
                found[source] = BitMap64(ids[mine].tolist())
        return found

    def add(self, ids: Sequence[int], prints: Prints) -> None:
        """Take what was found of some records."""
        self.ids.extend(ids)
        mine = self.prints
        for name in BY_ROW:
            getattr(mine, name).extend(getattr(prints, name))
        self.turns.extend(prints.turns)
        self.strata.extend(self.names.setdefault(name, len(self.names)) for name in prints.groups)
        self.sketches.extend(array("Q", prints.sketches))
        if prints.bands:
            length = len(ids) * 8
            number = len(prints.bands) // length
            self.bands = self.bands or [SpilledColumn() for _ in range(number)]
            for band, column in enumerate(self.bands):
                column.extend(array("Q", prints.bands[band * length : (band + 1) * length]))

    def end(self, source: WorkingSource) -> None:
        """All records of a source are there: put its rows into their order."""
        import numpy as np

        start = self.starts[-1]
        ids = self.ids[start:]
        runs = all_records(source.edited)
        order: Places | None = None
        if len(runs) != 1 or source.edited.unsaved:
            standing = Runs(runs)
            places = [standing.place_of(record) for record in ids]
            order = np.argsort(np.array([-1 if one is None else one for one in places], dtype=np.int64), kind="stable")
            self.ids[start:] = array("Q", np.array(ids, dtype=np.uint64)[order].tobytes())
        self.sources.append(source)
        self.starts.append(len(self.ids))
        self.orders.append(order)


def gather(
    session: Session, wanted: Wanted, executor: Executor, workers: int, among: Selection | None = None
) -> Iterator[tuple[float, Gathered | None]]:
    """The hashes of all records, with `among` of those alone.

    Yields the share of the work that is done, and at last what was found.
    """
    found, total = Gathered(), max(1, session.listing.number_of_all if among is None else sum(map(len, among.values())))
    for source in session.sources:
        spec: AuditSpec = session.spec(source.opened)
        records = None if among is None else among.get(source, BitMap64())
        waiting: deque[Sequence[int]] = deque()

        def questions(
            source: WorkingSource = source,
            spec: AuditSpec = spec,
            waiting: deque[Sequence[int]] = waiting,
            records: BitMap64 | None = records,
        ) -> Iterator[Question]:
            for portion, ids in portions_with_ids(source, spec, records):
                waiting.append(ids)
                yield Question(portion, wanted)

        for _, prints in in_order(executor, answer, questions(), window=PORTIONS_A_WORKER * workers):
            found.add(waiting.popleft(), prints)
            yield min(1.0, len(found) / total), None
        found.end(source)
    yield 1.0, found
