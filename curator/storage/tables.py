"""Files of columns, as Parquet: read and written by a process of its own (`curator.tables`), which is asked here.

So a thread that waits for it holds up nothing, and the libraries that it takes are not in this process's memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from tempfile import TemporaryFile
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from curator.errors import CuratorError, UsageError
from curator.storage.packing import PLAIN_BLOCK, DamagedError, Table
from curator.storage.writer import write_segments

if TYPE_CHECKING:
    from curator.storage.proving import Part

JSON_IN_DATASETS = "4.7"
"""The version of `datasets` from which on its `Json` columns are read as what they hold."""
SHOWN_PLACES = 4


@dataclass(slots=True)
class TableReport:
    """What was written as a table."""

    json: list[str] = field(default_factory=list)
    """Clauses on the keys that are written as JSON."""
    blank: int = 0
    """Blank lines that were left out."""
    nulls: int = 0
    """Keys that were null, and are absent now."""
    added: int = 0
    """Messages without content, whose content is null now."""
    widened: int = 0
    """Whole numbers that have a point now."""
    reordered: int = 0
    """Records whose keys stand in another order now."""

    def sentences(self, name: str) -> Iterator[str]:
        """What to tell of it."""
        if self.json:
            shown = "; ".join(self.json[:SHOWN_PLACES]) + f"; and {len(self.json) - SHOWN_PLACES:,} more" * (
                len(self.json) > SHOWN_PLACES
            )
            yield (
                f"{name}: {shown}. Written as JSON, from which nothing is lost; `datasets` reads it as it was from"
                f" version {JSON_IN_DATASETS} on, other programs as text."
            )
        if self.nulls:
            yield f"{name}: {self.nulls:,} keys with null are left out: in a table every key that is absent is null."
        if self.added:
            yield f"{name}: {self.added:,} messages without content have null there now."
        if self.widened:
            yield f"{name}: {self.widened:,} whole numbers have a point now, as 1.0, as others under their key do."
        if self.reordered:
            yield f"{name}: the keys come in another order in {self.reordered:,} record{'s' * (self.reordered > 1)}."
        if self.blank:
            yield f"{name}: {self.blank:,} blank lines are left out."


class TableBlocks:
    """The records of a table as lines."""

    def __init__(self, file: BinaryIO, table: Table, name: str) -> None:
        self._file = file
        self._table = table
        self._name = name
        self.read = 0
        """About so many bytes of the file were read."""

    def blocks(self) -> Iterator[bytes]:
        """Lines, in blocks of whole ones. Raises DamagedError; what came before it is sound."""
        with _seekable(self._file) as file:
            size = os.fstat(file.fileno()).st_size
            before = 0
            for answer in _answers("read", file.fileno()):
                if answer[0] == "lines":
                    self.read = int(answer[1] * size)
                    before += len(answer[2])
                    yield answer[2]
                else:
                    raise self._fault(answer, before)

    def _fault(self, answer: Sequence[Any], before: int) -> DamagedError:
        what = answer[-1]
        return DamagedError(f"{self._name}: {what}; the records before it ({before:,} bytes of lines) could be read.")


class Ends:
    """Notes where the lines of blocks end."""

    def __init__(self) -> None:
        self.ends = array("Q")
        self.length = 0
        """Bytes of all blocks."""

    def note(self, block: bytes) -> None:
        """Take in a block of whole lines."""
        at = block.find(b"\n")
        while at >= 0:
            self.ends.append(self.length + at + 1)
            at = block.find(b"\n", at + 1)
        self.length += len(block)


def write_table(plain: BinaryIO, descriptor: int, table: Table, name: str) -> TableReport:
    """Write the lines of a file as a table to a descriptor.

    Raises UsageError for lines that no table, or not one with these columns, can hold; OSError when the disk fails.
    """
    if reason := table.why_not_written():
        raise UsageError(f"{name}: {reason}")
    table.require(name)
    report = TableReport()
    for answer in _answers("write", plain.fileno(), descriptor, like=str(table.like or "")):
        _take(answer, report, name, in_place=table.like is not None)
    return report


def survey(parts: Iterable[Part], descriptor: int, name: str) -> TableReport:
    """Write a table without records, in the columns that some lines need. Raises what `write_table` does."""
    ours, theirs = os.pipe()
    feeder = _Feeder(parts, theirs)
    feeder.start()
    report = TableReport()
    try:
        for answer in _answers("survey", ours, descriptor):
            _take(answer, report, name, in_place=False)
    finally:
        os.close(ours)
        feeder.join()
    if feeder.fault is not None:
        raise feeder.fault
    return report


class _Feeder(Thread):
    """Writes parts to a pipe, until nobody reads it any more."""

    def __init__(self, parts: Iterable[Part], descriptor: int) -> None:
        super().__init__(name="feed", daemon=True)
        self.fault: CuratorError | None = None
        self._parts = parts
        self._descriptor = descriptor

    def run(self) -> None:
        """Write all of it."""
        try:
            for source, segments in self._parts:
                write_segments(source, segments, self._descriptor)
        except BrokenPipeError:
            pass
        except CuratorError as error:
            self.fault = error
        finally:
            os.close(self._descriptor)


def compared(file: BinaryIO, plain: BinaryIO, table: Table, name: str, report: TableReport) -> Iterator[bytes]:
    """The lines that come out of a table, each compared with the one that was put in; the report is completed.

    Raises UsageError where one says something else.
    """
    for answer in _answers("compare", file.fileno(), plain.fileno()):
        if answer[0] == "lines":
            yield answer[2]
        else:
            _take(answer, report, name, in_place=table.like is not None)


def _take(answer: Sequence[Any], report: TableReport, name: str, *, in_place: bool) -> None:
    kind = answer[0]
    if kind == "report":
        for key, value in answer[1].items():
            setattr(report, key, value)
    elif kind == "disk":
        raise OSError(int(answer[1]), answer[2])
    else:
        what = str(answer[-1]).removesuffix(".") + "."
        advice = " Save it under another name, where the columns follow from the records." if in_place else ""
        raise UsageError(f"{name}: {what[:1].upper()}{what[1:]}{advice} Nothing was written.")


def _answers(verb: str, given: int, other: int | None = None, *, like: str = "") -> Iterator[Sequence[Any]]:
    """What the process answers, but for its end. A process that nobody listens to any more is ended."""
    ours, theirs = os.pipe()
    other = given if other is None else other
    command = [sys.executable, "-P", "-m", "curator.tables", verb, str(given), str(other), str(theirs), like]
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, pass_fds=(given, other, theirs), stdin=nothing, stdout=nothing, stderr=nothing
        )
    finally:
        os.close(theirs)
    with Connection(ours, writable=False) as answers:
        try:
            while (answer := _next(answers))[0] != "end":
                yield answer
        finally:
            with suppress(OSError):
                process.kill()
            process.wait()


def _next(answers: Connection) -> Sequence[Any]:
    try:
        answer: Sequence[Any] = answers.recv()
    except EOFError:
        return "fault", "the process that reads and writes tables ended early, perhaps for want of memory"
    return answer


def _without_name() -> BinaryIO:
    file: Any = TemporaryFile(buffering=PLAIN_BLOCK)  # noqa: SIM115 - who asks for it closes it
    return cast(BinaryIO, file)


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """A file as it is; what comes from a pipe as a file, for the end of a table says what is in it."""
    try:
        if os.lseek(file.fileno(), 0, os.SEEK_CUR) >= 0:
            yield file
            return
    except (AttributeError, OSError):
        pass
    with _without_name() as copy:
        while block := file.read(PLAIN_BLOCK):
            copy.write(block)
        copy.flush()
        yield copy
