"""How a fine-tuned model will be called, taken from the data: each trained answer is a call, its history the prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from curator.analysis.analyst import Analyst, CountedRecord, analyst_for
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


class PromptChange(Protocol):
    """What becomes of system prompts."""

    def growth(self, record: CountedRecord, count: Callable[[str], int]) -> Mapping[int, int]:
        """By how many tokens messages grow, by their places; below 0 where they shrink. None of a record that stays."""


@dataclass(frozen=True, slots=True)
class Shortening:
    """A system prompt that is to give way to a shorter one; its message stays."""

    prompt: int
    """The hash of its text, as `prompt_key` has it."""
    short: str | int
    """The text in its place, or how many tokens that has."""
    outside: str = ""
    """The prompt itself where no record begins with it: it is taken to stand in each, in place of the record's own."""

    def growth(self, record: CountedRecord, count: Callable[[str], int]) -> Mapping[int, int]:
        """The first message grows, if it is that prompt; or for one that is outside, whatever it is."""
        texts = prompt_texts(record.messages)
        if not self.outside and (not texts or prompt_key("\n".join(texts)) != self.prompt):
            return {}
        short = self.short if isinstance(self.short, int) else count(self.short)
        return {0: short - _own(record, count)} if record.messages else {}

    def growth_before(self, record: CountedRecord, count: Callable[[str], int]) -> int:
        """By how many tokens a record grows with the long prompt in place: 0 where it stands in the data."""
        return count(self.outside) - _own(record, count) if self.outside and record.messages else 0


def _own(record: CountedRecord, count: Callable[[str], int]) -> int:
    """Tokens of a record's own system prompt; below 0 where it has none, for one needs a message of its own."""
    texts = prompt_texts(record.messages)
    return sum(map(count, texts)) if texts else -record.around_system


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
    lines: Iterable[bytes], spec: AuditSpec, shortening: PromptChange | None = None, limit: int = 0
) -> Scenario:
    """The sums over some lines; `limit` is the longest example in tokens, 0 for none. Malformed lines are left out."""
    run = _Run(analyst_for(spec), shortening, limit)
    batch: list[tuple[int, dict[str, Any]]] = []
    for row, line in enumerate(lines):
        value = decode(line.rstrip(b"\r\n"))
        if not line.strip() or isinstance(value, Malformed):
            continue
        run.sums.examples += 1
        if isinstance(value, dict):
            batch.append((row, value))
        if len(batch) >= BATCH_RECORDS:
            run.add(batch)
            batch = []
    run.add(batch)
    run.sums.prompts.trim()
    run.sums.disagreement = run.analyst.disagreement
    return run.sums


class _Run:
    """Adds records up."""

    def __init__(self, analyst: Analyst, shortening: PromptChange | None, limit: int) -> None:
        self.analyst = analyst
        self.sums = Scenario()
        self._shortening = shortening
        self._limit = limit or None

    def add(self, values: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Add some decoded records with their rows."""
        for record in self.analyst.by_record(values):
            self._record(record)

    def _record(self, record: CountedRecord) -> None:
        sums, messages = self.sums, record.messages
        sections = _sections(record.value, record.dialect, messages)
        answers = [place for place in record.answers if sections[place] != REJECTED]
        self._note_prompt(messages, len(answers))
        growth = self._shortening.growth(record, self.analyst.count) if self._shortening else {}
        sums.shortened += bool(growth)
        before = self._growth_before(record)
        tokens = record.overhead + sum(one for one, _ in record.counted)
        change = sum(growth.values())
        sums.tokens += tokens + before
        sums.short_tokens += tokens + change
        sums.billed += billed_tokens(tokens + before, self._limit)
        sums.short_billed += billed_tokens(tokens + change, self._limit)
        sums.answers.add(str(messages[place].get("content") or "") for place in answers)
        history: dict[str, int] = {"": record.overhead}
        grown: dict[str, int] = {"": 0}
        for place, (length, learnt) in enumerate(record.counted):
            section = sections[place]
            if place in answers:
                own = {"", section}
                prompt = sum(history.get(one, 0) for one in own)
                self._call(prompt + before, prompt + sum(grown.get(one, 0) for one in own), learnt)
            history[section] = history.get(section, 0) + length
            grown[section] = grown.get(section, 0) + growth.get(place, 0)

    def _growth_before(self, record: CountedRecord) -> int:
        change = self._shortening
        return change.growth_before(record, self.analyst.count) if isinstance(change, Shortening) else 0

    def _call(self, prompt: int, short_prompt: int, completion: int) -> None:
        sums = self.sums
        sums.calls += 1
        sums.prompt += prompt
        sums.short_prompt += short_prompt
        sums.cachable += short_prompt if short_prompt >= CACHED_FROM else 0
        sums.completion += completion

    def _note_prompt(self, messages: list[Any], calls: int) -> None:
        if texts := prompt_texts(messages):
            self.sums.prompts.add("\n".join(texts), sum(map(self.analyst.count, texts)), calls)


def _sections(value: dict[str, Any], dialect: Dialect, messages: list[Any]) -> list[str]:
    """For each message, which of two answers it belongs to in a preference record; else empty."""
    if dialect.name == "openai-chat":
        return [""] * len(messages)
    read: Sequence[Message] = dialect.read(value).messages
    return [one.section for one in read]
