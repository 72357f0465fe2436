"""One run of the program that is killed, and what came of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from judging import FaultFoundError, judge
from programs import PATCH, BrokenProgramError, Commands, Program, Scripted
from scenarios import SCENARIOS
from shim import Call, Killing, environment, logged
from steps import Step
from typed import Typed
from world import World

RUN = "run"
SCRIPTED, TYPED, HEADLESS = "scripted", "terminal", "commands"


@dataclass(frozen=True, slots=True)
class Base:
    """Where the runs of a scenario begin."""

    scenario: str
    folder: Path
    """Holds the folder of the run, and what lies outside of it."""
    world: World


@dataclass(frozen=True, slots=True)
class Planned:
    """A kill that is to be made."""

    base: Base
    face: str
    killing: Killing
    shown: bool = False
    """Whether the terminal program is run on what is left, too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kill came to."""

    planned: Planned
    step: Step | None = None
    """The step in which the program was killed; None if it came to its end before."""
    call: Call | None = None
    """The call at which it was."""
    fault: str = ""
    """What was found wrong."""
    calls: tuple[tuple[int, Call], ...] = ()
    """Of a run to the end: each call with the number of its step."""


def run(planned: Planned, library: Path) -> Outcome:
    """Run the program until it is killed or ends, and judge what it leaves."""
    with TemporaryDirectory(dir=library.parent) as place:
        folder = Path(place).resolve() / RUN
        shutil.copytree(planned.base.folder / RUN, folder)
        patch = planned.base.folder / PATCH
        if patch.exists():
            shutil.copy2(patch, folder.parent / PATCH)
        log = folder.parent / "log"
        variables = environment(library, folder, log, planned.killing)
        program = _program(planned, folder, variables)
        try:
            outcome, possible = _through(program, planned, log)
        except BrokenProgramError as error:
            return Outcome(planned, fault=str(error))
        finally:
            program.close()
        unwatched = environment(library, folder, log, Killing(0))
        del unwatched["LD_PRELOAD"]
        try:
            judge(folder, possible, unwatched if planned.shown else None)
        except FaultFoundError as error:
            return Outcome(planned, outcome.step, outcome.call, str(error), outcome.calls)
        return outcome


def _program(planned: Planned, folder: Path, variables: dict[str, str]) -> Program:
    scenario = SCENARIOS[planned.base.scenario]
    if planned.face == TYPED:
        return Typed(folder, variables)
    return Commands(folder, variables) if scenario.headless else Scripted(scenario, folder, variables)


def _through(program: Program, planned: Planned, log: Path) -> tuple[Outcome, list[World]]:
    """Do step after step. Returns what came of it, and the worlds that may be found."""
    world = planned.base.world
    calls: list[tuple[int, Call]] = []
    for number, step in enumerate(SCENARIOS[planned.base.scenario].steps):
        after = step.after(world)
        acknowledged = program.do(step, after)
        known, killed = logged(log)
        if not acknowledged:
            at = known[planned.killing.at - 1] if killed else None
            return Outcome(planned, step, at), [world, after]
        calls += [(number, call) for call in known[len(calls) :]]
        world = after
    return Outcome(planned, calls=tuple(calls)), [world]
