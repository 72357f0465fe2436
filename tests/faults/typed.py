"""Does the steps of a scenario by keys in the terminal program, and waits until the screen shows what they change."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from programs import PATIENCE, BrokenProgramError, refuse_other_ends
from pty_driver import Terminal
from shim import logged
from steps import (
    Drop,
    Duplicate,
    Edit,
    Finish,
    Leave,
    MarkAll,
    Open,
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
from world import SOURCE, World

COLUMNS, ROWS = 150, 30
ESCAPE, END, CLEAR = "\x1b", "\x1b[F", "\x15"
ASKS_TAG = " digit, or type one"
KEYS: dict[type[Step], str] = {Drop: "x", Duplicate: "="}
RESTS = 0.3
"""Seconds without a call after which a draft is taken to be kept."""


class KilledError(Exception):
    """The program is gone."""


class Typed:
    """The terminal program on a pseudo-terminal."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._log = Path(environment["CURATOR_FAULT_LOG"])
        self._at = 0
        self.terminal = Terminal(
            [sys.executable, "-m", "curator", str(folder / SOURCE)],
            columns=COLUMNS,
            rows=ROWS,
            environment=environment,
        )

    # Running

    def do(self, step: Step, after: World) -> bool:
        """Press the keys of a step, and wait until its outcome is on the screen."""
        try:
            self._press(step, after)
        except KilledError:
            if self.terminal.pid:
                refuse_other_ends(self.terminal.wait_for_exit(PATIENCE), f"{step}\n" + "\n".join(self.terminal.screen))
            return False
        return True

    def close(self) -> None:
        """End the program and all that it started."""
        self.terminal.close()

    def wait(self, holds: Callable[[str], object]) -> None:
        """Wait until the screen shows something; what it shows at the program's end counts."""
        try:
            self.terminal.wait_until(holds, PATIENCE)
        except TimeoutError as error:
            if logged(self._log)[1]:
                raise KilledError from error
            raise BrokenProgramError(f"waited in vain on\n{error}") from error

    def wait_for(self, *texts: str, without: tuple[str, ...] = ()) -> None:
        """Wait until texts are on the screen, and others are not."""
        self.wait(lambda screen: all(one in screen for one in texts) and not any(one in screen for one in without))

    def wait_for_world(self, world: World, *texts: str, without: tuple[str, ...] = ()) -> None:
        """Wait until the title counts what a world holds, and texts are on the screen."""
        self.wait(
            lambda screen: (
                shows(screen, world)
                and all(one in screen for one in texts)
                and not any(one in screen for one in without)
            )
        )

    def _exited(self, code: int) -> None:
        found = self.terminal.wait_for_exit(PATIENCE)
        if found == -signal.SIGKILL:
            raise KilledError
        if found != code:
            raise BrokenProgramError(f"ended with {found}, not {code}\n" + "\n".join(self.terminal.screen))

    # Keys

    def _go_to(self, position: int) -> None:
        if position != self._at:
            self.terminal.send(":")
            self.wait_for("Go to line")
            self.terminal.send(f"{position + 1}\r")
            self.wait_for(f"line {position + 1} of", without=("Go to line",))
        self.wait_for(f"#{position + 1} ")
        self._at = position

    def _press(self, step: Step, after: World) -> None:
        send = self.terminal.send
        match step:
            case Open():
                self.wait_for_world(after, "audit", "#1 ")
            case Leave():
                send("q")
                self._exited(0)
            case Terminate():
                self.terminal.signal(signal.SIGTERM)
                self._exited(128 + signal.SIGTERM)
            case Edit() | Finish() | Type():
                self._write(step, after)
            case Review() | Drop() | Duplicate():
                self._go_to(step.position)
                self._press_one(step.key if isinstance(step, Review) else KEYS[type(step)], after)
            case Tag():
                self._go_to(step.position)
                send("t")
                self.wait_for(ASKS_TAG)
                send(f"{step.tag}\r")
                self.wait_for_world(after, f"tag: {step.tag}", without=(ASKS_TAG,))
            case _:
                self._press_for_all(step, after)

    def _press_one(self, key: str, after: World) -> None:
        """Press a key of which the title's counts tell what it has done."""
        self._refuse_if_shown(after)
        self.terminal.send(key)
        self.wait_for_world(after)
        self._at = -1

    def _refuse_if_shown(self, after: World) -> None:
        if shows("\n".join(self.terminal.screen), after):
            raise BrokenProgramError("the title is the same before the step and after it, so it acknowledges nothing")

    def _write(self, step: Edit | Finish | Type, after: World) -> None:
        send = self.terminal.send
        if isinstance(step, Edit) or (isinstance(step, Type) and not step.before):
            self._go_to(step.position)
            send("e")
            self.wait_for(f"edit message 1 of #{step.position + 1}")
        if isinstance(step, Type):
            calls = len(logged(self._log)[0])
            send(step.typed)
            self.wait_for(after.draft)
            self._wait_for_calls(calls)
            return
        send(step.typed + ESCAPE)
        self.wait_for_world(after, after.seen[step.position].question, without=("edit message 1 of #",))
        send("\t")

    def _wait_for_calls(self, before: int) -> None:
        """Wait until the program has written something and rests."""
        known, since = before, time.monotonic()
        while known == before or time.monotonic() - since < RESTS:
            calls, killed = logged(self._log)
            if killed:
                raise KilledError
            if len(calls) != known:
                known, since = len(calls), time.monotonic()
            if time.monotonic() - since > PATIENCE:
                raise BrokenProgramError("no draft is kept")
            time.sleep(0.02)

    def _press_for_all(self, step: Step, after: World) -> None:
        send = self.terminal.send
        match step:
            case MarkAll():
                self._press_one("*", after)
            case TagMarked():
                send("t")
                self.wait_for("marked records")
                send("m")
                self.wait_for(ASKS_TAG)
                send(f"{step.tag}\r")
                self.wait_for_world(after, f"tag: {step.tag}", without=(ASKS_TAG,))
            case ReplaceAll():
                send("%")
                self.wait_for("Find and replace in", "records")
                send(f"{END}\r")
                self.wait_for("Find:")
                send(f"{CLEAR}{step.find}\t{CLEAR}{step.put}\r")
                self.wait_for("Enter replaces in all of them", without=("so far",))
                send("\r")
                self.wait_for_world(after, f"{step.put} 0", without=("Enter replaces in all of them",))
            case Undo():
                send("u")
                self.wait_for_world(after, f"Undone: {step.title}")
                self._at = -1
            case Redo():
                send("\x12")
                self.wait_for_world(after, f"Done again: {step.title}")
                self._at = -1
            case Save():
                self._refuse_if_shown(after)
                send("\x13")
                self.wait_for(f"Save {SOURCE}?")
                send("s")
                self.wait_for_world(after, without=(f"Save {SOURCE}?", "Writing …"))
                self._at = -1
            case _:
                raise ValueError(step)


def shows(screen: str, world: World) -> bool:
    """Whether the counts of the title, and that of the marked records in the totals, are those of a world."""
    title = screen.split("\n", 1)[0]
    counts = {"edited": world.edited, "dropped": world.dropped, "reviewed": world.reviewed}
    told = all((f" {count} {word}" in title) if count else (word not in title) for word, count in counts.items())
    found = re.search(r"^ (\d+)(?: marked:|●) ", screen, re.MULTILINE)
    return told and int(found[1] if found else 0) == world.marked and f"of {len(world.seen)} " in f"{title} "
