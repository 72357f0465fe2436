"""In which dialect a record is read, and by which schema it is judged, for a target."""

from __future__ import annotations

from typing import Any

from curator.analysis.report import AuditSpec
from curator.analysis.schema import SchemaCheck, shipped_schema
from curator.records.dialects import Dialect, dialect_named
from curator.records.sniffing import dialect_of

LENIENT = "messages"
"""The schema of what trainers of one's own read: messages with a role and a content, and any keys beside them."""


class Reading:
    """What an audit reads records as."""

    def __init__(self, spec: AuditSpec) -> None:
        self.file_dialect = dialect_named(spec.dialect)
        self._only = spec.only_dialect
        self._reads = {name: dialect_named(other) for name, other in spec.reads}
        self._takes = frozenset(spec.takes)
        self.aimed = bool(spec.takes or spec.lenient)
        """Whether it is a target that says what is taken and how it is judged."""
        self._lenient = frozenset(spec.lenient)

    def dialect_of(self, value: Any) -> Dialect:
        """The dialect that a decoded record is read in."""
        dialect = dialect_of(value, self.file_dialect, only=self._only)
        return self._reads.get(dialect.name, dialect) if self._reads else dialect

    def takes(self, dialect: Dialect) -> bool:
        """Whether the target takes records of a dialect."""
        return not self._takes or dialect.name in self._takes

    def only_keys(self, dialect: Dialect) -> frozenset[str]:
        """Top-level keys that may be there at all; empty where any may."""
        return frozenset() if dialect.name in self._lenient else dialect.only_keys

    def schema(self, dialect: Dialect) -> SchemaCheck:
        """The shipped schema that judges records of a dialect."""
        return shipped_schema(LENIENT if dialect.name in self._lenient else dialect.name)
