"""TRL: messages or a text as a whole, prompt and completion, and prompt, chosen and rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.records.conversation import Conversation, Message
from curator.records.dialects.base import Dialect, DoesNotFitError, Record, put
from curator.records.dialects.chat_message import read_messages, write_message
from curator.records.dialects.fields import field_value, read_field

ANSWERS = (("completion", ""), ("chosen", "chosen"), ("rejected", "rejected"))
ROLES = {
    "messages": "assistant",
    "text": "assistant",
    "prompt": "user",
    "completion": "assistant",
    "chosen": "assistant",
    "rejected": "assistant",
}
"""The fields, and whose words a field holds that is a string."""
WHOLE = ("messages", "text")
"""Fields that hold all of a conversation, so that no side tells what of it is trained."""


class TRL(Dialect):
    """`{"prompt", "completion"}`, `{"prompt", "chosen", "rejected"}` or `{"prompt", "completion", "label"}`.

    Each field is a string or a list of messages; without `prompt` it stands at the start of both answers.
    The answers are trained, the prompt is not. Prompt and completion may be one: `messages`, or `text`.
    """

    name = "trl"
    title = "TRL"
    keys = frozenset(("tools", *ROLES))
    telling_keys = ("chosen", "rejected")

    def claims(self, record: Mapping[str, Any]) -> str | None:
        if "chosen" in record and "rejected" in record:
            return "has `chosen` and `rejected`"
        if "completion" in record and "label" in record:
            return "has `completion` and `label`"
        if "completion" in record and isinstance(record.get("prompt"), list):
            return "has `prompt` as messages"
        if isinstance(record.get("messages"), list):
            return "has `messages` and `label`" if isinstance(record.get("label"), bool) else None
        return "has `text`" if isinstance(record.get("text"), str) else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages = [message for key in WHOLE for message in self._field(record, key, "")]
        messages += [replace(message, trained=False) for message in self._field(record, "prompt", "")]
        for key, section in ANSWERS:
            messages.extend(self._field(record, key, section))
        return Conversation(tuple(messages), tuple(self.tools(record)), self.other_keys(record))

    def _field(self, record: Mapping[str, Any], key: str, section: str) -> list[Message]:
        if key not in record:
            return []
        if isinstance(record[key], list):
            return read_messages(record[key], f"/{key}", section)
        return [read_field(record, key, ROLES[key], section)]

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        tools = record.get("tools")
        return tools if isinstance(tools, list) else []

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        as_lists = any(isinstance(record.get(key), list) for key in ROLES)
        for key, messages in self._fields(record, conversation).items():
            if isinstance(record[key], list) if key in record else as_lists and messages:
                mask = key == "messages"
                put(written, key, [write_message(one, own_mask=mask) for one in messages], record.get(key))
            elif messages:
                put(written, key, self._text(key, messages), record.get(key))
            else:
                written.pop(key, None)
        return written

    def _text(self, key: str, messages: list[Message]) -> Any:
        if [message.role for message in messages] != [ROLES[key]]:
            raise DoesNotFitError(f"`{key}` is a text here: it holds one {ROLES[key]} message, and nothing beside it.")
        return field_value(messages[0])

    def _fields(self, record: Mapping[str, Any], conversation: Conversation) -> dict[str, list[Message]]:
        """The messages by field: new ones before the first answer belong to the prompt, later ones to the answer."""
        fields: dict[str, list[Message]] = {key: [] for key in ROLES}
        current = next((key for key in WHOLE if key in record), "prompt")
        for message in conversation.messages:
            place = message.pointer.split("/")[1] if message.pointer else ""
            if message.section:
                current = message.section
            elif place in fields:
                current = place
            elif message.role == "assistant" and "completion" in record:
                current = "completion"
            fields[current].append(message)
        return fields
