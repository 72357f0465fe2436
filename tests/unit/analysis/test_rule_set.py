"""Which rules are asked and how bad they are: the table, the target, the user; the later over the earlier."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.findings import Severity
from curator.analysis.lint.rule_set import RuleSet, rule_set
from curator.analysis.lint.rules import RULES
from curator.errors import UsageError
from curator.lint_settings import NOTHING_SAID, LintSettings, lint_settings_in


def said(table: dict[str, Any], earlier: LintSettings = NOTHING_SAID) -> LintSettings:
    return lint_settings_in(table, "curator.toml").over(earlier)


def test_nothing_said_is_the_table() -> None:
    rules = rule_set(NOTHING_SAID, {})
    assert rules == RuleSet()
    assert pickle.loads(pickle.dumps(rules)) == rules
    assert hash(rules) == hash(RuleSet())
    for rule in RULES:
        assert rules.asked(rule.number) is rule.on_by_default
        assert rules.severity(rule.number) is rule.severity


def test_the_user_is_over_the_target() -> None:
    severities = {12: Severity.ERROR, 24: None, 11: Severity.WARNING}
    target = rule_set(NOTHING_SAID, severities)
    assert target.severity(12) is Severity.ERROR
    assert target.severity(11) is Severity.WARNING
    assert not target.asked(24)
    mine = rule_set(said({"on": ["CUR024"], "off": ["CUR011"], "severity": {"CUR012": "warning"}}), severities)
    assert mine.asked(24) and not mine.asked(11)
    assert mine.severity(12) is Severity.WARNING


def test_what_was_said_later_is_over_what_was_said_earlier() -> None:
    earlier = said({"off": ["CUR024"], "fewest_examples": 20})
    assert not rule_set(earlier, {}).asked(24)
    later = rule_set(said({"on": ["cur024"], "fewest_examples": 30}, earlier), {})
    assert later.asked(24)
    assert later.thresholds.fewest_examples == 30


def test_files_are_excused_by_path_or_name() -> None:
    rules = rule_set(said({"ignore": {"old/*.jsonl": ["CUR024", "CUR028"], "b.jsonl": ["CUR012"]}}), {})
    assert not rules.for_file(Path("old/a.jsonl")).asked(24)
    assert not rules.for_file(Path("old/b.jsonl")).asked(12)
    assert rules.for_file(Path("new/a.jsonl")).asked(24)
    assert rules.for_file(Path("new/a.jsonl")) == RuleSet()


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ({"off": ["CUR0O5"]}, "did you mean CUR005?"),
        ({"severity": {"CUR998": "error"}}, "there is no rule 'CUR998'"),
        ({"fewest_exampels": 3}, "did you mean `fewest_examples`?"),
        ({"severity": {"CUR012": "eror"}}, "did you mean `error`?"),
        ({"off": "CUR012"}, "it takes a list of codes"),
        ({"fewest_examples": "many"}, "thresholds are whole numbers"),
        ({"ignore": ["a"]}, "it takes a table"),
        ([], "it takes a table"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(table: Any, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        rule_set(said(table), {})
    assert "curator.toml" in str(refused.value)
    assert hint in str(refused.value)
