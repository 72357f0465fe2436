"""Finds out behind the screen how the records call a model, and how they would with a shorter prompt."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from curator.analysis.break_even import Training, Usage
from curator.analysis.costs import default_epochs
from curator.analysis.counting import Counting, counting_of
from curator.analysis.model_costs import MonthlyUse
from curator.analysis.prices import ModelPrice
from curator.analysis.prompts_seen import SystemPrompt
from curator.analysis.recitation import recitation_warning
from curator.session import Session
from curator.session.costing import called
from curator.tui.background import SECONDS_BETWEEN_REPORTS, Background
from curator.tui.break_even_lines import Case

if TYPE_CHECKING:
    from decimal import Decimal

    from curator.analysis.scenario import Scenario, Shortening


class BreakEvenCounting:
    """What the data say of calls; `changed` is called on the screen's side when more is known."""

    def __init__(self, session: Session, background: Background, changed: Callable[[], object]) -> None:
        self._session = session
        self._background = background
        self._changed = changed
        self._run = 0
        self.running = False
        """Whether something is being counted."""
        self.failed = False
        """Whether the counting ended before its time."""
        self.share = 0.0
        """How far the counting is that runs, from 0 to 1."""
        self.before: Scenario | None = None
        """How the base model is called; None while that is not known."""
        self.after: Scenario | None = None
        """How the tuned one would be, with the short prompt in place."""

    def look(self, base: ModelPrice) -> None:
        """Find the system prompts of the data, and how it calls a base model."""
        self._begin()
        self.before = None
        self._start(partial(self._look, self._run, counting_of(base)))

    def shorten(self, tuned: ModelPrice, limit: int, prompt: SystemPrompt | None, short: str | int) -> None:
        """Count anew with a system prompt replaced; None where there is none to replace."""
        self._begin()
        self._start(partial(self._shorten, self._run, counting_of(tuned), limit, prompt, short))

    def stop(self) -> None:
        """Leave off; nothing is told any more."""
        self._run += 1

    def _begin(self) -> None:
        self._run += 1
        self.after = None
        self.running, self.failed = True, False
        self.share = 0.0

    def _start(self, work: Callable[[], Callable[[], object]]) -> None:
        def fail() -> None:
            self.running, self.failed = False, True

        self._background.run(work, partial(self._take, self._run, fail))

    def case(
        self,
        base: ModelPrice,
        tuned: ModelPrice,
        epochs: int,
        hours: Decimal | None,
        use: MonthlyUse,
        calls_a_day: Decimal | None,
    ) -> Case | None:
        """What is to be worked out, once it is known; `epochs` 0 is the service's default. None without any call."""
        before, after = self.before, self.after
        if before is None or after is None or not before.calls:
            return None
        call = after.call() if counting_of(base) == counting_of(tuned) else before.call(after)
        usage = Usage(call, use.cached_share, use.batch_discount, calls_a_day)
        return Case(base, tuned, usage, Training(after.short_billed, epochs or default_epochs(after.examples), hours))

    def warnings(self, epochs: int) -> list[str]:
        """What to know before the figures are relied on, a sentence each."""
        before, after = self.before, self.after
        if before is None or after is None:
            return []
        others = after.examples - after.shortened
        found = [recitation_warning(epochs, after.answers.most)]
        if after.shortened and others:
            which = "record has" if others == 1 else "records have"
            found.append(f"{others:,} of {after.examples:,} {which} another system prompt, or none, and stay as now.")
        if not before.prompts.complete:
            found.append("There are more distinct system prompts than are told apart; counts of each may be too low.")
        return [one for one in found if one]

    # Runs in a thread, where it waits for the workers

    def _look(self, mine: int, counting: Counting) -> Callable[[], object]:
        return self._called(mine, counting, None, 0, partial(setattr, self, "before"))

    def _shorten(
        self, mine: int, counting: Counting, limit: int, prompt: SystemPrompt | None, short: str | int
    ) -> Callable[[], object]:
        from curator.analysis.scenario import Shortening

        shortening = None if prompt is None else Shortening(prompt.key, short)
        return self._called(mine, counting, shortening, limit, partial(setattr, self, "after"))

    def _called(
        self,
        mine: int,
        counting: Counting,
        shortening: Shortening | None,
        limit: int,
        take: Callable[[Scenario], object],
    ) -> Callable[[], object]:
        executor, workers = self._background.executor
        told = 0.0
        sums = None
        for share, so_far in called(self._session, counting, executor, workers, None, shortening, limit):
            if self._run != mine:
                return lambda: None
            sums = so_far
            if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._background.tell(partial(self._take, mine, partial(setattr, self, "share", share)))

        def end() -> None:
            self.running = False
            if sums is not None:
                take(sums)

        return partial(self._take, mine, end)

    def _take(self, mine: int, take: Callable[[], object]) -> None:
        if self._run == mine:
            take()
            self._changed()
