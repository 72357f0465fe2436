"""Fixes applied to a whole line: what they do not touch keeps its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from curator.records.codec import BYTE_ORDER_MARK, decode_exactly, line_body
from curator.records.dialects import Dialect
from curator.records.fixing.fix import Fix, Fixed, Places
from curator.records.rewriting import rewrite

CRLF = Fix("line-ends", "end lines in a line feed alone", frozenset((36,)))
BLANK_LINES = Fix("blank-lines", "drop blank lines", frozenset((35,)))
DUPLICATES = Fix(
    "duplicates",
    "drop records that say what an earlier one says",
    frozenset((21,)),
    "keys other than the conversation may differ, and a record may be meant to weigh twice",
)
"""Fixes that have nothing to do with what a record says by itself."""
DROPPING = (BLANK_LINES, DUPLICATES)
"""Those that drop the record; to `fix_line` they do nothing."""


class FixedLine(NamedTuple):
    """A line that fixes changed."""

    line: bytes
    places: Places | None
    """For each message its place before; None where all stay."""
    fixes: tuple[str, ...]
    """The names of those that changed something, in order."""


def fix_line(line: bytes, dialect_of: Callable[[Any], Dialect], fixes: Iterable[Fix]) -> FixedLine | None:
    """A whole line, line end and byte order mark included, after the fixes, one after the other.

    None where none of them changes anything. The same line and fixes give the same bytes at any time.
    """
    body = line_body(line)
    end = line[len(body) :]
    mark = BYTE_ORDER_MARK if body.startswith(BYTE_ORDER_MARK) else b""
    body = body[len(mark) :]
    value = record = decode_exactly(body)
    places: Places | None = None
    done: list[str] = []
    for fix in fixes:
        if fix is CRLF:
            if end.startswith(b"\r"):
                end = end[1:]
                done.append(fix.name)
        elif isinstance(record, dict) and (after := fix.apply(record, dialect_of(record))):
            record, places = after.record, _through(places, after)
            done.append(fix.name)
    if not done:
        return None
    fixed = rewrite(body, value, record) if record is not value else body
    return FixedLine(mark + fixed + end, places, tuple(done))


def _through(places: Places | None, after: Fixed) -> Places | None:
    """Where messages stood before all fixes, by where they stood before the last one."""
    if places is None or after.places is None:
        return after.places or places
    return tuple(None if place is None else places[place] for place in after.places)
