"""Which records go together when some are drawn, or divided, evenly: those with the same value of a facet."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from pyroaring import BitMap64

from curator.analysis.report import Flag
from curator.edits.segments import all_records
from curator.engine.scan import in_order
from curator.session.current_records import lines_of
from curator.session.facade import Session
from curator.session.facets import FACETS, FROM_TEXTS, Traits, bands_of, check_facet, questions, traits_of
from curator.session.figures_now import FiguresNow
from curator.session.path_values import PORTIONS_A_WORKER
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from numpy import int64, uint64
    from numpy.typing import NDArray

    Ids = NDArray[uint64]
    Numbers = NDArray[uint64] | list[str]

FROM_JOURNAL = frozenset(("tag", "verdict"))
"""Facets of what users said, which is in the journals alone."""


def facet_or_key(by: str) -> tuple[str, str]:
    """What is meant by a word: a facet, else the path of a key, `.meta.lang` or `meta.lang`; the other one is empty.

    A key that has the name of a facet is spelt with its dot. Raises UsageError for a facet that cannot be told here.
    """
    if by in FACETS:
        check_facet(by)
        return by, ""
    return "", by.removeprefix(".")


class Strata:
    """The strata of the records of some sources, as numbers."""

    def __init__(self) -> None:
        self._numbers: dict[str | int, int] = {}
        self._known: dict[int, tuple[Ids, NDArray[int64]]] = {}

    def add(self, source: WorkingSource, ids: Ids, values: Numbers) -> None:
        """Take in the values of records, one for each id."""
        import numpy as np

        found, rows = np.unique(np.array(values), return_inverse=True)
        numbers = [self._numbers.setdefault(value, len(self._numbers)) for value in found.tolist()]
        order = np.argsort(ids, kind="stable")
        self._known[source.number] = ids[order], np.array(numbers, dtype=np.int64)[rows][order]

    def of(self, source: WorkingSource, ids: Ids) -> NDArray[int64]:
        """The strata of records of a source, shape of `ids`."""
        import numpy as np

        known, numbers = self._known[source.number]
        if not len(known):
            return np.zeros(len(ids), dtype=np.int64)
        return numbers[np.minimum(np.searchsorted(known, ids), len(known) - 1)]


def strata(session: Session, by: str, executor: Executor, workers: int) -> Iterator[tuple[float, Strata]]:
    """All records by their values of a facet; yields the share that was looked at, from 0 to 1, and what is known.

    A record with several values, of tools say, is of the stratum of all of them together.
    """
    found = Strata()
    for number, source in enumerate(session.sources):
        if by in FROM_TEXTS:
            yield from _from_texts(session, by, source, found, executor, workers)
        else:
            records = BitMap64()
            for first, count in all_records(source.edited):
                records.add_range(first, first + count)
            ids = _ids(records.to_array())
            found.add(source, ids, _AT_ONCE[by](source, ids))
        yield (number + 1) / len(session.sources), found


def _from_texts(
    session: Session, by: str, source: WorkingSource, found: Strata, executor: Executor, workers: int
) -> Iterator[tuple[float, Strata]]:
    ids, values = array("Q"), list[str]()
    asked = questions(session, by, source, None, [], ids)
    done = source.number / len(session.sources)
    for _, some in in_order(executor, strata_of, asked, window=PORTIONS_A_WORKER * workers):
        values += some
        share = len(values) / max(1, len(source.opened.index))
        yield done + min(share, 1.0) / len(session.sources), found
    found.add(source, _ids(ids), values)


def strata_of(asked: Traits) -> list[str]:
    """What the records of a portion have of a facet, each as one text. Runs in a worker."""
    known: dict[str, str] = {}
    texts = ("\n".join(sorted(traits_of(asked, line))) for line in lines_of(asked.portion))
    return [known.setdefault(text, text) for text in texts]


def _ids(ids: array[int]) -> Ids:
    import numpy as np

    return np.frombuffer(ids, dtype=np.uint64)


def _dialects(source: WorkingSource, ids: Ids) -> Numbers:
    import numpy as np

    figures = FiguresNow(source)
    odd = figures.values(ids, lambda columns: columns.flags) & np.uint64(Flag.MALFORMED | Flag.BLANK)
    return odd << np.uint64(32) | figures.values(ids, lambda columns: columns.dialect)


def _labels(of: Callable[[WorkingSource, int], str]) -> Callable[[WorkingSource, Ids], Numbers]:
    return lambda source, ids: [of(source, one) for one in ids.tolist()]


def _tags(source: WorkingSource, record: int) -> str:
    return "\n".join(source.edited.overlay.labels.tags_of(record))


def _verdict(source: WorkingSource, record: int) -> str:
    verdict = source.edited.overlay.labels.verdict_of(record)
    return verdict.value if verdict else ""


def _sources(source: WorkingSource, ids: Ids) -> Numbers:
    import numpy as np

    return np.full(len(ids), source.number, dtype=np.uint64)


_AT_ONCE: dict[str, Callable[[WorkingSource, Ids], Numbers]] = {
    "dialect": _dialects,
    "tag": _labels(_tags),
    "verdict": _labels(_verdict),
    "finding": lambda source, ids: FiguresNow(source).values(ids, lambda columns: columns.findings),
    "length": lambda source, ids: bands_of(source, ids),
    "source": _sources,
}
