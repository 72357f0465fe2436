"""What a fix is, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from curator.records.dialects import Dialect
from curator.records.dialects.base import DoesNotFitError, Record
from curator.records.editing.edited import Edited
from curator.records.editing.writing import write_edited

Places = tuple[int | None, ...]
"""For each message of the outcome the place at which it stood before, counted from 0."""


class Fixed(NamedTuple):
    """A record that a fix changed."""

    record: Record
    places: Places | None = None
    """None where all messages stayed where they were."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to put right what a rule finds in a record."""

    name: str
    """How it is named on the command line, in lower case with hyphens."""
    title: str
    """What it does, as the end of "This will ..."."""
    rules: frozenset[int]
    """Numbers of the rules whose findings it mends."""
    risk: str = ""
    """Why somebody should look at the outcome, as a clause; empty for a fix that neither loses nor guesses anything."""
    apply: Callable[[Record, Dialect], Fixed | None] = lambda _, __: None
    """The record mended, or None where there is nothing to mend or the dialect has no place for the outcome."""

    @property
    def safe(self) -> bool:
        """Whether nothing is lost or guessed."""
        return not self.risk


def in_conversation(record: Record, dialect: Dialect, edited: Edited) -> Fixed | None:
    """The record with a changed conversation; None where its dialect has no place for that."""
    try:
        written = write_edited(record, dialect, edited)
    except DoesNotFitError:
        return None
    stayed = edited.places == tuple(range(len(dialect.read(record).messages)))
    return Fixed(written, None if stayed else edited.places)
