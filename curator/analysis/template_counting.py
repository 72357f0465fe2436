"""Tokens of a conversation as the model's own chat template writes it down."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curator.analysis.chat_template import TemplateFaultError
from curator.analysis.model_tokenizer import ModelTokenizer

MOST_PREFIXES = 256
"""Messages up to which a conversation is rendered up to each of them, to find where each ends."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TemplateCount:
    """What was counted of one record, in tokens."""

    tokens: int
    trained: int
    by_message: tuple[tuple[int, int], ...] = ()
    """Tokens and trained tokens of each message, if they were asked for."""
    estimated: bool = False
    """Whether the template does not tell where a message stands, so that it was counted by its text alone."""


class Written:
    """One conversation in chat form as the model sees it, with where its tokens are. Raises TemplateFaultError."""

    def __init__(self, tokenizer: ModelTokenizer, messages: Sequence[Any], tools: Sequence[Any]) -> None:
        self._tokenizer = tokenizer
        self._template = tokenizer.template(tools=bool(tools))
        self._messages, self._tools = messages, tools
        self.text, self._generated = self._template.render(messages, tools)
        spans = tokenizer.spans(self.text)
        self.starts = [start for start, _ in spans]
        """The first character of each token."""
        self._stops = [end for _, end in spans]

    def count(self, flags: Sequence[bool], *, whole: bool = False, each: bool = False) -> TemplateCount:
        """The tokens; `flags` say which messages are learnt, `whole` that every token is.

        `each` asks for the tokens of each message too.
        """
        learnt = [place for place, flag in enumerate(flags) if flag and not whole]
        unknown = [place for place in learnt if self._answer(place) is None]
        trained = len(self.starts) if whole else sum(map(self._trained, learnt))
        by_message = tuple(self._of_message(place, flags[place], whole) for place in range(len(flags))) if each else ()
        return TemplateCount(len(self.starts), trained, by_message, bool(unknown))

    @cached_property
    def ends(self) -> list[int | None]:
        """Where each message ends in the text; None where the template does not tell."""
        return [self._end_of(number) for number in range(1, len(self._messages) + 1)]

    def message_at(self, character: int) -> tuple[int, int] | None:
        """The message that a character of the text belongs to, and where its text begins; None if that is not known."""
        before: int | None = 0
        for place, end in enumerate(self.ends):
            if before is not None and end is not None and before <= character < end:
                return place, before
            before = end
        return None

    def _of_message(self, place: int, flag: bool, whole: bool) -> tuple[int, int]:
        before, end = self.ends[place - 1] if place else 0, self.ends[place]
        tokens = self._by_text(place) if before is None or end is None else self._tokens_in((before, end))
        return tokens, tokens if whole else min(tokens, self._trained(place)) if flag else 0

    def _trained(self, place: int) -> int:
        span = self._answer(place)
        return self._by_text(place) if span is None else self._tokens_in(span)

    def _answer(self, place: int) -> Span | None:
        """Where what is to be said in a message stands; None if the template does not tell."""
        if self._template.marks_generated and place in self._answers and len(self._answers) == len(self._generated):
            return self._generated[self._answers.index(place)]
        start = self._end_of(place, prompting=_role(self._messages[place]) == "assistant")
        end = self.ends[place]
        return None if start is None or end is None or end < start else (start, end)

    @cached_property
    def _answers(self) -> list[int]:
        return [place for place, message in enumerate(self._messages) if _role(message) == "assistant"]

    def _end_of(self, number: int, *, prompting: bool = False) -> int | None:
        """Where the first messages end, if the whole begins as they do when they stand alone."""
        if not prompting and number in (0, len(self._messages)):
            return len(self.text) if number else 0
        if len(self._messages) > MOST_PREFIXES:
            return None
        try:
            text = self._template.render(self._messages[:number], self._tools, prompting=prompting).text
        except TemplateFaultError:
            return None
        return len(text) if self.text.startswith(text) else None

    def _tokens_in(self, span: Span) -> int:
        """Tokens any character of which lies in a stretch of the text."""
        start, end = span
        return max(0, bisect_left(self.starts, end) - bisect_right(self._stops, start)) if end > start else 0

    def _by_text(self, place: int) -> int:
        return sum(map(self._tokenizer.count, texts_of(self._messages[place])))


def count_record(
    tokenizer: ModelTokenizer,
    messages: Sequence[Any],
    tools: Sequence[Any],
    flags: Sequence[bool],
    sections: Sequence[str] = (),
    *,
    whole: bool = False,
    each: bool = False,
) -> TemplateCount:
    """The tokens of a record in chat form; of two answers to one prompt, both, and the prompt once.

    `sections` tell which of two answers a message belongs to, as `Message.section` does. Raises TemplateFaultError
    where the template refuses it.
    """
    if not any(sections):
        return Written(tokenizer, messages, tools).count(flags, whole=whole, each=each)
    counts: list[tuple[int, int]] = [(0, 0)] * len(messages)
    found = []
    for other in ("rejected", "chosen"):
        places = [place for place, section in enumerate(sections) if section != other]
        one = Written(tokenizer, [messages[place] for place in places], tools)
        found.append(one.count([flags[place] for place in places], whole=whole, each=True))
        for place, counted in zip(places, found[-1].by_message, strict=True):
            counts[place] = counted
    second = [counted for counted, section in zip(counts, sections, strict=True) if section == "rejected"]
    return TemplateCount(
        found[0].tokens + sum(tokens for tokens, _ in second),
        found[0].trained + sum(trained for _, trained in second),
        tuple(counts) if each else (),
        any(one.estimated for one in found),
    )


def texts_of(message: Any) -> list[str]:
    """The texts of a message's content in chat form."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    return [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None
