"""What a session answers with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from curator.edits.labels import MessageTags, Verdict
from curator.records.codec import line_body
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect

SMALLEST_SHOWN = Decimal("0.00000001")
"""US dollars of a call below which nothing is shown."""


@dataclass(frozen=True, slots=True)
class Place:
    """A record of a data set, wherever it stands in it."""

    source: int
    """The number of its source."""
    id: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the data set, decoded to be read."""

    position: int
    path: Path
    line_number: int | None
    """Where it stands in its file, in whatever version, counted from 1; None for one that is not in the file yet."""
    line: bytes
    """As it stands there or will be written, its line end included; without the file's byte order mark."""
    value: Any
    """The JSON value, or Malformed."""
    dialect: Dialect
    conversation: Conversation
    place: Place
    version: int
    """The number of its text; another text has another."""
    number: int
    """Its place in the files, counted from 1 over all records that are not hidden, whatever is listed."""

    @property
    def body(self) -> bytes:
        """The line without its line end."""
        return line_body(self.line)

    @property
    def line_end(self) -> bytes:
        """What ends the line: `\\n`, `\\r\\n`, or nothing at the end of a file."""
        return self.line[len(self.body) :]


@dataclass(frozen=True, slots=True)
class Row:
    """What the audit knows of one record."""

    messages: int
    turns: int
    tokens: int
    trained: int
    findings: int
    flags: int
    over_context: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What was done to a record, and said of it."""

    edited: bool
    dropped: bool
    marked: bool
    verdict: Verdict | None
    tags: tuple[str, ...]
    note: str
    message_tags: MessageTags
    derived: bool
    """Whether no line of the source was read for it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What training on the data set costs."""

    epochs: int
    training: Decimal | None
    """US dollars, not rounded; None where the model's training price is not one by tokens."""


def dollars(amount: Decimal | None) -> str:
    """An amount of money as people read it: two decimals, more where it would show as nothing."""
    if amount is None:
        return "not known"
    places = 2 if abs(amount) >= Decimal("0.01") or not amount else 6
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{places}f}"


def a_call(amount: Decimal) -> str:
    """A price of a call: as many decimals as it has, up to eight."""
    text = format(amount.quantize(SMALLEST_SHOWN), ",f").rstrip("0")
    whole, _, rest = text.lstrip("-").partition(".")
    return f"{'-' if amount < 0 else ''}${whole}.{rest.ljust(2, '0')}"
