"""The facade that the terminal program and the headless commands share: open, read records, audit, sum up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from curator.analysis.costs import default_epochs, training_cost
from curator.analysis.counting import Counting, counting_of
from curator.analysis.findings import Finding
from curator.analysis.price_overrides import priced_book
from curator.analysis.prices import ModelPrice, PriceBook
from curator.analysis.report import AuditSpec, ChunkReport, Columns
from curator.analysis.totals import Totals
from curator.edits.rule import Rule
from curator.engine.audit import ChunkTask, audit_file
from curator.engine.data_set import DataSet, OpenSource
from curator.errors import UnreadableError, UsageError
from curator.records.codec import decode_exactly, line_body
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect, dialect_named
from curator.records.sniffing import dialect_of
from curator.session.audit_cache import AuditCache
from curator.session.editor import Editor
from curator.session.listing import Listing
from curator.session.recount import Recount
from curator.session.values import Cost, Place, Record, Row, Standing
from curator.session.walking import Walk
from curator.session.working_source import WorkingSource, refuse_changing_twice
from curator.settings import Settings

if TYPE_CHECKING:
    from curator.records.find_replace import Replacement


class Session:
    """An opened data set. Reading is for any thread, the audit for one at a time.

    Raises UnreadableError or UsageError for files and settings that cannot be used, before anything is shown.
    """

    def __init__(self, paths: Sequence[Path], settings: Settings) -> None:
        self.settings = settings
        self.book: PriceBook = priced_book(settings.prices)
        self._schema = _own_schema(settings)
        self.choose_dialect(settings.dialect)
        self.model = self._priced(settings.model, settings.edition)
        self.accelerate = settings.accelerate
        self.counter = ""
        """What counted the tokens so far."""
        self.notice = ""
        """What the user should know of the counting; empty when there is nothing."""
        self._lock = RLock()
        self._audits = 0
        self.data = DataSet(paths)
        chosen = Path(settings.journal) if settings.journal else None
        if chosen and len(paths) > 1:
            raise UsageError("A journal is that of one file: open the files one by one with `--journal`.")
        self.sources = tuple(WorkingSource(number, opened, chosen) for number, opened in enumerate(self.data.sources))
        refuse_changing_twice(self.sources)
        self.listing = Listing(self.sources)
        self.walk = Walk(self.sources, self.listing)
        self.editor = Editor(self.sources, self.listing, self._lock, self.rule)
        self.recount = Recount(self.sources, self._lock, self)
        self.cache = AuditCache()

    def close(self) -> None:
        """Give files and journals back."""
        for source in self.sources:
            source.edited.close()
        self.data.close()

    # Records

    def __len__(self) -> int:
        return len(self.listing)

    def line(self, position: int, most: int = 0) -> bytes:
        """The bytes of a record's line, its line end included; at most the first `most` if that is not 0."""
        source, record = self.listing.locate(position)
        return source.edited.content.line(record, most)

    def line_length(self, position: int) -> int:
        """Bytes of a record's line, its line end included."""
        source, record = self.listing.locate(position)
        return source.edited.content.length(record)

    def record(self, position: int) -> Record:
        """A record, decoded. Malformed lines are records too; their conversation is empty."""
        source, record = self.listing.locate(position)
        return self.decoded(source, record, source.edited.content.line(record), position)

    def decoded(self, source: WorkingSource, record: int, line: bytes, position: int = -1) -> Record:
        """A line of a source as the record that it is, or would be."""
        value = decode_exactly(line_body(line))
        dialect = self.dialect_of(source.opened, value)
        conversation = dialect.read(value) if isinstance(value, dict) else Conversation()
        number = source.edited.content.saved.lines.place_of(record)
        version = source.edited.overlay.versions.of(record)
        at = None if number is None else number + 1
        place = Place(source.number, record)
        return Record(position, source.opened.path, at, line, value, dialect, conversation, place, version)

    def standing(self, position: int) -> Standing:
        """What was done to the record at a position, and said of it."""
        source, record = self.listing.locate(position)
        overlay, labels = source.edited.overlay, source.edited.overlay.labels
        return Standing(
            edited=record in overlay.versions.changed and source.edited.content.line_number(record) is None,
            dropped=record in overlay.dropped,
            marked=record in source.marked,
            verdict=labels.verdict_of(record),
            tags=labels.tags_of(record),
            note=labels.notes.get(record, ""),
            message_tags=labels.message_tags.get(record, {}),
            derived=record in overlay.derived and source.edited.content.line_number(record) is None,
        )

    def dialect_of(self, opened: OpenSource, value: Any) -> Dialect:
        """The dialect that a decoded record of a source is read in."""
        return dialect_of(value, self.file_dialect(opened), only=bool(self.settings.dialect))

    def file_dialect(self, opened: OpenSource) -> Dialect:
        """The dialect that a source was taken for, or that the user chose."""
        return dialect_named(self.settings.dialect) if self.settings.dialect else opened.detection.dialect

    def rule(self, source: WorkingSource, replacement: Replacement) -> Rule:
        """A replacement in a source's records as they are read now."""
        return Rule(replacement, self.file_dialect(source.opened).name, bool(self.settings.dialect))

    def reason(self, opened: OpenSource) -> str:
        """Why a source is read in its dialect."""
        return "as you chose" if self.settings.dialect else opened.detection.reason

    # The model

    def _priced(self, name: str, edition: str) -> ModelPrice:
        model = self.book.training_row(self.book.resolve(name, edition or None))
        if self.settings.context_length:
            model = replace(model, longest_example=self.settings.context_length)
        return model

    @property
    def limit(self) -> int:
        """Tokens of the longest example; 0 where none is known."""
        return self.model.limit or 0

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

    def _counts_alike(self, one: Counting, other: Counting) -> bool:
        no_images = self.complete and not self.totals.with_images
        return one == other or (
            no_images and one == replace(other, image_base=one.image_base, image_tile=one.image_tile)
        )

    def choose_dialect(self, name: str) -> None:
        """Read all files in a dialect, or as detected for an empty name. The audit has to be run anew."""
        if name:
            dialect_named(name)
        self.settings = replace(self.settings, dialect=name)

    # The audit

    def spec(self, opened: OpenSource, *, explain: bool = False) -> AuditSpec:
        """What the audit of a source's lines depends on."""
        return AuditSpec(
            counting=self.counting,
            dialect=self.file_dialect(opened).name,
            only_dialect=bool(self.settings.dialect),
            schema=self._schema,
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
        yield from self._audit(self._begin_audit(), executor, workers, explain=explain)

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
                self.take(mine, source, *kept)
            first = len(opened.columns)
            for task, report in self._reports(
                mine, audit_file(opened.path, opened.index, spec, executor, workers, first)
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
            source.figures.begin_anew()
            source.opened.forget()
            yield
            source.figures.ask_for(source.edited.with_own_text)

    def _begin_audit(self) -> int:
        """Forget what was found. Returns the number of the new audit, by which older ones see that they are over."""
        with self._lock:
            self._audits += 1
            for source in self.sources:
                source.opened.forget()
                source.figures.begin_anew()
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
        return self.data.indexed and self.audited == sum(len(one.index) for one in self.data.sources)

    @property
    def totals(self) -> Totals:
        """The sums over all records as they are now, as far as they have been audited."""
        total = self.file_totals
        with self._lock:
            for one in self.sources:
                total.merge(one.figures.difference)
        return total

    @property
    def file_totals(self) -> Totals:
        """The sums over all lines of the files, without what was done to them."""
        total = Totals()
        with self._lock:
            for one in self.data.sources:
                total.merge(one.totals)
        return total

    def cost(self, totals: Totals) -> Cost:
        """What training on those records costs with the session's model."""
        epochs = self.settings.epochs or default_epochs(totals.examples)
        return Cost(epochs, training_cost(totals.billed_tokens, epochs, self.model))

    def cost_beside(self, totals: Totals) -> Decimal | None:
        """What training on some of the records costs, for as many epochs as all of them are trained."""
        return training_cost(totals.billed_tokens, self.cost(self.totals).epochs, self.model)

    @property
    def currency(self) -> str:
        """The currency of all costs."""
        return self.book.edition(self.model.edition).currency

    def row(self, position: int) -> Row | None:
        """What the audit knows of a record; None if it has not got there."""
        source, record = self.listing.locate(position)
        return source.row(record, self.limit)

    def next_problem(self, position: int, step: int) -> int | None:
        """The nearest audited position after (`step` 1) or before (-1) another one whose record has a finding."""
        return self.walk.problem(position, step)


def _own_schema(settings: Settings) -> str:
    if not settings.schema:
        return ""
    from curator.analysis.schema import read_schema

    return read_schema(Path(settings.schema))
