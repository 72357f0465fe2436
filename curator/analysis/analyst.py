"""Audits lines by one spec, with vocabulary and schemas loaded once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from xxhash import xxh3_64_intdigest

from curator.analysis.findings import Finding
from curator.analysis.lint.rules import BLANK_LINE, BY_CODE, CRLF, OVER_CONTEXT, RULES, SCHEMA, Rule
from curator.analysis.lint.view import Complaint, RecordView
from curator.analysis.report import AuditSpec, ChunkReport, Columns, Flag
from curator.analysis.schema import SchemaCheck, shipped_schema
from curator.analysis.texts import Texts, TokenRule, add_message, add_messages, add_plain, tool_texts
from curator.analysis.token_batch import TokenBatch
from curator.analysis.tokens import TokenCounter
from curator.records.codec import Malformed, decode, encode
from curator.records.dialects import DIALECTS, Dialect, dialect_named
from curator.records.sniffing import claimed

PLAIN_ROLES = frozenset(("system", "developer", "user", "assistant"))
KEPT_TOOL_LISTS = 512
_NUMBERS = {dialect.name: number for number, dialect in enumerate(DIALECTS)}


@lru_cache(maxsize=2)
def analyst_for(spec: AuditSpec) -> Analyst:
    """The analyst of a spec, kept from chunk to chunk."""
    return Analyst(spec)


class Analyst:
    """Turns lines into columns. Not for several threads at once."""

    def __init__(self, spec: AuditSpec) -> None:
        self._spec = spec
        self._counter = TokenCounter(spec.counting.encoding, spec.accelerate)
        self._rule = TokenRule(spec.counting, self._counter.count)
        self._file_dialect = dialect_named(spec.dialect)
        self._own_schema = SchemaCheck(orjson.loads(spec.schema)) if spec.schema else None
        checked = [rule for rule in RULES if rule.check]
        self._rules = {
            (shaped, extra): [one for one in checked if not (shaped and one.in_schema) and (extra or not one.on_extra_keys)]
            for shaped in (False, True)
            for extra in (False, True)
        }
        self._tool_counts: dict[bytes, tuple[int, bool]] = {}

    def report(self, lines: list[bytes]) -> ChunkReport:
        """Audit lines whose `\\n` was cut off."""
        run = _Run(Columns.blank(len(lines)), TokenBatch(self._counter, plain=True), TokenBatch(self._counter, plain=False))
        for row, line in enumerate(lines):
            self._line(run, row, line)
        run.plain.count_into(run.columns)
        run.mixed.count_into(run.columns)
        if self._spec.explain:
            self._explain_over_context(run)
        run.explained.sort(key=itemgetter(0))
        return ChunkReport(run.columns, self._counter.name, self._counter.disagreement, run.explained)

    def _line(self, run: _Run, row: int, line: bytes) -> None:
        if line.endswith(b"\r"):
            run.add(row, CRLF, Complaint("", "the line ends in CRLF"), self._spec.explain)
            line = line[:-1]
        if not line or line.isspace():
            run.columns.flags[row] = Flag.BLANK
            run.add(row, BLANK_LINE, Complaint("", "the line is blank"), self._spec.explain)
            return
        value = decode(line)
        if type(value) is dict:
            self._record(run, row, value)
        elif isinstance(value, Malformed):
            run.columns.flags[row] = Flag.MALFORMED
            run.columns.dialect[row] = _NUMBERS[self._file_dialect.name]
            run.add(row, BY_CODE[value.code], Complaint("", value.reason), self._spec.explain, value.column)
        else:
            self._verdict(run, row, RecordView.of(value, self._file_dialect))

    def _record(self, run: _Run, row: int, value: dict[str, Any]) -> None:
        dialect = self._dialect_of(value)
        view = RecordView.of(value, dialect)
        self._verdict(run, row, view)
        columns = run.columns
        columns.messages[row] = len(view.roles)
        columns.turns[row] = view.roles.count("user")
        batch = run.plain if view.said.isascii() and view.said else run.mixed
        texts = batch.texts
        if dialect.plain_tokens:
            add_plain(texts, view.messages)
        else:
            add_messages(texts, view, self._rule)
            if tools := dialect.tools(value):
                self._add_tools(texts, tools)
        if texts.estimated:
            columns.flags[row] |= Flag.ESTIMATED | (Flag.HAS_IMAGES if texts.images else 0)
        said = view.said or "\x1f".join(batch.record_texts())
        columns.content_hash[row] = xxh3_64_intdigest(said.encode("utf-8", "surrogatepass"), _seed(view.roles))
        batch.close_record(row)
        if batch.full:
            batch.count_into(columns)

    def by_message(self, value: dict[str, Any]) -> list[tuple[int, int]]:
        """Tokens, and trained tokens, of each message of a record, with what the rule adds for the message."""
        dialect = self._dialect_of(value)
        batch = TokenBatch(self._counter, plain=False)
        messages = dialect.chat_messages(value)
        for row, message in enumerate(messages):
            if dialect.plain_tokens:
                add_plain(batch.texts, [message])
            else:
                add_message(batch.texts, message, self._rule)
            batch.close_record(row)
        columns = Columns.blank(len(messages))
        batch.count_into(columns)
        return list(zip(columns.tokens, columns.trained, strict=True))

    def _dialect_of(self, value: dict[str, Any]) -> Dialect:
        if self._spec.only_dialect or self._file_dialect.claims(value):
            return self._file_dialect
        claim = claimed(value)
        return claim[0] if claim else self._file_dialect

    def _verdict(self, run: _Run, row: int, view: RecordView) -> None:
        """Schema and rules; those that the shipped schema covers run only where it rejects the record."""
        shipped = shipped_schema(view.dialect.name)
        core, extra = _without_extra_keys(view)
        shaped = _is_plain_chat(core, view) or shipped.is_valid(core)
        run.columns.dialect[row] = _NUMBERS[view.dialect.name]
        pointed: set[str] = set()
        for rule in self._rules[shaped, extra]:
            for complaint in rule.check(view) if rule.check else ():
                run.add(row, rule, complaint, self._spec.explain)
                pointed.add(complaint.pointer)
        if self._own_schema:
            if not self._own_schema.is_valid(view.value):
                run.columns.flags[row] |= Flag.INVALID
                self._complain(run, row, self._own_schema, view.value, set())
        elif extra or not shaped:
            run.columns.flags[row] |= Flag.INVALID
            if not shaped:
                self._complain(run, row, shipped, core, pointed)

    def _complain(self, run: _Run, row: int, schema: SchemaCheck, value: Any, pointed: set[str]) -> None:
        """The schema's complaints, but for those of places that a rule has named in plainer words."""
        if schema.places(value) <= pointed:
            return
        run.columns.findings[row] |= SCHEMA.bit
        if self._spec.explain:
            for complaint in schema.complaints(value, pointed):
                run.explained.append((row, SCHEMA.finding(complaint)))

    def _explain_over_context(self, run: _Run) -> None:
        limit = self._spec.limit
        for row, tokens in enumerate(run.columns.tokens):
            if limit and tokens > limit:
                complaint = Complaint("", f"{tokens:,} tokens, over the longest example of {limit:,} by {tokens - limit:,}")
                run.explained.append((row, OVER_CONTEXT.finding(complaint)))

    def _add_tools(self, texts: Texts, tools: list[Any]) -> None:
        """Count the tools apart: the same few lists recur in most records of a file."""
        key = _key(tools)
        counts = self._tool_counts.get(key)
        if counts is None:
            own, extra, estimated = tool_texts(tools, self._spec.counting)
            counts = sum(self._counter.count_many(own)) + extra, estimated
            if len(self._tool_counts) >= KEPT_TOOL_LISTS:
                self._tool_counts.clear()
            self._tool_counts[key] = counts
        texts.extra += counts[0]
        texts.estimated |= counts[1]


