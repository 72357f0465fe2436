"""Rules on lines: those that the audit itself finds out while it reads, and what reading loses."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import GOOD, HI, Rule, example
from curator.analysis.lint.view import Complaint, RecordView
from curator.records.codec import losses

MARKED = Complaint("", "the line starts with a byte order mark")
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
LONG_NUMBER = b"0" * 19
"""A number with so many digits may not fit 64 bits."""
NO_NUMBERS = (str, bool, int, type(None))
"""Kinds of values that reading cannot have changed: integers that were rounded have become fractions."""
_NO_STRUCTURE = bytes(one for one in range(256) if one not in b'":,[]{}')


def lost_in_reading(view: RecordView) -> Iterable[Complaint]:
    """Duplicate keys, numbers that do not fit 64 bits, NaN, halves of characters: readers differ on them."""
    return () if _reads_the_same(view) else [Complaint("", sentence) for sentence in losses(view.line)]


def _reads_the_same(view: RecordView) -> bool:
    """Whether nothing can have been lost: the line says the same as its value, or has its structure and no long number.

    Blanks are left out of the comparison on both sides, in texts too, which changes nothing of it.
    """
    line = view.line
    if view.texts and view.is_chat and _has_just_its_quotes(view):
        return True
    try:
        spelt = orjson.dumps(view.value)
    except TypeError:
        return False
    if spelt.translate(None, b" ") == line.translate(None, b" "):
        return True
    if b"null" in spelt and spelt.count(b"null") != line.count(b"null"):
        return False
    same = spelt.translate(None, _NO_STRUCTURE) == line.translate(None, _NO_STRUCTURE)
    return same and LONG_NUMBER not in line.translate(_ZEROS)


def _has_just_its_quotes(view: RecordView) -> bool:
    """Whether a chat record of nothing but texts has as many quotation marks as its texts and keys take."""
    rest = {key: value for key, value in view.value.items() if key != "messages"}
    if not view.heard.isascii() or not all(map(_holds_no_number, rest.values())):
        return False
    try:
        others = orjson.dumps(rest).count(b'"') if rest else 0
    except TypeError:
        return False
    # Eight around keys and values of a message, two around `messages`, and those that stand in texts.
    return view.line.count(b'"') == 8 * len(view.texts) + 2 + others + view.octets.count(b'"')


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
