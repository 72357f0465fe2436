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


@dataclass(frozen=True, slots=True)
class RecordView:
    """A decoded record with its messages in OpenAI chat form."""

    value: Any
    dialect: Dialect
    messages: list[Any]

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
