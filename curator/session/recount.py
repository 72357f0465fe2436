"""Figures follow what was edited: who works them out asks here what is wanted, and brings them here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from threading import RLock
from typing import Protocol

from pyroaring import BitMap64

from curator.analysis.report import Columns
from curator.edits.content import Layers, swept
from curator.edits.versions import Sweep
from curator.session.working_source import WorkingSource

Text = tuple[int, int, bytes]
"""An edited record: its id, the number of its text, and its line."""


class NotInForceError(Exception):
    """What figures are asked of was undone."""


class Counting(Protocol):
    """By what figures are taken."""

    @property
    def audits(self) -> int:
        """Audits that were begun; figures taken before the newest are void."""

    @property
    def limit(self) -> int:
        """Tokens of the longest example; 0 where none is known."""


class Recount:
    """The figures of the edited records of all sources. For any thread."""

    def __init__(self, sources: Sequence[WorkingSource], lock: RLock, counting: Counting) -> None:
        self._sources = sources
        self._lock = lock
        self._counting = counting

    def waiting(self, most: int) -> tuple[WorkingSource, list[Text]] | None:
        """Some edited records of a source whose figures are wanted; None where there are none."""
        with self._lock:
            for source in self._sources:
                if some := source.figures.wanted(most):
                    content, versions = source.edited.content, source.edited.overlay.versions
                    held = [(record, versions.of(record), *content.layers(record)) for record in some]
                    break
            else:
                return None
        return source, [(record, version, swept(line, rules)) for record, version, line, rules in held]

    def take(self, source: WorkingSource, texts: Iterable[Text], columns: Columns, audit: int) -> None:
        """Add the figures of texts, a row each, unless another audit has begun."""
        with self._lock:
            if audit == self._counting.audits:
                for row, (record, version, _) in enumerate(texts):
                    source.figures.take(record, version, columns.stretch(row, row + 1))

    def layers_of(self, source: WorkingSource, sweep: Sweep, record: int) -> Layers:
        """What a record has by a sweep. Raises NotInForceError where that was undone."""
        with self._lock:
            if sweep not in source.edited.overlay.versions.sweeps:
                raise NotInForceError
            return source.edited.content.layers(record, sweep.number)

    def missing_layer(self) -> tuple[WorkingSource, Sweep] | None:
        """A sweep in force whose records' figures are not all known; None where there is none."""
        for source in self._sources:
            for sweep in source.edited.overlay.versions.sweeps:
                if not source.figures.has_layer(sweep):
                    return source, sweep
        return None

    def begin_layer(self, source: WorkingSource, sweep: Sweep, audit: int) -> None:
        """The figures of a sweep's records are about to come, from the first of them on."""
        with self._lock:
            if audit == self._counting.audits:
                source.figures.begin_layer(sweep)

    def take_layer(self, source: WorkingSource, sweep: Sweep, records: BitMap64, columns: Columns, audit: int) -> bool:
        """Add the figures of more records of a sweep. Whether they still count: no other audit has begun."""
        with self._lock:
            if audit == self._counting.audits:
                source.figures.take_layer(sweep, records, columns)
            return audit == self._counting.audits

    def end_layer(self, source: WorkingSource, sweep: Sweep, audit: int) -> None:
        """The figures of a sweep's records are all there."""
        with self._lock:
            if audit == self._counting.audits:
                source.figures.end_layer(sweep)

    def settle(self, most: int) -> bool:
        """Let the totals follow in so many blocks of records at most. Whether all is done.

        Who waits to change a record gets a turn after each block.
        """
        for source in self._sources:
            for _ in range(most):
                with self._lock:
                    if source.figures.settle(self._counting.limit, 1):
                        break
                time.sleep(0)
        return all(source.figures.settled for source in self._sources)
