"""Sums over records that can be merged, and added to while the audit runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from itertools import repeat

from curator.analysis.lint.rules import OVER_CONTEXT, RULES
from curator.analysis.report import Columns, Flag
from curator.records.dialects import DIALECTS


@dataclass(slots=True)
class Totals:
    """What a run of lines adds up to. Tokens are whole numbers; nothing here is rounded."""

    lines: int = 0
    blank: int = 0
    malformed: int = 0
    invalid: int = 0
    estimated: int = 0
    with_images: int = 0
    messages: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    billed_tokens: int = 0
    """Sum over records of min(tokens, limit)."""
    over_context: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    """Records by code; a record counts once for each rule that it breaks."""
    dialects: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """Lines that are not blank."""
        return self.lines - self.blank

    @property
    def examples(self) -> int:
        """Records that could be read."""
        return self.records - self.malformed

    def add(self, columns: Columns, limit: int) -> None:
        """Add the lines of some columns; `limit` is the longest example in tokens, 0 for none."""
        self.lines += len(columns)
        flags = Counter(columns.flags)
        self.blank += _with(flags, Flag.BLANK)
        self.malformed += _with(flags, Flag.MALFORMED)
        self.invalid += _with(flags, Flag.INVALID)
        self.estimated += _with(flags, Flag.ESTIMATED)
        self.with_images += _with(flags, Flag.HAS_IMAGES)
        self.messages += sum(columns.messages)
        self.tokens += sum(columns.tokens)
        self.trained_tokens += sum(columns.trained)
        self._add_findings(columns)
        self._add_dialects(columns)
        self.add_limited(columns, limit)

    def merge(self, other: Totals) -> None:
        """Add other totals, taken with the same limit."""
        for one in fields(self):
            mine, others = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, Counter):
                mine.update(others)
            else:
                setattr(self, one.name, mine + others)

    def subtract(self, other: Totals) -> None:
        """Take other totals away, taken with the same limit. What is left may be below zero, to be merged with more."""
        for one in fields(self):
            mine, others = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, Counter):
                mine.subtract(others)
            else:
                setattr(self, one.name, mine - others)

    def add_limited(self, columns: Columns, limit: int) -> None:
        """Add what depends on the limit."""
        if not limit:
            self.billed_tokens += sum(columns.tokens)
            return
        self.billed_tokens += sum(map(min, columns.tokens, repeat(limit)))
        over = sum(map(limit.__lt__, columns.tokens))
        self.over_context += over
        self.findings[OVER_CONTEXT.code] += over

    def _add_findings(self, columns: Columns) -> None:
        for bits, times in Counter(columns.findings).items():
            for rule in RULES if bits else ():
                if bits & rule.bit:
                    self.findings[rule.code] += times

    def _add_dialects(self, columns: Columns) -> None:
        for (number, flags), times in Counter(zip(columns.dialect, columns.flags, strict=True)).items():
            if not flags & (Flag.BLANK | Flag.MALFORMED):
                self.dialects[DIALECTS[number].name] += times

    def take_limited(self, other: Totals) -> None:
        """Take what depends on the limit from other totals of the same lines."""
        self.billed_tokens, self.over_context = other.billed_tokens, other.over_context
        self.findings[OVER_CONTEXT.code] = other.over_context


def _with(flags: Counter[int], flag: int) -> int:
    return sum(times for value, times in flags.items() if value & flag)


def tokens_per_record(columns: Iterable[Columns]) -> dict[str, float]:
    """Spread of tokens over the examples: min, p5, p50, mean, p95, max; quantiles linear, as the cookbook's."""
    known = sorted(
        tokens
        for one in columns
        for tokens, flags in zip(one.tokens, one.flags, strict=True)
        if not flags & (Flag.BLANK | Flag.MALFORMED)
    )
    if not known:
        return dict.fromkeys(("min", "p5", "p50", "mean", "p95", "max"), 0)
    return {
        "min": known[0],
        "p5": _quantile(known, 0.05),
        "p50": _quantile(known, 0.5),
        "mean": sum(known) / len(known),
        "p95": _quantile(known, 0.95),
        "max": known[-1],
    }


def _quantile(ordered: Sequence[int], share: float) -> float:
    """The value below which that share of the ordered values lies, between neighbours in proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
