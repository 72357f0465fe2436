"""What `curator convert` says of losses: in sentences and numbers, or one by one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from curator.cli import output
from curator.cli.exit_codes import Exit
from curator.cli.many_files import proof_of
from curator.engine.converting import LINES_SHOWN, Count, Tally
from curator.records.converting import Cause, Weight
from curator.session import Session
from curator.storage.delivering import Delivered

HEADINGS = {Weight.REFUSED: "cannot be converted", Weight.LOST: "lossy", Weight.TOLD: "told"}


def tell_tallies(session: Session, tallies: list[Tally]) -> None:
    """Each file's records in numbers, and each cause with how often it is met and an example."""
    several = len(tallies) > 1
    for opened, tally in zip(session.data.sources, tallies, strict=True):
        name = f"{opened.path}: " if several else ""
        whole = tally.records - tally.lossy - tally.refused
        blank = f"; {tally.blank:,} blank lines are left out" if tally.blank else ""
        output.talk(
            f"{name}{tally.records:,} record{'s' * (tally.records != 1)}: {whole:,} without loss,"
            f" {tally.lossy:,} with a loss, {tally.refused:,} not to be converted{blank}."
        )
        for weight, heading in HEADINGS.items():
            for cause, count in tally.of(weight):
                output.talk(f"{name}{heading}: {_sentence(cause, count)}")


def _sentence(cause: Cause, count: Count) -> str:
    plural = "s" * (count.records > 1)
    lines = ", ".join(f"{line:,}" for line in count.lines) + ", ..." * (count.records > LINES_SHOWN)
    example = f"; line {count.lines[0]:,}: {count.example.removeprefix(cause).lstrip(': ')}"
    known = example if count.example != cause else ""
    return f"{count.records:,} record{plural}: {cause} (line{plural} {lines}){known}."


def tell_outcome(arguments: argparse.Namespace, tally: Tally, written: Delivered | None) -> Exit:
    """What was written, or what would let it be."""
    if written is None:
        output.talk(f"nothing was written; {' and '.join(_remedies(arguments, tally))}.")
        return Exit.FINDINGS
    left = f", {tally.left_out:,} left out" if tally.left_out else ""
    left += f", {tally.passed:,} lines copied as they are" if tally.passed else ""
    output.talk(f"{arguments.output}: {output.counted(tally.written, 'record')} written{left}; {proof_of(written)}.")
    return Exit.CLEAN


def _remedies(arguments: argparse.Namespace, tally: Tally) -> Iterator[str]:
    if tally.refused and not (arguments.skip or arguments.skip_lossy):
        yield f"--skip leaves {_them(tally.refused)} out that cannot be converted"
    if tally.lossy and not (arguments.skip_lossy or arguments.allow_lossy):
        yield f"--allow-lossy writes {_them(tally.lossy)} with a loss, --skip-lossy leaves them out"


def _them(count: int) -> str:
    return f"the {count:,} record{'s' * (count > 1)}"


def tell_details(session: Session, tallies: list[Tally]) -> None:
    """Each thing that is told of each record, as an object on a line of stdout."""
    for opened, tally in zip(session.data.sources, tallies, strict=True):
        for line, loss in tally.details:
            output.data(
                json.dumps(
                    {
                        "file": str(Path(opened.path)),
                        "line": line,
                        "weight": HEADINGS[loss.cause.weight],
                        "cause": loss.cause.name.lower().replace("_", "-"),
                        "sentence": loss.sentence,
                    }
                )
            )
