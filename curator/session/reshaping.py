"""Splits and joins as previews: what a worker makes of some lines, with figures, before anything is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curator.analysis.report import AuditSpec, Columns
from curator.records.codec import decode_exactly, line_body
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect, dialect_named
from curator.records.sniffing import dialect_of
from curator.records.transforms import NOT_DONE, Note, Piece, Split, Way, join, piece_lines, split_at

NOT_A_RECORD = "The line is not a record that could be split or joined."


@dataclass(frozen=True, slots=True)
class SplitAt:
    """Cut a conversation before a message."""

    message: int
    repeat_system: bool = True


@dataclass(frozen=True, slots=True)
class Join:
    """Put all the lines together."""


Request = Way | SplitAt | Join


@dataclass(frozen=True, slots=True)
class Reshaped:
    """What comes of one record, or of several that are joined."""

    pieces: tuple[tuple[bytes, tuple[int | None, ...] | None], ...]
    """Lines without their ends, and where their messages stood; none where the record stays as it is."""
    before: Columns
    after: Columns
    notes: tuple[str, ...]
    refused: bool
    """Whether something that was asked for was not done."""


def reshape(lines: Sequence[bytes], request: Request, spec: AuditSpec) -> list[Reshaped]:
    """Split each line, or join all of them. Runs in a worker, which is where tokens are counted."""
    shaper = _Shaper(spec)
    return [shaper.joined(lines)] if isinstance(request, Join) else [shaper.split(line, request) for line in lines]


class _Shaper:
    """Splits and joins lines by one spec."""

    def __init__(self, spec: AuditSpec) -> None:
        from curator.analysis.analyst import analyst_for

        self._spec = spec
        self._analyst = analyst_for(spec)

    def split(self, line: bytes, request: Way | SplitAt) -> Reshaped:
        """One line in pieces."""
        body = line_body(line)
        value = decode_exactly(body)
        before = self._figures([body])
        if not isinstance(value, dict):
            return Reshaped((), before, Columns(), (NOT_A_RECORD,), refused=True)
        dialect = self._dialect_of(value)
        conversation = dialect.read(value)
        if isinstance(request, SplitAt):
            split = split_at(conversation, request.message, request.repeat_system)
        else:
            split = request.split(conversation, before.tokens[0], lambda: self._lengths(value))
        return self._written(split, conversation, body, value, dialect, before)

    def joined(self, lines: Sequence[bytes]) -> Reshaped:
        """All lines as one."""
        bodies = list(map(line_body, lines))
        before = self._figures(bodies)
        values = [value for value in map(decode_exactly, bodies) if isinstance(value, dict)]
        if len(values) < len(bodies):
            return Reshaped((), before, Columns(), (NOT_A_RECORD,), refused=True)
        dialect = self._dialect_of(values[0])
        read = [self._dialect_of(value).read(value) for value in values]
        return self._written(_join_all(read), read[0], bodies[0], values[0], dialect, before)

    def _written(
        self, split: Split, conversation: Conversation, body: bytes, value: Any, dialect: Dialect, before: Columns
    ) -> Reshaped:
        bodies, notes = piece_lines(split, conversation, body, value, dialect)
        refused = any(note.cause in NOT_DONE for note in notes)
        pieces = tuple((one, piece.places) for one, piece in zip(bodies, split.pieces, strict=bool(bodies)))
        return Reshaped(pieces if bodies else (), before, self._figures(bodies), tuple(map(str, notes)), refused)

    def _figures(self, bodies: Sequence[bytes]) -> Columns:
        return self._analyst.report(bodies, len(bodies)).columns

    def _lengths(self, value: Any) -> list[int]:
        return [one for one, _ in self._analyst.by_message(value).each]

    def _dialect_of(self, value: Any) -> Dialect:
        return dialect_of(value, dialect_named(self._spec.dialect), only=self._spec.only_dialect)


def _join_all(conversations: Sequence[Conversation]) -> Split:
    """All conversations as one piece, whose places count on over all of them."""
    whole, places = conversations[0], tuple(range(len(conversations[0].messages)))
    behind = len(places)
    notes: tuple[Note, ...] = ()
    for more in conversations[1:]:
        joined = join(whole, more)
        if not joined.pieces:
            return joined
        (new,) = joined.pieces
        length = len(whole.messages)
        places = tuple(places[one] if one < length else behind + one - length for one in new.places)
        whole, notes = new.conversation, (*notes, *joined.notes)
        behind += len(more.messages)
    return Split((Piece(whole, 1, 1, places),), notes)
