"""A group of problems that is walked: the records that one rule finds, or those of them with one cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap64

from curator.analysis.lint.rule import Rule
from curator.session.facade import Session
from curator.session.working_source import WorkingSource


@dataclass(frozen=True, slots=True, eq=False)
class ProblemGroup:
    """What is walked; a record that is mended is not in it any more."""

    rule: Rule
    cause: str = ""
    """What the records have in common beyond the rule, as a sentence; empty for all that the rule finds."""
    among: Mapping[int, BitMap64] | None = field(default=None, repr=False)
    """By number of the source: the records with that cause when it was looked for; None for all."""

    @property
    def title(self) -> str:
        """How it is called."""
        return f"{self.rule.code}: {self.cause or self.rule.title}"

    def records(self, session: Session, source: WorkingSource) -> BitMap64:
        """The records of a source that are in it now. Not to be changed."""
        found = session.by_rule.of(source, self.rule.number)
        return found if self.among is None else found & self.among.get(source.number, BitMap64())

    def selection(self, session: Session) -> dict[WorkingSource, BitMap64]:
        """The records of all sources that are in it now."""
        found = {source: self.records(session, source) for source in session.sources}
        return {source: records for source, records in found.items() if records}

    def left(self, session: Session) -> int:
        """How many records are in it now."""
        return sum(map(len, self.selection(session).values()))
