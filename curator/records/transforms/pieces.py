"""What a transformation answers with: pieces, and notes on what was left out or could not be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from curator.records.conversation import Conversation


class Cause(StrEnum):
    """Why there is a note, in words that serve for many records at once."""

    PREFERENCE = "a preference record compares two answers to one prompt, so it stays whole"
    NOT_HERE = "it cannot be split at this place"
    OTHER_TOOLS = "the second record declares tools that the first does not"
    DOES_NOT_FIT = "its dialect cannot hold the pieces"
    OVER_BUDGET = "a turn is over the budget on its own; it is not cut"
    HISTORY_TRAINED = "the dialect has no mask, so the repeated history is trained too"
    HISTORY_ONLY = "turns without a trained answer stand only in the history of later pieces"
    TRAINS_NOTHING = "a piece trains nothing"
    OVERLAP_SHORTENED = "a piece repeats fewer turns than asked for, for want of room"
    NO_SYSTEM = "the system prompt is left out"
    TWO_PROMPTS = "the second record's own system prompt stays in the middle"
    KEYS_LEFT_OUT = "keys of the second record are left out"


NOT_DONE = frozenset(
    (Cause.PREFERENCE, Cause.NOT_HERE, Cause.OTHER_TOOLS, Cause.DOES_NOT_FIT, Cause.OVER_BUDGET),
)
"""Causes by which what was asked for was not done, or not wholly."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence on one record, and the cause by which such sentences are counted."""

    cause: Cause
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Piece:
    """A conversation that remembers where it came from."""

    conversation: Conversation
    part: int
    """Which piece of its original it is, counted from 1."""
    parts: int
    """How many pieces its original gave."""
    places: tuple[int, ...] = ()
    """For each message its place in the original, counted from 0; a joined one counts on from the first record."""


@dataclass(frozen=True, slots=True)
class Split:
    """The pieces of a conversation. None at all mean that the request was refused, for the reason in the notes."""

    pieces: tuple[Piece, ...] = ()
    notes: tuple[Note, ...] = ()

    def leaves(self, conversation: Conversation) -> bool:
        """Whether nothing comes of it: it was refused, or the only piece is the conversation as it was."""
        return not self.pieces or [piece.conversation for piece in self.pieces] == [conversation]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Which messages make a piece, and from which place of the original on they may be trained."""

    places: tuple[int, ...]
    trained_from: int = 0


def refused(cause: Cause, text: str) -> Split:
    """No pieces, and why."""
    return Split((), (Note(cause, text),))


def refusal(*conversations: Conversation) -> Split | None:
    """Why conversations cannot be taken apart or put together at all; None where they can."""
    if any(message.section for one in conversations for message in one.messages):
        return refused(Cause.PREFERENCE, f"{str(Cause.PREFERENCE).capitalize()}.")
    return None


def whole(conversation: Conversation, *notes: Note) -> Split:
    """The conversation as its own only piece."""
    return Split((Piece(conversation, 1, 1, tuple(range(len(conversation.messages)))),), notes)


def cut(conversation: Conversation, excerpts: Sequence[Excerpt], notes: Sequence[Note] = ()) -> Split:
    """The pieces that the excerpts describe; tools and other keys go with each of them."""
    pieces = tuple(
        Piece(_taken(conversation, excerpt), part, len(excerpts), excerpt.places)
        for part, excerpt in enumerate(excerpts, 1)
    )
    return Split(pieces, (*notes, *_on_untrained(pieces)))


def _taken(conversation: Conversation, excerpt: Excerpt) -> Conversation:
    messages = tuple(
        replace(conversation.messages[place], trained=False)
        if place < excerpt.trained_from and conversation.messages[place].trained
        else conversation.messages[place]
        for place in excerpt.places
    )
    return replace(conversation, messages=messages)


def _on_untrained(pieces: Sequence[Piece]) -> list[Note]:
    numbers = [one.part for one in pieces if not any(message.trained for message in one.conversation.messages)]
    if len(pieces) < 2 or not numbers:
        return []
    verb = "trains" if len(numbers) == 1 else "train"
    return [Note(Cause.TRAINS_NOTHING, f"{numbered('Piece', numbers)} {verb} nothing: no answer in it is trained.")]


def numbered(word: str, numbers: Sequence[int]) -> str:
    """`Piece 2`, `Pieces 2 and 3` or, of many, `Pieces 2, 3, 4 and 17 others`."""
    if len(numbers) == 1:
        return f"{word} {numbers[0]:,}"
    if len(numbers) > 4:
        return f"{word}s {', '.join(f'{one:,}' for one in numbers[:3])} and {len(numbers) - 3:,} others"
    return f"{word}s {', '.join(f'{one:,}' for one in numbers[:-1])} and {numbers[-1]:,}"
