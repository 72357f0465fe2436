"""What was done to a file by rules, as a recipe; the rest is named in comments."""

from __future__ import annotations

import json
from collections.abc import Iterator

from curator.cli.output import printable
from curator.edits.edited_source import Batch
from curator.edits.operations import Labelling
from curator.session.as_steps import Step, steps_of
from curator.session.working_source import WorkingSource


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
    steps = steps_of(batch)
    if all(isinstance(operation, Labelling) for operation in batch.operations):
        yield f"{about}: changes no text; `curator export --tags` writes labels."
    elif not steps:
        yield f"{about}: is no rule."
    else:
        yield about
        for step in steps:
            yield from _table(step)


def _table(step: Step) -> Iterator[str]:
    yield "[[step]]"
    for name, value in step.items():
        yield f"{name} = {_spelt(value)}"


def _spelt(value: str | bool | list[str]) -> str:
    """A value as TOML has it: strings are spelt as in JSON, but for the one control character that JSON lets pass."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
