"""curator run: the steps of a recipe, one after the other, from files to a new one."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from curator.cli import commands, options, output
from curator.cli.destination import NEW_FILE, STDOUT, refuse_sources, target_of
from curator.cli.edited_file import tell_unsaved_in
from curator.cli.exit_codes import Exit
from curator.cli.recipe import read_recipe
from curator.cli.recipe_steps import Planned
from curator.errors import UnreadableError, UsageError
from curator.session.naming import paths_of
from curator.storage.hidden_folder import hidden_folder
from curator.storage.source import PackedError, is_stream, opened

STEM = "input"
"""What the files are called together where they have no name of their own."""

HELP = "do the steps of a recipe to files, and write the outcome to another"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator run`."""
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="TOML, see docs/recipes.md")
    options.add_files(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        *("-o", "--output"),
        type=Path,
        metavar="OUT",
        help=f"{NEW_FILE}; - for stdout; a folder if the last step writes one; FILE stays",
    )
    where.add_argument("--dry-run", action="store_true", help="do all steps and write nothing: only say what they do")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_target(parser.add_argument_group("reading"))
    options.add_model(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do the steps; what they say goes to stderr. 1 if a step ended it, or says that it could not do all.

    Raises UnreadableError at the end where a packed file could not be unpacked wholly: what was read of it is done.
    """
    steps = read_recipe(arguments.recipe, options.settings_of(arguments).named_filters)
    arguments.files = paths_of(arguments.files)
    target = _target(arguments, steps[-1])
    with _folder_beside(target) as folder:
        with output.on_the_way(folder):
            work = _Run(arguments, folder, target)
            outcome, last = work.do(steps)
        if last is None or target is None:
            output.talk("nothing was written.")
        elif last != target:
            _deliver(last, target, arguments.output)
    if work.fault is not None:
        raise work.fault
    return outcome


def _target(arguments: argparse.Namespace, last: Planned) -> Path | int | None:
    """Where the outcome goes to; None where nothing is written."""
    if arguments.output is None:
        return None
    if last.step.folder:
        if arguments.output == STDOUT:
            raise UsageError(f"{last.where}: `{last.name}` writes a folder of files, not stdout; name it with -o.")
        return Path(arguments.output)
    refuse_sources(arguments.output, [arguments.recipe])
    return target_of(arguments.output, arguments.files, force=arguments.force)


@contextmanager
def _folder_beside(target: Path | int | None) -> Iterator[Path]:
    """Where the outcome of a step lies until the next one has read it: where there has to be room for the last."""
    beside = Path(tempfile.gettempdir())
    if isinstance(target, Path):
        # A pattern of names may stand for files in a folder that its step makes.
        beside = target.parent if target.parent.exists() else target.parent.parent
    with ExitStack() as entered:
        try:
            folder = entered.enter_context(hidden_folder(beside))
        except OSError as error:
            raise UsageError(f"{beside}: nothing can be written there: {error.strerror}.") from error
        yield folder.resolve()


class _Run:
    """Does steps one after the other, each on what the one before has left."""

    def __init__(self, arguments: argparse.Namespace, folder: Path, target: Path | int | None) -> None:
        self.fault: UnreadableError | None = None
        """Why not all could be read of what was read."""
        self._arguments = arguments
        self._folder = folder
        self._target = target
        self._at: Path = arguments.files[0]
        """What the next step reads."""
        self._lines = 0
        """Lines of that."""

    def do(self, steps: list[Planned]) -> tuple[Exit, Path | None]:
        """The worst outcome, and what the last step left; None where a step ended it."""
        self._begin()
        worst = Exit.CLEAN
        for number, planned in enumerate(steps, 1):
            output.talk(f"{planned.where}: step {number:,} of {len(steps):,}, {planned.name}:")
            made = self._made(number, planned)
            parsed = _own(planned.arguments(self._at, made), self._arguments, self._folder)
            parsed.force = planned.step.folder and self._arguments.force
            outcome = commands.run_parsed(planned.step.command, parsed)
            worst = max(worst, outcome)
            if (outcome or planned.step.writes) and not (planned.step.folder or made.exists()):
                output.talk(f"{planned.where}: the recipe ends here, with {planned.name}.")
                return worst, None
            if planned.step.writes:
                self._go_on(made, planned)
        return worst, self._at

    def _begin(self) -> None:
        """Read one plain file where it is; several, a packed one, or a pipe become such a file first."""
        if len(self._arguments.files) == 1 and _is_plain(self._at):
            tell_unsaved_in(self._at, self._arguments)
        else:
            self._gather()
        self._lines = _lines_of(self._at)

    def _gather(self) -> None:
        self._at = self._folder / self._name()
        merge = commands.parser_of("merge").parse_args(["-o", str(self._at), "--", *map(str, self._arguments.files)])
        merge.command = self._arguments.command
        try:
            commands.run_parsed("merge", _own(merge, self._arguments, self._folder))
        except UnreadableError as error:
            if not self._at.exists():
                raise
            self.fault = error

    def _name(self) -> str:
        """What is read is called after the first file."""
        first: Path = self._arguments.files[0]
        return f"{STEM if is_stream(first) else first.name.split('.')[0] or STEM}.jsonl"

    def _made(self, number: int, planned: Planned) -> Path:
        """Where a step writes to. The files of a folder are named after the one that is given, not after a step."""
        if not planned.step.folder:
            return self._folder / f"step-{number}.jsonl"
        if self._at.parent == self._folder and self._at.name.startswith("step-"):
            self._at = self._at.rename(self._folder / self._name())
        return self._target if isinstance(self._target, Path) else self._folder / "files"

    def _go_on(self, made: Path, planned: Planned) -> None:
        if self._at.parent == self._folder:
            self._at.unlink()
        self._at = made
        if not planned.step.folder:
            before, self._lines = self._lines, _lines_of(made)
            output.talk(f"{planned.name}: {before:,} lines in, {self._lines:,} out.")


def _is_plain(path: Path) -> bool:
    """Whether a file's lines can be read from it as often as one likes."""
    if is_stream(path):
        return False
    try:
        with opened(path):
            return True
    except PackedError:
        return False


def _lines_of(path: Path) -> int:
    """How many lines a file has."""
    from curator.storage.line_index import LineIndex

    with opened(path) as source:
        index = LineIndex(source)
        index.finish()
        return len(index)


def _own(step: argparse.Namespace, arguments: argparse.Namespace, folder: Path) -> argparse.Namespace:
    """What a step's command is run with: what is said to all steps, and a journal that is not there."""
    for name in options.SETTING_NAMES & vars(arguments).keys():
        if getattr(step, name, None) is None:
            setattr(step, name, getattr(arguments, name))
    # A journal can be named of one file only.
    several = len(getattr(step, "files", ())) + len(getattr(step, "without", ())) > 1
    if not several and step.command != arguments.command:
        step.journal = str(folder / "no-journal")
    return step


def _deliver(last: Path, target: Path | int, named: Path) -> None:
    """Write the outcome to its place, read back and compared, or to stdout."""
    from curator.storage.delivering import deliver
    from curator.storage.writer import Stretch

    with opened(last) as source:
        parts = [Stretch(0, source.size)] if source.size else []
        written = deliver([(source, parts)], target, like=source, size=source.size)
    for note in written.notes:
        output.talk(note)
    if written.proof is not None:
        output.talk(f"{named}: {written.bytes:,} bytes; xxh3_128 {written.proof.digest}.")
