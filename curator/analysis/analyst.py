"""Audits lines by one spec, with vocabulary and schemas loaded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from curator.analysis.findings import Finding
from curator.analysis.hashes import put_hashes
from curator.analysis.lint.asking import RulesAsked
from curator.analysis.lint.lines import MARKED
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.lint.rules import BLANK_LINE, BY_CODE, BYTE_ORDER_MARK_FOUND, CRLF, OVER_CONTEXT, RULES, SCHEMA
from curator.analysis.lint.shape import CHAT_KEYS
from curator.analysis.lint.target_rules import NOT_TAKEN
from curator.analysis.lint.view import Complaint, RecordView
from curator.analysis.places import Places
from curator.analysis.reading import Reading
from curator.analysis.record_counting import MessageTokens, RecordCounter
from curator.analysis.report import AuditSpec, ChunkReport, Columns, Flag
from curator.analysis.roles import SEPARATOR, is_answer
from curator.analysis.schema import SchemaCheck
from curator.analysis.texts import Texts
from curator.analysis.token_batch import Counter, TokenBatch
from curator.records.codec import BYTE_ORDER_MARK, Malformed, decode_noting
from curator.records.dialects import DIALECTS, Dialect

NOT_EXPLAINED = Complaint("", "")
BESIDE_MESSAGES = CHAT_KEYS - {"messages"}

_NUMBERS = {dialect.name: number for number, dialect in enumerate(DIALECTS)}


@lru_cache(maxsize=2)
def analyst_for(spec: AuditSpec) -> Analyst:
    """The analyst of a spec, kept from chunk to chunk."""
    return Analyst(spec)


class CountedRecord(NamedTuple):
    """A decoded record with the tokens of its parts."""

    row: int
    """Its place among the lines, counted from 0."""
    value: dict[str, Any]
    dialect: Dialect
    messages: list[Any]
    """In chat form."""
    counted: list[tuple[int, int]]
    """For each message its tokens, with what the rule adds for it, and its trained ones."""
    overhead: int
    """Tokens that belong to none of the messages."""
    learnt: tuple[bool, ...]
    """For each message, whether the trainer learns from it."""
    around_system: int
    """Tokens that a system message has beside its text."""

    @property
    def answers(self) -> list[int]:
        """The places of the answers that are learnt."""
        return [place for place, one in enumerate(self.messages) if self.learnt[place] and is_answer(one)]


class Analyst:
    """Turns lines into columns. Not for several threads at once."""

    def __init__(self, spec: AuditSpec) -> None:
        self._spec = spec
        self.counting = RecordCounter(spec)
        """What counts tokens."""
        self._counter = self.counting.counter
        self._patterns = self.counting.rule.patterns
        self._reading = Reading(spec)
        self._own_schema = SchemaCheck(orjson.loads(spec.schema)) if spec.schema else None
        self._own_schemas = {dialect: SchemaCheck(orjson.loads(text)) for dialect, text in spec.schemas}
        self._rules = {key: _asked(spec, *key) for key in product((False, True), repeat=4)}
        self._forbids_extra_keys = any(spec.rules.asked(rule.number) for rule in RULES if rule.on_extra_keys)

    def report(self, lines: Iterable[bytes], number: int) -> ChunkReport:
        """Audit a number of lines whose `\\n` was cut off."""
        run = _Run(Columns.blank(number), self._counter, self._spec)
        for row, line in enumerate(lines):
            self._line(run, row, line)
        run.plain.count_into(run.columns)
        run.mixed.count_into(run.columns)
        if self._spec.explain:
            self._explain_over_context(run)
        run.explained.sort(key=itemgetter(0))
        return ChunkReport(run.columns, self._counter.name, self._counter.disagreement or "", run.explained)

    def findings(self, lines: Sequence[bytes], *, alike: bool = False) -> list[tuple[int, Finding]]:
        """The findings of lines whose `\\n` was cut off, by line counted from 0. `spec.explain` has to be set.

        With `alike`, those of a line that is rejected as an earlier one was may be that one's, and have no places.
        """
        run = _Run(Columns.blank(len(lines)), self._counter, self._spec, alike)
        for row, line in enumerate(lines):
            self._judge(run, row, line)
        return run.explained

    def _line(self, run: _Run, row: int, line: bytes) -> None:
        judged = self._judge(run, row, line)
        if judged is not None and type(judged[0].value) is dict:
            self._figures(run, row, *judged)

    def _judge(self, run: _Run, row: int, line: bytes) -> tuple[RecordView, Texts] | None:
        """Read a line and note what is wrong with it; the record and its texts, or None where the line holds none."""
        if line.endswith(b"\r"):
            run.add(row, CRLF, Complaint("", "the line ends in CRLF"))
            line = line[:-1]
        if line.startswith(BYTE_ORDER_MARK):
            run.add(row, BYTE_ORDER_MARK_FOUND, MARKED)
            line = line[len(BYTE_ORDER_MARK) :]
        if not line or line.isspace():
            run.columns.flags[row] = Flag.BLANK
            run.add(row, BLANK_LINE, Complaint("", "the line is blank"))
            return None
        value, widely_read = decode_noting(line)
        if isinstance(value, Malformed):
            run.columns.flags[row] = Flag.MALFORMED
            run.columns.dialect[row] = _NUMBERS[self._reading.file_dialect.name]
            run.add(row, BY_CODE[value.code], Complaint("", value.reason), value.column)
            return None
        view = RecordView.of(value, self.dialect_of(value), self._patterns, line)
        view.widely_read = widely_read
        texts = Texts()
        if type(value) is dict:
            texts = self.counting.texts(view)
            view.thresholds = self._spec.rules.thresholds
            view.heard = view.said or SEPARATOR.join(texts.said)
            view.images, view.marks, view.tool_marks = texts.images, texts.marks, texts.tool_marks
            view.octets = view.heard.encode("utf-8", "surrogatepass")
        self._verdict(run, row, view)
        if run.explained and not run.alike:
            run.name_places(row, view)
        return view, texts

    def _figures(self, run: _Run, row: int, view: RecordView, texts: Texts) -> None:
        columns = run.columns
        columns.messages[row] = len(view.messages)
        columns.turns[row] = view.pattern.turns
        templated = self.counting.templated(view) if self.counting.model else None
        if texts.estimated if templated is None else templated.estimated:
            columns.flags[row] |= Flag.ESTIMATED
        if texts.images:
            columns.flags[row] |= Flag.HAS_IMAGES
        put_hashes(columns, row, view, texts)
        if templated is not None:
            columns.tokens[row], columns.trained[row] = templated.tokens, templated.trained
            return
        batch = run.plain if view.heard.isascii() else run.mixed
        batch.add(row, texts)
        if batch.full:
            batch.count_into(columns)

    def by_message(self, value: dict[str, Any]) -> MessageTokens:
        """Tokens of each message of a record."""
        dialect = self.dialect_of(value)
        return self.by_message_of_each([(value, dialect, dialect.chat_messages(value))])[0]

    def by_message_of_each(self, records: Sequence[tuple[dict[str, Any], Dialect, list[Any]]]) -> list[MessageTokens]:
        """The same of several records, given with their dialects and messages in chat form, in one go."""
        return self.counting.of_each(records)

    def by_record(self, values: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[CountedRecord]:
        """Decoded records with their rows, and with the tokens of all their parts, counted in one go."""
        dialects = [self.dialect_of(value) for _, value in values]
        records = [(value, one, one.chat_messages(value)) for one, (_, value) in zip(dialects, values, strict=True)]
        rule = self.counting.rule
        around = rule.counting.per_message + rule.roles["system"]
        for (row, _), record, counted in zip(values, records, self.by_message_of_each(records), strict=True):
            yield CountedRecord(row, *record, *counted, 0 if record[1].plain_tokens else around)

    def count(self, text: str) -> int:
        """Tokens of a text that recurs, such as a system prompt."""
        return self.counting.count(text)

    @property
    def disagreement(self) -> str:
        """Not empty if the accelerator gave a wrong count."""
        return self._counter.disagreement or ""

    def dialect_of(self, value: Any) -> Dialect:
        """The dialect that a decoded record is read in."""
        return self._reading.dialect_of(value)

    def _verdict(self, run: _Run, row: int, view: RecordView) -> None:
        """Schema and rules; those that the shipped schema covers run only where it rejects the record."""
        reading, dialect = self._reading, view.dialect
        known = reading.only_keys(dialect) if reading.aimed else dialect.only_keys
        extra = bool(known) and type(view.value) is dict and not view.value.keys() <= known
        plain = _is_plain_chat(view)
        shaped = plain or reading.schema(dialect).is_valid(_known(view, extra))
        if reading.aimed and not reading.takes(dialect):
            run.add(row, NOT_TAKEN, Complaint("", f"the target does not take {dialect.title} records"))
        run.columns.dialect[row] = _NUMBERS[view.dialect.name]
        rules = self._rules[shaped, extra, plain, view.pattern.in_order and not view.offers_choice]
        run.columns.findings[row] |= rules.sure_bits
        pointed: set[str] = set()
        for rule, check in rules.checks_of(view):
            for complaint in check(view):
                run.add(row, rule, complaint)
                if rules.first_will_do:
                    break
                pointed.add(complaint.pointer)
        own_schema = self._own_schemas.get(view.dialect.name, self._own_schema)
        if own_schema:
            if not own_schema.is_valid(view.value):
                run.columns.flags[row] |= Flag.INVALID
                self._complain(run, row, own_schema, view.value, set())
        elif (extra and self._forbids_extra_keys) or (not shaped and self._spec.rules.asked(SCHEMA.number)):
            run.columns.flags[row] |= Flag.INVALID
            if not shaped:
                self._complain(run, row, reading.schema(view.dialect), _known(view, extra), pointed)

    def _complain(self, run: _Run, row: int, schema: SchemaCheck, value: Any, pointed: set[str]) -> None:
        """The schema's complaints, but for those of places that a rule has named in plainer words."""
        if schema.places(value) <= pointed:
            return
        complaints = schema.alike if run.alike else schema.complaints
        for complaint in complaints(value, pointed) if self._spec.explain else (NOT_EXPLAINED,):
            run.add(row, SCHEMA, complaint)

    def _explain_over_context(self, run: _Run) -> None:
        limit = self._spec.limit
        for row, tokens in enumerate(run.columns.tokens):
            if limit and tokens > limit:
                sentence = f"{tokens:,} tokens, over the longest example of {limit:,} by {tokens - limit:,}"
                run.add(row, OVER_CONTEXT, Complaint("", sentence))


