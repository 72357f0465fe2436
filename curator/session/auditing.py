"""The audit of a session's files: by which model, how far it has come, and what it adds up to."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock

from curator.analysis.counting import Counting, counting_of
from curator.analysis.findings import Finding
from curator.analysis.lint.rule_set import rule_set
from curator.analysis.lint.target_rules import FILE_LIMIT
from curator.analysis.price_overrides import priced_book
from curator.analysis.prices import ModelPrice, PriceBook
from curator.analysis.report import AuditSpec, ChunkReport, Columns
from curator.analysis.totals import Totals
from curator.engine.audit import ChunkTask, audit_file
from curator.engine.data_set import DataSet, OpenSource
from curator.errors import UnreadableError, UsageError
from curator.records.dialects import NAMES, Dialect, dialect_named
from curator.session.access import cache_folder
from curator.session.aim import Aim, aim_of, over_limits
from curator.session.audit_cache import AuditCache
from curator.session.by_rule import ByRule
from curator.session.excused_sums import leave_out
from curator.session.file_findings import FileFindings
from curator.session.working_source import WorkingSource
from curator.settings import Settings


class Auditing:
    """What a session audits, one audit at a time, and what came of it."""

    data: DataSet
    sources: tuple[WorkingSource, ...]
    file_findings: FileFindings
    by_rule: ByRule

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.book: PriceBook = priced_book(settings.prices)
        self._schema, self._schemas = _own_schemas(settings)
        self.aim: Aim = aim_of(settings)
        """What the data are for."""
        self.turned_off = 0
        """Bits of the rules that the user has turned off in this session."""
        self.rules = rule_set(settings.lint, self.aim.severities)
        self.choose_dialect(settings.dialect)
        self.model = self._priced(settings.model, settings.edition)
        self.accelerate = settings.accelerate
        self.counter = ""
        """What counted the tokens so far."""
        self.notice = ""
        """What the user should know of the counting; empty when there is nothing."""
        self._lock = RLock()
        self._audits = 0
        self.cache = AuditCache(cache_folder(settings))

    def choose_dialect(self, name: str) -> None:
        """Read all files in a dialect, or as detected for an empty name. The audit has to be run anew."""
        if name:
            dialect_named(name)
        self.settings = replace(self.settings, dialect=name)

    def file_dialect(self, opened: OpenSource) -> Dialect:
        """The dialect that a source was taken for, or that the user chose."""
        if self.settings.dialect:
            return dialect_named(self.settings.dialect)
        return self.read_as(opened.detection.dialect)

    def read_as(self, dialect: Dialect) -> Dialect:
        """The dialect that the target reads records in that look like those of another."""
        other = self.aim.reads.get(dialect.name)
        return dialect_named(other) if other else dialect

    def turn_rule(self, number: int, *, on: bool) -> None:
        """Ask a rule, or do not ask it, as long as the session lasts. The audit has to be run anew."""
        bit = 1 << number
        self.turned_off = self.turned_off & ~bit if on else self.turned_off | bit
        self._judge()

    def _judge(self) -> None:
        """Judge by the rules of the target and of the user, less those that were turned off."""
        rules = rule_set(self.settings.lint, self.aim.severities)
        self.rules = replace(rules, off=rules.off | self.turned_off)

    # The model

    def _priced(self, name: str, edition: str) -> ModelPrice:
        model = self.book.training_row(self.book.resolve(name, edition or None))
        return self.with_limit(model)

    def with_limit(self, model: ModelPrice) -> ModelPrice:
        """A model with the longest example that the user says, else the target; else its own."""
        length = self.settings.context_length or self.aim.limits.longest_example
        return replace(model, longest_example=length) if length else model

    @property
    def limit(self) -> int:
        """Tokens of the longest example; 0 where none is known."""
        return self.model.limit or 0

    @property
    def limit_of(self) -> str:
        """What that is, in words: the target's longest example, where it has one, else the model's context."""
        target = self.aim.target
        if target is not None and target.limits.longest_example and not self.settings.context_length:
            return f"the longest example of {target.title}"
        return f"the context of {self.model.id}"

    @property
    def counting(self) -> Counting:
        """The token rule of the model."""
        return counting_of(self.model)

    def choose_model(self, name: str, edition: str = "") -> bool:
        """Count and price by another model from now on. Returns whether tokens have to be counted anew."""
        before = self.counting
        self.model = self._priced(name, edition)
        anew = not self._counts_alike(before, self.counting)
        if not anew:
            self._apply_limit()
        return anew

    def choose_target(self, name: str) -> bool:
        """Judge and count for another target, or none for an empty name. Returns whether the audit has to be anew."""
        before = [_deciding(self.spec(source.opened)) for source in self.sources]
        self.settings = replace(self.settings, target=name)
        self.aim = aim_of(self.settings)
        self._judge()
        self.model = self._priced(self.model.id, self.model.edition)
        anew = before != [_deciding(self.spec(source.opened)) for source in self.sources]
        if not anew:
            self._apply_limit()
        return anew

    def _counts_alike(self, one: Counting, other: Counting) -> bool:
        no_images = self.complete and not self.totals.with_images
        return one == other or (
            no_images and one == replace(other, image_base=one.image_base, image_tile=one.image_tile)
        )

    # The audit

    def spec(self, opened: OpenSource, *, explain: bool = False) -> AuditSpec:
        """What the audit of a source's lines depends on."""
        return AuditSpec(
            counting=self.counting,
            dialect=self.file_dialect(opened).name,
            only_dialect=bool(self.settings.dialect),
            schema=self._schema,
            schemas=self._schemas,
            rules=self.rules.for_file(opened.path),
            takes=self.aim.takes,
            reads=tuple(self.aim.reads.items()),
            lenient=self.aim.lenient,
            mask=self.aim.masking,
            tokenizer=self.aim.tokenizer,
            accelerate=self.accelerate,
            limit=self.limit if explain else 0,
            explain=explain,
        )

    def audit(
        self, executor: Executor, workers: int, *, explain: bool = False
    ) -> Iterator[tuple[OpenSource, ChunkTask, list[tuple[int, Finding]]]]:
        """Audit all files from the start; columns and totals grow with each chunk that is yielded.

        Yields source, chunk and, with `explain`, the findings by line of the chunk. Ends early when another audit of
        this session is begun. A wrong count of the accelerator switches it off and begins anew without it.
        """
        yield from self._audit(self.begin_audit(), executor, workers, explain=explain)

    def audit_more(
        self, executor: Executor, workers: int
    ) -> Iterator[tuple[OpenSource, ChunkTask, list[tuple[int, Finding]]]]:
        """Audit what has not been yet: lines that were appended after the audit had come to their file's end."""
        yield from self._audit(self._audits, executor, workers, explain=False)

    def _audit(
        self, mine: int, executor: Executor, workers: int, *, explain: bool
    ) -> Iterator[tuple[OpenSource, ChunkTask, list[tuple[int, Finding]]]]:
        for source in self.sources:
            opened = source.opened
            spec = self.spec(opened, explain=explain)
            if not explain and (kept := self.cache.restore(source, spec)):
                columns, counter = kept
                for stretch in columns:
                    self.take(mine, source, stretch, counter)
            first = len(opened.columns)
            for task, report in self._reports(
                mine, audit_file(opened.source.place, opened.index, spec, executor, workers, first)
            ):
                if report.disagreement:
                    self.accelerate = False
                    self.notice = f"{report.disagreement} Counting anew without it."
                    yield from self.audit(executor, workers, explain=explain)
                    return
                if not self.take(mine, source, report.columns, report.counter):
                    return
                yield opened, task, report.explained
            if not explain:
                self.cache.keep(source, spec, self.counter)

    def _reports(
        self, mine: int, reports: Iterator[tuple[ChunkTask, ChunkReport]]
    ) -> Iterator[tuple[ChunkTask, ChunkReport]]:
        """What an audit finds, until another one has begun; by then its file may be gone."""
        try:
            for report in reports:
                if self._audits != mine:
                    return
                yield report
        except UnreadableError:
            if self._audits == mine:
                raise

    @contextmanager
    def renewing(self, source: WorkingSource) -> Iterator[None]:
        """While this lasts a source is exchanged for the file that takes its place; audits that run are void."""
        with self._lock:
            self._audits += 1
            source.since_opening.saved()
            source.figures.begin_anew()
            source.opened.forget()
            self.file_findings.forget()
            yield
            source.since_opening.exchanged()
            source.figures.ask_for(source.edited.with_own_text)

    def begin_audit(self) -> int:
        """Forget what was found. Returns the number of the new audit, by which older ones see that they are over."""
        with self._lock:
            self._audits += 1
            self.file_findings.forget()
            for source in self.sources:
                source.opened.forget()
                source.figures.begin_anew()
                source.since_opening.counted_anew()
                source.figures.ask_for(source.edited.with_own_text)
            return self._audits

    @property
    def audits(self) -> int:
        """Audits that were begun; figures taken before the newest are void."""
        return self._audits

    def take(self, audit: int, source: WorkingSource, columns: Columns, counter: str) -> bool:
        """Add what an audit found of the lines that follow those known, unless another audit has begun."""
        with self._lock:
            if audit != self._audits:
                return False
            self.counter = counter
            first = len(source.opened.columns)
            source.opened.add(columns, self.limit)
            source.figures.audited(first, first + len(columns))
            return True

    def _apply_limit(self) -> None:
        with self._lock:
            for source in self.sources:
                source.opened.apply_limit(self.limit)
                source.figures.limit_changed()
                source.since_opening.counted_anew()

    @property
    def audited(self) -> int:
        """Lines that the audit has looked at; all before this position."""
        return sum(len(one.columns) for one in self.data.sources)

    @property
    def audited_bytes(self) -> int:
        """Bytes that the audit has looked at."""
        return sum(one.index.start(len(one.columns)) for one in self.data.sources)

    @property
    def complete(self) -> bool:
        """Whether every line has been audited, so that all figures are final."""
        known = self.data.indexed and self.data.whole
        return known and self.audited == sum(len(one.index) for one in self.data.sources)

    def over_limits(self) -> Iterator[tuple[Path, str]]:
        """What of the audited files the target does not take, a sentence without a full stop each."""
        for source in self.sources:
            path = source.opened.path
            if self.rules.for_file(path).asked(FILE_LIMIT.number):
                yield from ((path, sentence) for sentence in over_limits(self.aim, source.opened))

    @property
    def estimated(self) -> bool:
        """Whether tokens are counted by an encoding that is not known to be the model's own."""
        return self.aim.estimated or ("encoding" in self.model.uncertain and self.aim.tokenizer is None)

    @property
    def totals(self) -> Totals:
        """The sums over all records as they are now, as far as they have been audited, less what a tag excuses."""
        total = self.file_totals
        with self._lock:
            for one in self.sources:
                total.merge(one.figures.difference)
                one.file_wide.count_into(total)
                leave_out(total, self.by_rule, one)
        return total

    @property
    def change_since_opening(self) -> Totals | None:
        """What edits have made of the sums since the files were opened; None while that is not known."""
        total = Totals()
        with self._lock:
            for one in self.sources:
                change = one.since_opening.change
                if change is None:
                    return None
                total.merge(change)
        return total

    @property
    def file_totals(self) -> Totals:
        """The sums over all lines of the files, without what was done to them."""
        total = Totals()
        with self._lock:
            for one in self.data.sources:
                total.merge(one.totals)
        return total


def _deciding(spec: AuditSpec) -> AuditSpec:
    """What of a spec the columns depend on: not how bad a finding is."""
    return replace(spec, rules=replace(spec.rules, errors=0))


def _own_schemas(settings: Settings) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The texts of the user's own schemas: that for all dialects, and those for single ones."""
    if not settings.schema and not settings.schemas:
        return "", ()
    from curator.analysis.own_schemas import read_schema

    paths = {}
    for one in settings.schemas:
        if one.dialect not in NAMES:
            raise UsageError(f"{one.origin}: `schemas` names {one.dialect!r}; the dialects are {', '.join(NAMES)}.")
        paths[one.dialect] = one.path
    for_all = read_schema(Path(settings.schema)) if settings.schema else ""
    return for_all, tuple((dialect, read_schema(Path(path))) for dialect, path in paths.items())
