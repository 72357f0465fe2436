"""curator repair: text that is almost JSON Lines as JSON Lines, with every repair named."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, STDOUT, target_of
from curator.cli.edited_file import tell_unsaved_in
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_lines
from curator.session.repairing import DONE, DOUBTFUL, GUESSED, LEFT, Noticed, Survey, Tally, repair, survey

HELP = "make JSON Lines of what is almost that; exit 1 if something is left"
OUTCOMES = {DONE: "repaired", GUESSED: "guessed", DOUBTFUL: "only with --guess", LEFT: "left as it is"}


def add_arguments(parser: options.Parser) -> None:
    """The command line of `curator repair`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="an array, objects over several lines, broken lines …")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout (default: only tell)"
    )
    parser.add_argument("--guess", action="store_true", help="also repair what could be meant in another way")
    parser.add_argument("--report", action="store_true", help="name each repair, not only each kind")
    parser.add_argument("--json", action="store_true", help="the same as JSON Lines")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")


def run(arguments: argparse.Namespace) -> Exit:
    """Write the repaired file, and say what was done to it."""
    to_stdout = arguments.output == STDOUT
    say = output.talk if to_stdout else output.data
    named = _one_json if arguments.json else _one_text
    tell: Callable[[Noticed], object] | None = None
    if arguments.report:

        def tell(one: Noticed) -> None:
            say(named(arguments.file, one))

    with opened_lines(arguments.file) as lines:
        found, notes = _repaired(arguments, lines, tell)
    if not arguments.report:
        for line in _rows(found, as_json=arguments.json):
            say(line)
    for note in notes:
        output.talk(note)
    output.talk(_summary(arguments, found))
    tell_unsaved_in(arguments.file, arguments)
    return Exit.CLEAN if found.whole else Exit.FINDINGS


def _repaired(
    arguments: argparse.Namespace, lines: Path, tell: Callable[[Noticed], object] | None
) -> tuple[Survey, tuple[str, ...]]:
    """What is found in the file, written where that is asked for."""
    if arguments.output is None:
        return survey(lines, guess=arguments.guess, tell=tell), ()
    target = target_of(arguments.output, [arguments.file], force=arguments.force)
    found, written = repair(lines, target, guess=arguments.guess, tell=tell)
    return found, written.notes


def _one_text(path: Path, one: Noticed) -> str:
    detail = f" ({one.repair.detail})" if one.repair.detail else ""
    place = f"{path}:{one.repair.line}:{one.repair.column}"
    return output.printable(f"{place}: {OUTCOMES[one.outcome]}: {one.repair.kind.value}{detail}")


def _one_json(path: Path, one: Noticed) -> str:
    return json.dumps({"path": str(path), **_described(one.outcome, one.repair.kind.word, Tally(1, one.repair))})


def _described(outcome: str, word: str, tally: Tally) -> dict[str, str | int]:
    first = tally.first
    what: dict[str, str | int] = {
        "outcome": outcome,
        "repair": word,
        "times": tally.times,
        "line": first.line,
        "column": first.column,
    }
    return what | ({"detail": first.detail} if first.detail else {})


def _rows(found: Survey, *, as_json: bool) -> list[str]:
    """A line for each kind: what, how often, and where first."""
    order = list(OUTCOMES)
    rows = sorted(found.tallies.items(), key=lambda row: order.index(row[0][0]))
    if as_json:
        return [json.dumps(_described(outcome, kind.word, tally)) for (outcome, kind), tally in rows]
    width = max((len(f"{tally.times:,}") for _, tally in rows), default=0)
    return [_row(outcome, kind.value, tally, width) for (outcome, kind), tally in rows]


def _row(outcome: str, what: str, tally: Tally, width: int) -> str:
    first = tally.first
    place = f"{'at' if tally.times == 1 else 'first at'} {first.line:,}:{first.column:,}"
    detail = f": {first.detail}" if first.detail else ""
    return output.printable(f"{OUTCOMES[outcome]:<17}  {tally.times:>{width},}  {what} ({place}{detail})")


def _summary(arguments: argparse.Namespace, found: Survey) -> str:
    told = "is JSON Lines as it is: there is nothing to repair" if found.sound else f"is {found.sentence}"
    written = f"; written to {arguments.output}" if arguments.output not in (None, STDOUT) else ""
    return f"{arguments.file}: {told}{written}.{_rest(found)}"


def _rest(found: Survey) -> str:
    """What is not repaired, in sentences."""
    guesses, left = found.times(DOUBTFUL), found.times(LEFT)
    rest = ""
    if guesses:
        one = guesses == 1
        rest = f" {guesses:,} repair{'' if one else 's'} {'is a guess' if one else 'are guesses'}; --guess makes"
        rest += " it." if one else " them."
    if left:
        rest += f" {left:,} {'place is' if left == 1 else 'places are'} left as {'it is' if left == 1 else 'they are'}."
    return rest
