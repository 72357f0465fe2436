"""What the record list shows of a position."""

from __future__ import annotations

from curator.analysis.lint.rules import ERROR_BITS
from curator.analysis.report import Flag
from curator.errors import UnreadableError
from curator.records.preview import PREVIEW_BYTES, preview
from curator.session import Row, Session
from curator.tui.visible import one_line
from curator.tui.widgets.record_list import Entry

PREVIEW_CELLS = 300


def entry_of(session: Session, position: int) -> Entry:
    """The entry of a line; figures stay empty until the audit has reached it."""
    opened, _ = session.data.locate(position)
    try:
        line = session.line(position, PREVIEW_BYTES)
    except UnreadableError:
        return Entry("error", "", "", False, "cannot be read any more")
    text = one_line(preview(line, session.file_dialect(opened), only=bool(session.settings.dialect)), PREVIEW_CELLS)
    row = session.row(position)
    if row is None:
        return Entry("waiting", "", "", False, text)
    if row.flags & Flag.BLANK:
        return Entry("blank", "", "", False, "blank line")
    if row.flags & Flag.MALFORMED:
        return Entry("error", "", "", False, text)
    return Entry(_flag(row), f"{row.turns:,}", f"{row.tokens:,}", row.over_context, text)


def _flag(row: Row) -> str:
    if row.over_context or row.findings & ERROR_BITS or row.flags & Flag.INVALID:
        return "error"
    return "warning" if row.findings else "fine"
