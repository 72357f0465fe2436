"""Findings mended: what fixes would do to records, worked out in workers, and done as one batch.

A fix is applied to the records with a finding that it is for, and to no others. What it leads to is looked at again,
so that a finding which one fix brings about is mended by another one, if that was asked for.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import islice

from pyroaring import BitMap64

from curator.analysis.lint.rules import BY_CODE, BY_NUMBER
from curator.edits.asked import Asked
from curator.edits.operations import Drop, Operation, sweeping
from curator.edits.rule import Fixes
from curator.engine.scan import in_order
from curator.records.dialects import dialect_named
from curator.records.fixing import DROPPING, FIXES, Fix, FixedLine, fix_line
from curator.records.sniffing import dialect_of
from curator.session.current_records import Portion, lines_of, portions_with_ids
from curator.session.editor import Done, Selection
from curator.session.facade import Session
from curator.session.ignoring import excused_records
from curator.session.problem_sets import numbers_in
from curator.session.sweeping import LAST_TEXT
from curator.session.working_source import WorkingSource

PORTIONS_A_WORKER = 3
ROUNDS = 3
"""How often the outcome of fixes is looked at for what they can mend."""


@dataclass(frozen=True, slots=True)
class FixTask:
    """Some records of a source, with the findings that are to be mended."""

    portion: Portion
    bits: bytes
    """For each record the rules that find it, 8 bytes."""
    excused: bytes
    """The packed set of rows that are excused from a rule: nothing else is mended in these."""
    fixes: tuple[str, ...]


@dataclass(slots=True)
class FixedPortion:
    """What came of a portion."""

    rows: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    """By the fixes that changed something, in order: the packed set of rows."""
    mended: Counter[int] = field(default_factory=Counter)
    """Findings that went, by the number of the rule; of each record one."""
    left: Counter[int] = field(default_factory=Counter)
    """Findings that the changed records still have."""


@dataclass(slots=True)
class FixPreview:
    """What fixes would do to records."""

    fixes: tuple[Fix, ...]
    found: int = 0
    """Records with a finding that one of the fixes is for."""
    swept: dict[tuple[str, ...], dict[WorkingSource, BitMap64]] = field(default_factory=dict)
    """By the fixes that change something, in order: the records."""
    dropped: dict[WorkingSource, BitMap64] = field(default_factory=dict)
    mended: Counter[int] = field(default_factory=Counter)
    """Findings that go, by the number of the rule; of each record one."""
    left: Counter[int] = field(default_factory=Counter)
    """Findings that the changed records still have."""

    @property
    def changed(self) -> int:
        """Records that change, or go."""
        return sum(len(some) for records in (*self.swept.values(), self.dropped) for some in records.values())

    @property
    def by_fix(self) -> Counter[str]:
        """By the name of the fix: the records that it changes, or drops."""
        counts: Counter[str] = Counter()
        for names, records in self.swept.items():
            for name in dict.fromkeys(names):
                counts[name] += sum(map(len, records.values()))
        for fix in self.fixes:
            if fix in DROPPING and self.dropped:
                counts[fix.name] += sum(self.mended[number] for number in fix.rules)
        return +counts

    def take(self, source: WorkingSource, ids: Sequence[int], fixed: FixedPortion) -> None:
        """Add what came of a portion."""
        self.mended.update(fixed.mended)
        self.left.update(fixed.left)
        for names, packed in fixed.rows.items():
            records = self.swept.setdefault(names, {})
            records[source] = records.get(source, BitMap64()) | BitMap64(
                [ids[row] for row in BitMap64.deserialize(packed)]
            )


def preview(
    session: Session,
    fixes: Sequence[Fix],
    executor: Executor,
    workers: int,
    selection: Selection | None = None,
) -> Iterator[tuple[float, FixPreview]]:
    """How far it is, from 0 to 1, with what is known so far of fixes in all records, or in some.

    All that they are for has to be audited. Nothing is changed.
    """
    found = FixPreview(tuple(fixes))
    chosen: Mapping[WorkingSource, BitMap64 | None] = selection or dict.fromkeys(session.sources)
    asked = {source: _Asked(session, source, found.fixes, among) for source, among in chosen.items()}
    total = max(1, sum(len(one.to_sweep) for one in asked.values()))
    done = 0
    for source, one in asked.items():
        found.found += len(one.any)
        if one.dropped:
            found.dropped[source] = one.dropped
            found.mended.update({number: len(some & one.dropped) for number, some in one.by_rule.items()})
        for ids, fixed in one.fixed(session, executor, workers):
            found.take(source, ids, fixed)
            done += len(ids)
            yield done / total, found
    found.mended = +found.mended
    yield 1.0, found


class _Asked:
    """What fixes are asked to mend in one source."""

    def __init__(self, session: Session, source: WorkingSource, fixes: tuple[Fix, ...], among: BitMap64 | None) -> None:
        self._source = source
        self._names = tuple(fix.name for fix in fixes if fix not in DROPPING)
        self.by_rule: dict[int, BitMap64] = {}
        for number in sorted({number for fix in fixes for number in fix.rules}):
            records = session.by_rule.of(source, number)
            self.by_rule[number] = records if among is None else records & among
        self.any = BitMap64().union(*self.by_rule.values())
        self.dropped = self._found_by(fix for fix in fixes if fix in DROPPING)
        self.to_sweep = self._found_by(fix for fix in fixes if fix not in DROPPING) - self.dropped

    def _found_by(self, fixes: Iterable[Fix]) -> BitMap64:
        return BitMap64().union(*(self.by_rule[number] for fix in fixes for number in fix.rules))

    def fixed(self, session: Session, executor: Executor, workers: int) -> Iterator[tuple[Sequence[int], FixedPortion]]:
        """Portion by portion what comes of the records that are not dropped."""
        if not self.to_sweep:
            return
        waiting: deque[Sequence[int]] = deque()
        spec = session.spec(self._source.opened)

        def tasks() -> Iterator[FixTask]:
            for portion, ids in portions_with_ids(self._source, spec, self.to_sweep):
                waiting.append(ids)
                yield FixTask(portion, self._bits(ids), self._excused(ids), self._names)

        for _, fixed in in_order(executor, fix_portion, tasks(), window=PORTIONS_A_WORKER * workers):
            yield waiting.popleft(), fixed

    def _bits(self, ids: Sequence[int]) -> bytes:
        rows = {record: row for row, record in enumerate(ids)}
        bits = array("Q", bytes(8 * len(ids)))
        here = BitMap64(ids)
        for number, records in self.by_rule.items():
            for record in records & here:
                bits[rows[record]] |= 1 << number
        return bits.tobytes()

    def _excused(self, ids: Sequence[int]) -> bytes:
        excused = excused_records(self._source.edited.overlay.labels)
        rows = [row for row, record in enumerate(ids) if record in excused] if excused else []
        return bytes(BitMap64(rows).serialize())


def fix_portion(task: FixTask) -> FixedPortion:
    """What fixes do to a portion. Runs in a worker."""
    from curator.analysis.analyst import analyst_for

    spec = task.portion.spec
    analyst = analyst_for(replace(spec, explain=True, limit=0))
    fixer = _Fixer(task.fixes, spec.dialect, only_dialect=spec.only_dialect)
    before = array("Q", task.bits)
    excused = BitMap64.deserialize(task.excused)
    lines = dict(enumerate(lines_of(task.portion)))
    done: dict[int, tuple[str, ...]] = {}
    bits, after = dict(enumerate(before)), dict[int, int]()
    for _ in range(ROUNDS):
        changed = [row for row in bits if fixer.fix(lines, row, bits[row], done)]
        if not changed:
            break
        bits = dict.fromkeys(changed, 0)
        for place, finding in analyst.findings([lines[row] for row in changed], alike=True):
            bits[changed[place]] |= BY_CODE[finding.code].bit
        after.update(bits)
        for row in excused.intersection(BitMap64(changed)):
            del bits[row]
    return _told(done, before, after)


def _told(done: Mapping[int, tuple[str, ...]], before: Sequence[int], after: Mapping[int, int]) -> FixedPortion:
    told = FixedPortion()
    rows: dict[tuple[str, ...], BitMap64] = {}
    for row, names in done.items():
        rows.setdefault(names, BitMap64()).add(row)
        told.mended.update(numbers_in(before[row] & ~after[row]))
        told.left.update(numbers_in(after[row]))
    told.rows = {names: bytes(some.serialize()) for names, some in rows.items()}
    return told


class _Fixer:
    """Applies fixes to lines for the findings that they have."""

    def __init__(self, names: Sequence[str], dialect: str, *, only_dialect: bool) -> None:
        self._fixes = [fix for fix in FIXES if fix.name in names]
        self._dialect = dialect_named(dialect)
        self._only = only_dialect

    def fix(self, lines: dict[int, bytes], row: int, bits: int, done: dict[int, tuple[str, ...]]) -> bool:
        """Mend a row's line, and note what was done. Whether anything was."""
        fixes = [fix for fix in self._fixes if any(bits >> number & 1 for number in fix.rules)]
        fixed = self._fixed(lines[row], fixes) if fixes else None
        if fixed is None:
            return False
        lines[row] = fixed.line
        done[row] = done.get(row, ()) + fixed.fixes
        return True

    def _fixed(self, line: bytes, fixes: Sequence[Fix]) -> FixedLine | None:
        fixed = fix_line(line + b"\n", lambda value: dialect_of(value, self._dialect, only=self._only), fixes)
        return fixed and fixed._replace(line=fixed.line.removesuffix(b"\n"))


