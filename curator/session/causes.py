"""Findings grouped by cause, over all sources: each cause with the set of records that have it.

Only records with findings are looked at once more, by workers, and only their causes come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from pyroaring import BitMap64

from curator.analysis.causes import MOST_CAUSES, Cause, CauseReport, beyond, explain, over_long
from curator.analysis.findings import Finding
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.lint.rules import BY_CODE, OVER_CONTEXT
from curator.analysis.report import AuditSpec
from curator.engine.audit import plan
from curator.engine.scan import in_order
from curator.session.current_records import Portion, ids_of_lines, lines_of, portions_with_ids
from curator.session.working_source import WorkingSource

PORTIONS_A_WORKER = 3
NONE_EXCUSED: Mapping[int, Mapping[int, int]] = {}


@dataclass(slots=True)
class Group:
    """The records with findings of one cause."""

    cause: Cause
    records: dict[int, BitMap64] = field(default_factory=dict)
    """By number of the source: ids of its records, or lines of its file."""
    source: int = 0
    record: int = 0
    """The first record met, in that source, as an example."""
    finding: Finding | None = None
    """The example's finding; None where no record was looked at."""

    @property
    def count(self) -> int:
        """How many records it has."""
        return sum(map(len, self.records.values()))


@dataclass(slots=True)
class Causes:
    """The groups found so far."""

    groups: dict[Cause, Group] = field(default_factory=dict)

    def ranked(self) -> list[Group]:
        """The groups, that with most records first."""
        return sorted(self.groups.values(), key=lambda one: (-one.count, one.cause.code, one.cause.shape))

    def add(self, source: int, records: Sequence[int], report: CauseReport) -> None:
        """Take in what was found of some records of a source, in the order in which they were looked at."""
        groups = [
            self._group(cause, source, records[row], finding)
            for cause, (row, finding) in zip(report.causes, report.examples, strict=True)
        ]
        held: list[list[int]] = [[] for _ in groups]
        for row, number in zip(report.rows, report.numbers, strict=True):
            held[number].append(records[row])
        for group, some in zip(groups, held, strict=True):
            group.records.setdefault(source, BitMap64()).update(some)

    def add_set(self, source: int, records: BitMap64, cause: Cause) -> None:
        """Take in records of a source that are known to have a cause without a look at each."""
        if records:
            group = self._group(cause, source, records.min(), None)
            group.records.setdefault(source, BitMap64()).update(records)

    def leave_out(self, source: int, excused: Mapping[int, int]) -> None:
        """Forget records of a source in the groups of rules from which they are excused, as their bits say."""
        for cause, group in list(self.groups.items()):
            bit = BY_CODE[cause.code].bit
            gone = BitMap64([record for record, bits in excused.items() if bits & bit])
            left = group.records.get(source, BitMap64()) - gone
            if group.source == source and group.record in gone and left:
                group.record, group.finding = left.min(), None
            group.records[source] = left
            if not group.count:
                del self.groups[cause]

    def _group(self, cause: Cause, source: int, record: int, finding: Finding | None) -> Group:
        if cause not in self.groups and len(self.groups) >= MOST_CAUSES:
            cause = beyond(cause)
        return self.groups.setdefault(cause, Group(cause, source=source, record=record, finding=finding))


def causes_now(
    sources: Sequence[WorkingSource],
    spec: Callable[[WorkingSource], AuditSpec],
    limit: int,
    executor: Executor,
    workers: int,
) -> Iterator[Causes]:
    """The causes of all findings that are known, of records as they are now, by id; yielded as it grows.

    `spec` gives what the audit of a source depends on, `limit` is the longest example in tokens, 0 for none.
    """
    return _causes(sources, spec, limit, executor, workers, _known_now, portions_with_ids)


def causes_in_files(
    sources: Sequence[WorkingSource],
    spec: Callable[[WorkingSource], AuditSpec],
    limit: int,
    executor: Executor,
    workers: int,
    excused: Mapping[int, Mapping[int, int]] = NONE_EXCUSED,
) -> Iterator[Causes]:
    """The same of the files as they are on the disk, by line counted from 0.

    `excused` has, by the number of the source, the lines that are excused from rules, with the bits of these.
    """
    for found in _causes(sources, spec, limit, executor, workers, _known_lines, _lines):
        for number, lines in excused.items():
            found.leave_out(number, lines)
        yield found


Known = Callable[[WorkingSource, int, RuleSet], tuple[BitMap64, BitMap64]]
"""The records with findings, and those over the longest example."""
Work = Callable[[WorkingSource, AuditSpec, BitMap64], Iterator[tuple[Portion, Sequence[int]]]]
"""Some records in portions."""


def _causes(
    sources: Sequence[WorkingSource],
    spec: Callable[[WorkingSource], AuditSpec],
    limit: int,
    executor: Executor,
    workers: int,
    known: Known,
    work: Work,
) -> Iterator[Causes]:
    found = Causes()
    for source in sources:
        own = spec(source)
        broken, long = known(source, limit, own.rules)
        found.add_set(source.number, long, over_long(limit, own.rules))
        yield from _explained(found, source.number, work(source, own, broken), executor, workers)
    yield found


def explain_portion(task: tuple[Portion, Sequence[int]]) -> CauseReport:
    """The causes of the findings of some records. Runs in a worker."""
    return explain(lines_of(task[0]), task[0].spec)


def _explained(
    found: Causes, source: int, work: Iterator[tuple[Portion, Sequence[int]]], executor: Executor, workers: int
) -> Iterator[Causes]:
    for (_, records), report in in_order(executor, explain_portion, work, window=PORTIONS_A_WORKER * workers):
        found.add(source, records, report)
        yield found


def _known_lines(source: WorkingSource, limit: int, rules: RuleSet) -> tuple[BitMap64, BitMap64]:
    """The lines with findings, and those over the longest example, as far as the audit has come."""
    columns = source.opened.columns
    limit = limit if rules.asked(OVER_CONTEXT.number) else 0
    broken = BitMap64([line for line, bits in enumerate(columns.findings) if bits])
    long = [line for line, tokens in enumerate(columns.tokens) if tokens > limit] if limit else []
    return broken, BitMap64(long)


def _known_now(source: WorkingSource, limit: int, rules: RuleSet) -> tuple[BitMap64, BitMap64]:
    """The same of records as they are now, by id."""
    broken, long = (ids_of_lines(source, lines) for lines in _known_lines(source, limit, rules))
    changed = source.edited.hidden | source.edited.unsaved
    broken, long = broken - changed, long - changed
    for record in source.figures.problems - source.edited.hidden:
        place = source.find(record)
        if place is not None and place.columns.findings[place.row]:
            broken.add(record)
        if place is not None and limit and rules.asked(OVER_CONTEXT.number) and place.columns.tokens[place.row] > limit:
            long.add(record)
    return broken, long


def _lines(source: WorkingSource, spec: AuditSpec, lines: BitMap64) -> Iterator[tuple[Portion, Sequence[int]]]:
    """Portions of a source's lines, with the lines' numbers."""
    for chunk in plan(source.opened.source.place, source.opened.index, spec):
        wanted = lines & BitMap64(range(chunk.first_line, chunk.end_line))
        if wanted:
            yield Portion(spec, chunk, bytes(wanted.serialize())), wanted.to_array()
