"""How a fine-tuned model will be called, taken from the data: each trained answer is a call, its history the prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from curator.analysis.analyst import Analyst, analyst_for
from curator.analysis.break_even import CACHED_FROM, Call
from curator.analysis.costs import billed_tokens
from curator.analysis.prompts_seen import PromptsSeen, prompt_key, prompt_texts
from curator.analysis.recitation import Repeats
from curator.analysis.report import AuditSpec
from curator.errors import UsageError
from curator.records.codec import Malformed, decode
from curator.records.conversation import Message
from curator.records.dialects import Dialect

BATCH_RECORDS = 500
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Shortening:
    """A system prompt that is to give way to a shorter one; its message stays."""

    prompt: int
    """The hash of its text, as `prompt_key` has it."""
    short: str | int
    """The text in its place, or how many tokens that has."""


@dataclass(slots=True)
class Scenario:
    """Sums over records, in tokens, that can be merged. `short_` ones are with the short prompt in place."""

    examples: int = 0
    shortened: int = 0
    """Records whose prompt is replaced."""
    calls: int = 0
    prompt: int = 0
    short_prompt: int = 0
    cachable: int = 0
    """Of `short_prompt`, what stands in calls of 1,024 tokens or more."""
    completion: int = 0
    tokens: int = 0
    short_tokens: int = 0
    billed: int = 0
    """Sum over records of min(tokens, limit)."""
    short_billed: int = 0
    prompts: PromptsSeen = field(default_factory=PromptsSeen)
    answers: Repeats = field(default_factory=Repeats)
    disagreement: str = ""
    """Not empty if the accelerator counted wrongly; the sums are then in doubt."""

    def merge(self, other: Scenario) -> None:
        """Add the sums over other records."""
        self.prompts.merge(other.prompts)
        self.answers.merge(other.answers)
        self.disagreement = self.disagreement or other.disagreement
        for one in fields(self):
            mine = getattr(self, one.name)
            if isinstance(mine, int):
                setattr(self, one.name, mine + getattr(other, one.name))

    def call(self, tuned: Scenario | None = None) -> Call:
        """What a call sends and gets; `tuned` are the sums by the tuned model's encoding, where that is another one.

        Raises UsageError where there is no trained answer.
        """
        if not self.calls:
            raise UsageError("No record has a trained answer, so the data tell nothing of how the model is called.")
        after = tuned or self
        return Call(
            prompt=self.prompt,
            short_prompt=after.short_prompt,
            completion=self.completion,
            count=self.calls,
            cachable=after.cachable,
            tuned_completion=after.completion if tuned else None,
        )


def scenario_of(
    lines: Iterable[bytes], spec: AuditSpec, shortening: Shortening | None = None, limit: int = 0
) -> Scenario:
    """The sums over some lines; `limit` is the longest example in tokens, 0 for none. Malformed lines are left out."""
    run = _Run(analyst_for(spec), shortening, limit)
    batch: list[dict[str, Any]] = []
    for line in lines:
        value = decode(line.rstrip(b"\r\n"))
        if not line.strip() or isinstance(value, Malformed):
            continue
        run.sums.examples += 1
        if isinstance(value, dict):
            batch.append(value)
        if len(batch) >= BATCH_RECORDS:
            run.add(batch)
            batch = []
    run.add(batch)
    run.sums.prompts.trim()
    run.sums.disagreement = run.analyst.disagreement
    return run.sums


class _Run:
    """Adds records up."""

    def __init__(self, analyst: Analyst, shortening: Shortening | None, limit: int) -> None:
        self.analyst = analyst
        self.sums = Scenario()
        self._shortening = shortening
        self._limit = limit or None
        self._short = self._short_tokens(shortening)

    def _short_tokens(self, shortening: Shortening | None) -> int:
        if shortening is None:
            return 0
        return shortening.short if isinstance(shortening.short, int) else self.analyst.count(shortening.short)

    def add(self, values: Sequence[dict[str, Any]]) -> None:
        """Add some decoded records."""
        dialects = [self.analyst.dialect_of(value) for value in values]
        records = [(one, one.chat_messages(value)) for one, value in zip(dialects, values, strict=True)]
        counts = self.analyst.by_message_of_each(records)
        for value, (dialect, messages), counted in zip(values, records, counts, strict=True):
            overhead = self.analyst.overhead(value, dialect, messages)
            self._record(messages, _sections(value, dialect, messages), counted, overhead)

    def _record(self, messages: list[Any], sections: list[str], counted: list[tuple[int, int]], overhead: int) -> None:
        sums = self.sums
        answers = [place for place, one in enumerate(messages) if _is_answer(one) and sections[place] != REJECTED]
        change = self._prompt(messages, len(answers))
        tokens = overhead + sum(one for one, _ in counted)
        sums.tokens += tokens
        sums.short_tokens += tokens + change
        sums.billed += billed_tokens(tokens, self._limit)
        sums.short_billed += billed_tokens(tokens + change, self._limit)
        sums.answers.add(str(messages[place].get("content") or "") for place in answers)
        history: dict[str, int] = {"": overhead}
        for place, (length, learnt) in enumerate(counted):
            section = sections[place]
            if place in answers:
                self._call(history[""] + (history.get(section, 0) if section else 0), change, learnt)
            history[section] = history.get(section, 0) + length

    def _call(self, prompt: int, change: int, completion: int) -> None:
        sums = self.sums
        sums.calls += 1
        sums.prompt += prompt
        sums.short_prompt += prompt + change
        sums.cachable += prompt + change if prompt + change >= CACHED_FROM else 0
        sums.completion += completion

    def _prompt(self, messages: list[Any], calls: int) -> int:
        """Note the system prompt of a record. Answers by how many tokens the record grows; below 0 where it shrinks."""
        texts = prompt_texts(messages)
        if not texts:
            return 0
        text = "\n".join(texts)
        tokens = sum(self.analyst.count(one) for one in texts)
        self.sums.prompts.add(text, tokens, calls)
        if self._shortening is None or prompt_key(text) != self._shortening.prompt:
            return 0
        self.sums.shortened += 1
        return self._short - tokens


def _is_answer(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant" and message.get("weight", 1) != 0


def _sections(value: dict[str, Any], dialect: Dialect, messages: list[Any]) -> list[str]:
    """For each message, which of two answers it belongs to in a preference record; else empty."""
    if dialect.name == "openai-chat":
        return [""] * len(messages)
    read: Sequence[Message] = dialect.read(value).messages
    return [one.section for one in read]
