"""Each rule of the table is shown by an example that breaks it and by one that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curator.analysis.chunk import analyse_bytes
from curator.analysis.counting import Counting
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.lint.rules import RULES
from curator.analysis.report import AuditSpec

SPEC = AuditSpec(
    Counting("o200k_base", 3, 1, 7, 85, 170),
    "openai-chat",
    rules=RuleSet(off=0),
    accelerate=False,
    explain=True,
)
LONGEST = {10: 40}
"""Tokens of the longest example, for the examples of the rule that goes by it."""
OF_RECORDS = [rule for rule in RULES if rule.check or rule.number in (0, 10, *range(33, 38))]


def found(rule: Rule, text: str) -> set[int]:
    """The numbers of the rules that an example of a rule breaks, as its sentences say."""
    line = text.encode("utf-8", "surrogateescape") + b"\n"
    report = analyse_bytes(line, replace(SPEC, limit=LONGEST.get(rule.number, 0)))
    return {int(finding.code[3:]) for _, finding in report.explained}


@pytest.mark.parametrize("rule", OF_RECORDS, ids=lambda rule: rule.code)
def test_the_bad_example_breaks_just_its_rule(rule: Rule) -> None:
    assert found(rule, rule.bad) == {rule.number, *rule.also}


@pytest.mark.parametrize("rule", OF_RECORDS, ids=lambda rule: rule.code)
def test_the_good_example_breaks_none(rule: Rule) -> None:
    assert found(rule, rule.good) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_says_what_why_and_from_where(rule: Rule) -> None:
    assert rule.title and not rule.title.endswith(".")
    assert rule.reason.endswith(".")
    assert rule.source
    assert (rule.bad and rule.good) or rule not in OF_RECORDS


def test_numbers_are_unique_and_fit_the_column() -> None:
    numbers = [rule.number for rule in RULES]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= number < 64 for number in numbers)
