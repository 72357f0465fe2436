"""Converts records chunk by chunk in workers, and counts what there is to tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from pyroaring import BitMap64

from curator.analysis.report import AuditSpec
from curator.engine.audit import CHUNKS_A_WORKER, ChunkTask, plan
from curator.engine.data_set import OpenSource
from curator.engine.scan import in_order
from curator.records.codec import decode_exactly, line_body
from curator.records.converting import CAPACITIES, Cause, Converted, Loss, Ways, Weight, convert_line
from curator.records.dialects import Dialect, dialect_named
from curator.records.sniffing import dialect_of

LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """How records are converted: small enough to be sent to a worker."""

    target: str
    """The name of the dialect."""
    ways: Ways = field(default_factory=Ways)
    most: Weight = Weight.LOST
    """What weighs more than this is left out of what is written."""
    with_details: bool = False
    """Whether every loss is kept, and not just counted."""


@dataclass(slots=True)
class Count:
    """How often there was one thing to tell, and where."""

    records: int = 0
    lines: list[int] = field(default_factory=list)
    """The first of them, counted from 1."""
    example: str = ""
    """The sentence on the first of them."""


@dataclass(slots=True)
class Tally:
    """What a conversion amounts to."""

    records: int = 0
    """Lines that are not blank."""
    left_out: int = 0
    written: int = 0
    passed: int = 0
    """Lines that were not meant, and are copied."""
    blank: int = 0
    lossy: int = 0
    """Records that lose something."""
    refused: int = 0
    counts: dict[Cause, Count] = field(default_factory=dict)
    details: list[tuple[int, Loss]] = field(default_factory=list)
    """Each loss with its line, counted from 1, if they were asked for."""

    def merge(self, other: Tally) -> None:
        """Add what follows."""
        for name in ("records", "left_out", "written", "passed", "blank", "lossy", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for cause, count in other.counts.items():
            self._count(cause, count.records, count.lines, count.example)
        self.details += other.details

    def add(self, converted: Converted, line: int, plan: Plan) -> bool:
        """Count a record. Whether it is to be written."""
        self.records += 1
        weight = converted.weight
        self.refused += weight is Weight.REFUSED
        self.lossy += weight is Weight.LOST
        for cause, loss in {loss.cause: loss for loss in reversed(converted.losses)}.items():
            self._count(cause, 1, [line], loss.sentence)
        if plan.with_details:
            self.details += ((line, loss) for loss in converted.losses)
        if weight > plan.most:
            self.left_out += 1
            return False
        self.written += len(converted.records)
        return True

    def _count(self, cause: Cause, records: int, lines: list[int], example: str) -> None:
        mine = self.counts.setdefault(cause, Count(example=example))
        mine.records += records
        mine.lines += lines[: LINES_SHOWN - len(mine.lines)]

    def of(self, weight: Weight) -> list[tuple[Cause, Count]]:
        """What there is to tell of a weight, the most frequent first."""
        found = [(cause, count) for cause, count in self.counts.items() if cause.weight is weight]
        return sorted(found, key=lambda item: -item[1].records)


@dataclass(frozen=True, slots=True)
class Batch:
    """The new lines of some records, and what there is to tell of them."""

    lines: bytes
    tally: Tally


@dataclass(frozen=True, slots=True)
class ConvertTask:
    """A run of lines to convert."""

    chunk: ChunkTask
    plan: Plan
    meant: bytes | None = None
    """The packed set of the lines that are converted, counted from the file's first; None for all."""


@dataclass(frozen=True, slots=True)
class TextsTask:
    """Some lines to convert, each with its number, counted from 1."""

    lines: list[tuple[int, bytes]]
    dialect: str
    only_dialect: bool
    plan: Plan


def converted_file(
    opened: OpenSource, spec: AuditSpec, how: Plan, executor: Executor, workers: int, meant: BitMap64 | None = None
) -> Iterator[tuple[ChunkTask, Batch]]:
    """Each chunk of a file with what it became, in file order; all lines but those `meant` are copied.

    The index is advanced as that takes.
    """
    chunks = plan(opened.source.place, opened.index, spec)
    tasks = (ConvertTask(chunk, how, _within(chunk, meant)) for chunk in chunks)
    for task, batch in in_order(executor, converted_chunk, tasks, window=CHUNKS_A_WORKER * workers):
        yield task.chunk, batch


def _within(chunk: ChunkTask, meant: BitMap64 | None) -> bytes | None:
    return None if meant is None else bytes((meant & BitMap64(range(chunk.first_line, chunk.end_line))).serialize())


def converted_chunk(task: ConvertTask) -> Batch:
    """Convert the lines of a chunk. Runs in a worker."""
    from curator.analysis.chunk import cut_lines, read_chunk

    chunk = task.chunk
    data = read_chunk(chunk.path, chunk.start, chunk.end, chunk.identity)
    lines = enumerate(cut_lines(data, at_start=not chunk.start), chunk.first_line + 1)
    meant = None if task.meant is None else BitMap64.deserialize(task.meant)
    return _converted(lines, chunk.spec.dialect, chunk.spec.only_dialect, task.plan, meant)


def converted_texts(task: TextsTask) -> Batch:
    """Convert lines. Runs in a worker."""
    return _converted(task.lines, task.dialect, task.only_dialect, task.plan)


def _converted(
    lines: Iterable[tuple[int, bytes]], dialect: str, only: bool, plan: Plan, meant: BitMap64 | None = None
) -> Batch:
    own, target = dialect_named(dialect), dialect_named(plan.target)
    tally = Tally()
    parts: list[bytes] = []
    for number, line in lines:
        if meant is not None and number - 1 not in meant:
            tally.passed += 1
            parts.append(line)
            continue
        body = line_body(line)
        if not body.strip():
            tally.blank += 1
            continue
        value = decode_exactly(body)
        source = dialect_of(value, own, only=only)
        converted, made = convert_line(body, value, source, target, plan.ways)
        if tally.add(_judged(converted, value, source, target), number, plan):
            parts += made
    return Batch(b"".join(part + b"\n" for part in parts), tally)


def _judged(converted: Converted, value: object, source: Dialect, target: Dialect) -> Converted:
    """With what the dialects' shipped schemas say of the old record and of the new ones.

    A sound record's every word is read by its dialect; of an unsound one that is not known.
    """
    from curator.analysis.schema import shipped_schema

    if source is target or not converted.records:
        return converted
    losses = converted.losses
    if isinstance(value, dict) and not shipped_schema(source.name).is_valid(_without_further_keys(value, source)):
        losses += (Loss(Cause.UNSOUND),)
    if not all(shipped_schema(target.name).is_valid(record) for record in converted.records):
        losses += (Loss(Cause.BREAKS),)
    return Converted(converted.records, losses, converted.kept)


def _without_further_keys(record: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """The record without keys that are told anyway, where its dialect forbids them."""
    capacity = CAPACITIES[dialect.name]
    if capacity.keys:
        return record
    return {key: value for key, value in record.items() if key in dialect.keys or key in capacity.allowed}
