"""An edited conversation as a record of its dialect, read back to find out what the dialect cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.records.codec import compact
from curator.records.conversation import Conversation, Message
from curator.records.dialects import Dialect
from curator.records.dialects.base import DoesNotFitError, Record, json_value
from curator.records.editing.edited import Edited
from curator.records.transforms.writing import loses_mark, said


def write_edited(record: Mapping[str, Any], dialect: Dialect, edited: Edited) -> Record:
    """The record with the edited conversation in place of its own.

    Raises DoesNotFitError, with a sentence, where the dialect would not say exactly what was asked.
    """
    asked = replace(edited.conversation, messages=tuple(_loose(one) for one in edited.conversation.messages))
    written = dialect.write(record, asked)
    if loses_mark(dialect, record, written):
        raise DoesNotFitError(
            f"Without this message the record would not be read as {dialect.title} any more. Delete the whole record "
            "instead."
        )
    back = dialect.read(written)
    if len(back.messages) != len(asked.messages):
        raise DoesNotFitError(_on_lost_messages(dialect, back, asked))
    before: tuple[Message, ...] = ()
    for place, (found, wanted) in enumerate(zip(back.messages, asked.messages, strict=True)):
        origin = edited.places[place]
        _check_message(dialect, place, found, wanted)
        if found.trained != wanted.trained and origin is not None:
            before = before or dialect.read(record).messages
            _check_mask(dialect, place, found, wanted, before[origin])
    return written


def _loose(message: Message) -> Message:
    """The message free of a field that holds it as a string, so that it can stand among others."""
    return replace(message, raw=None) if isinstance(message.raw, str) and message.role != "?" else message


def _on_lost_messages(dialect: Dialect, back: Conversation, asked: Conversation) -> str:
    if any(one.role == "system" and not one.text for one in asked.messages):
        return f"{dialect.title} has no empty system prompt: give it a text, or delete the message."
    held, wanted = len(back.messages), len(asked.messages)
    return f"{dialect.title} would hold {held:,} of these {wanted:,} messages, so nothing was changed."


def _check_message(dialect: Dialect, place: int, found: Message, wanted: Message) -> None:
    if found == wanted:
        return
    back, asked = said(found), said(wanted)
    if (back, found.section) == (asked, wanted.section) or _holds_json(found, wanted):
        return
    which = f"message {place + 1:,}"
    if back.role != asked.role:
        fault = f"would read {which} as {back.role} and not as {asked.role}"
    elif back.name != asked.name:
        fault = f"has no place for the name of {which}"
    elif back.tool_calls != asked.tool_calls:
        fault = f"has no place for these tool calls in {which}"
    else:
        fault = f"would not say in {which} exactly what was asked"
    raise DoesNotFitError(f"{dialect.title} {fault}, so nothing was changed. Edit the record's JSON instead.")


def _holds_json(found: Message, wanted: Message) -> bool:
    """Whether all JSON parts stand in the record as they were asked for, however they are read there."""
    values = [json_value(part.text) for part in wanted.parts if part.kind == "other"]
    if not values or found.section != wanted.section or wanted.role not in (found.role, "?"):
        return False
    held = {compact(one) for one in (found.raw, *_inner(found.raw), *(x for y in _inner(found.raw) for x in _inner(y)))}
    return all(compact(value) in held for value in values)


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _check_mask(dialect: Dialect, place: int, found: Message, wanted: Message, before: Message) -> None:
    """What is trained stays, or becomes, what was asked; of new messages and new speakers the dialect decides it."""
    if before.role != wanted.role:
        return
    state = "is trained" if found.trained else "is not trained"
    raise DoesNotFitError(
        f"{dialect.title} has no mask for single messages: message {place + 1:,} {state}, by its role and its place."
    )
