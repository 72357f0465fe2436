"""What a rule gets to see of a record, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from curator.analysis.roles import SEPARATOR, RolePattern, RolePatterns, Roles
from curator.records.dialects import Dialect


class Complaint(NamedTuple):
    """What a rule says: where, as a JSON pointer, and what, as a sentence without a full stop."""

    pointer: str
    message: str


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

    @classmethod
    def of(cls, value: Any, dialect: Dialect, patterns: RolePatterns) -> RecordView:
        """The view of a decoded record, which may be anything."""
        messages = dialect.chat_messages(value) if type(value) is dict else []
        try:
            pattern = patterns[SEPARATOR.join([message["role"] for message in messages])]
        except (KeyError, TypeError):
            pattern = None
        if pattern is None or len(pattern.roles) != len(messages):
            return cls(value, dialect, messages, patterns.of(tuple(map(_role, messages))), [], "")
        try:
            texts = [message["content"] for message in messages]
            said = SEPARATOR.join(texts)
        except (KeyError, TypeError):
            said = ""
        if said and sum(map(len, messages)) == 2 * len(messages):
            return cls(value, dialect, messages, pattern, texts, said)
        return cls(value, dialect, messages, pattern, [], "")

    @property
    def roles(self) -> Roles:
        """The role of each message, None where it has none that is a string."""
        return self.pattern.roles

    @property
    def is_chat(self) -> bool:
        """Whether it is an object in OpenAI's own chat form, so that rules on its raw keys apply."""
        return isinstance(self.value, dict) and self.dialect.name == "openai-chat"

    def raw_messages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Pointer and object of each message of a chat record; what is not an object is left out."""
        if self.is_chat:
            for place, message in enumerate(self.messages):
                if isinstance(message, dict):
                    yield f"/messages/{place}", message


def _role(message: Any) -> str | None:
    role = message.get("role") if isinstance(message, dict) else None
    return role if isinstance(role, str) else None
