"""Findings that the user does not want to hear of: a record with the tag `ignore:CUR024` is excused from that rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pyroaring import BitMap64

from curator.analysis.lint.lines import MARKED
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.lint.rules import BY_CODE, BYTE_ORDER_MARK_FOUND, OVER_CONTEXT, RULES, SCHEMA
from curator.analysis.report import Flag, RecordReport
from curator.edits.edited_source import EditedSource
from curator.edits.labels import Labels
from curator.session.values import Row
from curator.session.working_source import WorkingSource

PREFIX = "ignore:"
SCHEMA_RULES = tuple(rule.number for rule in RULES if rule.in_schema or rule is SCHEMA)
"""The numbers of the rules that say why a schema rejects a record."""
SCHEMA_BITS = sum(1 << number for number in SCHEMA_RULES)


def excused_bits(labels: Labels, record: int) -> int:
    """Bits of the rules from which a record is excused."""
    bits = 0
    for bit, records in excuses(labels):
        bits |= bit if record in records else 0
    return bits


def excused_from(labels: Labels, rule: Rule) -> BitMap64:
    """The records that are excused from a rule."""
    return BitMap64().union(*(records for bit, records in excuses(labels) if bit == rule.bit))


def excused_records(labels: Labels) -> BitMap64:
    """The records that are excused from some rule."""
    return BitMap64().union(*(records for _, records in excuses(labels)))


def excused_rules(labels: Labels) -> tuple[int, ...]:
    """The numbers of the rules from which some record is excused."""
    return tuple(sorted({bit.bit_length() - 1 for bit, records in excuses(labels) if records}))


def tag_to_excuse(rule: Rule) -> str:
    """The tag that excuses from a rule."""
    return f"{PREFIX}{rule.code}"


def judged_row(source: WorkingSource, record: int, limit: int) -> Row | None:
    """What the audit knows of a record, without the findings from which it is excused.

    It is not invalid either where it is excused from all that says why.
    """
    row = source.row(record, limit)
    bits = excused_bits(source.edited.overlay.labels, record)
    if row is None or not bits:
        return row
    over = row.over_context and not bits & OVER_CONTEXT.bit
    left = row.findings & ~bits
    flags = row.flags if left & SCHEMA_BITS or not row.findings & SCHEMA_BITS else row.flags & ~Flag.INVALID
    return replace(row, findings=left, over_context=over, flags=flags)


def is_excused(source: WorkingSource, record: int, limit: int) -> bool:
    """Whether a record is excused from all that the audit found in it."""
    if not excused_bits(source.edited.overlay.labels, record):
        return False
    row = judged_row(source, record, limit)
    return row is not None and not row.findings and not row.over_context


def excused_lines(edited: EditedSource) -> dict[int, int]:
    """The lines of a file whose records are excused from rules, with the bits of these."""
    saved = edited.content.saved
    lines: dict[int, int] = {}
    for bit, records in excuses(edited.overlay.labels):
        for record in records:
            line = record if saved.untouched else saved.lines.place_of(record)
            if line is not None:
                lines[line] = lines.get(line, 0) | bit
    return lines


def as_judged(report: RecordReport, source: WorkingSource, record: int, rules: RuleSet) -> RecordReport:
    """A record's report without the findings from which it is excused, and with that of the mark before its line."""
    findings = list(report.findings)
    found = source.find(record)
    mark = BYTE_ORDER_MARK_FOUND
    if found and found.columns.findings[found.row] & mark.bit and all(one.code != mark.code for one in findings):
        findings.append(mark.finding(MARKED, rules.severity(mark.number)))
    bits = excused_bits(source.edited.overlay.labels, record)
    return replace(report, findings=tuple(one for one in findings if not BY_CODE[one.code].bit & bits))


def excuses(labels: Labels) -> Iterator[tuple[int, BitMap64]]:
    """The bits of rules, each with records that are excused from it."""
    for tag, records in labels.tags.items():
        rule = BY_CODE.get(tag.removeprefix(PREFIX).strip().upper()) if tag.startswith(PREFIX) else None
        if rule is not None:
            yield rule.bit, records
