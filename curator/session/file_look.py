"""Has workers look at the records of whole files as they are now."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import RLock

from pyroaring import BitMap64

from curator.analysis.comparing_records import (
    CONTRADICTION,
    COPY,
    HASHES_OF,
    NEAR_COPY,
    RECITED,
    SHARED,
    STRAY,
    Answers,
    Hashed,
    Marked,
    compared,
    recited,
)
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.report import Columns, Packed
from curator.session.current_records import lines_held
from curator.session.file_wide import Pairs, Rows, SharedRows
from curator.session.working_source import WorkingSource

OTHERS_AT_ONCE = 1024
"""Edited records whose hashes are gathered while nothing else can be changed."""


@dataclass(frozen=True, slots=True)
class Look:
    """A source as it is looked at."""

    source: WorkingSource
    rules: RuleSet
    rows: Rows
    columns: Columns
    """Of its lines. Held until the look is over, so that their files stay."""
    gone: bytes
    others: Columns
    """Of its records that are no lines, by id."""

    def hashed(self, number: int) -> Hashed:
        """The hashes that a rule looks at."""
        names = HASHES_OF[number]
        of_lines = tuple(_place_of(getattr(self.columns, name), self.rows.lines) for name in names)
        of_others = tuple(getattr(self.others, name).tobytes() for name in names)
        return Hashed(self.rows.lines, self.gone, of_lines, of_others)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at all sources has found."""

    pairs: tuple[dict[int, Pairs], ...] = ()
    """By source and rule."""
    answers: tuple[Answers | None, ...] = ()
    """Of each source that is asked for them."""
    shared: SharedRows | None = None


def look_at(source: WorkingSource, rules: RuleSet, lock: RLock) -> Look:
    """The records of a source as they are now; others may change while they are gathered."""
    with lock:
        edited, columns = source.edited, source.opened.columns
        saved, hidden, unsaved = edited.content.saved, edited.hidden, edited.unsaved
        lines = len(columns)
    gone = lines_held(saved, hidden | unsaved) & BitMap64(range(lines))
    others, ids = Columns(), array("Q")
    left = iter(unsaved)
    while some := list(islice(left, OTHERS_AT_ONCE)):
        with lock:
            found, known = source.figures.current(BitMap64(some))
        order = sorted(range(len(known)), key=known.__getitem__)
        others.extend(found.take(order))
        ids.extend(known[place] for place in order)
    return Look(source, rules, Rows(lines, saved, ids), columns, bytes(gone.serialize()), others)


def seen_in(executor: Executor, looks: list[Look], epochs: int) -> Seen:
    """What the rules that are asked find in each source, and what stands in several of them."""
    marked = [dict(_marked(executor, look)) for look in looks]
    answers: list[Future[Answers] | None] = []
    for look in looks:
        most = max(2, -(-look.rules.thresholds.recited_answers // epochs))
        asked = look.rules.asked(RECITED)
        answers.append(executor.submit(recited, look.hashed(RECITED), most) if asked else None)
    shared = None
    if len(looks) > 1 and any(look.rules.asked(SHARED) for look in looks):
        common = executor.submit(compared, SHARED, [look.hashed(SHARED) for look in looks], 0)
        shared = SharedRows(Pairs(common.result()), [look.rows for look in looks])
    return Seen(
        tuple({number: Pairs(found.result()) for number, found in mine.items()} for mine in marked),
        tuple(None if one is None else one.result() for one in answers),
        shared,
    )


def _marked(executor: Executor, look: Look) -> Iterator[tuple[int, Future[Marked]]]:
    percent = look.rules.thresholds.common_prompt_percent
    for number in (STRAY, COPY, CONTRADICTION, NEAR_COPY):
        if look.rules.asked(number):
            yield number, executor.submit(compared, number, [look.hashed(number)], percent)


def _place_of(column: Packed, lines: int) -> Path | bytes:
    """Where a worker finds the first numbers of a column."""
    place = column.tobytes() if isinstance(column, array) else column.place
    return place[: lines * column.itemsize] if isinstance(place, bytes) else place
