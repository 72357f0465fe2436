"""By what records are taken for duplicates: what is asked, and what workers answer."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Literal

By = Literal["record", "prompt", "answer"]
BY: tuple[By, ...] = ("record", "prompt", "answer")
"""All that it says; what its last answer answers; that answer."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is compared, and from when on it is alike."""

    by: By = "record"
    threshold: float = 0.0
    """Share of common shingles of near duplicates; 0 to look for exact ones alone."""

    @property
    def near(self) -> bool:
        """Whether near duplicates are looked for too."""
        return self.threshold > 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of each record beside its likeness."""

    likeness: Likeness = Likeness()
    opening: bool = False
    """How its conversation begins and goes on."""
    group: str = ""
    """Path of the key by which records are of one stratum; empty for none."""
    together: str = ""
    """Path of the key whose values keep records together; empty for none."""


@dataclass(slots=True)
class Prints:
    """A row a record, 0 for what it has not; columns that are not asked for are empty."""

    same: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of what is compared: equal where it is the same."""
    answers: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the answers."""
    lines: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the lines without their ends; 0 for blank ones alone."""
    lengths: array[int] = field(default_factory=lambda: array("I"))
    """Characters of all texts."""
    prompts: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of what last answers answer, beside the openings."""
    openings: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of how conversations begin."""
    turns: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the turns that are long enough to tell conversations by, row after row."""
    turn_counts: array[int] = field(default_factory=lambda: array("I"))
    """How many of them each row has."""
    together: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the values that keep records together."""
    groups: list[str] = field(default_factory=list)
    """The stratum of each; empty where the key is not there."""
    bands: bytes = b""
    """The keys of each band, band after band, each 64 bits a row; empty without near duplicates."""
    sketches: bytes = b""
    """A sketch of each row, by which hardly any pair that is not alike has to be compared; empty as the bands are."""
