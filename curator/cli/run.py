"""curator run: the steps of a recipe, one after the other, from a file to a new one."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from curator.cli import commands, options, output
from curator.cli.destination import NEW_FILE, refuse_sources, target_of
from curator.cli.edited_file import tell_unsaved_in
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_lines
from curator.cli.recipe import read_recipe
from curator.cli.recipe_steps import Planned
from curator.errors import UsageError

HELP = "do the steps of a recipe to a file, and write the outcome to another"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator run`."""
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="TOML, see docs/recipes.md")
    parser.add_argument("file", type=Path, metavar="FILE", help=options.FILES_HELP)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout; FILE stays")
    where.add_argument("--dry-run", action="store_true", help="do all steps and write nothing: only say what they do")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_target(parser.add_argument_group("reading"))
    options.add_model(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do the steps; what they say goes to stderr. 1 if a step ended it, or says that it could not do all."""
    steps = read_recipe(arguments.recipe)
    target = None if arguments.output is None else _target(arguments)
    tell_unsaved_in(arguments.file, arguments)
    with opened_lines(arguments.file) as lines, _folder_beside(target) as name:
        folder = Path(name).resolve()
        with output.on_the_way(folder):
            outcome, last = _do(steps, arguments, lines, folder)
        if last is None or target is None:
            output.talk("nothing was written.")
        else:
            _deliver(last, target, arguments.output)
    return outcome


def _target(arguments: argparse.Namespace) -> Path | int:
    refuse_sources(arguments.output, [arguments.recipe])
    return target_of(arguments.output, [arguments.file], force=arguments.force)


def _folder_beside(target: Path | int | None) -> tempfile.TemporaryDirectory[str]:
    """Where the outcome of a step lies until the next one has read it: where there has to be room for the last."""
    try:
        return tempfile.TemporaryDirectory(
            prefix=".curator-run-", dir=target.parent if isinstance(target, Path) else None
        )
    except OSError as error:
        raise UsageError(f"nothing can be written beside {target}: {error.strerror}.") from error


def _do(steps: list[Planned], arguments: argparse.Namespace, lines: Path, folder: Path) -> tuple[Exit, Path | None]:
    """The worst outcome, and the file that the last step left; None where a step ended it."""
    at, worst = lines, Exit.CLEAN
    for number, planned in enumerate(steps, 1):
        output.talk(f"{planned.where}: step {number:,} of {len(steps):,}, {planned.name}:")
        made = folder / f"step-{number}.jsonl"
        outcome = commands.run_parsed(planned.step.command, _own(planned.arguments(at, made), arguments, folder))
        worst = max(worst, outcome)
        if (outcome or planned.step.writes) and not made.exists():
            output.talk(f"{planned.where}: the recipe ends here, with {planned.name}.")
            return worst, None
        if planned.step.writes:
            if at != lines:
                at.unlink()
            at = made
    return worst, at


def _own(step: argparse.Namespace, arguments: argparse.Namespace, folder: Path) -> argparse.Namespace:
    """What a step's command is run with: what is said to all steps, and a journal that is not there."""
    for name in options.SETTING_NAMES & vars(arguments).keys():
        if getattr(step, name, None) is None:
            setattr(step, name, getattr(arguments, name))
    # A journal can be named of one file only; with an exam beside it, each file is looked at by its own name.
    step.journal = "" if getattr(step, "without", ()) else str(folder / "no-journal")
    return step


def _deliver(last: Path, target: Path | int, named: Path) -> None:
    """Write the outcome to its place, read back and compared, or to stdout."""
    from curator.storage.delivering import deliver
    from curator.storage.source import opened
    from curator.storage.writer import Stretch

    with opened(last) as source:
        parts = [Stretch(0, source.size)] if source.size else []
        written = deliver([(source, parts)], target, like=source, size=source.size)
    for note in written.notes:
        output.talk(note)
    if written.proof is not None:
        output.talk(f"{named}: {written.bytes:,} bytes; xxh3_128 {written.proof.digest}.")
