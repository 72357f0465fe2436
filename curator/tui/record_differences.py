"""What differs between two versions of a record, as changes to be shown; pure."""

from __future__ import annotations

from collections.abc import Iterator

from curator.records.comparing import ChangeKind, MessageChange, ValueChange, compare
from curator.records.conversation import Conversation
from curator.session import Record
from curator.tui.difference_layout import Difference


def record_differences(name: str, before: Record, after: Record | None) -> Iterator[Difference]:
    """Message by message; of what is no conversation the whole line. `after` is None for a record that is dropped."""
    if after is None:
        yield Difference(f"{name}, dropped", _text(before), "")
        return
    changes = list(_of_conversations(name, before.conversation, after.conversation))
    if changes:
        yield from changes
    else:
        yield Difference(name, _text(before, ends=True), _text(after, ends=True))


def _of_conversations(name: str, before: Conversation, after: Conversation) -> Iterator[Difference]:
    comparison = compare(before, after)
    for message in comparison.messages:
        yield from _of_message(name, message, before, after)
    for what, values in (("tool", comparison.tools), ("key", comparison.keys)):
        for value in values:
            yield _of_value(f"{name}, {what}", value)


def _of_message(name: str, change: MessageChange, before: Conversation, after: Conversation) -> Iterator[Difference]:
    place = change.place_before if change.place_after is None else change.place_after
    role = change.role_after or change.role_before
    title = f"{name}, message {(place or 0) + 1:,}, {role}"
    if change.kind is ChangeKind.CHANGED:
        for value in change.fields:
            yield _of_value(title, value)
    elif change.kind is ChangeKind.REMOVED and change.place_before is not None:
        said = before.messages[change.place_before]
        yield Difference(f"{title}, goes", said.text or "(says nothing)", "")
    elif change.kind is ChangeKind.ADDED and change.place_after is not None:
        yield Difference(f"{title}, comes", "", after.messages[change.place_after].text)


def _of_value(title: str, value: ValueChange) -> Difference:
    return Difference(f"{title}, {value.label}", value.before or "", value.after or "")


def _text(record: Record, *, ends: bool = False) -> str:
    """The line as text; with `ends`, its carriage return is seen too."""
    text = record.body.decode("utf-8", "backslashreplace")
    return text + "\r" if ends and record.line_end.startswith(b"\r") else text
