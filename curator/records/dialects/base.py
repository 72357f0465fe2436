"""What a dialect is: how one kind of record is recognised, read and written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from curator.errors import CuratorError
from curator.records.codec import Malformed, compact, decode_exactly
from curator.records.conversation import Conversation, Message, as_chat

Record = dict[str, Any]


class Dialect(ABC):
    """One way of writing a conversation as a JSON object. Stateless; one instance serves everywhere."""

    name: ClassVar[str]
    """The name on the command line, in reports and of the schema file."""
    title: ClassVar[str]
    keys: ClassVar[frozenset[str]]
    """Top-level keys that the dialect gives a meaning; all others are kept and shown as they are."""
    telling_keys: ClassVar[tuple[str, ...]]
    """Top-level keys any of which tells the dialect."""
    only_keys: ClassVar[frozenset[str]] = frozenset()
    """Top-level keys that may be there at all, where the dialect forbids others; empty where it allows any."""
    plain_tokens: ClassVar[bool] = False
    """Whether tokens are the plain sum of the texts, without what a chat message adds."""

    by_choice: ClassVar[bool] = False
    """Whether its records look like those of other dialects, so that it is read only where somebody says so."""

    @abstractmethod
    def claims(self, record: Mapping[str, Any]) -> str | None:
        """Why the record can be one of this dialect, as the end of a sentence, or None if it cannot."""

    def told(self, record: Mapping[str, Any]) -> str | None:
        """Why the record is of this dialect even where nobody says so; None where it looks like another's."""
        return None if self.by_choice else self.claims(record)

    @abstractmethod
    def read(self, record: Mapping[str, Any]) -> Conversation:
        """The conversation in the record. Never raises: what does not fit is shown as JSON in its place."""

    @abstractmethod
    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        """The record with the conversation in place of its own; what did not change stays what and where it was.

        Raises DoesNotFitError where the dialect has no place for what the conversation holds.
        """

    def chat_messages(self, record: Mapping[str, Any]) -> list[Any]:
        """The messages in OpenAI chat form, for counting and for rules; elements may be anything in bad records."""
        return [_counted(message) for message in self.read(record).messages]

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        """The tools or legacy functions that the record declares."""
        return list(self.read(record).tools)

    def other_keys(self, record: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
        """Keys that the dialect does not know, in file order."""
        return tuple((key, value) for key, value in record.items() if key not in self.keys)


class DoesNotFitError(CuratorError):
    """The dialect has no place for what the conversation holds."""


def listed(value: Any) -> list[Any]:
    """The value if it is a list; anything else is read as none."""
    return value if isinstance(value, list) else []


def json_value(text: str) -> Any:
    """The value of a part that is shown as JSON. Raises DoesNotFitError when its text is not JSON any more."""
    value = decode_exactly(text.encode("utf-8", "backslashreplace"))
    if isinstance(value, Malformed):
        raise DoesNotFitError(f"This part holds JSON, not text: {value.reason}.")
    return value


def _counted(message: Message) -> Any:
    """A message just read, in chat form: as the record holds it where that is its form, but for its mask."""
    if not isinstance(message.raw, dict) or "role" not in message.raw:
        return as_chat(message)
    masked = message.role == "assistant" and not message.trained
    return {**message.raw, "weight": 0} if masked else message.raw


def put(record: Record, key: str, value: Any, was: Any) -> None:
    """Set a key only if its meaning changed, so that an unchanged one keeps its spelling and its place."""
    if value != was or (not type(value) is type(was) is str and compact(value) != compact(was)):
        record[key] = value
