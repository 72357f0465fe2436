"""Gemini: `contents` of parts, with the system prompt beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.records.codec import compact
from curator.records.conversation import Conversation, Message, Part, ToolCall, as_chat
from curator.records.dialects.base import Dialect, DoesNotFitError, Record, json_value, listed, put
from curator.records.dialects.blocks import BlockForm, arguments_value, read_block_message, write_block_message
from curator.records.dialects.chat_message import as_text
from curator.records.dialects.fields import field_value, read_field

SYSTEM = "systemInstruction"


class Gemini(Dialect):
    """`{"systemInstruction": {"parts"}, "contents": [{"role": "user" or "model", "parts": [{"text"}]}]}`."""

    name = "gemini"
    title = "Gemini"
    keys = frozenset((SYSTEM, "contents", "tools"))
    telling_keys = ("contents", SYSTEM)

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return "has `contents`" if isinstance(record.get("contents"), list) else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages: list[Message] = []
        if record.get(SYSTEM):
            messages.append(_read_system(record))
        for place, raw in enumerate(listed(record.get("contents"))):
            messages.append(read_block_message(FORM, raw, f"/contents/{place}"))
        return Conversation(tuple(messages), tuple(self.tools(record)), self.other_keys(record))

    def chat_messages(self, record: Mapping[str, Any]) -> list[Any]:
        return [as_chat(message) for message in self.read(record).messages]

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        return [function for tool in listed(record.get("tools")) for function in _functions(tool)]

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        messages = list(conversation.messages)
        if messages and messages[0].role == "system" and messages[0].pointer in (f"/{SYSTEM}", ""):
            put(written, SYSTEM, _write_system(messages.pop(0)), record.get(SYSTEM))
        elif record.get(SYSTEM):
            del written[SYSTEM]
        put(written, "contents", [write_block_message(FORM, one) for one in messages], listed(record.get("contents")))
        return written


def _functions(tool: Any) -> list[Any]:
    """The functions that a tool declares, in OpenAI's form; a tool of another kind as it is."""
    declared = tool.get("functionDeclarations") if isinstance(tool, dict) else None
    return [{"type": "function", "function": one} for one in declared] if isinstance(declared, list) else [tool]


def _read_system(record: Mapping[str, Any]) -> Message:
    if not isinstance(record[SYSTEM], dict):
        return read_field(record, SYSTEM, "system")
    message = read_block_message(FORM, record[SYSTEM], f"/{SYSTEM}")
    return replace(message, role="system", trained=False, tool_calls=())


def _write_system(message: Message) -> Any:
    """The system prompt; the role that it may name is ignored by the service and left as it is."""
    if message.raw is not None and not isinstance(message.raw, dict):
        return field_value(message)
    raw: Record = dict(message.raw) if message.raw is not None else {"parts": []}
    before = read_block_message(FORM, raw, "")
    written = write_block_message(FORM, replace(message, role=before.role, tool_calls=before.tool_calls, raw=raw))
    return written if isinstance(written, dict) else raw


def _read_block(raw: Any) -> Part | ToolCall:
    match raw:
        case {"text": str(text)}:
            return Part("text", text, raw=raw)
        case {"fileData": {"mimeType": str(kind), "fileUri": str(uri)}} if kind.startswith("image/"):
            return Part("image", uri, raw=raw)
        case {"functionCall": {"name": str(name), **rest}}:
            return ToolCall(name, as_text(rest.get("args")), raw=raw)
    return Part("other", compact(raw), raw=raw)


def _write_block(part: Part) -> Any:
    raw: Record = dict(part.raw) if isinstance(part.raw, dict) else {}
    if part.kind in ("text", "refusal"):
        return {**raw, "text": part.text}
    if part.kind == "other":
        return json_value(part.text)
    if "fileData" not in raw:
        raise DoesNotFitError("A file in a Gemini record names its media type too: edit the record's JSON instead.")
    return {**raw, "fileData": {**raw["fileData"], "fileUri": part.text}}


def _write_call(call: ToolCall) -> Any:
    raw: Record = dict(call.raw) if isinstance(call.raw, dict) and "functionCall" in call.raw else {"functionCall": {}}
    made: Record = dict(raw["functionCall"])
    put(made, "name", call.name, made.get("name"))
    if as_text(made.get("args")) != call.arguments:
        made["args"] = arguments_value(call)
    return {**raw, "functionCall": made}


FORM = BlockForm(
    "parts",
    {"user": "user", "model": "assistant", "function": "tool"},
    _read_block,
    _write_block,
    _write_call,
    "functionResponse",
)
