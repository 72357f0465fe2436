"""Does the steps of a scenario by the program's own code below the screen, one for each line of standard input.

Run as `python scripted.py FOLDER SCENARIO`; says `done` when what a step changes could be shown.
"""

from __future__ import annotations

import sys
from functools import singledispatch
from pathlib import Path

from pyroaring import BitMap64
from scenarios import SCENARIOS
from steps import (
    VERDICTS,
    Drop,
    Duplicate,
    Edit,
    Finish,
    MarkAll,
    Redo,
    ReplaceAll,
    Review,
    Save,
    Step,
    Tag,
    TagMarked,
    Terminate,
    Type,
    Undo,
)
from world import SOURCE

from curator.edits.labels import Verdict
from curator.edits.saving import plan_save
from curator.engine.executors import INLINE, InlineExecutor
from curator.records.find_replace import Replacement, Search
from curator.session import Session
from curator.session.editable import Editable, message_field
from curator.session.editor import Selection
from curator.session.saving import save
from curator.session.sweeping import find_changes
from curator.settings import Settings

SETTINGS = Settings(workers=INLINE, accelerate=False)


def opened(folder: Path) -> Session:
    """A session on the file of a folder, with its journal in force."""
    session = Session([folder / SOURCE], SETTINGS)
    session.editor.open_journals()
    for source in session.sources:
        source.opened.index.finish()
    return session


@singledispatch
def perform(step: Step, session: Session) -> None:
    """Do a step as the terminal program does it."""


def _here(session: Session, position: int) -> Selection:
    source, record = session.listing.locate(position)
    return {source: BitMap64([record])}


def _question(session: Session, position: int) -> Editable:
    return message_field(session.record(position), 0, 0)


def _commit(session: Session, position: int, typed: str) -> None:
    what = _question(session, position)
    body, places = what.line(typed + what.text)
    session.editor.rewrite(what.record, body, what.title, places, what.draft(""))


@perform.register
def _(step: Edit, session: Session) -> None:
    _commit(session, step.position, step.typed)


@perform.register
def _(step: Review, session: Session) -> None:
    session.editor.review(_here(session, step.position), Verdict(VERDICTS[step.key]), f"{VERDICTS[step.key]} one")


@perform.register
def _(step: Tag, session: Session) -> None:
    session.editor.tag(_here(session, step.position), step.tag, f"tag one: {step.tag}")


@perform.register
def _(step: Drop, session: Session) -> None:
    session.editor.drop(_here(session, step.position), f"drop #{step.position + 1}")


@perform.register
def _(step: Duplicate, session: Session) -> None:
    session.editor.duplicate(session.record(step.position))


@perform.register
def _(_: MarkAll, session: Session) -> None:
    for source, (start, count) in session.listing.stretch(0, len(session)):
        source.marked |= BitMap64(range(start, start + count))
        session.editor.keep_marks(source)


@perform.register
def _(step: TagMarked, session: Session) -> None:
    session.editor.tag({source: source.marked for source in session.sources}, step.tag, f"tag all: {step.tag}")


@perform.register
def _(step: ReplaceAll, session: Session) -> None:
    replacement = Replacement(Search(step.find), step.put)
    found = {source: BitMap64() for source in session.sources}
    for source, records in find_changes(session, replacement, InlineExecutor(), 1):
        found[source] |= records
    session.editor.sweep(found, replacement, f"replace {step.find}")


@perform.register
def _(_: Undo, session: Session) -> None:
    session.editor.undo()


@perform.register
def _(_: Redo, session: Session) -> None:
    session.editor.redo()


@perform.register
def _(_: Save, session: Session) -> None:
    source = session.sources[0]
    save(session, source, plan_save(source.edited))


@perform.register
def _(step: Type, session: Session) -> None:
    what = _question(session, step.position)
    session.editor.keep_draft(what.record.place, what.draft(step.before + step.typed + what.text))


@perform.register
def _(step: Finish, session: Session) -> None:
    _commit(session, step.position, step.before + step.typed)


@perform.register
def _(_: Terminate, session: Session) -> None:
    if session.sources[0].edited.journal is not None:
        session.sources[0].edited.journal.remember("position", "0")


def main() -> None:
    """Take steps as they are asked for."""
    folder, name = Path(sys.argv[1]), sys.argv[2]
    session: Session | None = None
    for step, _ in zip(SCENARIOS[name].steps, sys.stdin, strict=False):
        if session is None:
            session = opened(folder)
        else:
            perform(step, session)
        if step.activity == "leaving" or isinstance(step, Terminate):
            session.close()
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
