"""What differs between two versions of a record, message by message: values, for the faces to show."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from curator.records.codec import compact
from curator.records.conversation import Conversation, Message, Part
from curator.records.pairing import pairs_in_order
from curator.records.text_edits import TextEdit, text_edits

EMPTY = Conversation()


class ChangeKind(StrEnum):
    """What became of a message."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    """It stands elsewhere among the others, and says what it said."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A field of a message, a tool or a key of the record that differs."""

    label: str
    before: str | None
    """As text, JSON for what is no string; None where it was not there."""
    after: str | None
    edits: tuple[TextEdit, ...]
    """How the one text becomes the other; their kept and inserted stretches make up the text after."""


@dataclass(frozen=True, slots=True)
class MessageChange:
    """What became of one message."""

    kind: ChangeKind
    place_before: int | None
    """Its place in the conversation before, counted from 0; None for one that is added."""
    place_after: int | None
    role_before: str
    """Empty for one that is added."""
    role_after: str
    fields: tuple[ValueChange, ...] = ()
    """Of a changed message what differs; of all others nothing."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two versions of a record."""

    messages: tuple[MessageChange, ...] = ()
    """All messages of both, in the order after; a removed one stands behind what it stood behind."""
    tools: tuple[ValueChange, ...] = ()
    keys: tuple[ValueChange, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return bool(self.tools or self.keys) or any(one.kind is not ChangeKind.SAME for one in self.messages)


def compare(before: Conversation | None, after: Conversation | None) -> Comparison:
    """How the one becomes the other; None for a record that is not there. Takes bounded time for texts of any size."""
    old, new = before or EMPTY, after or EMPTY
    return Comparison(
        tuple(_message_changes(old.messages, new.messages)),
        tuple(_value_changes(_tools(old.tools), _tools(new.tools))),
        tuple(_value_changes(dict(old.other_keys), dict(new.other_keys))),
    )


def _message_changes(before: Sequence[Message], after: Sequence[Message]) -> Iterator[MessageChange]:
    partner = {new: old for old, new in pairs_in_order(before, after)}
    left = sorted(set(range(len(before))).difference(partner.values()))
    moved = _moved(before, after, left, [place for place in range(len(after)) if place not in partner])
    gone = deque(sorted(set(left).difference(moved.values())))
    for place, message in enumerate(after):
        origin = partner.get(place)
        while gone and origin is not None and gone[0] < origin:
            yield _removed(before, gone.popleft())
        if origin is not None:
            yield _kept(before[origin], message, origin, place)
        elif place in moved:
            yield MessageChange(ChangeKind.MOVED, moved[place], place, message.role, message.role)
        else:
            yield MessageChange(ChangeKind.ADDED, None, place, "", message.role)
    for place in gone:
        yield _removed(before, place)


def _moved(
    before: Sequence[Message], after: Sequence[Message], left: Sequence[int], new: Sequence[int]
) -> dict[int, int]:
    """For messages that are new in their place, the place of an equal one that is gone from its own."""
    waiting: dict[Message, list[int]] = {}
    for place in reversed(left):
        waiting.setdefault(before[place], []).append(place)
    return {place: waiting[after[place]].pop() for place in new if waiting.get(after[place])}


def _removed(before: Sequence[Message], place: int) -> MessageChange:
    return MessageChange(ChangeKind.REMOVED, place, None, before[place].role, "")


def _kept(old: Message, new: Message, place_before: int, place_after: int) -> MessageChange:
    fields = tuple(_value_changes(_fields(old), _fields(new))) if old != new else ()
    kind = ChangeKind.CHANGED if fields else ChangeKind.SAME
    return MessageChange(kind, place_before, place_after, old.role, new.role, fields)


def _fields(message: Message) -> dict[str, str]:
    """All that a message says, by label; what is empty is left out."""
    fields = {
        "role": message.role,
        "side": message.section,
        "trained": ("yes" if message.trained else "no") if message.role == "assistant" else "",
        "name": message.name,
        "answers the call": message.tool_call_id,
    }
    fields = {label: value for label, value in fields.items() if value}
    for place, part in enumerate(message.parts):
        fields |= _part_fields(part, f" {place + 1:,}" if place else "")
    for place, call in enumerate(message.tool_calls):
        name = f"call {place + 1:,}" if place else "call"
        fields |= {f"{name}: tool": call.name, f"{name}: arguments": call.arguments, f"{name}: id": call.call_id}
        fields[f"{name}: key"] = "function_call" if call.legacy else "tool_calls"
    return fields


def _part_fields(part: Part, number: str) -> dict[str, str]:
    kind = "JSON" if part.kind == "other" else part.kind
    fields = {f"{kind}{number}": part.text}
    return fields | {f"{kind}{number}: detail": part.detail} if part.detail else fields


def _tools(tools: Sequence[Any]) -> dict[str, Any]:
    """The tools by their names; a further one of a name, or one without, by its number too."""
    named: dict[str, Any] = {}
    for place, tool in enumerate(tools, 1):
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        label = name if isinstance(name, str) and name not in named else f"tool {place:,}"
        named[label] = tool
    return named


def _value_changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[ValueChange]:
    for label in (*before, *(label for label in after if label not in before)):
        old, new = (_shown(values[label]) if label in values else None for values in (before, after))
        if old != new or (label in before and label in after and type(before[label]) is not type(after[label])):
            yield ValueChange(label, old, new, tuple(text_edits(old or "", new or "")))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else compact(value)
