"""OpenAI reinforcement: messages that a model is to answer, and whatever its grader reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.records.conversation import Conversation
from curator.records.dialects.base import Dialect, Record, listed, put
from curator.records.dialects.chat_message import read_messages, write_message


class OpenAIReinforcement(Dialect):
    """`{"messages": [...], "tools": [...]}` with any other keys, which the grader reads.

    Nothing in it is learnt word by word: the model answers, and the grader says how well. Without its other keys a
    record looks like OpenAI chat, and with them like a faulty one, so it is read so only where somebody says so.
    """

    name = "openai-rft"
    title = "OpenAI reinforcement"
    keys = frozenset(("messages", "tools"))
    telling_keys = ()
    by_choice = True

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return "has `messages`" if isinstance(record.get("messages"), list) else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages = [replace(one, trained=False) for one in read_messages(record.get("messages"), "/messages")]
        return Conversation(tuple(messages), tuple(listed(record.get("tools"))), self.other_keys(record))

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        messages = [write_message(message, own_mask=False) for message in conversation.messages]
        put(written, "messages", messages, listed(record.get("messages")))
        return written

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        return listed(record.get("tools"))
