"""Values that occur in the data, to be offered where a filter is typed."""

from __future__ import annotations

from collections import Counter

from curator.analysis.predicates.paths import paths_of
from curator.analysis.predicates.traits import models_of
from curator.records.codec import decode, line_body
from curator.session.facade import Session
from curator.session.working_source import WorkingSource

FIRST_LINES = 200
"""Lines of each file that are read for roles, tools and keys."""
LONGEST_LINE = 1 << 16
"""Bytes of a line up to which it is read for that."""


def known_values(session: Session) -> dict[str, list[str]]:
    """By the kind of a filter the values that are known: of tags, findings and dialects all, of the rest some."""
    totals = session.totals
    tags = sorted({tag for source in session.sources for tag in source.edited.overlay.labels.tags})
    seen = _Seen()
    for source in session.sources:
        seen.look(session, source)
    return {
        "tag": tags,
        "code": sorted(code for code, count in totals.findings.items() if count),
        "dialect": [name for name, count in totals.dialects.most_common() if count],
        "source": [source.opened.path.name for source in session.sources],
        "role": [name for name, _ in seen.roles.most_common()],
        "tool": [name for name, _ in seen.tools.most_common()],
        "model": [name for name, _ in seen.models.most_common()],
        "has": [name for name, _ in seen.keys.most_common()],
    }


class _Seen:
    """What stands in the first lines of the files."""

    def __init__(self) -> None:
        self.roles: Counter[str] = Counter()
        self.tools: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.models: Counter[str] = Counter()

    def look(self, session: Session, source: WorkingSource) -> None:
        """Look into the first lines of a file."""
        opened = source.opened
        for line in range(min(FIRST_LINES, len(opened.index))):
            start, end = opened.index.span(line)
            if end - start > LONGEST_LINE:
                continue
            value = decode(line_body(opened.source.read(start, end - start)))
            if not isinstance(value, dict):
                continue
            self.keys.update(paths_of(value))
            self.models.update(models_of(value))
            for message in session.dialect_of(opened, value).read(value).messages:
                self.roles[message.role] += 1
                self.tools.update(call.name for call in message.tool_calls)
