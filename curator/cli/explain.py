"""curator explain: one rule, whole."""

from __future__ import annotations

import argparse

from curator.analysis.lint.rule_set import rule_set
from curator.analysis.lint.rules import rule_named
from curator.cli import options, output
from curator.cli.exit_codes import Exit
from curator.cli.rules import as_json, standing
from curator.records.fixing import fixes_of
from curator.session.aim import aim_of

HELP = "explain a rule: its reason and source, an example, and how to turn it off"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator explain`."""
    parser.add_argument("code", metavar="CODE", help="the rule, such as CUR024")
    options.add_rules(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write all that there is to say of a rule."""
    rule = rule_named(arguments.code)
    settings = options.settings_of(arguments)
    rules = rule_set(settings.lint, aim_of(settings).severities)
    example = as_json(rule, rules)
    output.data(f"{rule.code}: {rule.title} ({standing(rule, rules)})")
    output.data("")
    output.data(rule.reason)
    output.data(f"Source: {rule.source}.")
    output.data("")
    for name, text in (("found", example["bad"]), ("not found", example["good"])):
        if not text:
            continue
        output.data(f"{name}:")
        for line in text.split("\n"):
            output.data(f"  {output.printable(line)}")
    output.data("")
    for fix in fixes_of([rule.number]):
        look = f" (look at the outcome: {fix.risk})" if fix.risk else ""
        output.data(f"A fix: {fix.title}{look}")
        output.data(f"  curator check FILE --fix {fix.name}{' --unsafe' if fix.risk else ''}")
        output.data("")
    output.data("To have it not asked:")
    output.data(f"  of one call       --ignore {rule.code}")
    output.data(f'  of a project      [lint] off = ["{rule.code}"]   in curator.toml')
    output.data(f'  of some files     [lint.ignore] "old/*.jsonl" = ["{rule.code}"]')
    output.data(f"  of one record     the tag ignore:{rule.code} on it")
    other = "a warning" if standing(rule, rules) == "error" else "an error"
    output.data(f"To have it as {other}:")
    output.data(f'  of a project      [lint.severity] {rule.code} = "{other.split()[1]}"   in curator.toml')
    return Exit.CLEAN
