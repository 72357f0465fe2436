"""Fixes of records: the table of them, and how they are applied to a line."""

from curator.records.fixing.fix import Fix, Fixed
from curator.records.fixing.lines import BLANK_LINES, CRLF, DROPPING, DUPLICATES, FixedLine, fix_line
from curator.records.fixing.table import FIXES, fix_named, fixes_of

__all__ = [
    "BLANK_LINES",
    "CRLF",
    "DROPPING",
    "DUPLICATES",
    "FIXES",
    "Fix",
    "Fixed",
    "FixedLine",
    "fix_line",
    "fix_named",
    "fixes_of",
]
