"""Why records have findings, with all that is particular to a record left out: findings of one cause are one group."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from curator.analysis.analyst import Analyst, analyst_for
from curator.analysis.findings import Finding, Severity
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.lint.rules import OVER_CONTEXT
from curator.analysis.places import shape_of
from curator.analysis.report import AuditSpec

MOST_CAUSES = 1000
"""Causes that are told apart; what is beyond is told by its rule alone."""
HINT = re.compile(r";? did you mean [^?]*\?|; is `[^`]*` meant\?|; known (?:here )?are .*")
VALUE = re.compile(
    r"(?<=^is ).*?(?=; (?:did you mean|allowed are|should be))"
    r"|^(?!the key `).*?(?= does not match | is not allowed here$)",
    re.DOTALL,
)
"""The value that a schema rejects, in its sentences."""
EXPECTED = re.compile(r"; | should be | does not match | allowed are ")
"""From here on a sentence says what was expected, which is the same for all records."""
PARTICULAR = re.compile(
    r'"(?:[^"\\]|\\.)*"…?|"[^"]*…|(?<!\w)\'[^\']*\'(?!\w)|(?<![\w`-])\d[\d,.]*(?!\w)|\((?:[0-9A-F]{2} ?)+\)'
)
LEFT_OUT = "…"
COUNTED = re.compile("… (item|key|character)(?!s)")


class Cause(NamedTuple):
    """What findings of one cause have in common."""

    code: str
    severity: Severity
    sentence: str
    """The message without its particulars."""
    shape: str
    """The JSON pointer with `*` for each place in a list: `/messages/*/content`."""


@dataclass(slots=True)
class CauseReport:
    """The causes of the findings of some lines."""

    causes: list[Cause] = field(default_factory=list)
    examples: list[tuple[int, Finding]] = field(default_factory=list)
    """For each cause the first line that has it, counted from 0, with its finding."""
    rows: array[int] = field(default_factory=lambda: array("I"))
    """The lines with findings, once for each of their causes."""
    numbers: array[int] = field(default_factory=lambda: array("H"))
    """For each of these, the cause's place in `causes`."""


def cause_of(finding: Finding) -> Cause:
    """The cause of a finding."""
    return Cause(finding.code, finding.severity, _general(finding.message), shape_of(finding.pointer))


def explain(lines: Sequence[bytes], spec: AuditSpec) -> CauseReport:
    """Look at lines once more, each without its line feed, and say why they have findings. No tokens are counted."""
    report = CauseReport()
    known: dict[Cause, int] = {}
    seen: set[tuple[int, int]] = set()
    analyst = analyst_for(replace(spec, explain=True, limit=0))
    for row, finding in analyst.findings(lines, alike=True):
        cause = cause_of(finding)
        if cause not in known and len(known) >= MOST_CAUSES:
            cause = beyond(cause)
        number = known.setdefault(cause, len(known))
        if number == len(report.causes):
            report.causes.append(cause)
            report.examples.append((row, _example(analyst, lines[row], cause, finding)))
        if (row, number) not in seen:
            seen.add((row, number))
            report.rows.append(row)
            report.numbers.append(number)
    return report


def _example(analyst: Analyst, line: bytes, cause: Cause, alike: Finding) -> Finding:
    """The finding of a cause in a line as it is there, with its place."""
    return next((one for _, one in analyst.findings([line]) if cause_of(one) == cause), alike)


def beyond(cause: Cause) -> Cause:
    """The cause of one's rule alone, where there are too many to be told apart."""
    return cause._replace(sentence="in yet other ways", shape="")


def over_long(limit: int, rules: RuleSet) -> Cause:
    """The cause of records that are longer than the longest example, in tokens."""
    return Cause(
        OVER_CONTEXT.code, rules.severity(OVER_CONTEXT.number), f"over the longest example of {limit:,} tokens", ""
    )


@lru_cache(maxsize=4096)
def _general(message: str) -> str:
    plain = HINT.sub(";", VALUE.sub(LEFT_OUT, message, 1)).removesuffix(";").replace("; Allowed", "; allowed")
    expected = EXPECTED.search(plain)
    cut = expected.start() if expected else len(plain)
    return COUNTED.sub(r"… \1s", PARTICULAR.sub(LEFT_OUT, plain[:cut])) + plain[cut:]
