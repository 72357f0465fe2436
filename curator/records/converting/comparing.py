"""What was to be said, and what the new record says when it is read: the losses are what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from curator.records.conversation import Message, Part
from curator.records.converting.call_ids import answered, called_names
from curator.records.converting.causes import Cause, Loss, NotConvertedError
from curator.records.converting.shaping import REFERENCE
from curator.records.converting.telling import Told, same_json
from curator.records.converting.ways import Keys
from curator.records.transforms.writing import Said, said


def differences(asked: Told, found: Told, keys: Keys) -> Iterator[Loss]:
    """What is lost, and what is worth telling. Raises NotConvertedError for a difference that no cause explains."""
    if len(asked.messages) != len(found.messages):
        raise NotConvertedError(Cause.DIFFERS, f"{len(found.messages):,} of {len(asked.messages):,} messages")
    told: dict[Cause, list[str]] = {}
    for place, (one, other) in enumerate(zip(asked.messages, found.messages, strict=True)):
        _check_said(place, one, other)
        for cause in _in_message(one, other):
            told.setdefault(cause, []).append(f"{place + 1:,}")
        if gone := _gone(one.raw, other.raw):
            cause = Cause.DROPPED if keys is Keys.DROP else Cause.MESSAGE_KEYS
            told.setdefault(cause, []).extend(f"`{key}` of {place + 1:,}" for key in gone)
    yield from (Loss(cause, f"message {', '.join(where)}") for cause, where in told.items())
    yield from _beside(asked, found, keys)


def _check_said(place: int, one: Message, other: Message) -> None:
    alike = (one.role, one.parts, one.tool_calls) == (other.role, other.parts, other.tool_calls)
    if one.section != other.section or (not alike and _sense(one) != _sense(other)):
        raise NotConvertedError(Cause.DIFFERS, f"message {place + 1:,}")


def _sense(message: Message) -> Said:
    """What the message says, but for what may be lost."""
    told = said(message)
    return replace(
        told,
        others=tuple(replace(part, detail="") for part in told.others),
        tool_calls=tuple(replace(call, call_id="", legacy=False) for call in told.tool_calls),
        name="",
        tool_call_id="",
    )


def _in_message(one: Message, other: Message) -> Iterator[Cause]:
    if one.trained != other.trained:
        yield Cause.NOT_TRAINED if one.trained else Cause.TRAINED_TOO
    if one.name != other.name and one.role != "tool":
        yield Cause.NAMES
    if _kinds(one, "refusal") != _kinds(other, "refusal"):
        yield Cause.REFUSALS
    elif _kinds(one, "text") > _kinds(other, "text"):
        yield Cause.JOINED
    if [part.detail for part in _images(one)] != [part.detail for part in _images(other)]:
        yield Cause.DETAIL


def _kinds(message: Message, kind: str) -> int:
    return sum(part.kind == kind for part in message.parts)


def _images(message: Message) -> list[Part]:
    return [part for part in message.parts if part.kind == "image"]


def _gone(asked: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return [key for key, value in asked.items() if key not in found or not same_json(found[key], value)]


def _beside(asked: Told, found: Told, keys: Keys) -> Iterator[Loss]:
    yield from asked.unheard
    if asked.reference is not None and found.others.get(REFERENCE) != asked.reference:
        raise NotConvertedError(Cause.DIFFERS, "the last answer")
    if not same_json(list(asked.tools), list(found.tools)):
        yield Loss(Cause.TOOLS, f"{len(asked.tools):,} declared")
    if _pairing(asked.messages) != _pairing(found.messages):
        yield Loss(Cause.PAIRING)
    if _tool_names(asked) - _tool_names(found):
        yield Loss(Cause.NAMES, "those of tools that answer")
    if gone := _gone(asked.others, found.others):
        cause = Cause.DROPPED if keys is Keys.DROP else Cause.KEYS
        yield Loss(cause, ", ".join(f"`{key}`" for key in gone))


def _pairing(messages: Sequence[Message]) -> list[int | str | None]:
    """Which call each message answers; where that is none, by which id it says so."""
    pairs = zip(answered(messages), messages, strict=True)
    return [message.tool_call_id if owner is None else owner for owner, message in pairs]


def _tool_names(told: Told) -> set[tuple[int, str]]:
    """The names that answers of tools bear or that follow from the calls, by the message."""
    names = enumerate(zip(told.messages, called_names(told.messages), strict=True))
    borne = [(place, message.name or name) for place, (message, name) in names if message.role == "tool"]
    return {(place, name) for place, name in borne if name}
