"""Converts the files of a session, or some records of a source as they are now, into another dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import chain
from pathlib import Path

from pyroaring import BitMap64

from curator.edits.segments import all_records, in_order
from curator.engine.converting import Batch, Plan, Tally, TextsTask, converted_file, converted_texts
from curator.engine.scan import in_order as answers_in_order
from curator.errors import CuratorError
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.working_source import WorkingSource
from curator.storage.delivering import Delivered, deliver
from curator.storage.source import Source

BYTES_AT_ONCE = 1 << 19
CHUNKS_A_WORKER = 3


class NotWrittenError(CuratorError):
    """Nothing was written, for some records cannot be converted or lose something; the tally tells which."""

    def __init__(self, tallies: list[Tally]) -> None:
        super().__init__("Nothing was written.")
        self.tallies = tallies


def converted_files(
    session: Session,
    how: Plan,
    executor: Executor,
    workers: int,
    tallies: list[Tally],
    done: Callable[[int], object],
    meant: Selection | None = None,
) -> Iterator[bytes]:
    """The new lines of all files of a session as they are on disk, one file after the other.

    With `meant`, the lines of all other records are copied. A tally a file is put into
    `tallies` and grows on the way; `done` is told of bytes that were read.
    """
    for source in session.sources:
        tally, lines = Tally(), None if meant is None else meant[source]
        tallies.append(tally)
        spec = session.spec(source.opened)
        for task, batch in converted_file(source.opened, spec, how, executor, workers, lines):
            tally.merge(batch.tally)
            done(task.end - task.start)
            yield batch.lines


def converted_records(
    session: Session,
    source: WorkingSource,
    records: BitMap64 | None,
    how: Plan,
    executor: Executor,
    workers: int,
    tally: Tally,
) -> Iterator[bytes]:
    """The new lines of records of a source as they are now (None: of all), in file order; counted from 1 among them."""
    spec = session.spec(source.opened)
    runs = all_records(source.edited)
    if records is not None:
        runs = in_order(records, runs)
    numbers = chain.from_iterable(range(first, first + count) for first, count in runs)
    lines = enumerate(map(source.edited.content.line, numbers), 1)
    tasks = (TextsTask(some, spec.dialect, spec.only_dialect, how) for some in _in_batches(lines))
    batches: Iterable[tuple[TextsTask, Batch]] = answers_in_order(
        executor, converted_texts, tasks, window=CHUNKS_A_WORKER * workers
    )
    for _, batch in batches:
        tally.merge(batch.tally)
        yield batch.lines


def _in_batches(lines: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    some: list[tuple[int, bytes]] = []
    size = 0
    for number, line in lines:
        some.append((number, line))
        size += len(line)
        if size >= BYTES_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def write_converted(
    source: Source, lines: Iterable[bytes], target: Path | int, tallies: list[Tally], refused: Callable[[Tally], bool]
) -> Delivered:
    """Write new lines to a file like a source, read it back, and let it take its place; or to a descriptor.

    Raises NotWrittenError when, all lines being made, one of the tallies is `refused`; UnwritableError when the disk
    fails. The target is as it was then.
    """

    def checked() -> Iterator[bytes]:
        yield from lines
        if any(map(refused, tallies)):
            raise NotWrittenError(tallies)

    return deliver([(source, checked())], target, like=source, size=source.size)


def summed(tallies: Iterable[Tally]) -> Tally:
    """What several conversions amount to together; lines are those of each."""
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total
