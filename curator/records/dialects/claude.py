"""Claude: a system prompt beside messages that strictly alternate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.records.conversation import Conversation, Message
from curator.records.dialects.base import Dialect, Record, listed, put
from curator.records.dialects.chat_message import read_messages, write_message
from curator.records.dialects.fields import field_value, read_field


class Claude(Dialect):
    """`{"system": "...", "messages": [...]}`, as Claude 3 Haiku is fine-tuned on Amazon Bedrock.

    A system prompt of its own beside `messages` tells it; without, it looks like OpenAI chat.
    """

    name = "claude"
    title = "Claude"
    keys = frozenset(("system", "messages"))
    telling_keys = ()

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return "has `messages`" if isinstance(record.get("messages"), list) else None

    def told(self, record: Mapping[str, Any]) -> str | None:
        told = isinstance(record.get("messages"), list) and isinstance(record.get("system"), str)
        return "has `system` beside `messages`" if told else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages: list[Message] = []
        if record.get("system"):
            messages.append(read_field(record, "system", "system"))
        spoken = read_messages(record.get("messages"), "/messages")
        messages.extend(replace(one, trained=one.role == "assistant") for one in spoken)
        return Conversation(tuple(messages), (), self.other_keys(record))

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        messages = list(conversation.messages)
        if messages and messages[0].role == "system" and messages[0].pointer in ("/system", ""):
            system = field_value(messages.pop(0))
            if "system" in written:
                put(written, "system", system, record["system"])
            else:
                written = {"system": system, **written}
        elif record.get("system"):
            del written["system"]
        put(
            written,
            "messages",
            [write_message(one, own_mask=False) for one in messages],
            listed(record.get("messages")),
        )
        return written
