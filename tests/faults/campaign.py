"""Many kills, spread over all that is done and all calls that it takes, and the report on where they landed."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import cycle
from math import ceil
from pathlib import Path

from bases import bases_in
from kills import HEADLESS, SCRIPTED, TYPED, Base, Outcome, Planned, run
from scenarios import SCENARIOS
from shim import Call, Killing, compiled

SHARES = {"editing": 18, "bulk change": 16, "undo": 16, "save": 26, "draft": 14, "recovery": 5, "commands": 5}
"""Of a hundred kills, how many are in which scenario."""
WORKERS = 4
"""Runs at a time; most of a run is waiting."""
SHOWN_EVERY = 10
"""One in so many is looked at in the terminal program afterwards."""
TRIES = 3
GOLDEN = 0.618
"""Multiples of it, without what is before the point, lie evenly between 0 and 1 however many they are."""


def campaign(kills: int, folder: Path, typed: float) -> list[Outcome]:
    """So many kills, made and judged; a share `typed` of those that do not run commands in the terminal program."""
    library = compiled(folder)
    bases = bases_in(folder / "bases", library)
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        one = partial(run, library=library)
        dry = [Planned(base, face, Killing(0)) for base in bases for face in _faces(base)]
        whole = list(pool.map(one, dry))
        broken = [outcome for outcome in whole if outcome.fault]
        if broken:
            return broken
        landed: list[Outcome] = []
        planned = list(_plan(kills, whole, typed))
        for _ in range(TRIES):
            outcomes = list(pool.map(one, planned))
            landed += [outcome for outcome in outcomes if outcome.step or outcome.fault]
            planned = [_earlier(outcome.planned) for outcome in outcomes if not (outcome.step or outcome.fault)]
            if not planned:
                break
    return landed


def _earlier(planned: Planned) -> Planned:
    """A kill in place of one that the program ended before; how many calls it takes varies a little."""
    at = max(1, planned.killing.at * 3 // 4)
    return replace(planned, killing=Killing(at, planned.killing.moment))


# Where kills are made


def _faces(base: Base) -> tuple[str, ...]:
    return (HEADLESS,) if SCENARIOS[base.scenario].headless else (SCRIPTED, TYPED)


def _plan(kills: int, whole: Sequence[Outcome], share: float) -> Iterator[Planned]:
    """Spread kills over the calls of runs to the end."""
    shown = 0
    for outcome in whole:
        base, face = outcome.planned.base, outcome.planned.face
        count = round(kills * SHARES[base.scenario] / 100)
        typed = ceil(count * share)
        wanted = {HEADLESS: count, SCRIPTED: count - typed, TYPED: typed}[face]
        for killing in _spread(wanted, base, outcome.calls):
            shown += 1
            yield replace(outcome.planned, killing=killing, shown=shown % SHOWN_EVERY == 0)


def _spread(count: int, base: Base, calls: Sequence[tuple[int, Call]]) -> Iterator[Killing]:
    """So many kills: in each step about as many, in those that the scenario is about twice as many."""
    steps = SCENARIOS[base.scenario].steps
    places: dict[int, list[int]] = {}
    for number, (step, _) in enumerate(calls, 1):
        places.setdefault(step, []).append(number)
    weights = [(step, 1 + (steps[step].activity == base.scenario)) for step in places]
    turns = cycle([step for round_ in (1, 2) for step, weight in weights if weight >= round_])
    per_step = Counter(step for step, _ in zip(turns, range(count), strict=False))
    moments = {True: cycle(("half", "after", "before")), False: cycle(("after", "before"))}
    offset = list(SCENARIOS).index(base.scenario)
    for step, times in per_step.items():
        for number in _places(places[step], calls, times, step + offset):
            yield Killing(number, next(moments[calls[number - 1][1].name in ("write", "copy")]))


def _places(numbers: Sequence[int], calls: Sequence[tuple[int, Call]], times: int, offset: int) -> Iterator[int]:
    """So many calls of a step: each kind in turn, and of a kind all over the step."""
    kinds: dict[str, list[int]] = {}
    for number in numbers:
        kinds.setdefault(calls[number - 1][1].kind, []).append(number)
    order = sorted(kinds, key=lambda kind: len(kinds[kind]))
    for turn in range(times):
        here = kinds[order[(turn + offset) % len(order)]]
        yield here[int((0.5 + turn // len(order) * GOLDEN) % 1 * len(here))]


# Where they landed


def faults(outcomes: Iterable[Outcome]) -> list[str]:
    """What was found wrong, with the kill after which it was."""
    return [
        f"{one.planned.base.scenario} ({one.planned.face}), {one.planned.killing}, {one.step}, {one.call}: {one.fault}"
        for one in outcomes
        if one.fault
    ]


def hits(outcomes: Iterable[Outcome]) -> Counter[str]:
    """How many kills landed in each activity."""
    return Counter(one.step.activity for one in outcomes if one.step)


def report(outcomes: Sequence[Outcome]) -> str:
    """A table of the calls at which programs were killed, by what they were doing, and how many lost something."""
    landed = [(one, one.step, one.call) for one in outcomes if one.step and one.call]
    by_kind = Counter((call.kind, step.activity) for _, step, call in landed)
    by_moment = Counter((one.planned.killing.moment, step.activity) for one, step, _ in landed)
    by_face = Counter((one.planned.face, step.activity) for one, step, _ in landed)
    by_scenario = Counter((f"in {one.planned.base.scenario}", step.activity) for one, step, _ in landed)
    activities = sorted({activity for _, activity in by_kind}, key=lambda one: -hits(outcomes)[one])
    lines = [_row("killed at", activities, "all")]
    for counts in (by_kind, by_moment, by_face, by_scenario):
        lines.append("")
        for name in sorted({name for name, _ in counts}):
            numbers = [counts[name, activity] for activity in activities]
            lines.append(_row(name, numbers, sum(numbers)))
    numbers = [sum(count for (_, one), count in by_kind.items() if one == activity) for activity in activities]
    lines += ["", _row("all", numbers, sum(numbers))]
    lost = len(faults(outcomes))
    lines += [
        "",
        f"{len(landed):,} kills, {sum(one.planned.shown for one in outcomes):,} of them looked at on the screen",
    ]
    lines += [f"{lost:,} after which something was wrong"]
    return "\n".join(lines)


def _row(name: str, cells: Iterable[object], last: object) -> str:
    return f"{name:<22}" + "".join(f"{cell or '.'!s:>12}" for cell in (*cells, last))
