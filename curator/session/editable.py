"""Anything of a record that can be edited as one text, with the line that comes of another text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curator.edits.operations import Places
from curator.errors import UsageError
from curator.records.codec import Malformed, decode_exactly
from curator.records.conversation import Conversation
from curator.records.editing import (
    Edited,
    Field,
    FieldKind,
    editable,
    field_text,
    insert_message,
    set_field,
    set_other_key,
    write_edited,
)
from curator.records.editing.edited import in_place
from curator.records.rewriting import one_line, rewrite
from curator.session.drafts import Draft
from curator.session.values import Record

JSON_FIELDS = frozenset((FieldKind.JSON, FieldKind.ARGUMENTS))


@dataclass(frozen=True, slots=True)
class Editable:
    """One text of a record."""

    record: Record
    what: str
    """`message` (a field of one), `insert` (a new one), `key` (one beside the conversation) or `record` (its JSON)."""
    text: str
    """As it stands now."""
    message: int = 0
    """Of `message` its place, of `insert` the place that the new one gets; counted from 0."""
    field: int = 0
    """Of `message`: the number of the field in `editable(message)`. Of `insert`: 1 if it goes with the message behind
    it (its side of a preference pair, for one), 0 if with the one before."""
    key: str = ""
    """Of `key` its name, of `insert` the role of the new message."""

    @property
    def title(self) -> str:
        """What is done, for the history."""
        where = f"#{self.record.number:,}"
        match self.what:
            case "message":
                label = self._field.label
                kind = "" if label == FieldKind.TEXT else f", {label}"
                return f"edit message {self.message + 1:,}{kind} of {where}"
            case "insert":
                return f"new {self.key} message in {where}"
            case "key":
                return f"edit `{self.key}` of {where}"
        return f"edit the JSON of {where}"

    @property
    def _field(self) -> Field:
        return editable(self.record.conversation.messages[self.message])[self.field]

    @property
    def is_json(self) -> bool:
        """Whether the text has to be JSON."""
        return self.what in ("key", "record") or (self.what == "message" and self._field.kind in JSON_FIELDS)

    def fault(self, text: str) -> str:
        """What is wrong with a text that should be JSON, as a sentence; empty if nothing is."""
        if not self.is_json:
            return ""
        found = (
            one_line(text, self.record.body)
            if self.what == "record"
            else decode_exactly(text.encode("utf-8", "backslashreplace"))
        )
        return f"{found.reason}." if isinstance(found, Malformed) else ""

    def line(self, text: str) -> tuple[bytes, Places | None]:
        """The record's line, without its end, with another text; and where its messages stood before.

        Raises UsageError or DoesNotFitError, with a sentence, where that cannot be.
        """
        record = self.record
        match self.what:
            case "message":
                return edited_line(record, lambda one: set_field(one, self.message, self._field, text))
            case "insert":
                return edited_line(record, lambda one: self._inserted(one, text))
            case "key":
                value = _value(text)
                return rewrite(
                    record.body, record.value, set_other_key(record.value, record.dialect, self.key, value)
                ), None
        body = one_line(text, record.body)
        if isinstance(body, Malformed):
            raise UsageError(f"The record is {body.reason}.")
        return body, self._places(body)

    def _inserted(self, conversation: Conversation, text: str) -> Edited:
        beside = self.message if self.field else None
        return insert_message(conversation, self.message, self.key, text, beside=beside)

    def _places(self, body: bytes) -> Places | None:
        """Where the messages of another line stood: those that say the same follow each other in both."""
        value = decode_exactly(body)
        after = self.record.dialect.read(value).messages if isinstance(value, dict) else ()
        before = self.record.conversation.messages
        if len(before) == len(after):
            return None
        places: list[int | None] = []
        start = 0
        for message in after:
            place = next((one for one in range(start, len(before)) if before[one] == message), None)
            places.append(place)
            start = start if place is None else place + 1
        return tuple(places)

    def draft(self, text: str) -> Draft:
        """What is kept of the text while it is typed."""
        place = self.record.place.id
        return Draft(place, self.record.version, self.what, self.message, self.field, self.key, text)


def _value(text: str) -> Any:
    value = decode_exactly(text.encode("utf-8", "backslashreplace"))
    if isinstance(value, Malformed):
        raise UsageError(f"The text is {value.reason}.")
    return value


def edited_line(record: Record, edit: Callable[[Conversation], Edited]) -> tuple[bytes, Places | None]:
    """The line, without its end, of a record whose conversation was edited; and where its messages stood before.

    Only the bytes of what was edited change. Raises UsageError or DoesNotFitError where that cannot be.
    """
    if not isinstance(record.value, dict):
        raise UsageError("This line is not a conversation; edit its JSON: v, then e.")
    edited = edit(record.conversation)
    written = write_edited(record.value, record.dialect, edited)
    same = edited.places == in_place(record.conversation).places
    return rewrite(record.body, record.value, written), None if same else edited.places


def message_field(record: Record, message: int, field: int) -> Editable:
    """A field of a message."""
    held = record.conversation.messages[message]
    return Editable(record, "message", field_text(held, editable(held)[field]), message, field)


def new_message(record: Record, place: int, role: str, *, before: bool = False) -> Editable:
    """A message that is not there yet; `before` says that it goes with the one that stands there now."""
    return Editable(record, "insert", "", place, int(before), role)


def other_key(record: Record, key: str) -> Editable:
    """The value of a key beside the conversation, as JSON over several lines."""
    return Editable(record, "key", json.dumps(record.value[key], ensure_ascii=False, indent=2), key=key)


def whole_record(record: Record, layout: Callable[[str], str]) -> Editable:
    """All of the record as JSON; `layout` lays a line out over several ones without changing its tokens.

    Raises UsageError for a line that is not UTF-8, which has no text to edit.
    """
    try:
        text = record.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"The line is not UTF-8 (byte {error.start + 1:,}), so it cannot be edited as text; `x` drops it."
        ) from error
    return Editable(record, "record", layout(text))


def from_draft(record: Record, draft: Draft, layout: Callable[[str], str]) -> Editable | None:
    """What a draft belongs to, if the record still has it; None if it does not."""
    messages = record.conversation.messages
    match draft.what:
        case "message":
            if draft.message < len(messages) and draft.field < len(editable(messages[draft.message])):
                return message_field(record, draft.message, draft.field)
            return None
        case "insert":
            fits = draft.message + draft.field <= len(messages)
            return new_message(record, draft.message, draft.key, before=bool(draft.field)) if fits else None
        case "key":
            held = isinstance(record.value, dict) and draft.key in record.value
            return other_key(record, draft.key) if held else None
    return whole_record(record, layout)
