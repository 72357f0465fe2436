"""Whether a folder in which the program was killed holds all that it must, and nothing else."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from programs import PATIENCE
from pty_driver import Terminal
from scripted import opened, perform
from steps import Edit, Save
from typed import COLUMNS, RESTS, ROWS, shows
from world import SOURCE, State, World

from curator.session import Session
from curator.session.editable import from_draft

JOURNAL = f"{SOURCE}.curator"
LOGS = {f"{JOURNAL}{end}" for end in ("-wal", "-shm", "-journal")}
"""What SQLite has beside a journal while it is open."""
UNFINISHED = "An edit was not finished"
QUIT = "\x11"
AFTERWARDS = Edit(0, "afterwards ")

Seen = tuple[tuple[bytes, bool, frozenset[str], str], ...]
"""Of each record its line, whether it is dropped, its tags and its verdict."""


class FaultFoundError(AssertionError):
    """Something was lost, or is there that must not be."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds, as the program reads it."""

    history: tuple[Seen, ...]
    cursor: int
    marked: int
    draft: str
    source: bytes
    others: tuple[tuple[str, bytes], ...]


def judge(folder: Path, possible: Sequence[World], environment: dict[str, str] | None = None) -> None:
    """Raise FaultFoundError unless the folder holds one of the possible worlds, and can be worked with.

    With an environment the terminal program is run on the folder first, and has to show that world.
    """
    _check_sources(folder, possible)
    shown = _shown(folder, possible, environment) if environment else possible
    session = opened(folder)
    try:
        world = _matching(_found(folder, session), shown)
        _check_anchors(session, world)
        _work_on(session, folder, world)
    finally:
        session.close()
    _check_files(folder, world)
    _check_afterwards(folder)


def _check_sources(folder: Path, possible: Sequence[World]) -> None:
    """The source is the old or the new one, before anything has repaired it."""
    content = (folder / SOURCE).read_bytes()
    if content not in [world.source for world in possible]:
        raise FaultFoundError(f"the source ({len(content):,} bytes) is neither the old nor the new one")


def _shown(folder: Path, possible: Sequence[World], environment: dict[str, str]) -> list[World]:
    """The possible worlds that the terminal program shows."""
    command = [sys.executable, "-m", "curator", str(folder / SOURCE)]
    with Terminal(command, columns=COLUMNS, rows=ROWS, environment=environment) as terminal:
        try:
            terminal.wait_for(SOURCE, PATIENCE)
            terminal.wait_for_quiet(RESTS)
            terminal.wait_until(lambda screen: any(_shows(screen, world) for world in possible), PATIENCE)
            screen = "\n".join(terminal.screen)
            terminal.send(QUIT)
            code = terminal.wait_for_exit(PATIENCE)
        except TimeoutError as error:
            raise FaultFoundError(f"the screen shows none of {len(possible)} worlds:\n{error}") from error
    if code != 0:
        raise FaultFoundError(f"the program ends with {code} after the kill")
    return [world for world in possible if _shows(screen, world)]


def _shows(screen: str, world: World) -> bool:
    if world.draft:
        return UNFINISHED in screen and world.draft in screen and shows(screen, world)
    return UNFINISHED not in screen and shows(screen, world) and world.seen[0].question in screen


def _found(folder: Path, session: Session) -> Found:
    source = session.sources[0]
    if source.edited.read_only:
        raise FaultFoundError(f"it opens for reading only: {source.edited.read_only}")
    session.listing.with_dropped = True
    cursor = len([one for one in source.edited.batches if one.number <= source.edited.cursor])
    history = [_seen(session)]
    if source.edited.batches:
        here = source.edited.cursor
        history = []
        for number in (0, *(one.number for one in source.edited.batches)):
            session.editor.go_to(source, number)
            history.append(_seen(session))
        session.editor.go_to(source, here)
    session.listing.with_dropped = False
    return Found(
        tuple(history),
        cursor,
        len(source.marked),
        next(_drafts(session), ""),
        (folder / SOURCE).read_bytes(),
        _others(folder),
    )


