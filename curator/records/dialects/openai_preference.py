"""OpenAI preference: an input, the preferred answer and the other one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.records.conversation import Conversation, Message
from curator.records.dialects.base import Dialect, Record, listed, put
from curator.records.dialects.chat_message import read_messages, write_message

OUTPUTS = (("preferred_output", "chosen"), ("non_preferred_output", "rejected"))


class OpenAIPreference(Dialect):
    """`{"input": {"messages": [...]}, "preferred_output": [...], "non_preferred_output": [...]}`."""

    name = "openai-preference"
    title = "OpenAI preference"
    keys = frozenset(("input", "preferred_output", "non_preferred_output"))
    telling_keys = ("input", "preferred_output", "non_preferred_output")

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return "has `preferred_output`" if "preferred_output" in record or "non_preferred_output" in record else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        asked = self._input(record)
        messages: list[Message] = [
            replace(message, trained=False) for message in read_messages(asked.get("messages"), "/input/messages")
        ]
        for key, section in OUTPUTS:
            messages.extend(read_messages(record.get(key), f"/{key}", section))
        return Conversation(tuple(messages), tuple(self._tools(asked)), self.other_keys(record))

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        asked = self._input(record)
        messages = [write_message(one, own_mask=False) for one in conversation.messages if not one.section]
        if messages != listed(asked.get("messages")):
            written["input"] = {**asked, "messages": messages}
        for key, section in OUTPUTS:
            output = [write_message(one, own_mask=False) for one in conversation.messages if one.section == section]
            put(written, key, output, listed(record.get(key)))
        return written

    def _input(self, record: Mapping[str, Any]) -> Record:
        asked = record.get("input")
        return asked if isinstance(asked, dict) else {}

    def _tools(self, asked: Mapping[str, Any]) -> list[Any]:
        tools = asked.get("tools")
        return tools if isinstance(tools, list) else []
