"""Two pieces out of one conversation, and one conversation out of two."""

from __future__ import annotations

from dataclasses import replace

from curator.records.conversation import Conversation, Message
from curator.records.transforms.pieces import Cause, Excerpt, Note, Piece, Split, cut, refusal, refused
from curator.records.transforms.turns import prompt_length, why_not_at


def split_at(conversation: Conversation, place: int, repeat_system: bool = True) -> Split:
    """Two pieces, of which the second begins with the message at `place`, after the system prompt if it is repeated.

    Refused where a tool call would part from its result, or the second piece would not begin with a user message.
    """
    if refuse := refusal(conversation):
        return refuse
    if reason := why_not_at(conversation.messages, place):
        return refused(Cause.NOT_HERE, reason)
    prompt = prompt_length(conversation.messages)
    notes = []
    if prompt and not repeat_system:
        notes.append(Note(Cause.NO_SYSTEM, "The system prompt is left out of the second piece."))
    repeated = range(prompt if repeat_system else 0)
    second = Excerpt((*repeated, *range(place, len(conversation.messages))))
    return cut(conversation, [Excerpt(tuple(range(place))), second], notes)


def join(first: Conversation, second: Conversation) -> Split:
    """One conversation: the messages of the first, then those of the second, with tools and other keys of the first.

    Of two equal system prompts the first's is kept. One of the second that differs stays in its place, in the middle:
    without it the answers after it would be trained without the instruction that they follow. Refused where the
    second declares tools that the first does not.
    """
    if refuse := refusal(first, second):
        return refuse
    if any(tool not in first.tools for tool in second.tools):
        return refused(
            Cause.OTHER_TOOLS, "The second record declares tools that the first does not; give both the same tools."
        )
    prompt = first.messages[: prompt_length(first.messages)]
    repeated = len(prompt) if second.messages[: len(prompt)] == prompt else 0
    added = tuple(_moved(message) for message in second.messages[repeated:])
    length = len(first.messages)
    places = (*range(length), *range(length + repeated, length + len(second.messages)))
    joined = replace(first, messages=(*first.messages, *added))
    return Split((Piece(joined, 1, 1, places),), tuple(_notes(first, second, repeated)))


def _moved(message: Message) -> Message:
    """The message without its place in its old record; what is more than a field of that record keeps its keys."""
    return replace(message, pointer="", raw=message.raw if isinstance(message.raw, dict) else None)


def _notes(first: Conversation, second: Conversation, repeated: int) -> list[Note]:
    notes = []
    if first.messages and prompt_length(second.messages) > repeated:
        text = "The second record has a system prompt of its own; it stays in the middle, before what it applies to."
        notes.append(Note(Cause.TWO_PROMPTS, text))
    own = dict(first.other_keys)
    lost = [f"`{key}`" for key, value in second.other_keys if key not in own or own[key] != value]
    if lost:
        notes.append(Note(Cause.KEYS_LEFT_OUT, f"Left out of the second record: {', '.join(lost)}."))
    return notes