def _seen(session: Session) -> Seen:
    found = []
    for position in range(len(session)):
        standing = session.standing(position)
        found.append((session.line(position), standing.dropped, frozenset(standing.tags), standing.verdict or ""))
    return tuple(found)


def _drafts(session: Session) -> Iterator[str]:
    """The texts that the user would be offered to go on with."""
    for source, _, draft in session.editor.drafts():
        position = session.listing.position_of(source, draft.record)
        what = None if position is None else from_draft(session.record(position), draft, str)
        if what is not None and what.text != draft.text:
            yield draft.text


def _others(folder: Path) -> tuple[tuple[str, bytes], ...]:
    own = {SOURCE, JOURNAL, *LOGS}
    return tuple(
        sorted((one.name, one.read_bytes()) for one in folder.iterdir() if one.name not in own and one.suffix != ".tmp")
    )


def _expected(state: State) -> Seen:
    return tuple((one.line, one.dropped, one.tags, one.verdict) for one in state)


def _matching(found: Found, possible: Sequence[World]) -> World:
    for world in possible:
        wanted = Found(
            tuple(map(_expected, world.history)), world.cursor, world.marked, world.draft, world.source, world.others
        )
        if found == wanted:
            return world
    raise FaultFoundError("; or ".join(_differences(found, world) for world in possible))


def _differences(found: Found, world: World) -> str:
    """What is not as in a world, in words."""
    told = []
    if found.history != tuple(map(_expected, world.history)):
        states = len(found.history), len(world.history)
        pairs = zip(found.history, map(_expected, world.history), strict=False)
        told.append(f"states differ ({states[0]} of {states[1]}) at {[n for n, (a, b) in enumerate(pairs) if a != b]}")
    for name in ("cursor", "marked", "draft"):
        if getattr(found, name) != getattr(world, name):
            told.append(f"{name} {getattr(found, name)!r} in place of {getattr(world, name)!r}")
    if found.source != world.source:
        told.append("another source")
    if found.others != world.others:
        told.append(f"other files {[(name, len(content)) for name, content in found.others]}")
    return ", ".join(told)


def _check_anchors(session: Session, world: World) -> None:
    """The lines of records that something is said of are known, so that it can follow them into a changed file."""
    journal = session.sources[0].edited.journal
    held = {number for number, *_ in journal.originals()} if journal else set()
    in_file = {one.number for one in world.saved}
    said = {one.number for one in world.now if (one.tags or one.verdict) and one.number in in_file}
    if missing := sorted(said - held):
        raise FaultFoundError(f"the lines of records {missing} could not be found again in a changed file")


def _work_on(session: Session, folder: Path, world: World) -> None:
    """One more change, and a save."""
    perform(AFTERWARDS, session)
    perform(Save(), session)
    wanted = AFTERWARDS.after(world)
    if (folder / SOURCE).read_bytes() != Save().after(wanted).source:
        raise FaultFoundError("a save after the kill does not hold what it should")


def _check_files(folder: Path, world: World) -> None:
    """No file is left over."""
    wanted = {SOURCE, JOURNAL, *(name for name, _ in world.others)}
    if stray := sorted({one.name for one in folder.iterdir()} ^ wanted):
        raise FaultFoundError(f"files that are too many, or missing: {stray}")


def _check_afterwards(folder: Path) -> None:
    """The journal is sound, and belongs to the source."""
    with sqlite3.connect(f"file:{folder / JOURNAL}?mode=ro", uri=True) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    session = opened(folder)
    try:
        edited = session.sources[0].edited
        if verdict != "ok" or edited.read_only or edited.unsaved or edited.dropped_since:
            raise FaultFoundError(f"the journal does not fit the source after a save: {verdict}, {edited.read_only}")
    finally:
        session.close()
