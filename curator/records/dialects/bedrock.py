"""Bedrock: the conversations of Amazon Bedrock, on which Nova models are fine-tuned."""

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

VERSION = "bedrock-conversation-2024"


class Bedrock(Dialect):
    """`{"schemaVersion": "bedrock-conversation-2024", "system": [{"text"}], "messages": [{"role", "content"}]}`."""

    name = "bedrock"
    title = "Bedrock conversation"
    keys = frozenset(("schemaVersion", "system", "messages"))
    telling_keys = ("schemaVersion",)

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return f"has `schemaVersion` {VERSION}" if record.get("schemaVersion") == VERSION else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages: list[Message] = []
        if record.get("system"):
            messages.append(_read_system(record))
        for place, raw in enumerate(listed(record.get("messages"))):
            messages.append(read_block_message(FORM, raw, f"/messages/{place}"))
        return Conversation(tuple(messages), (), self.other_keys(record))

    def chat_messages(self, record: Mapping[str, Any]) -> list[Any]:
        return [as_chat(message) for message in self.read(record).messages]

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        written = dict(record)
        messages = list(conversation.messages)
        if messages and messages[0].role == "system" and messages[0].pointer in ("/system", ""):
            put(written, "system", _write_system(messages.pop(0)), record.get("system"))
        elif record.get("system"):
            del written["system"]
        put(written, "messages", [write_block_message(FORM, one) for one in messages], listed(record.get("messages")))
        return written


def _read_system(record: Mapping[str, Any]) -> Message:
    system = record["system"]
    if not isinstance(system, list):
        return read_field(record, "system", "system")
    message = read_block_message(FORM, {"role": "system", "content": system}, "/system")
    return replace(message, role="system", raw=system, tool_calls=())


def _write_system(message: Message) -> Any:
    if message.raw is not None and not isinstance(message.raw, list):
        return field_value(message)
    raw = {"role": "system", "content": message.raw or []}
    before = read_block_message(FORM, raw, "")
    return write_block_message(FORM, replace(message, tool_calls=before.tool_calls, raw=raw))["content"]


def _read_block(raw: Any) -> Part | ToolCall:
    match raw:
        case {"text": str(text)}:
            return Part("text", text, raw=raw)
        case {"image": {"source": {"s3Location": {"uri": str(uri)}}}}:
            return Part("image", uri, raw=raw)
        case {"toolUse": {"name": str(name), **rest}}:
            return ToolCall(name, as_text(rest.get("input")), as_text(rest.get("toolUseId")), raw=raw)
    return Part("other", compact(raw), raw=raw)


def _write_block(part: Part) -> Any:
    raw: Record = dict(part.raw) if isinstance(part.raw, dict) else {}
    if part.kind in ("text", "refusal"):
        return {**raw, "text": part.text}
    if part.kind == "other":
        return json_value(part.text)
    if "image" not in raw:
        raise DoesNotFitError("An image in a Bedrock record names its format too: edit the record's JSON instead.")
    source = raw["image"]["source"]
    place = {**source, "s3Location": {**source["s3Location"], "uri": part.text}}
    return {**raw, "image": {**raw["image"], "source": place}}


def _write_call(call: ToolCall) -> Any:
    raw: Record = dict(call.raw) if isinstance(call.raw, dict) and "toolUse" in call.raw else {"toolUse": {}}
    used: Record = dict(raw["toolUse"])
    put(used, "toolUseId", call.call_id, as_text(used.get("toolUseId")))
    put(used, "name", call.name, used.get("name"))
    if "input" not in used or as_text(used["input"]) != call.arguments:
        used["input"] = arguments_value(call)
    return {**raw, "toolUse": used}


FORM = BlockForm(
    "content", {"user": "user", "assistant": "assistant"}, _read_block, _write_block, _write_call, "toolResult"
)
