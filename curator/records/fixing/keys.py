"""Fixes of keys and of the kinds of their values, in records whose messages have OpenAI's form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from curator.records.codec import compact
from curator.records.dialects import Dialect
from curator.records.dialects.base import Record
from curator.records.dialects.openai_chat import MESSAGE_KEYS
from curator.records.fixing.fix import Fixed

WITH_CHAT_MESSAGES = ("openai-chat", "openai-rft", "mistral", "together", "claude")
"""Dialects whose `messages` are of that form, with calls' arguments as text."""


def arguments_to_text(record: Record, dialect: Dialect) -> Fixed | None:
    """Arguments of calls as JSON text, where they are a JSON value."""
    return _with_messages(record, dialect, _with_text_arguments)


def tidy_weights(record: Record, dialect: Dialect) -> Fixed | None:
    """`weight` as 0 or 1 where it is false or true, and gone from messages that are not the assistant's."""
    return _with_messages(record, dialect, _with_tidy_weight)


def remove_unknown_keys(record: Record, dialect: Dialect) -> Fixed | None:
    """Without the keys that the dialect forbids, at the top level and in messages; of a record that has messages."""
    known = dialect.only_keys
    if not known or not dialect.read(record).messages:
        return None
    kept = {key: value for key, value in record.items() if key in known}
    fixed = _with_messages(kept, dialect, _with_known_keys)
    return fixed or (Fixed(kept) if len(kept) < len(record) else None)


def _with_messages(record: Record, dialect: Dialect, mend: Callable[[Record], Record]) -> Fixed | None:
    messages = record.get("messages")
    if dialect.name not in WITH_CHAT_MESSAGES or not isinstance(messages, list):
        return None
    mended = [mend(one) if isinstance(one, dict) else one for one in messages]
    if all(one is other for one, other in zip(messages, mended, strict=True)):
        return None
    return Fixed({**record, "messages": mended})


def _with_text_arguments(message: Record) -> Record:
    calls, legacy = message.get("tool_calls"), message.get("function_call")
    changes: Record = {}
    if isinstance(calls, list):
        texts = [_call_with_text(call) for call in calls]
        if any(one is not other for one, other in zip(texts, calls, strict=True)):
            changes["tool_calls"] = texts
    if isinstance(legacy, dict) and _is_value(legacy):
        changes["function_call"] = _with_text(legacy)
    return {**message, **changes} if changes else message


def _call_with_text(call: Any) -> Any:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not _is_value(function):
        return call
    return {**call, "function": _with_text(function)}


def _is_value(function: Mapping[str, Any]) -> bool:
    return isinstance(function.get("arguments"), dict | list)


def _with_text(function: Mapping[str, Any]) -> Record:
    return {**function, "arguments": compact(function["arguments"])}


def _with_tidy_weight(message: Record) -> Record:
    if "weight" not in message:
        return message
    if message.get("role") != "assistant":
        return {key: value for key, value in message.items() if key != "weight"}
    weight = message["weight"]
    spelt_otherwise = isinstance(weight, bool | float) and weight in (0, 1)
    return {**message, "weight": int(weight)} if spelt_otherwise else message


def _with_known_keys(message: Record) -> Record:
    known = {key: value for key, value in message.items() if key in MESSAGE_KEYS}
    return message if len(known) == len(message) else known
