"""The plots of the cost screen: what is spread how over the records, from figures that the audit has found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from curator.analysis.costs import MILLION, billed_tokens
from curator.analysis.prices import ModelPrice
from curator.analysis.report import Columns, Flag
from curator.analysis.role_tokens import RoleTokens
from curator.tui.figures import meter, short
from curator.tui.plots import Drawing, Line, Span, bars, columns, lines

BINS = 24
POINTS = 64
STEPS = (1, 2, 5)
NOTHING: list[list[Span]] = [[("  No record has been counted yet.", "plain")]]
METER_CELLS = 20
NUMBER = 4
"""How many plots there are."""
BY_ROLE = 2
"""Which of them, counted from 1, takes a count of its own."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The figures of the records that could be read, in their order."""

    tokens: Sequence[int]
    trained: Sequence[int]
    turns: Sequence[int]


def spread_of(some: Iterable[Columns]) -> Spread:
    """The figures of all records in some columns, malformed and blank lines left out."""
    tokens: list[int] = []
    trained: list[int] = []
    turns: list[int] = []
    for one in some:
        for row, flags in enumerate(one.flags):
            if not flags & (Flag.BLANK | Flag.MALFORMED):
                tokens.append(one.tokens[row])
                trained.append(one.trained[row])
                turns.append(one.turns[row])
    return Spread(tokens, trained, turns)


@dataclass(frozen=True, slots=True)
class Plots:
    """What can be drawn of the records, for one model; each takes a width and a height in cells."""

    spread: Spread
    model: ModelPrice
    epochs: int
    roles: RoleTokens | None = None
    """Who says the tokens; None while that is being counted."""
    share: float = 0.0
    """How far that is, from 0 to 1."""

    @property
    def _limit(self) -> int:
        return self.model.limit or 0

    def tokens(self, width: int, height: int) -> list[list[Span]]:
        """How many records have how many tokens; the longest example is marked where the records come near it."""
        tokens, limit = self.spread.tokens, self._limit
        if not tokens:
            return NOTHING
        step = bin_width(max(tokens))
        counts = binned(tokens, step)
        over = sum(limit < one for one in tokens)
        told = f"{over:,} are over {limit:,}" if over else f"all within {limit:,}, the longest example"
        title: list[Span] = [("  Tokens per record", "plain"), (f"   {told}" if limit else "", "mark")]
        labels = [short(step * number) for number in range(len(counts) + 1)]
        at = limit / step if limit and limit < step * len(counts) else None
        return [title, *columns(counts, labels, width, height - 1, at=at)]

    def by_role(self, width: int, height: int) -> list[list[Span]]:
        """Who says the tokens of an epoch, what is trained of them, and how many lie behind the cut."""
        roles, limit = self.roles, self._limit
        title: list[Span] = [("  Tokens by role", "plain")]
        if roles is None:
            return [title, [], [(f"  counting   {meter(self.share, METER_CELLS)} {self.share:.0%}", "plain")]]
        cut = sum(max(0, one - limit) for one in self.spread.tokens) if limit else 0
        rows = [
            ("system", roles.system, "first"),
            ("user", roles.user, "first"),
            ("assistant, trained", roles.trained, "second"),
            ("assistant, read", roles.untrained, "first"),
            ("tool results", roles.tool, "first"),
            ("tools declared", roles.declared, "first"),
            ("all else", roles.other, "first"),
            ("of all, cut off", cut, "mark"),
        ]
        names, amounts, tones = zip(*rows, strict=True)
        return [title, [], *bars(names, amounts, width, of=sum(amounts[:-1]), tones=tones)][:height]

    def cumulative(self, width: int, height: int) -> list[list[Span]]:
        """What training costs when it goes on to so many records, in their order and with the longest first."""
        if self.model.training is None or self.model.training_unit == "hour":
            return [[(f"  {self.model.id} has no training price by tokens, so there is nothing to add up.", "plain")]]
        each = self.model.training * self.epochs / MILLION
        billed = [billed_tokens(one, self.model.limit) for one in self.spread.tokens]
        title: list[Span] = [
            ("  Training cost of so many records", "plain"),
            ("   ⠒⠒⠒ ", "first"),
            ("in their order", "plain"),
            ("   ··· ", "second"),
            ("longest first", "plain"),
        ]
        drawn = [
            Line(*cumulated(sorted(billed, reverse=True), each), "second", "·"),
            Line(*cumulated(billed, each), "first"),
        ]
        return [title, *lines(drawn, width, height - 1)]

    def turns(self, width: int, height: int) -> list[list[Span]]:
        """How many records have how many turns."""
        if not self.spread.turns:
            return NOTHING
        step = bin_width(max(self.spread.turns))
        counts = binned(self.spread.turns, step)
        labels = [short(step * number) for number in range(len(counts) + 1)]
        return [[("  Turns per record", "plain")], *columns(counts, labels, width, height - 1)]

    @property
    def all(self) -> tuple[Drawing, ...]:
        """The plots in the order in which they are gone through."""
        return self.tokens, self.by_role, self.cumulative, self.turns


def cumulated(billed: Sequence[int], each: Decimal) -> tuple[list[float], list[float]]:
    """Points of the sum over more and more records: at most POINTS and the end."""
    step = max(1, -(-len(billed) // POINTS))
    xs, ys, total = [0.0], [0.0], 0
    for first in range(0, len(billed), step):
        some = billed[first : first + step]
        total += sum(some)
        xs.append(float(first + len(some)))
        ys.append(float(total * each))
    return xs, ys


def bin_width(most: int) -> int:
    """A round number that goes into `most` BINS times or less."""
    size = 1
    while True:
        for step in STEPS:
            if step * size * BINS > most:
                return step * size
        size *= 10


def binned(numbers: Iterable[int], step: int) -> list[int]:
    """How many numbers lie in each stretch of `step` from 0 on."""
    counts: list[int] = []
    for one in numbers:
        place = one // step
        if place >= len(counts):
            counts.extend([0] * (place + 1 - len(counts)))
        counts[place] += 1
    return counts
