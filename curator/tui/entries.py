"""What the record list shows of a position."""

from __future__ import annotations

from typing import TypedDict

from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.report import Flag
from curator.errors import UnreadableError
from curator.records.preview import PREVIEW_BYTES, preview
from curator.records.searching import Search
from curator.session import Row, Session
from curator.session.listing import ALL
from curator.session.working_source import WorkingSource
from curator.tui.visible import one_line
from curator.tui.widgets.record_list import Entry

PREVIEW_CELLS = 300
TAG_CELLS = 30
LONGEST_SEARCHED = 1 << 19
"""Bytes of a line up to which the list shows what a search finds in it."""


class _Signs(TypedDict):
    """What was done to a record, and said of it."""

    edit: str
    verdict: str
    tags: str
    marked: bool
    number: int
    faded: bool
    found: tuple[tuple[int, int], ...]


def entry_of(session: Session, position: int, search: Search | None = None) -> Entry:
    """The entry of a line; figures stay empty until the audit has reached it.

    With a search it shows the words around the first match, where there is one. Raises SlowPatternError.
    """
    source, record = session.listing.locate(position)
    view = session.listing.view
    try:
        line = session.line(position, PREVIEW_BYTES)
    except UnreadableError:
        return Entry(
            "error", "", "", False, "cannot be read any more", number=session.listing.number_of(source, record)
        )
    text, found = _words(session, position, line, search)
    standing = session.standing(position)
    more: _Signs = {
        "edit": "dropped" if standing.dropped else "new" if standing.derived else "edited" if standing.edited else "",
        "verdict": standing.verdict or "",
        "tags": one_line(" ".join(f"[{tag}]" for tag in standing.tags), TAG_CELLS),
        "marked": standing.marked,
        "number": position + 1 if view is ALL else session.listing.number_of(source, record),
        "faded": bool(view.title) and _matches_no_more(session, source, record),
        "found": found,
    }
    row = session.row(position)
    if row is None:
        return Entry("waiting", "", "", False, text, **more)
    if row.flags & Flag.BLANK:
        return Entry("blank", "", "", False, "blank line", **more)
    if row.flags & Flag.MALFORMED:
        return Entry("error", "", "", False, text, **more)
    return Entry(_flag(row, session.rules), f"{row.turns:,}", f"{row.tokens:,}", row.over_context, text, **more)


def _matches_no_more(session: Session, source: WorkingSource, record: int) -> bool:
    from curator.session.still_matching import no_longer

    return no_longer(session, source, record, session.listing.view.predicate)


def _words(
    session: Session, position: int, line: bytes, search: Search | None
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The words by which a record is told, and where in them a search matches."""
    own = session.file_dialect(session.listing.locate(position)[0].opened)
    only = bool(session.settings.dialect)
    if search is not None:
        from curator.tui.match_preview import around_match

        cut_off = len(line) >= PREVIEW_BYTES and not line.endswith(b"\n")
        whole = session.line(position, LONGEST_SEARCHED) if cut_off else line
        if around := around_match(whole, own, search, only=only):
            return around
    return one_line(preview(line, own, only=only), PREVIEW_CELLS), ()


def _flag(row: Row, rules: RuleSet) -> str:
    if row.over_context or row.findings & rules.errors:
        return "error"
    return "warning" if row.findings else "fine"
