"""A file with what its journal holds, for the commands that are about changes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from curator.cli import options
from curator.cli.opening import opened_session
from curator.cli.output import talk
from curator.cli.shapes import tell_shapes
from curator.edits.differences import Differences
from curator.edits.edited_source import EditedSource
from curator.edits.opening import Opened, open_journal
from curator.errors import CuratorError, UsageError
from curator.session import Session
from curator.session.ignoring import excused_lines
from curator.session.working_source import WorkingSource
from curator.storage.journal import journal_path
from curator.storage.source import is_stream

ABOUT_CHANGES = frozenset(("diff", "export", "history"))
"""Commands whose answer is what the journal holds, so that nothing need be said of it."""


def add_file(parser: argparse.ArgumentParser) -> None:
    """One file, and where its journal is."""
    parser.add_argument("file", type=Path, metavar="FILE", help=options.FILES_HELP)
    options.add_journal(parser)


@contextmanager
def edited_file(
    arguments: argparse.Namespace, *, read_only: bool = True, even_changed: bool = False
) -> Iterator[tuple[Session, WorkingSource]]:
    """The file with all changes of its journal in force; read only, another program may hold the journal.

    Raises UsageError where the file is another one than the changes were made on, unless `even_changed`: then nothing
    is in force.
    """
    with opened_session(arguments) as session:
        tell_shapes(session)
        source = session.sources[0]
        if session.editor.open_journal(source, read_only=read_only) is Opened.CHANGED and not even_changed:
            raise UsageError(
                f"{source.edited.read_only} Open it with `curator` to carry over to it what was done to the old one."
            )
        if read_only and arguments.command not in ABOUT_CHANGES:
            tell_in_force(source)
        yield session, source


def without_journal(source: WorkingSource) -> str:
    """That there is nothing to tell of a file that was never changed."""
    return f"{source.opened.path}: has no journal ({source.edited.journal_path}); nothing was changed."


def tell_in_force(source: WorkingSource) -> None:
    """Say how many records of a file are taken as its journal has them, where any are."""
    source.opened.index.finish()
    if different := len(Differences(source.edited)):
        they = "they are" if different > 1 else "it is"
        talk(
            f"{different:,} record{'s differ' if different > 1 else ' differs'} in {source.edited.journal_path.name};"
            f" {they} taken as {they} there, not as in the file."
        )


def tell_unsaved_in(path: Path, arguments: argparse.Namespace) -> None:
    """As `tell_unsaved`, of a file that is read without a session."""
    if not is_stream(path) and journal_path(path).exists():
        with opened_session(arguments, paths=[path]) as session:
            session.sources[0].opened.index.finish()
            tell_unsaved(session, arguments.command)


def tell_unsaved(session: Session, command: str) -> None:
    """Say of each file how many records differ in its journal, where there is one, and how a command would take them.

    For the commands that read files as they are on disk.
    """
    piped = options.PIPED.get(command, "-")
    for source in session.sources:
        journal = source.edited.journal_path
        if not journal.exists():
            continue
        edited = EditedSource(source.opened.source, source.opened.index, journal)
        try:
            if open_journal(edited, read_only=True) is Opened.CHANGED:
                talk(f"{edited.read_only} Open it with `curator` to see what is in {journal.name}.")
            elif different := len(Differences(edited)):
                talk(
                    f"{different:,} record{'s differ' if different > 1 else ' differs'} in {journal.name} and"
                    f" {'are' if different > 1 else 'is'} not in the file yet, which is read as it stands;"
                    f" `curator export {quote(str(source.opened.path))} -o - | curator {command} {piped} …`"
                    f" takes {'them' if different > 1 else 'it'} in."
                )
        except CuratorError as error:
            talk(str(error))
        finally:
            edited.close()


Excused = dict[Path, dict[int, int]]
"""By file: lines whose records a tag excuses from rules, with the bits of these."""


def excused(session: Session) -> Excused:
    """By file: the lines whose records a tag in the file's journal excuses from rules, with the bits of these."""
    lines: dict[Path, dict[int, int]] = {}
    for source in session.sources:
        journal = source.edited.journal_path
        edited = EditedSource(source.opened.source, source.opened.index, journal)
        try:
            known = journal.exists() and open_journal(edited, read_only=True) is not Opened.CHANGED
            lines[source.opened.path] = excused_lines(edited) if known else {}
        except CuratorError:
            # `tell_unsaved` says what is wrong with the journal.
            lines[source.opened.path] = {}
        finally:
            edited.close()
    return lines


def bring_edits(session: Session) -> None:
    """Put into force what the journals of the files hold, and say in a line how many records that makes differ."""
    for source in session.sources:
        journal = source.edited.journal_path
        if not journal.exists():
            continue
        source.opened.index.finish()
        try:
            if session.editor.open_journal(source, read_only=True) is Opened.CHANGED:
                talk(f"{source.edited.read_only} Open it with `curator` to see what is in {journal.name}.")
            else:
                tell_in_force(source)
        except CuratorError as error:
            talk(str(error))
