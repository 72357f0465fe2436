"""The folders in which the runs of the scenarios begin."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from kills import RUN, Base
from programs import PATCH, Scripted
from scenarios import RECORDS, SCENARIOS, Scenario
from scripted import opened, perform
from shim import PROJECT, Killing, environment, logged
from steps import OTHER, Apply, Save
from world import SOURCE, World, first_world


def bases_in(folder: Path, library: Path) -> list[Base]:
    """A base for each scenario."""
    made: dict[str, Base] = {}
    for scenario in SCENARIOS.values():
        place = folder / scenario.name.replace(" ", "-")
        before = made.get(scenario.after_killed)
        made[scenario.name] = _cut_short(scenario, before, place, library) if before else _prepared(scenario, place)
    return list(made.values())


def _prepared(scenario: Scenario, folder: Path) -> Base:
    """A file with what was done to it in a run that ended well."""
    (folder / RUN).mkdir(parents=True)
    world = first_world(RECORDS)
    (folder / RUN / SOURCE).write_bytes(world.source)
    if scenario.prepared:
        session = opened(folder / RUN)
        for step in scenario.prepared:
            perform(step, session)
            world = step.after(world)
        session.close()
    if any(isinstance(step, Apply) for step in scenario.steps):
        world = _with_patch(folder, world)
    return Base(scenario.name, folder, world)


def _with_patch(folder: Path, world: World) -> World:
    """A copy of the file as it was at first, and a patch of what was done to it."""
    original = (folder / RUN / SOURCE).read_bytes()
    (folder / RUN / OTHER).write_bytes(original)
    command = [sys.executable, "-m", "curator", "diff", str(folder / RUN / SOURCE), "--patch"]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=PROJECT)
    assert ended.stdout, ended.stderr
    (folder / PATCH).write_bytes(ended.stdout)
    return world.with_file(OTHER, original)


def _cut_short(scenario: Scenario, before: Base, folder: Path, library: Path) -> Base:
    """What a save leaves that was killed when the new file had just taken its place."""
    at = _until_saved(before, folder.with_name("until-saved"), library, Killing(0))
    _until_saved(before, folder, library, Killing(at, "after"))
    return Base(scenario.name, folder, Save().after(before.world))


def _until_saved(before: Base, folder: Path, library: Path, killing: Killing) -> int:
    """Run a scenario until its first save is done or killed. Returns the number of the first rename."""
    shutil.copytree(before.folder, folder)
    run, log = (folder / RUN).resolve(), folder / "log"
    scenario = SCENARIOS[before.scenario]
    program = Scripted(scenario, run, environment(library, run, log, killing))
    world = before.world
    for step in scenario.steps:
        program.do(step, step.after(world))
        world = step.after(world)
        if isinstance(step, Save):
            break
    program.close()
    calls, _ = logged(log)
    return next(number for number, call in enumerate(calls, 1) if call.name == "rename")
