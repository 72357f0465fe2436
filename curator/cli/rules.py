"""curator rules: every rule, with how bad its findings are here."""

from __future__ import annotations

import argparse
import json
from typing import Any

from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rule_set import RuleSet, rule_set
from curator.analysis.lint.rules import RULES
from curator.cli import options, output
from curator.cli.exit_codes import Exit
from curator.session.aim import aim_of

HELP = "list the rules by which records are judged"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator rules`."""
    parser.add_argument("--json", action="store_true", help="one JSON array")
    options.add_rules(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the table of rules, with the settings that hold here."""
    settings = options.settings_of(arguments)
    rules = rule_set(settings.lint, aim_of(settings).severities)
    if arguments.json:
        output.data(json.dumps([as_json(rule, rules) for rule in RULES], indent=2, ensure_ascii=False))
    else:
        output.table(("code", "here", "rule"), ((rule.code, standing(rule, rules), rule.title) for rule in RULES))
    return Exit.CLEAN


def standing(rule: Rule, rules: RuleSet) -> str:
    """How bad a rule's findings are by some settings, or `off`."""
    return rules.severity(rule.number).value if rules.asked(rule.number) else "off"


def as_json(rule: Rule, rules: RuleSet) -> dict[str, Any]:
    """A rule, whole."""
    return {
        "code": rule.code,
        "title": rule.title,
        "severity": standing(rule, rules),
        "reason": rule.reason,
        "source": rule.source,
        "bad": rule.bad.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
        "good": rule.good,
    }
