"""Tokens by who says them, and of the tools that are declared; together they are the tokens of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import islice

from curator.analysis.report import AuditSpec
from curator.records.codec import decode

BATCH_RECORDS = 500
PLACES = {"system": "system", "developer": "system", "user": "user", "tool": "tool", "function": "tool"}
"""Under which name the messages of a role are summed up; the assistant's are told apart by what is trained."""


@dataclass(slots=True)
class RoleTokens:
    """Sums over records, in tokens, that can be merged; each message with what the token rule adds for it."""

    system: int = 0
    user: int = 0
    trained: int = 0
    """Of the assistant's messages, what a trainer learns from."""
    untrained: int = 0
    """The rest of the assistant's messages."""
    tool: int = 0
    """Results of tools."""
    declared: int = 0
    """The tools that examples declare."""
    other: int = 0
    """Messages of other roles, and the constant of each example."""
    disagreement: str = ""
    """Not empty if the accelerator counted wrongly; the sums are then in doubt."""

    def merge(self, other: RoleTokens) -> None:
        """Add the sums over other records."""
        self.disagreement = self.disagreement or other.disagreement
        for one in fields(self):
            mine = getattr(self, one.name)
            if isinstance(mine, int):
                setattr(self, one.name, mine + getattr(other, one.name))

    def add(self, role: object, tokens: int, trained: int) -> None:
        """Add a message."""
        if role == "assistant":
            self.trained += trained
            self.untrained += tokens - trained
        else:
            name = PLACES.get(role, "other") if isinstance(role, str) else "other"
            setattr(self, name, getattr(self, name) + tokens)


def role_tokens_of(lines: Iterable[bytes], spec: AuditSpec) -> RoleTokens:
    """The sums over some lines; those that hold no record count nothing. Loads the vocabulary."""
    from curator.analysis.analyst import analyst_for
    from curator.analysis.texts import EXAMPLE_TOKENS

    analyst = analyst_for(spec)
    sums = RoleTokens()
    decoded = enumerate(decode(line.rstrip(b"\r\n")) for line in lines)
    values = ((row, value) for row, value in decoded if isinstance(value, dict))
    while batch := list(islice(values, BATCH_RECORDS)):
        for record in analyst.by_record(batch):
            constant = EXAMPLE_TOKENS if record.messages and not record.dialect.plain_tokens else 0
            sums.other += constant
            sums.declared += record.overhead - constant
            for message, (tokens, trained) in zip(record.messages, record.counted, strict=True):
                sums.add(message.get("role") if isinstance(message, dict) else None, tokens, trained)
    sums.disagreement = analyst.disagreement
    return sums
