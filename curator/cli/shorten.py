"""curator shorten: a long system prompt gives way to a short one, with what that saves told first."""

from __future__ import annotations

import argparse
import json
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from curator.analysis.prompts_seen import PromptsSeen
from curator.cli import options, output
from curator.cli.audit_run import to_end, workers_for
from curator.cli.destination import NEW_FILE, STDOUT, refuse
from curator.cli.edited_file import add_file, edited_file
from curator.cli.exit_codes import Exit
from curator.cli.outcome import refuse_unsaved, save_in_place, write_elsewhere
from curator.cli.shorten_report import list_prompts, prompts_as_object, show_samples, tell, told_as_object
from curator.cli.text_files import text_of
from curator.cli.where import asked_by, records_where
from curator.errors import UsageError
from curator.records.short_prompt import ShortPrompt, Stay, check_short_prompt
from curator.session import Session
from curator.session.editor import Selection
from curator.session.shortening import Preview, preview, prompts_of, put_into_force, whole_text

HELP = "put a short system prompt in place of a long one; without a prompt, list them"

NOT_DONE = (Stay.LACKS, Stay.NO_PLACE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator shorten`."""
    add_file(parser)
    which = parser.add_argument_group("which prompt (none: list them)").add_mutually_exclusive_group()
    which.add_argument("--prompt", metavar="N|TEXT", help="the one of that number in the list, or with this very text")
    which.add_argument("--prompt-file", type=Path, metavar="PATH", help="the one whose text is in this file")
    which.add_argument(
        "--prefix", metavar="N|TEXT", help="all that begin like the costliest up to character N, or with this text"
    )
    options.add_where(parser, "list, or shorten, the prompts of")
    short = parser.add_argument_group("the short one").add_mutually_exclusive_group()
    short.add_argument(
        "--to",
        metavar="TEXT",
        help="its text; {meta.lang} stands for what the record has there, with --prefix {rest} for what followed;"
        " '' removes the prompt",
    )
    short.add_argument("--to-file", type=Path, metavar="PATH", help="the same from a file")
    where = parser.add_argument_group("what to write").add_mutually_exclusive_group()
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"{NEW_FILE}; - for stdout; FILE stays")
    where.add_argument("--in-place", action="store_true", help="save FILE; its journal keeps the step, to be undone")
    where.add_argument("--dry-run", action="store_true", help="only say what it would do")
    parser.add_argument("--json", action="store_true", help="the figures, or the list, as one JSON object")
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace OUT if it is there; in place: save what else is in the journal along with it",
    )
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """List the prompts, or shorten one. 1 if nothing changes, or a record with the prompt cannot take the short one."""
    asked = [arguments.prompt, arguments.prompt_file, arguments.prefix, arguments.to, arguments.to_file]
    lists = all(one is None for one in asked) and not (arguments.output or arguments.in_place or arguments.dry_run)
    if not lists:
        _refuse(arguments)
    with edited_file(arguments, read_only=not arguments.in_place) as (session, source):
        if arguments.in_place:
            refuse_unsaved(source, force=arguments.force)
        meant = records_where(arguments, session)
        with workers_for(session) as (executor, workers):
            if lists:
                return _list(arguments, session, meant, executor, workers)
            found = _preview(arguments, session, meant, executor, workers)
            _write(arguments, session, found, executor, workers)
    return Exit.FINDINGS if not found.changed or any(found.stay[one] for one in NOT_DONE) else Exit.CLEAN


def _refuse(arguments: argparse.Namespace) -> None:
    if arguments.prompt is None and arguments.prompt_file is None and arguments.prefix is None:
        raise UsageError("Say which prompt: --prompt, --prompt-file or --prefix; `curator shorten FILE` lists them.")
    if arguments.to is None and arguments.to_file is None:
        raise UsageError("Say what stands in its place: --to TEXT or --to-file PATH; --to '' removes it.")
    if not (arguments.output or arguments.in_place or arguments.dry_run):
        raise UsageError("Say where to write: -o OUT, or --in-place; or --dry-run to see what it would do.")
    refuse(arguments.output, [arguments.file], force=arguments.force)
    if arguments.json and arguments.output == STDOUT:
        raise UsageError("The records and the figures cannot both go to stdout; leave out --json, or name a file.")


def _list(
    arguments: argparse.Namespace, session: Session, meant: Selection | None, executor: Executor, workers: int
) -> Exit:
    seen = _seen(session, meant, executor, workers)
    if arguments.json:
        output.data(json.dumps(prompts_as_object(seen), indent=2))
    else:
        list_prompts(seen, session.file_dialect(session.data.sources[0]))
    return Exit.CLEAN


def _preview(
    arguments: argparse.Namespace, session: Session, meant: Selection | None, executor: Executor, workers: int
) -> Preview:
    short = arguments.to if arguments.to is not None else text_of(arguments.to_file)
    long, begins = _long(arguments, session, meant, executor, workers)
    prompt = ShortPrompt(long, short, begins)
    check_short_prompt(prompt)
    found = to_end(session, preview(session, prompt, executor, workers, meant))
    if session.notice:
        output.talk(session.notice)
    if arguments.json:
        output.data(json.dumps(told_as_object(session, found), indent=2))
    else:
        tell(session, found, output.data if arguments.dry_run else output.talk)
        if arguments.dry_run:
            show_samples(session, found)
    return found


def _long(
    arguments: argparse.Namespace, session: Session, meant: Selection | None, executor: Executor, workers: int
) -> tuple[str, bool]:
    """The long prompt, or how it begins; and which of the two it is."""
    if arguments.prompt_file is not None:
        return text_of(arguments.prompt_file), False
    given: str = arguments.prompt if arguments.prompt is not None else arguments.prefix
    begins = arguments.prompt is None
    if not (given.isascii() and given.isdigit()):
        return given, begins
    number = int(given[:18])
    ranked = _seen(session, meant, executor, workers).ranked()
    place = 1 if begins else number
    if not ranked:
        raise UsageError(f"{arguments.file}: no record begins with a system prompt, so there is none to shorten.")
    if not 0 < place <= len(ranked) or not number:
        raise UsageError(f"{arguments.file}: there is no prompt {place:,} in the list of {len(ranked):,}.")
    text = whole_text(session, ranked[place - 1], executor, workers, meant) or ""
    return (text[:number], True) if begins else (text, False)


def _seen(session: Session, meant: Selection | None, executor: Executor, workers: int) -> PromptsSeen:
    return to_end(session, prompts_of(session, executor, workers, meant))


def _write(arguments: argparse.Namespace, session: Session, found: Preview, executor: Executor, workers: int) -> None:
    from curator.session.shortening_figures import title_of

    if arguments.output is not None:
        put_into_force(session, found)
        write_elsewhere(session, arguments.output, executor, workers, force=arguments.force)
    elif arguments.in_place:
        asked = asked_by(arguments, session)
        do = partial(session.editor.sweep, found.records, found.prompt, title_of(found), asked)
        save_in_place(session, do if found.changed else None, executor, workers)
