"""Together: chat, prompt and completion, preference, or a text, each as others have it but stricter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.records.conversation import Conversation, Message
from curator.records.dialects.base import Dialect, Record, listed
from curator.records.dialects.fields import read_field, write_fields
from curator.records.dialects.openai_chat import OpenAIChat
from curator.records.dialects.openai_preference import OpenAIPreference
from curator.records.dialects.prompt_completion import FIELDS as PAIR
from curator.records.dialects.prompt_completion import PromptCompletion

FIELDS = (*PAIR, ("text", "assistant"))


class Together(Dialect):
    """`{"messages"}`, `{"prompt", "completion"}`, an OpenAI preference, or `{"text"}`.

    Its records look like those of other dialects, so they are read in this one only where somebody says so.
    """

    name = "together"
    title = "Together"
    keys = frozenset(("messages", "tools", "text")) | OpenAIPreference.keys | PromptCompletion.keys
    telling_keys = ()
    by_choice = True

    def claims(self, record: Mapping[str, Any]) -> str | None:
        form = _form(record)
        if form is not None:
            return form.claims(record)
        return "has `text`" if isinstance(record.get("text"), str) else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        form = _form(record)
        if form is not None:
            read = form.read(record)
            return Conversation(read.messages, tuple(self.tools(record)), self.other_keys(record))
        messages: tuple[Message, ...] = tuple(read_field(record, key, role) for key, role in _fields(record))
        return Conversation(messages, (), self.other_keys(record))

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        form = _form(record)
        if form is not None:
            return form.write(record, conversation)
        return write_fields(record, conversation.messages, _fields(record))

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        form = _form(record)
        return listed(form.tools(record)) if form else []


def _form(record: Mapping[str, Any]) -> Dialect | None:
    """The dialect that has a record's keys; None where there is a text, or nothing that is known."""
    if "messages" in record:
        return FORMS[0]
    if "preferred_output" in record or "non_preferred_output" in record:
        return FORMS[1]
    return FORMS[2] if "text" not in record and ("prompt" in record or "completion" in record) else None


def _fields(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The text of a record, and what is wrongly mixed with it."""
    return tuple((key, role) for key, role in FIELDS if key in record)


FORMS: tuple[Dialect, ...] = (OpenAIChat(), OpenAIPreference(), PromptCompletion())
