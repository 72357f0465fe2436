"""What a rule gets to see of a record, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from curator.analysis.lint.thresholds import BUILT_IN, Thresholds
from curator.analysis.roles import SEPARATOR, RolePattern, RolePatterns, Roles
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect

ANSWER_KEYS = ("chosen", "rejected", "preferred_output", "non_preferred_output")
"""Top-level keys of answers to choose from, in any dialect that has them."""


class Complaint(NamedTuple):
    """What a rule says: where, as a JSON pointer, and what, as a sentence without a full stop."""

    pointer: str
    message: str


class Said(NamedTuple):
    """One text of a message."""

    place: int
    """The number of the message in the record's conversation, from 0."""
    role: str | None
    text: str


@dataclass(slots=True)
class RecordView:
    """A decoded record with its messages in OpenAI chat form."""

    value: Any
    dialect: Dialect
    messages: list[Any]
    pattern: RolePattern
    texts: list[str]
    """The text of each message, if all of them are just a role and a text; else empty."""
    said: str
    """Those texts in one."""
    line: bytes = b""
    """The record as it stands in its file, without its line end."""
    thresholds: Thresholds = BUILT_IN
    heard: str = ""
    """All texts that are counted, in one: what can be looked through before a rule looks closer."""
    octets: bytes = b""
    """The same in UTF-8."""
    _conversation: Conversation | None = field(default=None, init=False)
    _sayings: list[Said] | None = field(default=None, init=False)

    @classmethod
    def of(cls, value: Any, dialect: Dialect, patterns: RolePatterns, line: bytes = b"") -> RecordView:
        """The view of a decoded record, which may be anything."""
        messages = dialect.chat_messages(value) if type(value) is dict else []
        try:
            pattern = patterns[SEPARATOR.join([message["role"] for message in messages])]
        except (KeyError, TypeError):
            pattern = None
        if pattern is None or len(pattern.roles) != len(messages):
            return cls(value, dialect, messages, patterns.of(tuple(map(_role, messages))), [], "", line)
        try:
            texts = [message["content"] for message in messages]
            said = SEPARATOR.join(texts)
        except (KeyError, TypeError):
            said = ""
        if said and sum(map(len, messages)) == 2 * len(messages):
            return cls(value, dialect, messages, pattern, texts, said, line)
        return cls(value, dialect, messages, pattern, [], "", line)

    @property
    def roles(self) -> Roles:
        """The role of each message, None where it has none that is a string."""
        return self.pattern.roles

    @property
    def is_chat(self) -> bool:
        """Whether it is an object in OpenAI's own chat form, so that rules on its raw keys apply."""
        return isinstance(self.value, dict) and self.dialect.name == "openai-chat"

    @property
    def is_openai(self) -> bool:
        """Whether it is an object in one of OpenAI's forms, whose messages have just the keys that OpenAI names."""
        return isinstance(self.value, dict) and self.dialect.name.startswith("openai-")

    def raw_messages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Pointer and object of each message that the record holds in chat form; what is not an object is left out."""
        if self.is_chat:
            for place, message in enumerate(self.messages):
                if isinstance(message, dict):
                    yield f"/messages/{place}", message
        elif self.is_openai:
            for read in self.conversation.messages:
                if isinstance(read.raw, dict):
                    yield read.pointer, read.raw

    @property
    def conversation(self) -> Conversation:
        """The record as its dialect reads it."""
        if self._conversation is None:
            self._conversation = self.dialect.read(self.value) if isinstance(self.value, dict) else Conversation()
        return self._conversation

    def pointer(self, place: int) -> str:
        """Where a message stands in the record."""
        return f"/messages/{place}" if self.is_chat else self.conversation.messages[place].pointer

    @property
    def sayings(self) -> list[Said]:
        """The texts of the messages, in order; calls are not among them."""
        if self._sayings is None:
            if self.texts:
                self._sayings = [*map(Said, range(len(self.texts)), self.roles, self.texts)]
            else:
                self._sayings = [
                    Said(place, role, text)
                    for place, (role, message) in enumerate(zip(self.roles, self.messages, strict=True))
                    for text in _texts_of(message)
                ]
        return self._sayings

    def answers(self) -> Iterator[Said]:
        """The texts that the assistant says, but for those that it is to learn not to say."""
        rejected = self.rejected
        return (one for one in self.sayings if one.role == "assistant" and one.place not in rejected)

    @property
    def offers_choice(self) -> bool:
        """Whether the record holds answers to choose from."""
        return type(self.value) is dict and not self.is_chat and any(key in self.value for key in ANSWER_KEYS)

    @property
    def rejected(self) -> frozenset[int]:
        """The places of the messages that are rejected."""
        if not self.offers_choice:
            return frozenset()
        return frozenset(place for place, one in enumerate(self.conversation.messages) if one.section == "rejected")

    def threads(self) -> list[Sequence[int]]:
        """The places of the messages that follow one another: all, or the prompt with each answer to choose from."""
        if not self.offers_choice:
            return [range(len(self.messages))]
        sections = [message.section for message in self.conversation.messages]
        prompt = [place for place, section in enumerate(sections) if not section]
        answers = [[place for place, one in enumerate(sections) if one == wanted] for wanted in ("chosen", "rejected")]
        return [[*chain(prompt, answer)] for answer in answers if answer]


def _role(message: Any) -> str | None:
    role = message.get("role") if isinstance(message, dict) else None
    return role if isinstance(role, str) else None


def _texts_of(message: Any) -> Iterator[str]:
    """The texts of a message in chat form."""
    content = message.get("content") if type(message) is dict else None
    if type(content) is str:
        yield content
    elif type(content) is list:
        for part in content:
            text = part.get("text", part.get("refusal")) if type(part) is dict else part
            if type(text) is str:
                yield text


def kind_of(value: object) -> str:
    """A JSON value's type in words, with its article."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def escaped(key: str) -> str:
    """The key as a JSON pointer's token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
