"""Finds out behind the screen how the records call a model, and how they would with a shorter prompt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from curator.analysis.break_even import Training, Usage
from curator.analysis.costs import default_epochs
from curator.analysis.counting import Counting, counting_of
from curator.analysis.model_costs import MonthlyUse
from curator.analysis.prices import ModelPrice
from curator.analysis.prompts_seen import SystemPrompt
from curator.session import Session
from curator.session.calls import call_of, count_text, is_outside, shortening_of, warnings_of
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
        """How the data call the base model; None while that is not known."""
        self.after: Scenario | None = None
        """How the tuned one would be called, with the short prompt in place."""
        self._base: Scenario | None = None
        """How the base model is called with the long prompt in place."""
        self._prompt: SystemPrompt | None = None

    def look(self, base: ModelPrice) -> None:
        """Find the system prompts of the data, and how it calls a base model."""
        self._begin()
        self.before = None
        self._start(partial(self._look, self._run, counting_of(base)))

    def shorten(
        self, base: ModelPrice, tuned: ModelPrice, limit: int, prompt: SystemPrompt | None, short: str | int
    ) -> None:
        """Count anew with a system prompt replaced; None where there is none to replace."""
        self._begin()
        self._prompt = prompt
        self._base = self.before
        countings = counting_of(base), counting_of(tuned)
        shortening = None if prompt is None else shortening_of(prompt, short)
        again = prompt is not None and is_outside(prompt) and countings[0] != countings[1]
        self._start(partial(self._shorten, self._run, *countings, limit, shortening, again=again))

    def count(self, text: str, base: ModelPrice, then: Callable[[int], object]) -> None:
        """Have the tokens of a text counted by a base model's encoding; `then` gets them."""
        session = self._session
        spec = replace(session.spec(session.sources[0].opened), counting=counting_of(base), accelerate=False)

        def work() -> Callable[[], object]:
            tokens = self._background.executor[0].submit(count_text, text, spec).result()
            return lambda: then(tokens)

        self._background.run(work)

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
        before, after = self._base, self.after
        if before is None or after is None or not before.calls:
            return None
        call = call_of(base, tuned, before, after)
        usage = Usage(call, use.cached_share, use.batch_discount, calls_a_day)
        return Case(base, tuned, usage, Training(after.short_billed, epochs or default_epochs(after.examples), hours))

    def warnings(self, epochs: int) -> list[str]:
        """What to know before the figures are relied on, a sentence each."""
        if self.before is None or self.after is None:
            return []
        return warnings_of(self.before.prompts, self._prompt, self.after, epochs)

    # Runs in a thread, where it waits for the workers

    def _look(self, mine: int, counting: Counting) -> Callable[[], object]:
        found = self._sums(mine, counting, None, 0)
        return partial(self._end, mine, {"before": found})

    def _shorten(
        self,
        mine: int,
        base: Counting,
        tuned: Counting,
        limit: int,
        shortening: Shortening | None,
        *,
        again: bool,
    ) -> Callable[[], object]:
        """`again` tells that the base model's calls have to be counted too, with the long prompt in place."""
        found = {"_base": self._sums(mine, base, shortening, 0)} if again else {}
        return partial(self._end, mine, found | {"after": self._sums(mine, tuned, shortening, limit)})

    def _sums(self, mine: int, counting: Counting, shortening: Shortening | None, limit: int) -> Scenario | None:
        """What the records say of calls; None where that is not asked for any more."""
        executor, workers = self._background.executor
        told = 0.0
        sums = None
        for share, so_far in called(self._session, counting, executor, workers, None, shortening, limit):
            if self._run != mine:
                return None
            sums = so_far
            if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._background.tell(partial(self._take, mine, partial(setattr, self, "share", share)))
        return sums

    def _end(self, mine: int, found: Mapping[str, Scenario | None]) -> None:
        """Take in what was counted, and say that nothing is being counted any more."""

        def take() -> None:
            self.running = False
            for name, sums in found.items():
                setattr(self, name, sums)

        self._take(mine, take)

    def _take(self, mine: int, take: Callable[[], object]) -> None:
        if self._run == mine:
            take()
            self._changed()
