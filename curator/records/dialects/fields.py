"""Messages that stand as single string fields of a record: `prompt`, `instruction`, `system` and the like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curator.records.codec import compact
from curator.records.conversation import Message, Part
from curator.records.dialects.base import DoesNotFitError, Record, json_value


def read_field(record: Mapping[str, Any], key: str, role: str, section: str = "") -> Message:
    """The message that a field holds; a value that is not a string is shown as JSON."""
    value = record[key]
    part = Part("text", value) if isinstance(value, str) else Part("other", compact(value))
    return Message(role, (part,), trained=role == "assistant", section=section, pointer=f"/{key}", raw=value)


def field_value(message: Message) -> Any:
    """What the field holds for the message: its own value if it did not change, else its text.

    Raises DoesNotFitError where the message is more than a text.
    """
    if message.parts == (Part("other", compact(message.raw)),):
        return message.raw
    if message.tool_calls or any(part.kind == "image" for part in message.parts):
        raise DoesNotFitError("This record holds messages as plain text: there is no place for tool calls or images.")
    if len(message.parts) == 1 and message.parts[0].kind == "other":
        return json_value(message.parts[0].text)
    return message.text


def write_fields(record: Mapping[str, Any], messages: Iterable[Message], fields: tuple[tuple[str, str], ...]) -> Record:
    """The record with its fields set from one message a field, in the fields' order.

    Raises DoesNotFitError when there are other messages than the fields can hold.
    """
    written = dict(record)
    waiting = list(fields)
    for message in messages:
        while waiting and waiting[0][1] != message.role:
            written.pop(waiting.pop(0)[0], None)
        if not waiting:
            names = ", ".join(f"`{key}` ({role})" for key, role in fields)
            raise DoesNotFitError(
                f"This record holds {names}, one each: there is no place for this {message.role} message."
            )
        written[waiting.pop(0)[0]] = field_value(message)
    for key, _ in waiting:
        written.pop(key, None)
    return written
