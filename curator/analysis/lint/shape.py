"""Rules on the shape of a record: its keys and the kinds of their values."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from curator.analysis.lint.rule import GOOD, HELLO, HI, Rule, example
from curator.analysis.lint.view import Complaint, RecordView, escaped, kind_of
from curator.records.dialects.openai_chat import MESSAGE_KEYS, OpenAIChat

CHAT_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
CHAT_KEYS = OpenAIChat.only_keys
PART_TYPES = {"user": ("text", "image_url"), "assistant": ("text", "refusal")}
COOKBOOK = "OpenAI cookbook, Chat_finetuning_data_prep"
OPENAPI = "openai/openai-openapi, FineTuneChatRequestInput"


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


def unknown_message_key(view: RecordView) -> Iterator[Complaint]:
    """A key that no message of OpenAI's formats has."""
    for pointer, message in view.raw_messages():
        for key in message:
            if key not in MESSAGE_KEYS:
                near = get_close_matches(key, MESSAGE_KEYS, 1)
                hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(MESSAGE_KEYS)}"
                yield Complaint(f"{pointer}/{escaped(key)}", f"the key `{key}` is unknown in a message; {hint}")


def unknown_role(view: RecordView) -> Iterator[Complaint]:
    """A role that OpenAI's chat format does not know."""
    for pointer, message in view.raw_messages():
        role = message.get("role")
        if "role" in message and role not in CHAT_ROLES:
            near = get_close_matches(role, CHAT_ROLES, 1) if isinstance(role, str) else []
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(CHAT_ROLES)}"
            yield Complaint(f"{pointer}/role", f"the role {role!r} is unknown; {hint}")


def content_of_the_wrong_kind(view: RecordView) -> Iterator[Complaint]:
    """Content that is neither text nor parts, or a part of a kind that its role cannot have."""
    for pointer, message in view.raw_messages():
        content = message.get("content")
        if isinstance(content, list):
            yield from _wrong_parts(f"{pointer}/content", content, message.get("role"))
        elif content is not None and not isinstance(content, str):
            yield Complaint(f"{pointer}/content", f"the content is {kind_of(content)}, not a text or a list of parts")


def _wrong_parts(pointer: str, content: list[Any], role: Any) -> Iterator[Complaint]:
    known = PART_TYPES.get(role, ("text",)) if isinstance(role, str) else ("text",)
    if not content:
        yield Complaint(pointer, "the content is a list without parts")
    for place, part in enumerate(content):
        where = f"{pointer}/{place}"
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(part, dict):
            yield Complaint(where, f"the part is {kind_of(part)}, not an object with a `type`")
        elif kind not in known:
            near = get_close_matches(kind, known, 1) if isinstance(kind, str) else []
            hint = f"did you mean `{near[0]}`?" if near else f"known here are {', '.join(known)}"
            yield Complaint(f"{where}/type", f"the part's `type` is {kind!r}; {hint}")
        elif kind != "image_url" and not isinstance(part.get(kind), str):
            yield Complaint(where, f"the part has no text in `{kind}`")


def extra_top_level_key(view: RecordView) -> Iterator[Complaint]:
    """A key beside `messages`, `tools`, `parallel_tool_calls` and `functions`."""
    if view.is_chat:
        for key in view.value:
            if key not in CHAT_KEYS:
                near = get_close_matches(key, CHAT_KEYS, 1, 0.8)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                yield Complaint(f"/{escaped(key)}", f"the key `{key}` is extra at the top level{hint}")


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


RULES = (
    Rule(
        0,
        "violates the JSON Schema",
        "The trainer's own schema, or yours, rejects the record.",
        "the schema in use; `curator schema` shows it",
        bad=example(HELLO, HI, more=', "tools": 5'),
        good=example(HELLO, HI, more=', "tools": []'),
    ),
    Rule(
        1,
        "record is not an object",
        "Each line has to be one JSON object; trainers stop at anything else.",
        COOKBOOK,
        check=not_an_object,
        in_schema=True,
        bad='["Hello", "Hi."]',
        good=GOOD,
    ),
    Rule(
        2,
        "no `messages` list",
        "A chat record without `messages` cannot be parsed as an example.",
        COOKBOOK,
        check=no_messages_list,
        in_schema=True,
        bad='{"messages": []}',
        good=GOOD,
    ),
    Rule(
        3,
        "message without role or content",
        "Every message needs a role, and content unless it makes a tool or function call.",
        COOKBOOK,
        check=message_without_role_or_content,
        in_schema=True,
        bad=example(HELLO, '{"role": "assistant"}'),
        good=GOOD,
    ),
    Rule(
        4,
        "unknown message key",
        "Services refuse a message with a key that they do not know; mostly it is misspelt or of another format.",
        COOKBOOK,
        check=unknown_message_key,
        in_schema=True,
        bad=example('{"role": "user", "content": "Hello", "nmae": "ann"}', HI),
        good=example('{"role": "user", "content": "Hello", "name": "ann"}', HI),
    ),
    Rule(
        5,
        "unknown role",
        "The target knows a fixed set of roles; a misspelt one fails the whole file.",
        COOKBOOK,
        check=unknown_role,
        in_schema=True,
        bad=example('{"role": "usr", "content": "Hello"}', HI),
        good=GOOD,
        also=(12, 19),
    ),
    Rule(
        6,
        "content of the wrong kind",
        "Content is a text or a list of parts; images stand in user messages alone, refusals in the assistant's.",
        COOKBOOK,
        check=content_of_the_wrong_kind,
        in_schema=True,
        bad=example('{"role": "user", "content": 5}', HI),
        good=example('{"role": "user", "content": "5"}', HI),
    ),
    Rule(
        9,
        "extra top-level key",
        "Supervised fine-tuning rejects other keys; reinforcement fine-tuning gives them to the grader.",
        OPENAPI,
        check=extra_top_level_key,
        on_extra_keys=True,
        bad=example(HELLO, HI, more=', "id": 7'),
        good=GOOD,
    ),
    Rule(
        13,
        "weight is not 0 or 1, or not on an assistant message",
        "`weight` masks an assistant message (0) or trains it (1); nothing else is accepted.",
        OPENAPI,
        check=misplaced_weight,
        in_schema=True,
        bad=example('{"role": "user", "content": "Hello", "weight": 1}', HI),
        good=example(HELLO, '{"role": "assistant", "content": "Hi.", "weight": 1}'),
    ),
)
