"""Rules on the shape of a chat record: keys and the kinds of their values."""

from __future__ import annotations

from collections.abc import Iterator

from curator.analysis.lint.view import Complaint, RecordView
from curator.records.dialects.openai_chat import OpenAIChat

CHAT_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
CHAT_KEYS = OpenAIChat.only_keys


def not_an_object(view: RecordView) -> Iterator[Complaint]:
    """The line is JSON, but a list, a string, a number, true, false or null."""
    if not isinstance(view.value, dict):
        yield Complaint("", f"the record is {kind_of(view.value)}, not an object")


def no_messages_list(view: RecordView) -> Iterator[Complaint]:
    """`messages` is missing, not a list, or empty."""
    if not view.is_chat:
        return
    if "messages" not in view.value:
        yield Complaint("", "the record has no `messages`")
    elif not isinstance(view.value["messages"], list):
        yield Complaint("/messages", f"`messages` is {kind_of(view.value['messages'])}, not a list")
    elif not view.value["messages"]:
        yield Complaint("/messages", "`messages` is empty")


def message_without_role_or_content(view: RecordView) -> Iterator[Complaint]:
    """A message that is no object, or has no `role`, or has neither `content` nor a call."""
    for place, message in enumerate(view.messages if view.is_chat else ()):
        if not isinstance(message, dict):
            yield Complaint(f"/messages/{place}", f"the message is {kind_of(message)}, not an object")
    for pointer, message in view.raw_messages():
        if "role" not in message:
            yield Complaint(pointer, "the message has no `role`")
        calls = message.get("tool_calls") or message.get("function_call")
        if "content" not in message and not calls:
            yield Complaint(pointer, "the message has no `content`")
        elif message.get("content") is None and not calls and message.get("role") != "assistant":
            yield Complaint(f"{pointer}/content", "the message's `content` is null")


def unknown_role(view: RecordView) -> Iterator[Complaint]:
    """A role that OpenAI's chat format does not know."""
    for pointer, message in view.raw_messages():
        role = message.get("role")
        if "role" in message and role not in CHAT_ROLES:
            yield Complaint(f"{pointer}/role", f"the role {role!r} is unknown; known are {', '.join(CHAT_ROLES)}")


def extra_top_level_key(view: RecordView) -> Iterator[Complaint]:
    """A key beside `messages`, `tools`, `parallel_tool_calls` and `functions`."""
    if view.is_chat:
        for key in view.value:
            if key not in CHAT_KEYS:
                yield Complaint(f"/{escaped(key)}", f"the key `{key}` is extra at the top level")


def misplaced_weight(view: RecordView) -> Iterator[Complaint]:
    """`weight` other than the integers 0 and 1, or on a message that is not the assistant's."""
    for pointer, message in view.raw_messages():
        if "weight" not in message:
            continue
        weight = message["weight"]
        if isinstance(weight, bool) or weight not in (0, 1):
            yield Complaint(f"{pointer}/weight", f"the weight is {weight!r}; only 0 and 1 are allowed")
        if message.get("role") != "assistant":
            whose = message.get("role")
            yield Complaint(f"{pointer}/weight", f"a weight on a {whose} message; only the assistant's have one")


def kind_of(value: object) -> str:
    """A JSON value's type in words, with its article."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def escaped(key: str) -> str:
    """The key as a JSON pointer's token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
