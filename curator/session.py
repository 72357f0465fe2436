"""The facade that the terminal program and the headless commands share: open, read records, audit, sum up."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any

from curator.analysis.costs import default_epochs, training_cost
from curator.analysis.counting import Counting, counting_of
from curator.analysis.findings import Finding
from curator.analysis.prices import ModelPrice, PriceBook, load_price_book
from curator.analysis.report import AuditSpec, ChunkReport, Flag
from curator.analysis.totals import Totals
from curator.engine.audit import ChunkTask, audit_file
from curator.engine.data_set import DataSet, OpenSource
from curator.records.codec import BYTE_ORDER_MARK, decode_exactly, line_body
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect, dialect_named
from curator.records.sniffing import dialect_of
from curator.settings import Settings


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the data set, decoded to be read."""

    position: int
    path: Path
    line_number: int
    """In its file, counted from 1."""
    line: bytes
    """As it stands in the file, its line end included."""
    value: Any
    """The JSON value, or Malformed."""
    dialect: Dialect
    conversation: Conversation

    @property
    def body(self) -> bytes:
        """The line without line end and byte order mark."""
        return line_body(self.line).removeprefix(BYTE_ORDER_MARK)


@dataclass(frozen=True, slots=True)
class Row:
    """What the audit knows of one line."""

    messages: int
    turns: int
    tokens: int
    trained: int
    findings: int
    flags: int
    over_context: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """What training on the data set costs."""

    epochs: int
    training: Decimal | None
    """US dollars, not rounded; None where the model's training price is not one by tokens."""


