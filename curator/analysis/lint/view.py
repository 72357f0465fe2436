"""What a rule gets to see of a record, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from curator.analysis.lint.signs import Sign
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


Said = tuple[int, str | None, str]
"""One text of a message: the message's number in the conversation, from 0; its role; and the text."""


class Call(NamedTuple):
    """A call that an assistant message makes."""

    place: int
    """The number of its message."""
    pointer: str
    call_id: Any
    function: dict[str, Any]
    """With `name` and `arguments`."""
    inside: str | None
    """What of a pointer leads from the call to the function; None where the record has no such object."""

    def at(self, key: str) -> str:
        """Where the name or the arguments stand."""
        return self.pointer if self.inside is None else f"{self.pointer}{self.inside}/{key}"


@dataclass
class RecordView:
    """A decoded record with its messages in OpenAI chat form.

    It has no slots, so that what is not passed is the class's until it is set, which makes it in half the time.
    """

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
    widely_read: bool = field(default=False, init=False)
    """Whether it took the wider reader, so that it may hold NaN or halves of characters."""
    thresholds: Thresholds = field(default=BUILT_IN, init=False)
    heard: str = field(default="", init=False)
    """All texts that are counted, in one."""
    octets: bytes = field(default=b"", init=False)
    """The same in UTF-8."""
    images: int = field(default=0, init=False)
    """Images in OpenAI's chat form."""
    marks: int = field(default=-1, init=False)
    """Quotation marks of the messages as JSON, but for those in texts and roles; below 0 where it is not known."""
    tool_marks: int = field(default=0, init=False)
    """Quotation marks of the declared tools as JSON; 0 where these hold fractions."""
    signs: list[str] | None = field(default=None, init=False)
    """Those patterns of the signs of the rules asked that stand in what is spoken; None before they are looked for."""
    _conversation: Conversation | None = field(default=None, init=False)
    _sayings: list[Said] | None = field(default=None, init=False)
    _calls: list[Call] | None = field(default=None, init=False)
    _callers: Sequence[int] = field(default=(), init=False)
    _spoken: str | None = field(default=None, init=False)

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
    def spoken(self) -> str:
        """All that the messages say and pass to tools, in one, each with a separator before and behind it.

        It is looked through before a rule looks closer.
        """
        if self._spoken is None:
            if self.texts:
                self._spoken = f"{SEPARATOR}{self.said}{SEPARATOR}"
            else:
                self._spoken = SEPARATOR.join(("", *self._texts_and_arguments(), ""))
        return self._spoken

    def patterns_of(self, sign: Sign) -> list[str]:
        """The patterns of a sign that may stand in what is spoken; to be asked for by a rule whose sign holds them."""
        if self.signs is None:
            return sign.patterns_in(self.spoken)
        return [pattern for pattern in sign.patterns if pattern in self.signs]

    def _texts_and_arguments(self) -> list[str]:
        texts = [text for _, _, text in self.sayings]
        for call in self.calls:
            arguments = call.function.get("arguments")
            if type(arguments) is str:
                texts.append(arguments)
        return texts

    @property
    def sayings(self) -> list[Said]:
        """The texts of the messages, in order; calls are not among them."""
        if self._sayings is None:
            if self.texts:
                self._sayings = [*zip(range(len(self.texts)), self.roles, self.texts, strict=True)]
            else:
                self._sayings, self._callers = _sayings(self.roles, self.messages)
        return self._sayings

    @property
    def answers(self) -> list[Said]:
        """The texts that the assistant says, but for those that it is to learn not to say."""
        rejected = self.rejected if self.offers_choice else ()
        return [one for one in self.sayings if one[1] == "assistant" and one[0] not in rejected]

    @property
    def calls(self) -> list[Call]:
        """The calls that the messages make, in order. What has not the form of a call is left out."""
        if self._calls is None:
            # Who may make a call is found beside the texts.
            _ = self.sayings
            self._calls = _calls(self, self._callers) if self._callers else []
        return self._calls

    def holds(self, place: int, key: str) -> bool:
        """Whether the record itself, not just its chat form, has a key at a message."""
        if self.is_chat:
            return True
        raw = self.conversation.messages[place].raw
        return isinstance(raw, dict) and key in raw

    @property
    def offers_choice(self) -> bool:
        """Whether the record holds answers to choose from."""
        return type(self.value) is dict and not self.is_chat and any(key in self.value for key in ANSWER_KEYS)

    @property
    def rejected(self) -> frozenset[int]:
        """The places of the messages that are rejected."""
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


def _sayings(roles: Roles, messages: list[Any]) -> tuple[list[Said], list[int]]:
    """The texts of messages, and the places of those that may make a call: few do, and are worth a closer look."""
    said: list[Said] = []
    callers: list[int] = []
    for place, message in enumerate(messages):
        if type(message) is not dict:
            continue
        content, role = message.get("content"), roles[place]
        if type(content) is str:
            said.append((place, role, content))
            if role is not None and len(message) == 2:
                continue
        elif type(content) is list:
            for part in content:
                text = part.get("text", part.get("refusal")) if type(part) is dict else part
                if type(text) is str:
                    said.append((place, role, text))
        if "tool_calls" in message or "function_call" in message:
            callers.append(place)
    return said, callers


def _calls(view: RecordView, callers: Sequence[int]) -> list[Call]:
    made: list[Call] = []
    in_chat = view.is_chat
    for place in callers:
        pointer = f"/messages/{place}" if in_chat else view.pointer(place)
        _add_calls(made, view.messages[place], place, pointer, in_chat or view.holds(place, "tool_calls"))
    return made


def _add_calls(made: list[Call], message: dict[str, Any], place: int, pointer: str, own: bool) -> None:
    calls = message.get("tool_calls")
    if type(calls) is list:
        for number, call in enumerate(calls):
            function = call.get("function") if type(call) is dict else None
            if type(function) is dict:
                where = f"{pointer}/tool_calls/{number}" if own else pointer
                made.append(Call(place, where, call.get("id"), function, "/function" if own else None))
    if type(message.get("function_call")) is dict:
        made.append(Call(place, f"{pointer}/function_call", None, message["function_call"], ""))


def kind_of(value: object) -> str:
    """A JSON value's type in words, with its article."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def escaped(key: str) -> str:
    """The key as a JSON pointer's token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
