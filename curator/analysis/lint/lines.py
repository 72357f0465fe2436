"""Rules on lines: those that the audit itself finds out while it reads, and what reading loses."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import GOOD, HI, Rule, example
from curator.analysis.lint.signs import FRACTION, Sign
from curator.analysis.lint.view import Complaint, RecordView
from curator.records.codec import losses

MARKED = Complaint("", "the line starts with a byte order mark")
LONG_NUMBER = Sign(r"[0-9][0-9.]{16}", "[0-9][eE]-[0-9]{3}")
"""A number that may not fit 64 bits: whole ones of fewer than 17 digits do, and fractions of fewer than 16."""
ESCAPED_QUOTE = Sign(r"\\u0022")


def lost_in_reading(view: RecordView) -> Iterable[Complaint]:
    """Duplicate keys, numbers that do not fit 64 bits, NaN, halves of characters: readers differ on them."""
    return () if _reads_the_same(view) else [Complaint("", sentence) for sentence in losses(view.line)]


def _reads_the_same(view: RecordView) -> bool:
    """Whether nothing can have been lost: the line has as many quotation marks as its value, and no long number.

    A duplicate key is lost with its marks. One that is spelt `\\u0022` would make up for them.
    """
    line = view.line
    if view.widely_read or not line:
        return False
    escaped = b"\\" in line
    text = line.decode("utf-8") if escaped else ""
    if escaped and ESCAPED_QUOTE.stands_in(text):
        return False
    try:
        marks, sure = _marks_of_chat(view, escaped) if view.marks >= 0 and view.is_chat else _marks_of(view.value)
    except TypeError:
        return False
    return line.count(b'"') == marks and (sure or not LONG_NUMBER.stands_in(text or line.decode("utf-8")))


def _marks_of_chat(view: RecordView, escaped: bool) -> tuple[int, bool]:
    """The quotation marks of a chat record of texts and calls, and whether it is sure to hold no fraction.

    No text holds one in a line without anything `escaped`, but calls are counted as JSON, which does.
    """
    marks = view.marks + (0 if view.texts and not escaped else view.octets.count(b'"') + view.pattern.marks)
    sure = True
    for key, value in view.value.items():
        marks += 2 + (key.count('"') if escaped else 0)
        if key == "messages" and type(value) is list:
            continue
        if key == "tools" and view.tool_marks:
            marks += view.tool_marks
        elif type(value) is str:
            marks += 2 + (value.count('"') if escaped else 0)
        else:
            more, whole = _marks_of(value)
            marks += more
            sure = sure and whole
    return marks, sure


def _marks_of(value: object) -> tuple[int, bool]:
    """The quotation marks of a value, and whether it is sure to hold no fraction. Raises TypeError as orjson does."""
    if value is None or type(value) is int:
        return 0, True
    spelt = orjson.dumps(value)
    return spelt.count(b'"'), type(value) is not float and not FRACTION.stands_in(spelt.decode())


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
