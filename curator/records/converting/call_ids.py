"""The ids that tie what tools answered to the calls: made where a dialect needs them, told by the order elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from curator.records.conversation import Message
from curator.records.converting.capacity import Ids
from curator.records.converting.causes import Cause, Loss

SHORT_ID = re.compile("[A-Za-z0-9]{9}")


def answered(messages: Sequence[Message]) -> list[int | None]:
    """For each message, which call of its conversation it answers, counted from 0; None where it answers none.

    An answer without an id is that of the first call of its section that waits for one.
    """
    waiting: dict[int, tuple[str, str]] = {}
    found: list[int | None] = []
    number = 0
    for message in messages:
        for call in message.tool_calls:
            waiting[number] = call.call_id, message.section
            number += 1
        found.append(_answers(message, waiting))
        if found[-1] is not None:
            del waiting[found[-1]]
    return found


def _answers(message: Message, waiting: dict[int, tuple[str, str]]) -> int | None:
    if message.role not in ("tool", "function"):
        return None
    here = {number: own for number, (own, section) in waiting.items() if section in ("", message.section)}
    if message.tool_call_id:
        return next((number for number, own in here.items() if own == message.tool_call_id), None)
    return next(iter(here), None)


def called_names(messages: Sequence[Message]) -> list[str]:
    """For each message the name of the tool whose answer it is; its own name where that is not known."""
    names = [call.name for message in messages for call in message.tool_calls]
    return [
        message.name if number is None else names[number]
        for message, number in zip(messages, answered(messages), strict=True)
    ]


def with_ids(messages: Sequence[Message], ids: Ids, notes: dict[Cause, Loss]) -> list[Message]:
    """The messages with ids as the dialect wants them, and no call that stands in the legacy place."""
    owners = answered(messages)
    known = [call.call_id for message in messages for call in message.tool_calls]
    kept = [own if _fits(own, ids) else "" for own in known]
    if ids in (Ids.NEEDED, Ids.SHORT):
        kept = [own or _made(number, ids, known) for number, own in enumerate(kept)]
        if kept != known:
            notes.setdefault(Cause.IDS_MADE, Loss(Cause.IDS_MADE))
    elif ids is Ids.FREE:
        kept = known
    if not known and not any(message.tool_call_id for message in messages):
        return list(messages)
    numbered = iter(range(len(known)))
    found = []
    for message, owner in zip(messages, owners, strict=True):
        calls = tuple(
            replace(call, call_id=kept[next(numbered)], legacy=False, raw=None) for call in message.tool_calls
        )
        if any(call.legacy for call in message.tool_calls):
            notes.setdefault(Cause.LEGACY, Loss(Cause.LEGACY))
        own = message.tool_call_id if owner is None or ids is Ids.FREE else kept[owner]
        found.append(replace(message, tool_calls=calls, tool_call_id=own))
    if ids is Ids.NONE and any(known):
        notes.setdefault(Cause.IDS_GONE, Loss(Cause.IDS_GONE))
    return found


def _fits(own: str, ids: Ids) -> bool:
    return bool(own) and (ids is Ids.NEEDED or (ids is Ids.SHORT and SHORT_ID.fullmatch(own) is not None))


def _made(number: int, ids: Ids, taken: Sequence[str]) -> str:
    """An id for a call by its number, which no other call has."""
    prefix = "call" if ids is Ids.SHORT else "call_"
    while True:
        number += 1
        own = f"{prefix}{number:0{5 if ids is Ids.SHORT else 1}}"
        if own not in taken:
            return own
        prefix = "curl" if ids is Ids.SHORT else f"{prefix}_"
