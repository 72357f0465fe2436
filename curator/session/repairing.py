"""A file that is almost JSON Lines, written as JSON Lines to another; and what that would come to, told beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from curator.records.codec import line_body
from curator.records.repair import Kind, Piece, Repair, pieces
from curator.storage.delivering import Delivered, deliver
from curator.storage.source import Source, opened

BLOCK_BYTES = 1 << 20
SHOWN_GUESSES = 200
"""Guesses that are kept to be shown; more of them are counted only."""
SHOWN_BYTES = 1 << 16
"""Bytes up to which a record is kept to be shown."""

DONE, GUESSED, DOUBTFUL, LEFT = "repaired", "guessed", "doubtful", "left"
"""What comes of what was found: it is repaired; as a guess that was asked for; it would be as a guess; it stays."""


class Noticed(NamedTuple):
    """One repair, or one thing that is left."""

    outcome: str
    """`DONE`, `GUESSED`, `DOUBTFUL` or `LEFT`."""
    repair: Repair


class Tally(NamedTuple):
    """How often something was found, and where first."""

    times: int
    first: Repair


@dataclass(slots=True)
class Survey:
    """What a file comes to when it is repaired."""

    guess: bool = False
    """Whether guesses are taken."""
    records: int = 0
    doubtful: int = 0
    """Records that there would be more if guesses were taken."""
    array_first: bool = False
    """Whether an array begins before any record."""
    lines: int = 0
    """Lines of the file as it was."""
    tallies: dict[tuple[str, Kind], Tally] = field(default_factory=dict)
    """In the order in which they were met first."""
    shown: list[tuple[bytes, bytes, tuple[Repair, ...]]] = field(default_factory=list)
    """The first guesses: the text as it is, the line that is guessed, and what was done."""

    def add(self, piece: Piece) -> Iterator[Noticed]:
        """Count a piece; yields what there is to tell of it."""
        self.array_first |= not self.records and any(one.kind is Kind.ARRAY for one in piece.repairs)
        taken = self.guess and piece.guessed is not None
        sure = taken or piece.left is None
        self.records += piece.record and sure
        self.doubtful += piece.record and not sure
        for one in noticed(piece, guess=self.guess):
            times, first = self.tallies.get((one.outcome, one.repair.kind), Tally(0, one.repair))
            self.tallies[one.outcome, one.repair.kind] = Tally(times + 1, first)
            yield one
        if piece.guessed is not None and len(self.shown) < SHOWN_GUESSES and len(piece.kept) <= SHOWN_BYTES:
            self.shown.append((piece.kept, piece.guessed, piece.guesses))

    def of(self, *outcomes: str) -> dict[Kind, Tally]:
        """The tallies of some outcomes."""
        return {kind: tally for (outcome, kind), tally in self.tallies.items() if outcome in outcomes}

    def times(self, *outcomes: str) -> int:
        """How often anything came to some outcomes."""
        return sum(tally.times for tally in self.of(*outcomes).values())

    @property
    def whole(self) -> bool:
        """Whether all of the file are records then."""
        return not self.of(DOUBTFUL, LEFT)

    @property
    def sound(self) -> bool:
        """Whether there is nothing to repair and nothing that is left."""
        return not self.tallies

    @property
    def sentence(self) -> str:
        """What the file is, in a few words."""
        done = self.of(DONE)
        records = f"{self.records:,} record{'' if self.records == 1 else 's'}"
        arrays = done.get(Kind.ARRAY) if self.array_first else None
        over = f", laid out over {self.lines:,} lines" if Kind.LAYOUT in done else ""
        if arrays and arrays.times == 1:
            return f"one JSON array of {records}{over}"
        if arrays:
            return f"{arrays.times:,} JSON arrays with {records}{over}"
        more = f", and {self.doubtful:,} more with guesses" if self.doubtful else ""
        return f"{records}{over}{more}" if over else f"{records} in {self.lines:,} lines{more}"


def noticed(piece: Piece, *, guess: bool) -> Iterator[Noticed]:
    """What there is to tell of a piece."""
    for one in piece.repairs:
        yield Noticed(DONE, one)
    if piece.guessed is not None:
        for one in piece.guesses:
            yield Noticed(GUESSED if guess else DOUBTFUL, one)
    elif piece.left is not None:
        yield Noticed(LEFT, piece.left)


def survey(path: Path, *, guess: bool = False, tell: Callable[[Noticed], object] | None = None) -> Survey:
    """What repairing a file comes to; nothing is written. Raises UnreadableError."""
    found = Survey(guess)
    with opened(path) as source:
        for _ in _lines(source, found, tell):
            pass
    return found


def repair(
    path: Path, target: Path | int, *, guess: bool = False, tell: Callable[[Noticed], object] | None = None
) -> tuple[Survey, Delivered]:
    """Write a file repaired to another one, or to a descriptor. Returns what that came to.

    What cannot be repaired, or only by a guess that is not asked for, stays in it as it is. The file itself is only
    read. Raises UnreadableError, and what `deliver` does.
    """
    found = Survey(guess)
    with opened(path) as source:
        written = deliver([(source, _lines(source, found, tell))], target, like=source, size=source.size)
    return found, written


def _lines(source: Source, found: Survey, tell: Callable[[Noticed], object] | None) -> Iterator[bytes]:
    """The lines of the repaired file, counted as they pass by."""
    for piece in pieces(_blocks(source, found)):
        for one in found.add(piece):
            if tell:
                tell(one)
        yield piece.lines(guess=found.guess)


def _blocks(source: Source, found: Survey) -> Iterator[bytes]:
    last = b""
    for start in range(0, source.size, BLOCK_BYTES):
        last = source.read(start, BLOCK_BYTES)
        found.lines += last.count(b"\n")
        yield last
    found.lines += bool(last) and not last.endswith(b"\n")


class LineRepair(NamedTuple):
    """What a single line that is no record can be made."""

    body: bytes
    """The line without its end; empty where it cannot be repaired alone."""
    repairs: tuple[Repair, ...]
    guess: bool
    """Whether something of it is a guess."""
    reason: str = ""
    """Why it cannot be repaired alone, as a sentence."""


def repaired_line(line: bytes) -> LineRepair:
    """What can be made of one line by itself; what goes on in other lines is for the whole file's repair."""
    found = list(pieces([line]))
    records = [piece for piece in found if piece.record]
    if len(records) > 1:
        reason = f"This line holds {len(records):,} records; “repair this file” in the palette gives each its own line."
        return LineRepair(b"", (), guess=False, reason=reason)
    if not records:
        left = next((piece.left for piece in found if piece.left), None)
        why = f": {left.detail}" if left and left.detail else ""
        reason = f"There is no saying what this line should be{why}. “Repair this file” in the palette looks further."
        return LineRepair(b"", (), guess=False, reason=reason)
    repairs = tuple(one for piece in found for one in piece.done(guess=True))
    return LineRepair(line_body(records[0].lines(guess=True)), repairs, records[0].guessed is not None)


def repaired_paths(path: Path) -> tuple[Path, Path | None]:
    """A name for the repaired file beside another that nothing has, and the newest file that was repaired before.

    `x.json` becomes `x.repaired.jsonl`, then `x.repaired-2.jsonl`.
    """
    newest: Path | None = None
    free, number = path.with_name(f"{path.stem}.repaired.jsonl"), 2
    while free.exists():
        newest, free, number = free, path.with_name(f"{path.stem}.repaired-{number}.jsonl"), number + 1
    return free, newest
