"""What a dialect is: how one kind of record is recognised, read and written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from curator.records.conversation import Conversation, as_chat

Record = dict[str, Any]


class Dialect(ABC):
    """One way of writing a conversation as a JSON object. Stateless; one instance serves everywhere."""

    name: ClassVar[str]
    """The name on the command line, in reports and of the schema file."""
    title: ClassVar[str]
    keys: ClassVar[frozenset[str]]
    """Top-level keys that the dialect gives a meaning; all others are kept and shown as they are."""
    only_keys: ClassVar[frozenset[str]] = frozenset()
    """Top-level keys that may be there at all, where the dialect forbids others; empty where it allows any."""
    plain_tokens: ClassVar[bool] = False
    """Whether tokens are the plain sum of the texts, without what a chat message adds."""

    @abstractmethod
    def claims(self, record: Mapping[str, Any]) -> str | None:
        """Why the record is of this dialect, as the end of a sentence, or None if it is not."""

    @abstractmethod
    def read(self, record: Mapping[str, Any]) -> Conversation:
        """The conversation in the record. Never raises: what does not fit is shown as JSON in its place."""

    @abstractmethod
    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        """The record with the conversation in place of its own; keys that did not change stay what and where they were."""

    def chat_messages(self, record: Mapping[str, Any]) -> list[Any]:
        """The messages in OpenAI chat form, for counting and for lint rules; elements may be anything in bad records."""
        return [as_chat(message) for message in self.read(record).messages]

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        """The tools or legacy functions that the record declares."""
        return list(self.read(record).tools)

    def other_keys(self, record: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
        """Keys that the dialect does not know, in file order."""
        return tuple((key, value) for key, value in record.items() if key not in self.keys)


def put(record: Record, key: str, value: Any, was: Any) -> None:
    """Set a key only if its meaning changed, so that an unchanged one keeps its spelling and its place."""
    if value != was:
        record[key] = value
