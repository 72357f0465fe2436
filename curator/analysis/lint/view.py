"""What a rule gets to see of a record, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

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
    roles: tuple[Any, ...]
    """The role of each message, None where it has none that is a string."""
    contents: list[str]
    """The text of each message, if all of them are just a role and a text; else empty."""
    said: str
    """Those texts in one."""

    @classmethod
    def of(cls, value: Any, dialect: Dialect) -> RecordView:
        """The view of a decoded record, which may be anything."""
        messages = dialect.chat_messages(value) if type(value) is dict else []
        try:
            contents = [message["content"] for message in messages]
            roles = [message["role"] for message in messages]
            said = "\x1f".join(contents)
            "".join(roles)
            if sum(map(len, messages)) == 2 * len(messages):
                return cls(value, dialect, messages, tuple(roles), contents, said)
        except (KeyError, TypeError):
            pass
        return cls(value, dialect, messages, tuple(map(_role, messages)), [], "")

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
