"""The ways to run the program through a scenario, a step at a time, until it is killed."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from scenarios import Scenario
from shim import HERE, PROJECT
from steps import EXPORTED, OTHER, Apply, Export, RedoHeadless, Step, UndoHeadless
from world import SOURCE, World

PATIENCE = 30.0
PATCH = "changes.patch"


class BrokenProgramError(AssertionError):
    """The program ended, or went on, in a way that is neither its own end nor the kill."""


class Program(Protocol):
    """A run of the program."""

    def do(self, step: Step, after: World) -> bool:
        """Do a step, and wait until it is acknowledged; False if the program was killed before."""

    def close(self) -> None:
        """End what still runs."""


class Scripted:
    """The program's own code below the screen, in a process of its own."""

    def __init__(self, scenario: Scenario, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, HERE / "scripted.py", folder, scenario.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def do(self, step: Step, after: World) -> bool:  # noqa: ARG002 - as every program
        """Ask for the next step."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(b"go\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return self._killed(step)
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            raise BrokenProgramError(f"{step} takes too long")
        return self._process.stdout.readline() == b"done\n" or self._killed(step)

    def _killed(self, step: Step) -> bool:
        assert self._process.stderr
        said = self._process.stderr.read().decode("utf-8", "replace")
        refuse_other_ends(self._process.wait(PATIENCE), f"{step}\n{said}")
        return False

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


class Commands:
    """Headless commands, each a process of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._kill_at = int(environment["CURATOR_FAULT_AT"])

    def do(self, step: Step, after: World) -> bool:  # noqa: ARG002 - as every program
        """Run the command."""
        log = Path(self._environment["CURATOR_FAULT_LOG"])
        before_it = log.read_bytes().count(b"\n") if log.exists() else 0
        at = max(0, self._kill_at - before_it)
        ended = subprocess.run(
            [sys.executable, "-m", "curator", *self._arguments(step)],
            env={**self._environment, "CURATOR_FAULT_AT": str(at)},
            capture_output=True,
            cwd=PROJECT,
            timeout=PATIENCE,
            check=False,
        )
        if ended.returncode == 0:
            return True
        refuse_other_ends(ended.returncode, f"{step}\n{ended.stderr.decode()}")
        return False

    def _arguments(self, step: Step) -> list[str]:
        source = str(self._folder / SOURCE)
        match step:
            case UndoHeadless():
                return ["history", source, "--undo"]
            case RedoHeadless():
                return ["history", source, "--redo"]
            case Export():
                return ["export", source, "-o", str(self._folder / EXPORTED), "--force"]
            case Apply():
                return ["apply", str(self._folder.parent / PATCH), str(self._folder / OTHER), "--in-place"]
        raise ValueError(step)

    def close(self) -> None:
        """Every command has ended."""


def refuse_other_ends(code: int, what: str) -> None:
    """A program that was not killed ended by itself."""
    if code != -signal.SIGKILL:
        raise BrokenProgramError(f"ended with {code} at {what}")
