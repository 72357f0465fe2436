"""The program is killed a hundred times: nothing that was shown is lost, and no file is left half written."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from campaign import campaign, faults, hits, report
from judging import FaultFoundError, judge
from kills import TYPED, Outcome
from programs import Scripted
from scenarios import RECORDS, SCENARIOS
from shim import Killing, compiled, environment, logged, why_not
from world import SOURCE, World, first_world

KILLS = 100
pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    """What a hundred kills came to."""
    made = campaign(KILLS, tmp_path_factory.mktemp("faults"), typed=0.25)
    sys.stdout.write(f"\n{report(made)}\n")
    return made


def test_no_kill_loses_anything(outcomes: Sequence[Outcome]) -> None:
    assert faults(outcomes) == []


def test_kills_land_in_all_that_is_done(outcomes: Sequence[Outcome]) -> None:
    landed = hits(outcomes)
    assert landed.total() >= KILLS
    assert all(landed[activity] >= 10 for activity in ("editing", "bulk change", "undo", "save", "draft"))
    assert sum(one.planned.face == TYPED for one in outcomes) >= 20


def test_kills_land_at_all_kinds_of_calls(outcomes: Sequence[Outcome]) -> None:
    kinds = {one.call.kind for one in outcomes if one.call}
    assert {"write log", "commit", "write new file", "sync new file", "rename file", "sync folder"} <= kinds


@pytest.fixture
def finished(tmp_path: Path) -> tuple[Path, World]:
    """A folder in which saves were made, by a run that came to its end, and what it holds."""
    folder = tmp_path / "run"
    folder.mkdir()
    world = first_world(RECORDS)
    (folder / SOURCE).write_bytes(world.source)
    log = tmp_path / "log"
    program = Scripted(SCENARIOS["editing"], folder, environment(compiled(tmp_path), folder, log, Killing(0)))
    for step in SCENARIOS["editing"].steps:
        assert program.do(step, step.after(world))
        world = step.after(world)
    program.close()
    assert {"write journal", "commit"} <= {call.kind for call in logged(log)[0]}
    return folder, world


def test_what_is_whole_is_passed(finished: tuple[Path, World]) -> None:
    judge(finished[0], [finished[1]])


def test_a_lost_change_is_seen(finished: tuple[Path, World]) -> None:
    folder, world = finished
    with pytest.raises(FaultFoundError, match="states differ"):
        judge(folder, [world.changed(replace(world.seen[0], question="never written"))])


def test_a_lost_draft_is_seen(finished: tuple[Path, World]) -> None:
    folder, world = finished
    with pytest.raises(FaultFoundError, match="draft"):
        judge(folder, [replace(world, draft="never kept")])


def test_a_mixture_is_seen(finished: tuple[Path, World]) -> None:
    folder, world = finished
    content = bytearray(world.source)
    content[100] ^= 1
    (folder / SOURCE).write_bytes(content)
    with pytest.raises(FaultFoundError, match="neither the old nor the new"):
        judge(folder, [world, replace(world, saved=world.seen)])


def test_a_file_that_is_left_is_seen(finished: tuple[Path, World]) -> None:
    folder, world = finished
    (folder / f".{SOURCE}.curator-0.tmp").touch()
    with pytest.raises(FaultFoundError, match="too many"):
        judge(folder, [world])
