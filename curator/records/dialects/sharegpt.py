"""ShareGPT: `conversations` of {from, value} turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.records.codec import Malformed, compact, decode_exactly
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects.base import Dialect, Record, put
from curator.records.dialects.chat_message import as_text
from curator.records.dialects.fields import read_field

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
            tools = decode_exactly(tools.encode("utf-8", "surrogatepass")) if tools.strip() else []
        if isinstance(tools, Malformed):
            return [record["tools"]]
        return tools if isinstance(tools, list) else [tools] if tools else []

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        messages = list(conversation.messages)
        if messages and messages[0].role == "system" and (messages[0].pointer == "/system" or not messages[0].pointer):
            put(written, "system", messages.pop(0).text, as_text(record.get("system")))
        elif record.get("system"):
            written["system"] = ""
        turns = [write_turn(message) for message in messages if not message.section]
        put(written, "conversations", turns, record.get("conversations", []))
        for key in ANSWERS:
            for message in messages:
                if message.section == key:
                    put(written, key, write_turn(message), record.get(key))
        return written


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
    parsed = decode_exactly(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else value
    calls = parsed if isinstance(parsed, list) else [parsed]
    if not calls or not all(isinstance(call, dict) and "name" in call for call in calls):
        return ()
    return tuple(ToolCall(as_text(call["name"]), as_text(call.get("arguments")), raw=call) for call in calls)


def write_turn(message: Message) -> Any:
    """The turn as the record holds it: its own object with just the changed keys replaced, or a new one."""
    if message.raw is not None and read_turn(message.raw, "", message.section) == message:
        return message.raw
    raw: Record = dict(message.raw) if isinstance(message.raw, dict) else {}
    speaker = "function_call" if message.tool_calls else SPEAKERS.get(message.role, message.role)
    if ROLES.get(raw.get("from", "")) != message.role or message.tool_calls:
        raw["from"] = speaker
    raw["value"] = _call_text(message.tool_calls) if message.tool_calls else message.text
    return raw


def _call_text(calls: tuple[ToolCall, ...]) -> str:
    written = [{**(call.raw or {}), "name": call.name, "arguments": _arguments(call.arguments)} for call in calls]
    return compact(written[0] if len(written) == 1 else written)


def _arguments(text: str) -> Any:
    value = decode_exactly(text.encode("utf-8", "surrogatepass"))
    return text if isinstance(value, Malformed) else value
