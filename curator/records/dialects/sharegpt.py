"""ShareGPT: `conversations` of {from, value} turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.records.codec import Malformed, compact, decode_exactly
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects.base import Dialect, DoesNotFitError, Record, listed, put
from curator.records.dialects.chat_message import as_text
from curator.records.dialects.fields import field_value, read_field

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "function_call": "assistant",
    "observation": "tool",
    "tool": "tool",
    "system": "system",
}
SPEAKERS = {"user": "human", "assistant": "gpt", "tool": "observation", "system": "system"}
ANSWERS = ("chosen", "rejected")


class ShareGPT(Dialect):
    """`{"conversations": [{"from", "value"}, ...], "system", "tools"}`; tools are JSON text in a string.

    `chosen` and `rejected` beside the conversation make it a preference record.
    """

    name = "sharegpt"
    title = "ShareGPT"
    keys = frozenset(("conversations", "system", "tools", *ANSWERS))
    telling_keys = ("conversations",)

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return "has `conversations`" if isinstance(record.get("conversations"), list) else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages: list[Message] = []
        if record.get("system"):
            messages.append(read_field(record, "system", "system"))
        turns = record.get("conversations")
        for place, turn in enumerate(turns if isinstance(turns, list) else []):
            messages.append(read_turn(turn, f"/conversations/{place}"))
        for key in ANSWERS:
            if isinstance(record.get(key), dict):
                messages.append(read_turn(record[key], f"/{key}", key))
        return Conversation(tuple(messages), tuple(self.tools(record)), self.other_keys(record))

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        tools = record.get("tools")
        if isinstance(tools, str):
            tools = decode_exactly(tools.encode("utf-8", "backslashreplace")) if tools.strip() else []
        if isinstance(tools, Malformed):
            return [record["tools"]]
        return tools if isinstance(tools, list) else [tools] if tools else []

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        messages = list(conversation.messages)
        if messages and messages[0].role == "system" and (messages[0].pointer == "/system" or not messages[0].pointer):
            put(written, "system", field_value(messages.pop(0)), record.get("system"))
        elif record.get("system"):
            written["system"] = ""
        turns = [write_turn(message) for message in messages if not message.section]
        put(written, "conversations", turns, listed(record.get("conversations")))
        for key in ANSWERS:
            self._write_answer(written, key, [message for message in messages if message.section == key])
        return written

    def _write_answer(self, written: Record, key: str, answers: list[Message]) -> None:
        if len(answers) > 1:
            raise DoesNotFitError(f"A ShareGPT record holds one `{key}` answer; this would be {len(answers)}.")
        if answers:
            put(written, key, write_turn(answers[0]), written.get(key))
        elif isinstance(written.get(key), dict):
            del written[key]


def read_turn(raw: Any, pointer: str, section: str = "") -> Message:
    """One turn; a function call is read as the tool call it stands for."""
    if not isinstance(raw, dict):
        return Message("?", (Part("other", compact(raw)),), section=section, pointer=pointer, raw=raw)
    speaker = as_text(raw.get("from"))
    role = ROLES.get(speaker, speaker or "?")
    value = raw.get("value")
    calls = _read_calls(value) if speaker == "function_call" else ()
    part = Part("text", value) if isinstance(value, str) else Part("other", compact(value))
    return Message(
        role,
        () if calls or value is None else (part,),
        calls,
        trained=role == "assistant",
        section=section,
        pointer=pointer,
        raw=raw,
    )


def _read_calls(value: Any) -> tuple[ToolCall, ...]:
    parsed: Any = decode_exactly(value.encode("utf-8", "backslashreplace")) if isinstance(value, str) else value
    calls: list[Any] = parsed if isinstance(parsed, list) else [parsed]
    if not calls or not all(isinstance(call, dict) and "name" in call for call in calls):
        return ()
    return tuple(_read_call(call) for call in calls)


def _read_call(raw: Mapping[str, Any]) -> ToolCall:
    return ToolCall(as_text(raw["name"]), as_text(raw.get("arguments")), raw=raw)


def write_turn(message: Message) -> Any:
    """The turn as the record holds it: its own object with just the changed keys replaced, or a new one."""
    if not isinstance(message.raw, dict) and (message.raw is not None or message.role == "?"):
        return field_value(message)
    raw: Record = dict(message.raw) if message.raw is not None else {}
    before = read_turn(raw, "", message.section)
    if message.role != before.role or bool(message.tool_calls) != bool(before.tool_calls):
        raw["from"] = "function_call" if message.tool_calls else SPEAKERS.get(message.role, message.role)
    if (message.parts, message.tool_calls) != (before.parts, before.tool_calls) or message.raw is None:
        raw["value"] = _call_text(message, raw.get("value")) if message.tool_calls else field_value(message)
    return raw


def _call_text(message: Message, before: Any) -> Any:
    """The calls in the kind of what stood there: JSON text or a value, a list or a single call."""
    if message.parts:
        raise DoesNotFitError("A ShareGPT turn holds a text or tool calls, not both.")
    calls = [_write_call(call) for call in message.tool_calls]
    was = decode_exactly(before.encode("utf-8", "backslashreplace")) if isinstance(before, str) else before
    value = calls if len(calls) > 1 or isinstance(was, list) else calls[0]
    return compact(value) if before is None or isinstance(before, str) else value


def _write_call(call: ToolCall) -> Any:
    if call.raw is not None and _read_call(call.raw) == call:
        return call.raw
    raw: Record = dict(call.raw) if isinstance(call.raw, dict) else {}
    put(raw, "name", call.name, as_text(raw["name"]) if "name" in raw else None)
    value = decode_exactly(call.arguments.encode("utf-8", "backslashreplace"))
    as_it_is = isinstance(value, Malformed) or isinstance(raw.get("arguments"), str)
    put(raw, "arguments", call.arguments if as_it_is else value, raw.get("arguments"))
    return raw
