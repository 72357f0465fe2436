"""Rules on lines: those that the audit itself finds out while it reads, and what reading loses."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import GOOD, HI, Rule, example
from curator.analysis.lint.signs import Sign
from curator.analysis.lint.view import Complaint, RecordView
from curator.records.codec import losses

MARKED = Complaint("", "the line starts with a byte order mark")
LONG_NUMBER = Sign("[0-9]{19}")
"""A number with so many digits may not fit 64 bits."""
ESCAPED_QUOTE = Sign(r"\\u0022")
NO_NUMBERS = (str, bool, int, type(None))
"""Kinds of values that reading cannot have changed: integers that were rounded have become fractions."""


def lost_in_reading(view: RecordView) -> Iterable[Complaint]:
    """Duplicate keys, numbers that do not fit 64 bits, NaN, halves of characters: readers differ on them."""
    return () if _reads_the_same(view) else [Complaint("", sentence) for sentence in losses(view.line)]


def _reads_the_same(view: RecordView) -> bool:
    """Whether nothing can have been lost: the line has as many quotation marks as its value, and no long number.

    A duplicate key is lost with its marks. One that is spelt `\\u0022` would make up for them.
    """
    text = "" if view.widely_read else view.line.decode("utf-8")
    if not text or ESCAPED_QUOTE.stands_in(text):
        return False
    marks = text.count('"')
    if view.texts and view.is_chat and view.pattern.plain and marks == _marks_of_texts(view):
        return True
    try:
        spelt = orjson.dumps(view.value)
    except TypeError:
        return False
    return marks == spelt.count(b'"') and not LONG_NUMBER.stands_in(text)


def _marks_of_texts(view: RecordView) -> int:
    """The quotation marks that a chat record of nothing but texts takes; -1 where it may hold numbers."""
    rest = {key: value for key, value in view.value.items() if key != "messages"}
    if not all(map(_holds_no_number, rest.values())):
        return -1
    others = orjson.dumps(rest).count(b'"') if rest else 0
    # Eight around keys and values of a message, two around `messages`, and those that stand in texts.
    return 8 * len(view.texts) + 2 + others + view.octets.count(b'"')


def _holds_no_number(value: object) -> bool:
    return type(value) in NO_NUMBERS or (type(value) is list and all(type(one) in NO_NUMBERS for one in value))


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