def _known(view: RecordView, extra: bool) -> Any:
    """The record without its `extra` top-level keys: they break a rule of their own, and no other because of them."""
    known = view.dialect.only_keys
    return {key: value for key, value in view.value.items() if key in known} if extra else view.value


def _is_plain_chat(view: RecordView) -> bool:
    """Whether the record is only messages of only a plain role and a text, which the chat schema is sure to accept."""
    return view.said != "" and view.pattern.plain and view.is_chat and BESIDE_MESSAGES.isdisjoint(view.value)


def _asked(spec: AuditSpec, shaped: bool, extra: bool, plain: bool, in_order: bool) -> RulesAsked:
    return RulesAsked(spec.rules, explain=spec.explain, shaped=shaped, extra=extra, plain=plain, in_order=in_order)


class _Run:
    """The columns of one run of lines as they fill."""

    def __init__(self, columns: Columns, counter: Counter, spec: AuditSpec, alike: bool = False) -> None:
        self.columns = columns
        self.alike = alike
        self.plain = TokenBatch(counter, plain=True)
        self.mixed = TokenBatch(counter, plain=False)
        self.explained: list[tuple[int, Finding]] = []
        self._explain = spec.explain
        self._rules: RuleSet = spec.rules

    def name_places(self, row: int, view: RecordView) -> None:
        """Say in people's words where the last findings, which are those of this line, are."""
        first = len(self.explained)
        while first and self.explained[first - 1][0] == row:
            first -= 1
        if first < len(self.explained):
            places = Places(view.value, view.dialect)
            self.explained[first:] = [
                (row, replace(one, place=places.in_words(one.pointer))) for _, one in self.explained[first:]
            ]

    def add(self, row: int, rule: Rule, complaint: Complaint, column: int = 0) -> None:
        """Note that a line breaks a rule, if the rule is asked."""
        if not self._rules.asked(rule.number):
            return
        if rule is not OVER_CONTEXT:
            self.columns.findings[row] |= rule.bit
        if self._explain:
            severity = self._rules.severity(rule.number)
            self.explained.append((row, replace(rule.finding(complaint, severity), column=column)))