class Session:
    """An opened data set. Reading is for any thread, the audit for one at a time.

    Raises UnreadableError or UsageError for files and settings that cannot be used, before anything is shown.
    """

    def __init__(self, paths: Sequence[Path], settings: Settings) -> None:
        self.settings = settings
        self.book: PriceBook = load_price_book()
        self._schema = _own_schema(settings)
        if settings.dialect:
            dialect_named(settings.dialect)
        self.model = self._priced(settings.model, settings.edition)
        self.accelerate = settings.accelerate
        self.counter = ""
        """What counted the tokens so far."""
        self.notice = ""
        """What the user should know of the counting; empty when there is nothing."""
        self._lock = Lock()
        self._audits = 0
        self.data = DataSet(paths)

    def close(self) -> None:
        """Give the files back."""
        self.data.close()

    # Records

    def line(self, position: int, most: int = 0) -> bytes:
        """The bytes of a line, its line end included; at most the first `most` if that is not 0."""
        opened, line = self.data.locate(position)
        start, end = opened.index.span(line)
        return opened.source.read(start, min(end - start, most) if most else end - start)

    def line_length(self, position: int) -> int:
        """Bytes of a line, its line end included."""
        opened, line = self.data.locate(position)
        start, end = opened.index.span(line)
        return end - start

    def record(self, position: int) -> Record:
        """A line, decoded. Malformed lines are records too; their conversation is empty."""
        opened, line = self.data.locate(position)
        start, end = opened.index.span(line)
        text = opened.source.read(start, end - start)
        body = line_body(text)
        value = decode_exactly(body.removeprefix(BYTE_ORDER_MARK) if not start else body)
        dialect = self.dialect_of(opened, value)
        conversation = dialect.read(value) if isinstance(value, dict) else Conversation()
        return Record(position, opened.path, line + 1, text, value, dialect, conversation)

    def dialect_of(self, opened: OpenSource, value: Any) -> Dialect:
        """The dialect that a decoded record of a source is read in."""
        return dialect_of(value, self.file_dialect(opened), only=bool(self.settings.dialect))

    def file_dialect(self, opened: OpenSource) -> Dialect:
        """The dialect that a source was taken for, or that the user chose."""
        return dialect_named(self.settings.dialect) if self.settings.dialect else opened.detection.dialect

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
        mine = self._begin_audit()
        for opened in self.data.sources:
            spec = self.spec(opened, explain=explain)
            for task, report in audit_file(opened.path, opened.index, spec, executor, workers):
                if self._audits != mine:
                    return
                if report.disagreement:
                    self.accelerate = False
                    self.notice = f"{report.disagreement} Counting anew without it."
                    yield from self.audit(executor, workers, explain=explain)
                    return
                if not self._take(mine, opened, report):
                    return
                yield opened, task, report.explained

    def _begin_audit(self) -> int:
        """Forget what was found. Returns the number of the new audit, by which older ones see that they are over."""
        with self._lock:
            for opened in self.data.sources:
                opened.forget()
            self._audits += 1
            return self._audits

    @property
    def audits(self) -> int:
        """Audits that were begun; figures taken before the newest are void."""
        return self._audits

    def _take(self, audit: int, opened: OpenSource, report: ChunkReport) -> bool:
        """Add what an audit found, unless another one has begun."""
        with self._lock:
            if audit != self._audits:
                return False
            self.counter = report.counter
            opened.add(report.columns, self.limit)
            return True

    def _apply_limit(self) -> None:
        with self._lock:
            for opened in self.data.sources:
                opened.apply_limit(self.limit)

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
        return self.data.indexed and self.audited == len(self.data)

    @property
    def totals(self) -> Totals:
        """The sums over all that has been audited."""
        total = Totals()
        with self._lock:
            for one in self.data.sources:
                total.merge(one.totals)
        return total

    def cost(self, totals: Totals) -> Cost:
        """What training on those records costs with the session's model."""
        epochs = self.settings.epochs or default_epochs(totals.examples)
        return Cost(epochs, training_cost(totals.billed_tokens, epochs, self.model))

    @property
    def currency(self) -> str:
        """The currency of all costs."""
        return self.book.edition(self.model.edition).currency

    def tokens_per_record(self) -> dict[str, float]:
        """Spread of tokens over the examples: min, p5, p50, mean, p95, max; quantiles linear, as the cookbook's."""
        known = sorted(
            tokens
            for one in self.data.sources
            for tokens, flags in zip(one.columns.tokens, one.columns.flags, strict=True)
            if not flags & (Flag.BLANK | Flag.MALFORMED)
        )
        if not known:
            return dict.fromkeys(("min", "p5", "p50", "mean", "p95", "max"), 0)
        return {
            "min": known[0],
            "p5": _quantile(known, 0.05),
            "p50": _quantile(known, 0.5),
            "mean": sum(known) / len(known),
            "p95": _quantile(known, 0.95),
            "max": known[-1],
        }

    def row(self, position: int) -> Row | None:
        """What the audit knows of a line; None if it has not got there."""
        opened, line = self.data.locate(position)
        columns = opened.columns
        if line >= len(columns):
            return None
        tokens = columns.tokens[line]
        return Row(
            columns.messages[line],
            columns.turns[line],
            tokens,
            columns.trained[line],
            columns.findings[line],
            columns.flags[line],
            bool(self.limit) and tokens > self.limit,
        )

    def next_problem(self, position: int, step: int) -> int | None:
        """The nearest audited position after (`step` 1) or before (-1) another one whose line has a finding."""
        sources = self.data.sources if step > 0 else self.data.sources[::-1]
        for opened in sources:
            problems = opened.problems
            if not problems:
                continue
            start = self.data.start_of(opened)
            line = max(position - start, -1 if step > 0 else 0)
            place = bisect_right(problems, line) if step > 0 else bisect_left(problems, line) - 1
            if 0 <= place < len(problems):
                return start + problems[place]
        return None


def _quantile(ordered: Sequence[int], share: float) -> float:
    """The value below which that share of the ordered values lies, between neighbours in proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def dollars(amount: Decimal | None) -> str:
    """An amount of money as people read it: two decimals, more where it would show as nothing."""
    if amount is None:
        return "not known"
    places = 2 if amount >= Decimal("0.01") or not amount else 6
    return f"${amount:,.{places}f}"


def _own_schema(settings: Settings) -> str:
    if not settings.schema:
        return ""
    from curator.analysis.schema import read_schema

    return read_schema(Path(settings.schema))
