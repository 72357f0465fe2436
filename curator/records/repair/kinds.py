"""What can be repaired, how sure that is, and what a stretch of a file comes to."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """A repair, or why something is left, in words that a number may stand before and a place behind."""

    BYTE_ORDER_MARK = "byte order mark taken away"
    UTF_16_OR_32 = "UTF-16 or UTF-32 written as UTF-8"
    ENCODING = "text in another encoding written as UTF-8"
    ARRAY = "JSON array taken apart, an item a line"
    OPEN_ARRAY = "array that nothing closes taken as ended"
    LAYOUT = "record over several lines joined to one"
    SEVERAL = "record given a line of its own"
    BETWEEN = "comma between records taken out"
    BLANK = "blank line taken out"
    LINE_END = "CRLF written as LF"
    COMMENT = "comment taken out"
    TRAILING_COMMA = "comma before a closing bracket taken out"
    CONTROL = "control character in a string written as an escape"
    PYTHON = "Python's True, False or None written as JSON's"
    SINGLE_QUOTES = "single quotes around a string made double"
    SMART_QUOTES = "typographic quotes around a string made plain"
    BARE_KEY = "key put in quotes"
    INNER_QUOTE = "quote inside a string escaped"
    ESCAPE = "escape that JSON lacks spelled anew"
    BACKSLASH = "backslash that begins no escape doubled"
    CONSTANT = "NaN or Infinity written as null"
    MISSING_COMMA = "missing comma put in"
    CUT_OFF = "record that was cut off closed"
    CONFLICT = "merge conflict marker taken out, both sides kept"
    MESSAGES = "bare list of messages made a conversation"
    NOT_JSON = "not JSON"
    NOT_UTF_8 = "not UTF-8"
    NOT_AN_OBJECT = "JSON, but not an object, so it is no record"

    @property
    def word(self) -> str:
        """The kind's name for programs, such as `trailing-comma`."""
        return self.name.lower().replace("_", "-")


LEFT = frozenset((Kind.NOT_JSON, Kind.NOT_UTF_8, Kind.NOT_AN_OBJECT))
"""What is no repair: it stays as it is."""


class Repair(NamedTuple):
    """One repair with its place in the text as it was."""

    kind: Kind
    line: int
    """Counted from 1; lines end where a line feed is."""
    column: int
    """In characters of the line, counted from 1; a byte that is not UTF-8 counts as one."""
    detail: str = ""
    """What the kind does not say: an encoding with its probability, why a line is left."""


class Piece(NamedTuple):
    """What a stretch of the text comes to: one line, several, or none."""

    kept: bytes
    """What is written without guesses, line ends included. Sound lines are as they were, byte for byte."""
    repairs: tuple[Repair, ...] = ()
    """What was done, where only one reading is left."""
    guessed: bytes | None = None
    """What is written if the guesses are taken; None where there is nothing to guess."""
    guesses: tuple[Repair, ...] = ()
    """What is done then, all of it: sure repairs that only count with it are among them."""
    left: Repair | None = None
    """Why `kept` is no record."""
    record: bool = False
    """Whether it holds a record, taken as it is kept or as it is guessed."""

    def lines(self, *, guess: bool) -> bytes:
        """What is written."""
        return self.guessed if guess and self.guessed is not None else self.kept

    def done(self, *, guess: bool) -> tuple[Repair, ...]:
        """The repairs in it."""
        return self.repairs + self.guesses if guess and self.guessed is not None else self.repairs
