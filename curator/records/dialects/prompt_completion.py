"""Prompt and completion as two strings, the legacy format of completion models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.records.conversation import Conversation, Message
from curator.records.dialects.base import Dialect, Record
from curator.records.dialects.fields import read_field, write_fields

FIELDS = (("prompt", "user"), ("completion", "assistant"))


class PromptCompletion(Dialect):
    """`{"prompt": "...", "completion": "..."}`; the completion is trained."""

    name = "prompt-completion"
    title = "prompt/completion"
    keys = frozenset(("prompt", "completion"))
    telling_keys = ("completion",)
    plain_tokens = True

    def claims(self, record: Mapping[str, Any]) -> str | None:
        if (
            isinstance(record.get("prompt"), str)
            and isinstance(record.get("completion"), str)
            and "label" not in record
        ):
            return "has `prompt` and `completion` as text"
        return None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages: tuple[Message, ...] = tuple(read_field(record, key, role) for key, role in FIELDS if key in record)
        return Conversation(messages, (), self.other_keys(record))

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        return write_fields(record, conversation.messages, FIELDS)
