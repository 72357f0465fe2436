"""The system prompts of a data set, ranked by what they cost; in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from xxhash import xxh3_64_intdigest

MOST_PROMPTS = 100_000
"""Distinct prompts that are told apart; beyond them the cheapest half is let go."""
MOST_TEXTS = 100
"""Prompts whose text is kept: the costliest."""
LONGEST_TEXT = 1 << 16
"""Characters of a text that are kept."""

_PROMPT_ROLES = ("system", "developer")


@dataclass(slots=True)
class SystemPrompt:
    """One system prompt, and how often it stands in the data."""

    key: int
    """The hash of its text."""
    tokens: int
    records: int
    calls: int
    """Trained answers in these records: each is a call that sends the prompt."""
    characters: int
    text: str = ""
    """Its beginning; empty where the prompt is not among the costliest."""

    @property
    def all_tokens(self) -> int:
        """What it makes up in one epoch of training, before any cut."""
        return self.tokens * self.records

    @property
    def rank(self) -> tuple[int, int, int]:
        """The larger, the costlier; the key settles ties, so that the order is always the same."""
        return self.all_tokens, self.calls, self.key


class PromptsSeen:
    """Counts system prompts by their text."""

    def __init__(self) -> None:
        self._found: dict[int, SystemPrompt] = {}
        self.complete = True
        """Whether none was let go for want of room, so that counts are exact."""

    def add(self, text: str, tokens: int, calls: int) -> None:
        """Count a record that has this prompt."""
        self._put(SystemPrompt(prompt_key(text), tokens, 1, calls, len(text), text[:LONGEST_TEXT]))

    def merge(self, other: PromptsSeen) -> None:
        """Add what was counted elsewhere."""
        for one in other._found.values():
            self._put(one)
        self.complete &= other.complete
        self.trim()

    def trim(self) -> None:
        """Keep within bounds."""
        if len(self._found) > MOST_PROMPTS:
            self._found = {one.key: one for one in self.ranked(MOST_PROMPTS // 2)}
            self.complete = False
        costliest = {one.key for one in self.ranked(MOST_TEXTS)}
        for one in self._found.values():
            if one.key not in costliest:
                one.text = ""

    def ranked(self, most: int = MOST_TEXTS) -> list[SystemPrompt]:
        """The costliest, costliest first: by their tokens in all records."""
        return nlargest(most, self._found.values(), key=lambda one: one.rank)

    def find(self, key: int) -> SystemPrompt | None:
        """The prompt with this hash; None where no record has it."""
        return self._found.get(key)

    def __len__(self) -> int:
        return len(self._found)

    def _put(self, new: SystemPrompt) -> None:
        known = self._found.get(new.key)
        if known is None:
            self._found[new.key] = new
            return
        known.records += new.records
        known.calls += new.calls
        known.text = known.text or new.text


def prompt_key(text: str) -> int:
    """The hash by which a system prompt is known."""
    return xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def prompt_texts(messages: list[Any]) -> list[str]:
    """The texts of the system prompt of a record, by its messages in chat form; none where it has no such prompt.

    That is its first message, if that is one of system or developer and holds nothing but text.
    """
    first = messages[0] if messages else None
    if not isinstance(first, dict) or first.get("role") not in _PROMPT_ROLES:
        return []
    content = first.get("content")
    if isinstance(content, str):
        return [content] if content else []
    texts = [part.get("text") for part in _listed(content) if isinstance(part, dict) and part.get("type") == "text"]
    known = [text for text in texts if isinstance(text, str)]
    return known if len(known) == len(_listed(content)) else []


def _listed(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []
