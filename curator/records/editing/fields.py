"""What of a message is edited as a text: its parts, its name, and its calls of tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from curator.errors import UsageError
from curator.records.codec import compact
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects.base import json_value
from curator.records.editing.edited import Edited, with_message, without_key


class FieldKind(StrEnum):
    """What kind of text a field holds."""

    NAME = "name"
    TEXT = "text"
    REFUSAL = "refusal"
    JSON = "json"
    CALL_NAME = "call name"
    ARGUMENTS = "arguments"


@dataclass(frozen=True, slots=True)
class Field:
    """Something in a message that can be edited as a text."""

    kind: FieldKind
    index: int
    """Which of the message's parts, or of its calls, counted from 0; 0 for its name."""
    label: str
    """Tells it from the message's other fields; for the user to choose by."""


KIND_OF_PART = {"text": FieldKind.TEXT, "refusal": FieldKind.REFUSAL, "other": FieldKind.JSON}


def editable(message: Message) -> tuple[Field, ...]:
    """The fields of the message in reading order. Images are none; one without any content has a text to be written."""
    return (*_name(message), *_parts(message), *_calls(message))


def field_text(message: Message, field: Field) -> str:
    """The text that the field holds now."""
    match field.kind:
        case FieldKind.NAME:
            return message.name
        case FieldKind.CALL_NAME:
            return message.tool_calls[field.index].name
        case FieldKind.ARGUMENTS:
            return message.tool_calls[field.index].arguments
    return message.parts[field.index].text if message.parts else ""


def set_field(conversation: Conversation, message: int, field: Field, text: str) -> Edited:
    """The field with another text. Raises what the function for its kind raises."""
    match field.kind:
        case FieldKind.NAME:
            return set_name(conversation, message, text)
        case FieldKind.CALL_NAME:
            return set_call_name(conversation, message, field.index, text)
        case FieldKind.ARGUMENTS:
            return set_arguments(conversation, message, field.index, text)
    return set_text(conversation, message, field.index, text)


def set_text(conversation: Conversation, message: int, part: int, text: str) -> Edited:
    """A text, refusal or JSON part with another text; in a message without any content part 0 is a new one.

    Raises UsageError for an image, and DoesNotFitError where a part is JSON and its new text is not.
    """
    before = conversation.messages[message]
    if not before.parts and part == 0:
        return with_message(conversation, message, replace(before, parts=(Part("text", text),)))
    old = before.parts[part]
    if old.kind not in KIND_OF_PART:
        raise UsageError(f"Part {part + 1:,} of message {message + 1:,} is an {old.kind}: it has no text to edit.")
    if old.kind == "other":
        json_value(text)
    parts = (*before.parts[:part], replace(old, text=text), *before.parts[part + 1 :])
    return with_message(conversation, message, replace(before, parts=parts))


def set_name(conversation: Conversation, message: int, name: str) -> Edited:
    """The message with another name of its speaker; an empty one takes the name away."""
    after = replace(conversation.messages[message], name=name)
    return with_message(conversation, message, after if name else without_key(after, "name"))


def set_arguments(conversation: Conversation, message: int, call: int, text: str) -> Edited:
    """A tool call with other arguments, as JSON text; text that is not JSON is taken too, and found by the check."""
    return _with_call(conversation, message, call, replace(_call(conversation, message, call), arguments=text))


def set_call_name(conversation: Conversation, message: int, call: int, name: str) -> Edited:
    """A call of another tool. Raises UsageError for an empty name."""
    if not name.strip():
        raise UsageError("A tool call needs the name of its tool.")
    return _with_call(conversation, message, call, replace(_call(conversation, message, call), name=name))


def _call(conversation: Conversation, message: int, call: int) -> ToolCall:
    found = conversation.messages[message].tool_calls[call]
    if not _is_readable(found):
        raise UsageError(
            f"Call {call + 1:,} of message {message + 1:,} names no tool: put it right in the record's JSON."
        )
    return found


def _is_readable(call: ToolCall) -> bool:
    """Whether the record holds a call there, and not something that stands as JSON in the place of one."""
    return call.raw is None or (call.name, call.arguments) != ("?", compact(call.raw))


def _with_call(conversation: Conversation, message: int, place: int, call: ToolCall) -> Edited:
    before = conversation.messages[message]
    calls = (*before.tool_calls[:place], call, *before.tool_calls[place + 1 :])
    return with_message(conversation, message, replace(before, tool_calls=calls))


def _name(message: Message) -> Iterator[Field]:
    if message.name:
        yield Field(FieldKind.NAME, 0, "name")


def _parts(message: Message) -> Iterator[Field]:
    if not message.parts and not message.tool_calls:
        yield Field(FieldKind.TEXT, 0, "text")
    of_kind = [part.kind for part in message.parts]
    for index, kind in enumerate(of_kind):
        if kind in KIND_OF_PART:
            number = f" {of_kind[: index + 1].count(kind):,}" if of_kind.count(kind) > 1 else ""
            name = "JSON" if kind == "other" else kind
            yield Field(KIND_OF_PART[kind], index, f"{name}{number}")


def _calls(message: Message) -> Iterator[Field]:
    for index, call in enumerate(message.tool_calls):
        if _is_readable(call):
            which = f"call {index + 1:,}" if len(message.tool_calls) > 1 else "call"
            yield Field(FieldKind.CALL_NAME, index, f"name of the {which}")
            yield Field(FieldKind.ARGUMENTS, index, f"arguments of the {which} ({call.name})")
