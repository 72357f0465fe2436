"""The ways of splitting by name, for whoever lets the user choose one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from curator.records.conversation import Conversation
from curator.records.transforms.by_turns import explode, pairs, window
from curator.records.transforms.fitting import fit
from curator.records.transforms.pieces import Split

WAYS = ("turn", "pair", "window", "fit")


@dataclass(frozen=True, slots=True)
class Way:
    """How conversations are to be split: one of WAYS, with what it depends on."""

    by: str
    turns: int = 1
    """Of `window`: turns in a piece, the trained one included."""
    budget: int = 0
    """Of `fit`: the most tokens of a piece."""
    overlap: int = 0
    """Of `fit`: turns that a piece repeats."""
    with_system: bool = True
    """Of `pair`: whether each piece has the system prompt."""

    def leaves(self, tokens: int) -> bool:
        """Whether a record of so many tokens stays as it is, whatever it says."""
        return self.by == "fit" and tokens <= self.budget

    def split(self, conversation: Conversation, tokens: int, lengths: Callable[[], Sequence[int]]) -> Split:
        """Split a conversation of `tokens` in all; `lengths` counts each message, and is asked only where it matters.

        What the messages do not account for is taken for the overhead of every example.
        """
        match self.by:
            case "turn":
                return explode(conversation)
            case "pair":
                return pairs(conversation, self.with_system)
            case "window":
                return window(conversation, self.turns)
            case "fit":
                known = lengths()
                return fit(conversation, known, self.budget, self.overlap, overhead=tokens - sum(known))
        raise ValueError(f"there is no way of splitting called {self.by!r}")
