"""OpenAI chat: `messages` with roles, tool calls, content parts and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curator.records.conversation import Conversation
from curator.records.dialects.base import Dialect, Record, listed, put
from curator.records.dialects.chat_message import read_messages, write_message

MESSAGE_KEYS = ("role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal")
"""What a message may have, of whatever role."""


class OpenAIChat(Dialect):
    """`{"messages": [...], "tools": [...]}`, as OpenAI's supervised fine-tuning reads it; TRL and many others too."""

    name = "openai-chat"
    title = "OpenAI chat"
    keys = frozenset(("messages", "tools", "functions"))
    telling_keys: ClassVar[tuple[str, ...]] = ("messages",)
    only_keys = frozenset(("messages", "tools", "parallel_tool_calls", "functions"))

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return "has `messages`" if isinstance(record.get("messages"), list) else None

    def told(self, record: Mapping[str, Any]) -> str | None:
        others = isinstance(record.get("label"), bool) or isinstance(record.get("system"), str)
        return None if self.by_choice or others or "schemaVersion" in record else self.claims(record)

    def read(self, record: Mapping[str, Any]) -> Conversation:
        return Conversation(
            tuple(read_messages(record.get("messages"), "/messages")),
            tuple(self.tools(record)),
            self.other_keys(record),
        )

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        messages = [write_message(message) for message in conversation.messages]
        put(written, "messages", messages, listed(record.get("messages")))
        return written

    def chat_messages(self, record: Mapping[str, Any]) -> list[Any]:
        messages = record.get("messages")
        return messages if isinstance(messages, list) else []

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        tools, functions = record.get("tools") or [], record.get("functions") or []
        if isinstance(tools, list) and not functions:
            return tools
        return [*_as_list(tools), *_as_list(functions)]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
