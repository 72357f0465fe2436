"""Counts records behind the screen for models side by side, a token rule after the other, and says what is new."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from curator.analysis.counting import Counting, counting_of
from curator.analysis.prices import ModelPrice
from curator.session import Session
from curator.session.costing import Counted, Terms, by_counting, called, costs, counted, known_already
from curator.session.editor import Selection
from curator.session.role_sums import by_role
from curator.tui.background import SECONDS_BETWEEN_REPORTS, Background
from curator.tui.cost_rows import CostRow

if TYPE_CHECKING:
    from curator.analysis.role_tokens import RoleTokens
    from curator.analysis.scenario import Scenario


class CostCounting:
    """What has been counted of some records by each token rule; `changed` is called on the screen's side."""

    def __init__(self, session: Session, background: Background, changed: Callable[[], object]) -> None:
        self._session = session
        self._background = background
        self._changed = changed
        self._run = 0
        self._selection: Selection | None = None
        self._sums: dict[tuple[Counting, tuple[int, ...]], Counted] = {}
        self._shares: dict[Counting, float] = {}
        self._calls: dict[Counting, Scenario] = {}
        self._failed = False
        self._roles_run = 0
        self.roles: RoleTokens | None = None
        """Who says the tokens, by the session's own token rule, once that was asked for and counted."""
        self.roles_share = 0.0
        """How far that is, from 0 to 1."""

    def choose(self, selection: Selection | None) -> None:
        """Count other records from now on: some, or None for all."""
        self._selection = selection
        self._sums, self._shares, self._calls = {}, {}, {}
        self._roles_run += 1
        self.roles, self.roles_share = None, 0.0

    def begin_roles(self) -> None:
        """Count tokens by role."""
        self._roles_run += 1
        self._background.run(partial(self._count_roles, self._roles_run, self._selection))

    def begin(self, models: Sequence[ModelPrice], *, calls: bool) -> None:
        """Count what is not known yet for some models, and how the records call them where that is asked for."""
        self._run += 1
        self._failed = False
        work = partial(self._count, self._run, list(models), calls, self._selection)
        self._background.run(work, partial(self._take, self._run, partial(setattr, self, "_failed", True)))

    def stop(self) -> None:
        """Leave off; nothing is told any more."""
        self._run += 1
        self._roles_run += 1

    def rows(self, models: Sequence[ModelPrice], terms: Terms) -> list[CostRow]:
        """A row for each model, in their order, as far as its tokens are counted."""
        found: dict[str, CostRow] = {}
        for counting, some in by_counting(models, self._session.counting):
            sums = self._sums.get((counting, _limits(some)))
            share = None if self._failed else self._shares.get(counting, 0.0)
            if sums is None:
                found |= {one.id: CostRow(one, None, share) for one in some}
                continue
            table = costs(some, self._session.book, sums, terms, self._calls.get(counting))
            found |= {one.id: CostRow(one, cost, 1.0) for one, cost in zip(some, table, strict=True)}
        return [found[one.id] for one in models]

    def calls_of(self, model: ModelPrice) -> Scenario | None:
        """How the records call a model, once that is known."""
        return self._calls.get(counting_of(model))

    # Runs in a thread, where it waits for the workers

    def _count(
        self, mine: int, models: list[ModelPrice], calls: bool, selection: Selection | None
    ) -> Callable[[], object]:
        groups = by_counting(models, self._session.counting)
        for counting, some in groups:
            if (counting, _limits(some)) not in self._sums:
                self._count_tokens(mine, counting, _limits(some), selection)
        for counting, _ in groups:
            if calls and counting not in self._calls:
                self._count_calls(mine, counting, selection)
        return lambda: None

    def _count_tokens(
        self, mine: int, counting: Counting, limits: tuple[int, ...], selection: Selection | None
    ) -> None:
        sums = known_already(self._session, counting, limits) if selection is None else None
        if sums is None:
            executor, workers = self._background.executor
            told = 0.0
            for share, so_far in counted(self._session, counting, limits, executor, workers, selection):
                if self._run != mine:
                    return
                sums = so_far
                if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                    told = time.monotonic()
                    self._tell(mine, partial(self._shares.__setitem__, counting, share))
        if sums is not None:
            self._tell(mine, partial(self._sums.__setitem__, (counting, limits), sums))

    def _count_calls(self, mine: int, counting: Counting, selection: Selection | None) -> None:
        executor, workers = self._background.executor
        scenario = None
        for _, so_far in called(self._session, counting, executor, workers, selection):
            if self._run != mine:
                return
            scenario = so_far
        if scenario is not None:
            self._tell(mine, partial(self._calls.__setitem__, counting, scenario))

    def _count_roles(self, mine: int, selection: Selection | None) -> Callable[[], object]:
        executor, workers = self._background.executor
        told = 0.0
        sums = None

        def take(name: str, value: object) -> None:
            if self._roles_run == mine:
                setattr(self, name, value)
                self._changed()

        for share, so_far in by_role(self._session, executor, workers, selection):
            if self._roles_run != mine:
                return lambda: None
            sums = so_far
            if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._background.tell(partial(take, "roles_share", share))
        return partial(take, "roles", sums)

    def _tell(self, mine: int, take: Callable[[], object]) -> None:
        self._background.tell(partial(self._take, mine, take))

    def _take(self, mine: int, take: Callable[[], object]) -> None:
        """Take in and show something that became known, if it is still asked for."""
        if self._run == mine:
            take()
            self._changed()


def _limits(models: Sequence[ModelPrice]) -> tuple[int, ...]:
    return tuple(one.limit or 0 for one in models)
