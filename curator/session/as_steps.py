"""What was done by rules, as the headless commands that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from curator.edits.edited_source import Batch
from curator.edits.operations import Fixing, Rewrite, Sweeping
from curator.edits.rule import FixingRule, ReplacementRule, Rule, ShorteningRule

Step = Mapping[str, str | bool | list[str]]
"""The name of a command under `do`, and its options under their names without dashes."""


def steps_of(batch: Batch) -> list[Step]:
    """The steps that do what a batch did by rules; none where it is no rule, or no command can do it."""
    if any(isinstance(operation, Fixing) for operation in batch.operations):
        return _mending(batch)
    steps = [step_of(operation.rule) for operation in batch.operations if isinstance(operation, Sweeping)]
    return [] if None in steps else [step for step in steps if step]


def _mending(batch: Batch) -> list[Step]:
    """One step with all fixes of a batch; none where it dropped records too, which is no rule for single ones."""
    from curator.records.fixing import FIXES

    if not all(isinstance(operation, Fixing | Rewrite) for operation in batch.operations):
        return []
    rules = [operation.rule for operation in batch.operations if isinstance(operation, Fixing)]
    names = {name for rule in rules if isinstance(rule, FixingRule) for name in rule.fixes.names}
    fixes = [fix for fix in FIXES if fix.name in names]
    step: dict[str, str | bool | list[str]] = {"do": "fix", "fix": ",".join(fix.name for fix in fixes)}
    if not all(fix.safe for fix in fixes):
        step["unsafe"] = True
    if rules[0].only_dialect:
        step["dialect"] = rules[0].dialect
    return [step]


def step_of(rule: Rule) -> Step | None:
    """The step that does what a rule does; None where no command can be told to.

    A prompt that consists of digits is taken for a number in the list of prompts, so there is no telling it.
    """
    dialect: Step = {"dialect": rule.dialect} if rule.only_dialect else {}
    if isinstance(rule, ReplacementRule):
        return {**_replacing(rule), **dialect}
    if isinstance(rule, ShorteningRule) and not rule.prompt.long.isdecimal():
        which = "prefix" if rule.prompt.begins else "prompt"
        return {"do": "shorten", which: rule.prompt.long, "to": rule.prompt.short, **dialect}
    return None


def _replacing(rule: ReplacementRule) -> Step:
    search = rule.replacement.search
    step: dict[str, str | bool | list[str]] = {"do": "replace", "find": search.pattern, "by": rule.replacement.text}
    if search.regex:
        step["regex"] = True
    if search.ignore_case is not None:
        step["ignore-case" if search.ignore_case else "case-sensitive"] = True
    if search.roles:
        step["role"] = sorted(search.roles)
    return step


def command_line(step: Step, path: Path) -> str:
    """A step as it is typed in a shell (bash, zsh, ksh), for a file; OUT stands for where it writes."""
    words = ["curator", "check" if step["do"] == "fix" else str(step["do"]), quoted(str(path))]
    for name, value in step.items():
        if name != "do":
            words += [f"--{name}"] if value is True else [_option(name, one) for one in _each(value)]
    return " ".join([*words, "-o", "OUT"])


def _each(value: str | bool | list[str]) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _option(name: str, value: str) -> str:
    return f"--{name}{'=' if value.startswith('-') else ' '}{quoted(value)}"


def quoted(text: str) -> str:
    """A word for a shell. What could act on a terminal when it is pasted is spelt out, in the shell's own escapes."""
    if text.isprintable():
        return shlex.quote(text)
    spelt = (one if one.isprintable() else _escape(one) for one in text.replace("\\", "\\\\").replace("'", "\\'"))
    return f"$'{''.join(spelt)}'"


def _escape(one: str) -> str:
    return "\\n" if one == "\n" else f"\\u{ord(one):04x}" if ord(one) < 1 << 16 else f"\\U{ord(one):08x}"
