"""Fixes of what is said, and by whom, in any dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from curator.records.conversation import Message, Part
from curator.records.dialects import Dialect
from curator.records.dialects.base import Record
from curator.records.editing.edited import Edited
from curator.records.fixing.fix import Fixed, in_conversation

RESULTS = frozenset(("tool", "function"))
TALKING = frozenset(("user", "assistant"))
BETWEEN = "\n\n"
"""What stands between the texts of messages that are made one."""


def trim_spaces(record: Record, dialect: Dialect) -> Fixed | None:
    """What is asked and answered without the blanks at its ends.

    System prompts and results of tools stay as they came, and prompts and completions, where blanks have a meaning.
    """
    return None if dialect.plain_tokens else _with_messages(record, dialect, _trimmed)


def mend_mojibake(record: Record, dialect: Dialect) -> Fixed | None:
    """Texts that were decoded by a wrong encoding, decoded by the right one where ftfy is sure of it."""
    from ftfy import fix_encoding

    def mended(message: Message) -> Message:
        texts = tuple(
            replace(part, text=fix_encoding(part.text)) if part.kind in ("text", "refusal") else part
            for part in message.parts
        )
        return message if texts == message.parts else replace(message, parts=texts)

    return _with_messages(record, dialect, mended)


def drop_empty_messages(record: Record, dialect: Dialect) -> Fixed | None:
    """Without messages that say nothing and call nothing; an empty result of a tool is an answer, and stays."""
    return _without(record, dialect, [place for place, one in enumerate(dialect.read(record).messages) if _empty(one)])


def drop_after_last_answer(record: Record, dialect: Dialect) -> Fixed | None:
    """Without the messages behind the assistant's last one, which nothing is learnt from."""
    messages = dialect.read(record).messages
    if any(one.section for one in messages):
        return None
    last = max((place for place, one in enumerate(messages) if one.role == "assistant"), default=-1)
    return _without(record, dialect, list(range(last + 1, len(messages)))) if last >= 0 else None


def merge_same_role(record: Record, dialect: Dialect) -> Fixed | None:
    """Messages of one role that follow each other as one, with an empty line between their texts; calls come last."""
    conversation = dialect.read(record)
    merged: list[Message] = []
    places: list[int | None] = []
    for place, message in enumerate(conversation.messages):
        if merged and _belong_together(merged[-1], message):
            parts = _joined(merged[-1].parts, message.parts)
            merged[-1] = replace(merged[-1], parts=parts, tool_calls=message.tool_calls)
        else:
            merged.append(message)
            places.append(place)
    if len(merged) == len(conversation.messages):
        return None
    return in_conversation(record, dialect, Edited(replace(conversation, messages=tuple(merged)), tuple(places)))


def _with_messages(record: Record, dialect: Dialect, mend: Callable[[Message], Message]) -> Fixed | None:
    conversation = dialect.read(record)
    messages = tuple(map(mend, conversation.messages))
    if messages == conversation.messages:
        return None
    places = tuple(range(len(messages)))
    return in_conversation(record, dialect, Edited(replace(conversation, messages=messages), places))


def _without(record: Record, dialect: Dialect, dropped: list[int]) -> Fixed | None:
    conversation = dialect.read(record)
    kept = [place for place in range(len(conversation.messages)) if place not in dropped]
    if not dropped or not kept:
        return None
    messages = tuple(conversation.messages[place] for place in kept)
    return in_conversation(record, dialect, Edited(replace(conversation, messages=messages), tuple(kept)))


def _trimmed(message: Message) -> Message:
    texts = [place for place, part in enumerate(message.parts) if part.kind == "text"]
    if message.role not in TALKING or not texts or not message.text.strip():
        return message
    parts = list(message.parts)
    if texts[0] == 0:
        parts[0] = replace(parts[0], text=parts[0].text.lstrip())
    if texts[-1] == len(parts) - 1:
        parts[-1] = replace(parts[-1], text=parts[-1].text.rstrip())
    return message if tuple(parts) == message.parts else replace(message, parts=tuple(parts))


def _empty(message: Message) -> bool:
    says = any(part.text.strip() or part.kind not in ("text", "refusal") for part in message.parts)
    return message.role not in RESULTS | {"?"} and not message.section and not says and not message.tool_calls


def _belong_together(one: Message, other: Message) -> bool:
    """Whether the messages differ in nothing but their texts, and in calls that follow them."""
    sides = [message.pointer.split("/")[1:2] for message in (one, other)]
    alike = (one.role, one.trained, one.section, one.name) == (other.role, other.trained, other.section, other.name)
    texts = all(part.kind == "text" for message in (one, other) for part in message.parts)
    say = one.parts and not one.tool_calls and (other.parts or other.tool_calls)
    return alike and texts and bool(say) and sides[0] == sides[1] and one.role not in RESULTS | {"?"}


def _joined(one: tuple[Part, ...], other: tuple[Part, ...]) -> tuple[Part, ...]:
    if len(one) == len(other) == 1:
        return (replace(one[0], text=f"{one[0].text}{BETWEEN}{other[0].text}"),)
    return (*one, *other)
