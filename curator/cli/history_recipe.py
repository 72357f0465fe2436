"""What was done to a file by rules, as a recipe; the rest is named in comments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from curator.cli.output import printable
from curator.edits.edited_source import Batch
from curator.edits.operations import Labelling, Sweeping
from curator.edits.rule import ReplacementRule, Rule, ShorteningRule
from curator.session.working_source import WorkingSource

Options = Mapping[str, str | bool | list[str]]


def recipe_lines(source: WorkingSource) -> Iterator[str]:
    """The batches in force, oldest first: rules as steps, all others as comments."""
    edited = source.edited
    yield f"# What was done to {printable(edited.path.name)}, as steps for `curator run`. A step is done to all records"
    yield "# that its rule fits; how many were changed stands with it. What is no rule is in `curator diff --patch`."
    for batch in edited.batches:
        if batch.number <= edited.cursor:
            yield ""
            yield from _of_batch(batch)
        if edited.journal is not None and batch.number == edited.journal.saved.cursor:
            yield f"# The file was last saved here: what stands above is in {printable(edited.path.name)} already."


def _of_batch(batch: Batch) -> Iterator[str]:
    count = len(batch.concerns())
    title = printable(batch.title or "tags, reviews and notes from before the save")
    about = f"# {batch.number:,}: {title} ({count:,} record{'s' * (count != 1)})"
    rules = [operation.rule for operation in batch.operations if isinstance(operation, Sweeping)]
    steps = [_step(rule) for rule in rules]
    if all(isinstance(operation, Labelling) for operation in batch.operations):
        yield f"{about}: changes no text; `curator export --tags` writes labels."
    elif not steps or None in steps:
        yield f"{about}: is no rule."
    else:
        yield about
        for step in steps:
            yield from _table(step or {})


def _step(rule: Rule) -> Options | None:
    """What a recipe says of a rule; None where it cannot."""
    dialect: Options = {"dialect": rule.dialect} if rule.only_dialect else {}
    if isinstance(rule, ReplacementRule):
        search = rule.replacement.search
        step: dict[str, str | bool | list[str]] = {"do": "replace", "find": search.pattern, "by": rule.replacement.text}
        if search.regex:
            step["regex"] = True
        if search.ignore_case is not None:
            step["ignore-case" if search.ignore_case else "case-sensitive"] = True
        if search.roles:
            step["role"] = sorted(search.roles)
        return {**step, **dialect}
    if isinstance(rule, ShorteningRule) and not rule.prompt.long.isdecimal():
        which = "prefix" if rule.prompt.begins else "prompt"
        return {"do": "shorten", which: rule.prompt.long, "to": rule.prompt.short, **dialect}
    return None


def _table(step: Options) -> Iterator[str]:
    yield "[[step]]"
    for name, value in step.items():
        yield f"{name} = {_spelt(value)}"


def _spelt(value: str | bool | list[str]) -> str:
    """A value as TOML has it: strings are spelt as in JSON, but for the one control character that JSON lets pass."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