def _without_extra_keys(view: RecordView) -> tuple[Any, bool]:
    """The record without top-level keys that its dialect forbids, and whether there were any."""
    known, value = view.dialect.only_keys, view.value
    if not known or type(value) is not dict or value.keys() <= known:
        return value, False
    return {key: value[key] for key in value if key in known}, True


def _is_plain_chat(core: Any, view: RecordView) -> bool:
    """Whether the record is only messages of only a known role and a text, which the chat schema is sure to accept."""
    return bool(view.contents) and view.is_chat and len(core) == 1 and PLAIN_ROLES.issuperset(view.roles)


@lru_cache(maxsize=4096)
def _seed(roles: tuple[Any, ...]) -> int:
    """A number that stands for the roles, so that the same texts in other mouths hash otherwise."""
    return xxh3_64_intdigest("\x1f".join(map(str, roles)).encode("utf-8", "surrogatepass"))


def _key(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return encode(value)


@dataclass(slots=True)
class _Run:
    """The columns of one run of lines as they fill."""

    columns: Columns
    plain: TokenBatch
    mixed: TokenBatch
    explained: list[tuple[int, Finding]] = field(default_factory=list)

    def add(self, row: int, rule: Rule, complaint: Complaint, explain: bool, column: int = 0) -> None:
        self.columns.findings[row] |= rule.bit
        if explain:
            self.explained.append((row, replace(rule.finding(complaint), column=column)))
