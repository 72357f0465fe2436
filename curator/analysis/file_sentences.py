"""What is said of a file as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from curator.analysis.findings import Finding, Severity
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.lint.rules import BY_NUMBER
from curator.analysis.lint.view import Complaint
from curator.analysis.totals import Totals

REFUSALS = 23
"""The number of the rule on single records whose share of the file counts."""


def findings_on_file(totals: Totals, epochs: int, copies: int, recited: int, rules: RuleSet) -> Iterator[Finding]:
    """What is to be said of a file by its sums, and by the answer that stands in it most often, in `copies` records.

    `recited` is the number of answers that are seen too often in all epochs.
    """
    for number, severity, sentence in (
        _too_few(totals, rules),
        _refusals(totals, rules),
        _formats(totals, rules),
        _recitation(epochs, copies, recited, rules),
        _not_lasting(totals, rules),
    ):
        if sentence and rules.asked(number):
            yield BY_NUMBER[number].finding(Complaint("", sentence), severity)


Said = tuple[int, Severity, str]
"""A rule's number, how bad what it finds is, and what it says; empty where it finds nothing."""


def _too_few(totals: Totals, rules: RuleSet) -> Said:
    examples, limits = totals.examples, rules.thresholds
    there = f"{examples:,} example{'' if examples == 1 else 's'}"
    if examples < limits.fewest_examples:
        return 8, rules.severity(8), f"{there}: fine-tuning takes {limits.fewest_examples:,} or more"
    if examples < limits.advised_examples:
        return 8, Severity.WARNING, f"{there}: {limits.advised_examples:,} or more are advised"
    return 8, Severity.WARNING, ""


def _refusals(totals: Totals, rules: RuleSet) -> Said:
    refusals, examples = totals.findings[f"CUR{REFUSALS:03d}"], totals.examples
    if refusals * 100 <= rules.thresholds.refusals_percent * examples:
        return REFUSALS, Severity.WARNING, ""
    return (
        REFUSALS,
        rules.severity(REFUSALS),
        f"{refusals:,} of {examples:,} records ({refusals * 100 // examples} %) hold refusals or boilerplate:"
        f" more than {rules.thresholds.refusals_percent} % teach the model to refuse",
    )


def _formats(totals: Totals, rules: RuleSet) -> Said:
    formats = [f"{count:,} {name}" for name, count in totals.dialects.most_common() if count > 0]
    if len(formats) < 2:
        return 31, Severity.ERROR, ""
    return 31, rules.severity(31), f"records of several formats stand in one file: {', '.join(formats)}"


def _recitation(epochs: int, copies: int, recited: int, rules: RuleSet) -> Said:
    if not recited:
        return 39, Severity.WARNING, ""
    times = f"in {epochs:,} epoch{'' if epochs == 1 else 's'} the model sees it {epochs * copies:,} times"
    others = f"; so it is with {recited:,} answers" if recited > 1 else ""
    return (
        39,
        rules.severity(39),
        f"one answer stands in {copies:,} records: {times}, and from {rules.thresholds.recited_answers:,} on it"
        f" recites it{others}",
    )


def _not_lasting(totals: Totals, rules: RuleSet) -> Said:
    examples, wanted = totals.examples, rules.thresholds.lasting_examples
    if examples >= wanted:
        return 40, Severity.WARNING, ""
    return 40, rules.severity(40), f"{examples:,} examples: for a lasting change of manner {wanted:,} are advised"
