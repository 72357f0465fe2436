"""What a short system prompt would do to records: which it changes, why others stay, and how many turns fit."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import compress
from typing import Any

from curator.analysis.analyst import CountedRecord, analyst_for
from curator.analysis.prompts_seen import PromptsSeen, prompt_texts
from curator.analysis.report import AuditSpec
from curator.analysis.roles import is_answer
from curator.records.codec import decode
from curator.records.conversation import Message
from curator.records.short_prompt import Shortened, ShortPrompt, Stay, shortened


@dataclass(slots=True)
class Turns:
    """How the turns of records that change fit into a context, in sums that can be merged.

    A turn is a user message and all up to the next one; it fits if all of its conversation up to its end does.
    """

    records: int = 0
    turns: int = 0
    fit: int = 0
    short_fit: int = 0
    """With the short prompt in place."""
    head: int = 0
    """Tokens before the first turns: system prompts, declared tools and constants."""
    short_head: int = 0
    tokens: int = 0
    """Tokens of the turns."""

    def merge(self, other: Turns) -> None:
        """Add the sums over other records."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def room(self, context: int) -> tuple[int, int] | None:
        """How many turns of the average length a context holds, before and after; None without any turn."""
        if not (self.turns and self.tokens):
            return None
        left = (context * self.records - head for head in (self.head, self.short_head))
        before, after = (max(0, one) * self.turns // (self.tokens * self.records) for one in left)
        return before, after


@dataclass(slots=True)
class Trial:
    """Tries a short prompt out on records one by one, as a `PromptChange`; `limit` is the context, 0 for none."""

    prompt: ShortPrompt
    limit: int
    rows: array[int] = field(default_factory=lambda: array("Q"))
    """The rows of the records that change."""
    stay: Counter[str] = field(default_factory=Counter)
    """Records by the reason why they stay as they are."""
    turns: Turns = field(default_factory=Turns)

    def growth(self, record: CountedRecord, count: Callable[[str], int]) -> Mapping[int, int]:
        """As `PromptChange`; what came of the record is kept."""
        outcome = shortened(record.value, record.dialect, self.prompt)
        if isinstance(outcome, Stay):
            self.stay[outcome] += 1
            return {}
        self.rows.append(record.row)
        growth = _growth(outcome, record.counted, count)
        self._add_turns(record, growth)
        return growth

    def _add_turns(self, record: CountedRecord, growth: Mapping[int, int]) -> None:
        turns, limit = self.turns, self.limit
        asked = [place for place, one in enumerate(record.messages) if _asks(one)]
        first = asked[0] if asked else len(record.messages)
        head = record.overhead + sum(tokens for tokens, _ in record.counted[:first])
        shorter = sum(growth.values())
        turns.records += 1
        turns.turns += len(asked)
        turns.head += head
        turns.short_head += head + shorter
        length = head
        for place, end in zip(asked, [*asked[1:], len(record.messages)], strict=False):
            length += sum(tokens for tokens, _ in record.counted[place:end])
            turns.fit += not limit or length <= limit
            turns.short_fit += not limit or length + shorter <= limit
        turns.tokens += length - head


def _growth(outcome: Shortened, counted: list[tuple[int, int]], count: Callable[[str], int]) -> dict[int, int]:
    """By how many tokens each message that changes grows; a message that is removed takes its constants with it."""
    before, after = outcome.before.messages, outcome.edited
    gone = set(range(len(before))) - set(after.places)
    growth = {place: -counted[place][0] for place in gone}
    for place, message in zip(after.places, after.conversation.messages, strict=True):
        if place is not None and message is not before[place]:
            growth[place] = _tokens(message, count) - _tokens(before[place], count)
    return growth


def _asks(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "user"


def _tokens(message: Message, count: Callable[[str], int]) -> int:
    return sum(count(part.text) for part in message.parts)


def prompts_in(lines: Iterable[bytes], spec: AuditSpec) -> PromptsSeen:
    """The system prompts of lines, counted alone: much sooner than with all that a scenario counts."""
    analyst, seen = analyst_for(spec), PromptsSeen()
    for line in lines:
        value: Any = decode(line.rstrip(b"\r\n")) if line.strip() else None
        if isinstance(value, dict):
            dialect = analyst.dialect_of(value)
            messages = dialect.chat_messages(value)
            if texts := prompt_texts(messages):
                tokens = sum(map(analyst.count, texts))
                learnt = analyst.counting.learnt(value, dialect, messages)
                seen.add("\n".join(texts), tokens, sum(map(is_answer, compress(messages, learnt))))
    seen.trim()
    return seen
