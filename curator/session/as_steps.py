"""What was done by rules, as the headless commands that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from curator.edits.asked import Asked, Option
from curator.edits.batch import Batch
from curator.edits.operations import Drop, Fixing, Operation, Rewrite, Sweeping, Tag
from curator.edits.rule import FixingRule, ReplacementRule, Rule, ShorteningRule

if TYPE_CHECKING:
    from curator.records.fixing import Fix

Step: TypeAlias = "Mapping[str, Option | list[str]]"
"""The name of a command under `do`, and its options under their names without dashes."""


def steps_of(batch: Batch) -> list[Step]:
    """The steps that do what a batch did; none where it was not asked for by a rule, or no command can do it."""
    asked = batch.asked
    done = [one for one in batch.operations if not isinstance(one, Asked)]
    if asked is not None and asked.do:
        return [{"do": asked.do, **_told_of(asked), **asked.options}]
    if all(isinstance(one, Drop) and one.on for one in done):
        return [{"do": "drop", **_told_of(asked)}] if asked is not None and asked.where else []
    if any(isinstance(one, Fixing) for one in done):
        return _mending(done)
    steps = [step_of(one.rule) for one in done if isinstance(one, Sweeping)]
    return [] if None in steps else [{**step, **(_told_of(asked) if asked else {})} for step in steps if step]


def tags_as_steps(batch: Batch) -> list[Step]:
    """The steps that write into a key of the records the tags that a batch put on the records of a filter."""
    asked = batch.asked
    if asked is None or not all(isinstance(one, Tag | Asked) for one in batch.operations):
        return []
    tags = [one.tag for one in batch.operations if isinstance(one, Tag) and one.on]
    return [{"do": "tag", "tag": tag, **_told_of(asked)} for tag in tags]


def _told_of(asked: Asked) -> Step:
    """Which records a step is about, and how they are read."""
    told = {"where": asked.where, "model": asked.model, "dialect": asked.dialect}
    return {name: value for name, value in told.items() if value}


def _mending(done: list[Operation]) -> list[Step]:
    """One step with all fixes of a batch that says no more; none where it dropped records too, as one of a rule."""
    from curator.records.fixing import FIXES

    if not all(isinstance(operation, Fixing | Rewrite) for operation in done):
        return []
    rules = [operation.rule for operation in done if isinstance(operation, Fixing)]
    names = {name for rule in rules if isinstance(rule, FixingRule) for name in rule.fixes.names}
    dialect = {"dialect": rules[0].dialect} if rules[0].only_dialect else {}
    return [{"do": "fix", **mending([fix for fix in FIXES if fix.name in names]), **dialect}]


def mending(fixes: Iterable[Fix]) -> Mapping[str, Option]:
    """The options of the step that applies fixes."""
    known = list(fixes)
    safe = all(fix.safe for fix in known)
    return {"fix": ",".join(fix.name for fix in known), **({} if safe else {"unsafe": True})}


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
    step: dict[str, Option | list[str]] = {"do": "replace", "find": search.pattern, "by": rule.replacement.text}
    if search.regex:
        step["regex"] = True
    if search.ignore_case is not None:
        step["ignore-case" if search.ignore_case else "case-sensitive"] = True
    if search.roles:
        step["role"] = sorted(search.roles)
    return step


COMMANDS = {"fix": "check", "drop": "filter"}
"""The commands of steps that have another name."""


def command_line(step: Step, path: Path) -> str:
    """A step as it is typed in a shell (bash, zsh, ksh), for a file; OUT stands for where it writes."""
    do = str(step["do"])
    options = {name: value for name, value in step.items() if name != "do"}
    words = ["curator", COMMANDS.get(do, do)]
    if do == "drop":
        words += ["--invert", quoted(str(options.pop("where")))]
    words.append(quoted(str(path)))
    for name, value in options.items():
        words += [f"--{name}"] if value is True else [_option(name, one) for one in _each(value)]
    return " ".join([*words, "-o", "OUT"])


def _each(value: Option | list[str]) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _option(name: str, value: str) -> str:
    return f"--{name}{'=' if value.startswith('-') else ' '}{quoted(value)}"


def quoted(text: str) -> str:
    """A word for a shell. What could act on a terminal when it is pasted is spelt out, in the shell's own escapes."""
    if text.isprintable():
        return shlex.quote(text)
    spelt = (one if one.isprintable() else _escape(one) for one in text.replace("\\", "\\\\").replace("'", "\\'"))
    return f"$'{''.join(spelt)}'"


def printable(text: str) -> str:
    """A text in one line, with what could act on a terminal spelt out."""
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def _escape(one: str) -> str:
    return "\\n" if one == "\n" else f"\\u{ord(one):04x}" if ord(one) < 1 << 16 else f"\\U{ord(one):08x}"
