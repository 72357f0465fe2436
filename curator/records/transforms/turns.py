"""Where a conversation may be cut: at turns, and never between a tool call and its results."""

from __future__ import annotations

from collections.abc import Sequence

from curator.records.conversation import Message

PROMPTS = frozenset(("system", "developer"))
ASKING = PROMPTS | {"user"}
"""Roles that speak before an answer."""
RESULTS = frozenset(("tool", "function"))


def prompt_length(messages: Sequence[Message]) -> int:
    """How many messages the system prompt is: those of system and developer before any other."""
    return next((place for place, one in enumerate(messages) if one.role not in PROMPTS), len(messages))


def turn_starts(messages: Sequence[Message]) -> list[int]:
    """Where each turn begins, the system prompt apart: a user message and all up to the next one.

    User messages in a row begin one turn, since only the last of them is answered. A system message right before a
    user message belongs to that turn; what is said before the first user message belongs to the first turn. A user
    message between a tool call and its result begins no turn.
    """
    first = prompt_length(messages)
    if first == len(messages):
        return []
    bound = bound_places(messages)
    asked = messages[first].role in ASKING
    starts = [first]
    for place in range(first + 1, len(messages)):
        begins = messages[place].role in ASKING and messages[place - 1].role not in ASKING
        if begins and asked and place not in bound and opening_role(messages, place) == "user":
            starts.append(place)
        asked = asked or messages[place].role == "user"
    return starts


def opening_role(messages: Sequence[Message], place: int) -> str:
    """The role that speaks first from a place on, system messages apart; empty where none does."""
    return next((one.role for one in messages[place:] if one.role not in PROMPTS), "")


def bound_places(messages: Sequence[Message]) -> set[int]:
    """The places where a cut would part a tool call from a result of it."""
    last_result = _last_results(messages)
    bound: set[int] = set()
    furthest = -1
    for place in range(len(messages)):
        if place <= furthest:
            bound.add(place)
        furthest = max(furthest, last_result.get(place, -1))
    return bound


def _last_results(messages: Sequence[Message]) -> dict[int, int]:
    """For each message with calls, the place of the last result of one; results without an id answer in order."""
    by_id: dict[str, int] = {}
    unanswered: list[int] = []
    last: dict[int, int] = {}
    for place, message in enumerate(messages):
        for call in message.tool_calls:
            unanswered.append(place)
            if call.call_id:
                by_id[call.call_id] = place
        if message.role in RESULTS:
            caller = by_id.get(message.tool_call_id) if message.tool_call_id else next(iter(unanswered), None)
            if caller is not None:
                last[caller] = place
                if caller in unanswered:
                    unanswered.remove(caller)
    return last


def why_not_at(messages: Sequence[Message], place: int) -> str:
    """Why a conversation cannot be cut before the message at a place, as a sentence; empty where it can."""
    if not prompt_length(messages) < place < len(messages):
        return "One of the two pieces would hold no message but the system prompt."
    if place in bound_places(messages):
        return "A tool call would part from its result; split before the call or after the last of its results."
    role = opening_role(messages, place)
    if not role:
        return "The second piece would hold nothing but system messages."
    if role != "user":
        return (
            f"The second piece would begin with the {role} message, without what it answers; split at a user message."
        )
    return ""