# What is done then


def title_of(found: FixPreview) -> str:
    """How the history calls it."""
    records = "1 record" if found.changed == 1 else f"{found.changed:,} records"
    return f"fix {records}: {', '.join(found.by_fix)}"


def commit(session: Session, found: FixPreview, asked: Asked | None = None) -> Done:
    """Do what was previewed, as one batch, with what is told of it."""
    parts = [(records, Fixes(names)) for names, records in found.swept.items()]
    return session.editor.mend(parts, found.dropped, title_of(found), asked)


def put_into_force(session: Session, found: FixPreview, first: int = 0) -> int:
    """Do it without a journal, for records that are written elsewhere: the files and their journals stay.

    `first` is what the call before gave, 0 for the first one.
    """
    number = first or LAST_TEXT
    operations: dict[WorkingSource, list[Operation]] = {
        source: [Drop(records)] for source, records in found.dropped.items()
    }
    for names, by_source in found.swept.items():
        for source, records in by_source.items():
            rule = session.rule(source, Fixes(names))
            operations.setdefault(source, []).append(sweeping(rule)(records, number, rule))
            number += 1
    for source, some in operations.items():
        source.edited.overlay.apply(some)
    return number


@dataclass(frozen=True, slots=True)
class Sample:
    """A record's line before and after; none for one that is dropped."""

    source: WorkingSource
    record: int
    before: bytes
    after: bytes | None


