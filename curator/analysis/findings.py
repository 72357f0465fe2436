"""What is wrong with a record, as one sentence that points at the place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: an error makes the exit code 1, a warning does so when asked for."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one record."""

    code: str
    """`CUR` and the rule's number in three digits; CUR000 is the schema's."""
    severity: Severity
    pointer: str
    """JSON pointer (RFC 6901) into the record; empty for the record as a whole or its line."""
    message: str
    column: int = 0
    """Column of the line, counted from 1, where the line itself is at fault; else 0."""
    place: str = ""
    """The place that the pointer leads to, in people's words: `message 3 (assistant), tool call 1`."""

    @property
    def sentence(self) -> str:
        """The message, with its place before it but for a key that the message names itself."""
        around, _, last = self.place.rpartition(", ")
        place = around if last in self.message else self.place
        return f"{place}: {self.message}" if place else self.message
