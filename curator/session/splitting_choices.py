"""What splitting would make of records: the ways side by side, with records and tokens, worked out in workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from curator.analysis.report import AuditSpec, Columns
from curator.analysis.totals import Totals
from curator.records.codec import decode_exactly
from curator.records.dialects import dialect_named
from curator.records.sniffing import dialect_of
from curator.records.transforms import Way, piece_lines
from curator.session.costing import over_portions
from curator.session.current_records import Portion, lines_of
from curator.session.editor import Selection
from curator.session.facade import Session

WINDOW_TURNS = 3
"""Turns of a piece by window, the trained one included, where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class SplitTask:
    """Some records, and the ways that are tried out on them; small enough to be sent to a worker."""

    portion: Portion
    ways: tuple[Way, ...]
    limit: int
    """Tokens of the longest example; 0 for none."""


@dataclass(slots=True)
class Tried:
    """Sums over records as they are, and as each of some ways would leave them, in the order of the ways."""

    whole: Totals = field(default_factory=Totals)
    after: list[Totals] = field(default_factory=list)
    split: list[int] = field(default_factory=list)
    """Records that each way takes apart."""
    disagreement: str = ""
    """Not empty if the accelerator counted wrongly; the sums are then in doubt."""

    def merge(self, other: Tried) -> None:
        """Add the sums over other records."""
        self.whole.merge(other.whole)
        if not self.after:
            self.after = [Totals() for _ in other.after]
            self.split = [0] * len(other.split)
        for mine, others in zip(self.after, other.after, strict=True):
            mine.merge(others)
        self.split = [mine + others for mine, others in zip(self.split, other.split, strict=True)]
        self.disagreement = self.disagreement or other.disagreement


def ways_for(limit: int) -> tuple[Way, ...]:
    """The ways that are compared; fitting is one where a longest example is known."""
    ways = (Way("turn"), Way("pair"), Way("window", turns=WINDOW_TURNS))
    return (*ways, Way("fit", budget=limit)) if limit else ways


def tried(
    session: Session, ways: Sequence[Way], executor: Executor, workers: int, selection: Selection | None = None
) -> Iterator[tuple[float, Tried]]:
    """How far it is, from 0 to 1, with the sums so far; of all records as they are now, or of some.

    A wrong count of the accelerator switches it off and begins anew without it.
    """
    sums = Tried(after=[Totals() for _ in ways], split=[0] * len(ways))
    asked, limit = tuple(ways), session.limit
    steps = over_portions(
        session,
        session.counting,
        executor,
        workers,
        try_portion,
        lambda portion: SplitTask(portion, asked, limit),
        selection,
    )
    for share, found in steps:
        sums.merge(found)
        if found.disagreement and session.accelerate:
            session.accelerate = False
            session.notice = f"{found.disagreement} Counting anew without it."
            yield from tried(session, ways, executor, workers, selection)
            return
        yield share, sums
    yield 1.0, sums


def try_portion(task: SplitTask) -> Tried:
    """The sums over a portion. Runs in a worker, which is where the vocabulary is loaded."""
    trial = _Trial(task.portion.spec)
    return trial.of(lines_of(task.portion), task.ways, task.limit)


class _Trial:
    """Splits lines in several ways, and counts what comes of it."""

    def __init__(self, spec: AuditSpec) -> None:
        from curator.analysis.analyst import analyst_for

        self._spec = spec
        self._analyst = analyst_for(spec)

    def of(self, lines: Sequence[bytes], ways: Sequence[Way], limit: int) -> Tried:
        """The sums over lines, whose line feeds were cut off."""
        before = self._figures(lines)
        found = Tried()
        found.whole.add(before, limit)
        pieces: list[list[bytes]] = [[] for _ in ways]
        kept: list[list[int]] = [[] for _ in ways]
        for row, line in enumerate(lines):
            for number, parts in enumerate(self._pieces(line.removesuffix(b"\r"), ways, before.tokens[row])):
                pieces[number].extend(parts)
                if not parts:
                    kept[number].append(row)
        for parts, rows in zip(pieces, kept, strict=True):
            after = Totals()
            after.add(before.take(rows), limit)
            after.add(self._figures(parts), limit)
            found.after.append(after)
            found.split.append(len(lines) - len(rows))
        found.disagreement = self._analyst.disagreement
        return found

    def _figures(self, lines: Sequence[bytes]) -> Columns:
        return self._analyst.report(lines, len(lines)).columns

    def _pieces(self, body: bytes, ways: Sequence[Way], tokens: int) -> list[list[bytes]]:
        """The lines of a record's pieces by each way; none where it stays as it is."""
        value = decode_exactly(body) if body.strip() else None
        if not isinstance(value, dict):
            return [[] for _ in ways]
        dialect = dialect_of(value, dialect_named(self._spec.dialect), only=self._spec.only_dialect)
        conversation = dialect.read(value)
        found = []
        for way in ways:
            if way.leaves(tokens):
                found.append(list[bytes]())
                continue
            split = way.split(conversation, tokens, lambda: [one for one, _ in self._analyst.by_message(value).each])
            found.append(list(piece_lines(split, conversation, body, value, dialect)[0]))
        return found
