"""Rules on lines: those that the audit itself finds out while it reads, and what reading loses."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import GOOD, HI, Rule, example
from curator.analysis.lint.view import Complaint, RecordView
from curator.records.codec import losses

DIGITS = bytes.maketrans(b"123456789", b"000000000")
LONG_NUMBER = b"0" * 19
"""A number with so many digits may not fit 64 bits."""


def lost_in_reading(view: RecordView) -> Iterator[Complaint]:
    """Duplicate keys, numbers that do not fit 64 bits, NaN, halves of characters: readers differ on them."""
    if not _reads_the_same(view):
        for sentence in losses(view.line):
            yield Complaint("", sentence)


def _reads_the_same(view: RecordView) -> bool:
    """Whether nothing can have been lost: as many keys, as many nulls, and no long number."""
    line = view.line
    try:
        spelt = orjson.dumps(view.value)
    except TypeError:
        return False
    same = spelt.count(b'":') == line.count(b'":') and spelt.count(b"null") == line.count(b"null")
    return same and LONG_NUMBER not in line.translate(DIGITS)


RULES = (
    Rule(
        33,
        "not JSON",
        "The line cannot be parsed, and services reject the whole file for it.",
        "RFC 8259",
        bad='{"messages": [}',
        good=GOOD,
    ),
    Rule(
        34,
        "not UTF-8",
        "JSON Lines is UTF-8; the line's text cannot be known.",
        "RFC 8259, section 8.1",
        bad=example('{"role": "user", "content": "Caf\udce9"}', HI),
        good=example('{"role": "user", "content": "Café"}', HI),
    ),
    Rule(
        35,
        "blank line",
        "Some readers stop at a blank line, others count it as a record.",
        "JSON Lines",
        Severity.WARNING,
        bad=" ",
        good=GOOD,
    ),
    Rule(
        36,
        "line ends in CRLF",
        "Some readers keep the carriage return as part of the record.",
        "JSON Lines",
        Severity.WARNING,
        bad=f"{GOOD}\r",
        good=GOOD,
    ),
    Rule(
        37,
        "byte order mark",
        "Most readers of JSON Lines take it for a character of the first record. Azure wants it.",
        "RFC 8259, section 8.1; Microsoft's documentation, fine-tuning with Azure OpenAI",
        Severity.WARNING,
        bad=f"\ufeff{GOOD}",
        good=GOOD,
    ),
    Rule(
        38,
        "values that readers differ on",
        "Of duplicate keys most readers keep the last, some the first; integers beyond 64 bits are rounded; NaN and "
        "halves of characters are no JSON.",
        "RFC 8259, sections 4, 6 and 8.2; RFC 7493",
        Severity.WARNING,
        check=lost_in_reading,
        bad=example('{"role": "user", "content": "Hello", "content": "Hello?"}', HI),
        good=GOOD,
    ),
)
