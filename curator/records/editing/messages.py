"""Edits of whole messages: insert, delete, move, and who speaks and is learnt from."""

from __future__ import annotations

from dataclasses import replace

from curator.errors import UsageError
from curator.records.conversation import Conversation, Message, Part
from curator.records.editing.edited import Edited, in_place, with_message, without_key

PROMPT_FIELDS = frozenset(("prompt", "input"))
"""Fields of a record whose messages are never trained."""
SIDES = PROMPT_FIELDS | {"completion", "chosen", "rejected", "preferred_output", "non_preferred_output"}
"""Fields of a record that hold messages each and are told from one another."""


def insert_message(
    conversation: Conversation, place: int, role: str, text: str = "", *, beside: int | None = None
) -> Edited:
    """A new message before a place (the number of messages: at the end).

    It belongs to the same side (prompt, chosen answer, ...) as the message `beside`, else as the one before it.
    """
    messages = conversation.messages
    _check_role(role)
    beside = max(place - 1, 0) if beside is None else beside
    neighbour = messages[beside] if beside < len(messages) else None
    side = _side(neighbour) if neighbour else ""
    new = Message(
        role,
        (Part("text", text),),
        trained=_trained(role, side),
        section=neighbour.section if neighbour else "",
        pointer=f"/{side}" if side else "",
    )
    places = range(len(messages))
    return Edited(
        replace(conversation, messages=(*messages[:place], new, *messages[place:])),
        (*places[:place], None, *places[place:]),
    )


def delete_message(conversation: Conversation, message: int) -> Edited:
    """The conversation without the message; what that leaves incomplete, `consequences` tells."""
    messages = conversation.messages
    places = range(len(messages))
    return Edited(
        replace(conversation, messages=(*messages[:message], *messages[message + 1 :])),
        (*places[:message], *places[message + 1 :]),
    )


def move_message(conversation: Conversation, message: int, by: int) -> Edited:
    """The message one place up (-1) or down (1). Raises UsageError at an end of the conversation or of its side."""
    if by not in (-1, 1):
        raise ValueError(f"a message moves by one place, not by {by}")
    messages = conversation.messages
    other = message + by
    if not 0 <= other < len(messages):
        raise UsageError(f"Message {message + 1:,} is the {'first' if by < 0 else 'last'} one: it stays where it is.")
    here = _side(messages[message])
    if here != _side(messages[other]):
        side = f"`{here}`" if here else "the conversation"
        ends = f"Message {message + 1:,} stands at the {'start' if by < 0 else 'end'} of {side}"
        raise UsageError(f"{ends}: it stays on its side. Insert a message on the other side instead.")
    places = list(range(len(messages)))
    places[message], places[other] = other, message
    return Edited(replace(conversation, messages=tuple(messages[place] for place in places)), tuple(places))


def set_role(conversation: Conversation, message: int, role: str) -> Edited:
    """The message as another speaker's; an assistant's is trained where its side is, all others are not."""
    _check_role(role)
    before = conversation.messages[message]
    if before.role == role:
        return in_place(conversation)
    after = replace(before, role=role, trained=_trained(role, _side(before)))
    return with_message(conversation, message, after if role == "assistant" else without_key(after, "weight"))


def toggle_trained(conversation: Conversation, message: int) -> Edited:
    """Whether the message is learnt from, turned round. Raises UsageError where it is not the assistant's."""
    before = conversation.messages[message]
    if before.role != "assistant":
        raise UsageError(f"Message {message + 1:,} is a {before.role} message: only the assistant's are trained.")
    return with_message(conversation, message, replace(before, trained=not before.trained))


def _trained(role: str, side: str) -> bool:
    return role == "assistant" and side not in PROMPT_FIELDS


def _side(message: Message) -> str:
    """The field of the record that the message stands in, where such fields are sides; else empty."""
    field = message.pointer.split("/")[1] if message.pointer else ""
    return field if field in SIDES else message.section


def _check_role(role: str) -> None:
    if not role.strip():
        raise UsageError("A message needs a role: system, user, assistant or tool, for example.")