def samples(session: Session, found: FixPreview, most: int = 3) -> list[Sample]:
    """Some of the records that change: of each set of fixes one, then more; the last ones are such as are dropped."""
    chosen: dict[tuple[int, int], Sample] = {}
    for depth in range(most):
        for names, by_source in found.swept.items():
            for source, records in by_source.items():
                for record in islice(records, depth, depth + 1):
                    line = source.edited.content.line(record)
                    after = session.rule(source, Fixes(names)).changed(line)
                    chosen.setdefault((source.number, record), Sample(source, record, line, after))
    for source, records in found.dropped.items():
        for record in islice(records, most):
            chosen.setdefault((source.number, record), Sample(source, record, source.edited.content.line(record), None))
    return list(chosen.values())[:most]


def sentences(found: FixPreview) -> list[str]:
    """What a preview says, in numbers."""
    named = {fix.name: fix for fix in found.fixes}
    lines = [f"{count:>9,}  {named[name].title}" for name, count in found.by_fix.items()]
    mended = sum(found.mended.values())
    lines.append(f"{mended:,} finding{'s' * (mended != 1)} mended: {_by_code(found.mended)}.")
    if found.left:
        lines.append(f"The changed records still have: {_by_code(found.left)}.")
    lines += [f"Look at the outcome: {named[name].risk} ({name})." for name in found.by_fix if named[name].risk]
    return lines


def _by_code(counts: Counter[int]) -> str:
    return ", ".join(f"{count:,} {BY_NUMBER[number].code}" for number, count in sorted(counts.items()))
