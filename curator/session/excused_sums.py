"""Sums without the findings that a tag excuses: what is not shown as a problem is not counted as one."""

from __future__ import annotations

from pyroaring import BitMap64

from curator.analysis.lint.rules import BY_NUMBER, OVER_CONTEXT
from curator.analysis.totals import Totals
from curator.session.by_rule import ByRule
from curator.session.ignoring import excused_rules
from curator.session.working_source import WorkingSource


def leave_out(total: Totals, by_rule: ByRule, source: WorkingSource, among: BitMap64 | None = None) -> None:
    """Take the findings of a source that a tag excuses out of its sums, or out of those of some of its records.

    Tokens and costs stay: a record that is over the longest example is cut off, excused or not.
    """
    numbers = excused_rules(source.edited.overlay.labels)
    for number in numbers:
        count = _number(by_rule.excused(source, number), source, among)
        total.findings[BY_NUMBER[number].code] -= count
        if number == OVER_CONTEXT.number:
            total.over_context -= count
    if numbers:
        total.invalid -= _number(by_rule.excused_invalid(source), source, among)


def _number(records: BitMap64, source: WorkingSource, among: BitMap64 | None) -> int:
    there = records - source.edited.hidden
    return len(there) if among is None else there.intersection_cardinality(among)
