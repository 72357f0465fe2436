"""What the user may choose of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Keys(StrEnum):
    """What becomes of keys that the dialects do not know."""

    FITTING = "fitting"
    """Kept where the dialect lets further keys pass."""
    KEEP = "keep"
    """Kept wherever there is a place for them."""
    DROP = "drop"


class Keep(StrEnum):
    """What becomes of a preferred and a rejected answer where a record holds one conversation."""

    NEITHER = "neither"
    """The record is refused."""
    CHOSEN = "chosen"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Ways:
    """How records are converted."""

    keys: Keys = Keys.FITTING
    answers: Keep = Keep.NEITHER
    fold_system: bool = False
    """Whether a system prompt that has no place goes into the first user message."""
