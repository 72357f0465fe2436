"""What is asked of workers about whole files, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STRAY, COPY, CONTRADICTION, RECITED, NEAR_COPY, SHARED = 20, 21, 22, 39, 42, 43
"""The rules that compare records with each other, by their numbers."""

HASHES_OF = {
    STRAY: ("system_hash", "content_hash"),
    COPY: ("content_hash",),
    CONTRADICTION: ("prompt_hash", "answer_hash"),
    RECITED: ("answer_hash",),
    NEAR_COPY: ("words_hash", "content_hash"),
    SHARED: ("content_hash",),
}
"""The columns that each of them looks at."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """Where the hashes of a source's records are found: rows are its lines, then its records that are no lines."""

    lines: int
    gone: bytes
    """The packed set of the lines that do not count: records that are elsewhere now, or dropped."""
    of_lines: tuple[Path | bytes, ...]
    """A column for each kind of hash that is asked for: a file whose first numbers are those of the lines, or they."""
    of_others: tuple[bytes, ...]
    """The same of the records that are no lines."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Rows that a rule finds, ascending, each with the row of another record and a number; 32-bit numbers, packed."""

    rows: bytes = b""
    others: bytes = b""
    numbers: bytes = b""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that stand in many records."""

    different: int = 0
    """How many answers do."""
    copies: int = 0
    """Records that the most frequent one stands in."""
    first: int = 0
    """The first of them, as a row."""


def compared(number: int, files: Sequence[Hashed], threshold: int) -> Marked:
    """The rows that a rule finds. Runs in a worker, which is where numpy is loaded."""
    from curator.analysis import repeats

    match number:
        case 20:
            return repeats.strays(files[0], threshold)
        case 21:
            return repeats.copies(files[0])
        case 22:
            return repeats.contradictions(files[0])
        case 42:
            return repeats.near_copies(files[0])
    return repeats.shared(files)


def recited(hashed: Hashed, most: int) -> Answers:
    """The answers that stand in `most` records or more. Runs in a worker, as above."""
    from curator.analysis import repeats

    return repeats.recited(hashed, most)
