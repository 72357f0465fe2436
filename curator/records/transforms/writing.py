"""Pieces as records of their dialect, with what the dialect cannot say told or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from curator.records.codec import Malformed, compact, decode_exactly
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects import Dialect
from curator.records.dialects.base import DoesNotFitError, Record
from curator.records.dialects.trl import TRL, WHOLE
from curator.records.rewriting import rewrite
from curator.records.transforms.pieces import Cause, Note, Piece, Split

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Written:
    """The records of a split's pieces, in order, with its notes and more; none, and why, where it was refused."""

    records: tuple[Record, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, in a form that is the same for two messages which say the same."""

    role: str
    text: str
    others: tuple[Part, ...]
    """The parts that are no text."""
    tool_calls: tuple[ToolCall, ...]
    name: str
    tool_call_id: str


def piece_lines(
    split: Split,
    conversation: Conversation,
    body: bytes,
    record: Mapping[str, Any],
    dialect: Dialect,
    more: Mapping[str, Any] = NOTHING,
) -> tuple[tuple[bytes, ...], tuple[Note, ...]]:
    """The lines of a record's pieces, without their ends, and the notes; no lines where it stays as it is.

    `body` is the record's own line: what a piece takes from it keeps its spelling. Pieces have the keys of `more` too.
    """
    if split.leaves(conversation):
        return (), split.notes
    written = write_pieces(split, record, dialect)
    return tuple(rewrite(body, record, {**one, **more}) for one in written.records), written.notes


def write_pieces(split: Split, record: Mapping[str, Any], dialect: Dialect) -> Written:
    """Each piece as a record like the one that it came from; of a joined one, like the first.

    All or none: a piece that the dialect has no place for refuses all of them. Each record is read back, so that what
    a dialect cannot say (that history is not trained, for one) is found out and not assumed.
    """
    if not split.pieces:
        return Written((), split.notes)
    records: list[Record] = []
    unmasked: list[int] = []
    for piece in split.pieces:
        try:
            written, masked = _write(piece, record, dialect)
        except DoesNotFitError as error:
            return Written((), (Note(Cause.DOES_NOT_FIT, str(error)),))
        records.append(written)
        if not masked:
            unmasked.append(piece.part)
    notes = list(split.notes)
    if unmasked:
        text = f"{dialect.title} has no mask for single messages: the history that pieces repeat is trained too."
        notes.append(Note(Cause.HISTORY_TRAINED, text))
    return Written(tuple(records), tuple(notes))


def _write(piece: Piece, record: Mapping[str, Any], dialect: Dialect) -> tuple[Record, bool]:
    """The piece's record, and whether it says of all messages that are not trained that they are not."""
    sided = isinstance(dialect, TRL) and not any(key in record for key in WHOLE)
    conversation = _on_sides(piece.conversation) if sided else piece.conversation
    if sided and not any(message.trained for message in conversation.messages):
        raise DoesNotFitError(
            f"Piece {piece.part:,} of {piece.parts:,} has no answer for the `completion` of a TRL record."
        )
    written = dialect.write(record, conversation)
    back = dialect.read(written)
    lost = loses_mark(dialect, record, written)
    if lost or not says_the_same(back.messages, conversation.messages):
        raise DoesNotFitError(f"A record of {dialect.title} cannot hold piece {piece.part:,} of {piece.parts:,}.")
    marks = list(zip(back.messages, conversation.messages, strict=True))
    if any(wanted.trained and not found.trained for found, wanted in marks):
        raise DoesNotFitError(f"In piece {piece.part:,}, {dialect.title} would not train an answer that was trained.")
    return written, not any(found.trained and not wanted.trained for found, wanted in marks)


def _on_sides(conversation: Conversation) -> Conversation:
    """For TRL, where the side tells what is trained: all before the first trained message is the prompt."""
    messages = conversation.messages
    first = next((place for place, one in enumerate(messages) if one.trained), len(messages))
    sides = tuple(
        replace(one, pointer="/prompt" if place < first else "/completion") for place, one in enumerate(messages)
    )
    return replace(conversation, messages=sides)


def loses_mark(dialect: Dialect, record: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Whether the record was one that the dialect claims, and what is written is not."""
    return dialect.claims(record) is not None and dialect.claims(written) is None


def says_the_same(found: Sequence[Message], asked: Sequence[Message]) -> bool:
    """Whether the messages say the same, one by one; whether they are trained is not looked at."""
    pairs = zip(found, asked, strict=False)
    return len(found) == len(asked) and all(one == two or said(one) == said(two) for one, two in pairs)


def said(message: Message) -> Said:
    """What a message says, however its text is put into parts and its JSON is spelt."""
    texts = [part.text for part in message.parts if part.kind in ("text", "refusal") and part.text]
    others = [
        replace(part, text=_respelt(part.text)) if part.kind == "other" else part
        for part in message.parts
        if part.kind not in ("text", "refusal")
    ]
    calls = tuple(replace(call, arguments=_respelt(call.arguments)) for call in message.tool_calls)
    return Said(message.role, "\n".join(texts), tuple(others), calls, message.name, message.tool_call_id)


def _respelt(text: str) -> str:
    """JSON text in one spelling of many; any other text as it is."""
    value = decode_exactly(text.encode("utf-8", "backslashreplace"))
    return text if isinstance(value, Malformed) else compact(value)
