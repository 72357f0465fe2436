"""What was done to a file, as a recipe; what no step can do is named in comments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pyroaring import BitMap64

from curator.edits.batch import Batch
from curator.edits.operations import Drop, Labelling
from curator.errors import UsageError
from curator.session.as_steps import Step, printable, steps_of, tags_as_steps
from curator.session.naming import proposed_beside
from curator.session.working_source import WorkingSource
from curator.storage.replacing import replacing

if TYPE_CHECKING:
    from curator.edits.edited_source import EditedSource

ALL_THAT_FIT = "the step is done to all records that it fits"
AS_LISTED = "records had changed since they were listed, so the step may find others"


def recipe_of(source: WorkingSource, written: datetime) -> str:
    """The batches in force, oldest first, as TOML; `written` is when, and stands at its head."""
    return "".join(f"{line}\n" for line in _lines(source.edited, written))


def write_recipe(source: WorkingSource, path: Path) -> None:
    """Write it to a new file. Raises UsageError where there is one of that name, and UnwritableError."""
    if path.exists():
        raise UsageError(f"{path}: is there already; give the recipe another name.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path.absolute().parent}: there is no such folder to write to.")
    with replacing(path, like=None) as new:
        new.file.write(recipe_of(source, datetime.now()).encode("utf-8", "backslashreplace"))
        new.commit()


def proposed_recipe(path: Path) -> Path:
    """A name beside a file: `x.recipe.toml` for `x.jsonl.gz`."""
    beside = proposed_beside(path, "recipe")
    return beside.with_name(f"{beside.name.rpartition('.recipe.')[0]}.recipe.toml")


def number_of_steps(edited: EditedSource) -> tuple[int, int]:
    """How many batches in force are told as steps, and how many there are."""
    told = told_steps(edited)
    return sum(bool(steps) for _, steps in told), len(told)


def told_steps(edited: EditedSource) -> list[tuple[Batch, list[Step]]]:
    """The batches in force, oldest first, each with the steps that do the same.

    There are none for one of whose dropped records some were restored later.
    """
    told: list[tuple[Batch, list[Step]]] = []
    restored = BitMap64()
    for batch in reversed([one for one in edited.batches if one.number <= edited.cursor]):
        drops = [one for one in batch.operations if isinstance(one, Drop)]
        stays = not any(one.on and one.records & restored for one in drops)
        told.append((batch, steps_of(batch) if stays else []))
        restored = restored.union(*(one.records for one in drops if not one.on))
    return told[::-1]


def _lines(edited: EditedSource, written: datetime) -> Iterator[str]:
    name = printable(edited.path.name)
    yield f"# What was done to {name}, as steps for `curator run`; written {written:%Y-%m-%d %H:%M}."
    yield f"# What no step can do stands in comments; `curator diff {name} --patch` writes it for `curator apply`."
    for batch, steps in told_steps(edited):
        yield ""
        yield from _of_batch(batch, steps)
        if edited.journal is not None and batch.number == edited.journal.saved.cursor:
            yield f"# The file was last saved here: what stands above is in {name} already."


def _of_batch(batch: Batch, steps: list[Step]) -> Iterator[str]:
    count = len(batch.concerns())
    title = printable(batch.title or "tags, reviews and notes from before the save")
    about = f"# {batch.number:,}: {title}"
    counted = f"{about} ({count:,} record{'s' * (count != 1)})"
    if all(isinstance(operation, Labelling) for operation in batch.operations):
        yield from _labels(counted, tags_as_steps(batch))
    elif not steps:
        yield f"{counted}: {'was undone for some of them' if steps_of(batch) else 'is no rule'}."
    elif batch.asked is None:
        yield f"{counted}: {ALL_THAT_FIT}."
    else:
        yield f"{about}: {AS_LISTED}." if batch.asked.as_listed else about
    for step in steps:
        yield from _table(step)


def _labels(about: str, steps: list[Step]) -> Iterator[str]:
    """Labels are not in the file; a step that writes tags into a key of the records is offered as a comment."""
    offered = " As a step:" if steps else ""
    yield f"{about}: changes no text; `curator export --tags` writes labels.{offered}"
    for step in steps:
        yield from (f"# {line}" for line in _table(step))


def _table(step: Step) -> Iterator[str]:
    yield "[[step]]"
    for name, value in step.items():
        yield f"{name} = {_spelt(value)}"


def _spelt(value: object) -> str:
    """A value as TOML has it: strings are spelt as in JSON, but for the one control character that JSON lets pass."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
