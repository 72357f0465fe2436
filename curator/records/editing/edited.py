"""A conversation after an edit, and where its messages come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from curator.records.conversation import Conversation, Message


@dataclass(frozen=True, slots=True)
class Edited:
    """A conversation after an edit; by its places, what is noted of messages follows them."""

    conversation: Conversation
    places: tuple[int | None, ...]
    """For each message its place in the conversation before, counted from 0; None for a new one."""

    def then(self, edit: Callable[[Conversation], Edited]) -> Edited:
        """This edit and another one after it, as one: for what a dialect can hold only as a whole."""
        after = edit(self.conversation)
        places = tuple(None if place is None else self.places[place] for place in after.places)
        return Edited(after.conversation, places)


def in_place(conversation: Conversation) -> Edited:
    """A conversation whose messages stand where they stood."""
    return Edited(conversation, tuple(range(len(conversation.messages))))


def with_message(conversation: Conversation, place: int, message: Message) -> Edited:
    """The conversation with another message in the place of one of its own, which it goes on being."""
    messages = conversation.messages
    return in_place(replace(conversation, messages=(*messages[:place], message, *messages[place + 1 :])))


def without_key(message: Message, key: str) -> Message:
    """The message without a key of the object that the record holds for it; the dialects leave out what is not said."""
    if not isinstance(message.raw, dict) or key not in message.raw:
        return message
    return replace(message, raw={name: value for name, value in message.raw.items() if name != key})
