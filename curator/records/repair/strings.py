"""Strings that are almost JSON's: where one ends, and how it is spelled in JSON."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from curator.records.repair.kinds import Kind
from curator.records.repair.window import skip

GAP = r"(?:[ \t\r\n]++|//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+"
"""White space and comments between tokens."""

_KEY = r'(?:"(?:[^"\\\n]|\\.){0,400}"|' + r"'(?:[^'\\\n]|\\.){0,400}'" + r"|[“”„][^“”\n]{0,400}[“”]|[A-Za-z_$][\w$-]*+)"
_ENDS = {
    "key": re.compile(GAP + ":"),
    "member": re.compile(f"{GAP}(?:}}|\\Z|,{GAP}(?:}}|\\Z|{_KEY}{GAP}:))|[ \t\r\n]++{_KEY}{GAP}:"),
    "item": re.compile(
        GAP + r"(?:\]|\Z|," + GAP + r"(?:[\]\[{\"'“”„+\-\d]|\Z|(?:true|false|null|True|False|None|NaN|Infinity)\b))"
    ),
}
"""What follows a string where it may end, by what the string is."""

_PLAIN = {
    '"': re.compile(r'[^"\\\x00-\x1f]*+'),
    "'": re.compile(r"[^'\"\\\x00-\x1f]*+"),
    "“": re.compile(r'[^“”"\\\x00-\x1f]*+'),
}
_CLOSING = {'"': '"', "'": "'", "“": "“”"}
_OPENED_BY = {'"': '"', "'": "'", "“": "“", "”": "“", "„": "“"}
_JSON_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_OTHER_ESCAPE = re.compile(r"\\(?:'|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8}))")
_SWALLOWED = re.compile(r'"[ \t\r\n]*[:,\]}]|[\[{,:][ \t\r\n]*"|\n')
"""What makes it doubtful that a quote is part of a string: beyond it the text looks like JSON's own structure."""
LAST_CHARACTER = 0x10FFFF


class Note(NamedTuple):
    """A repair in a text."""

    kind: Kind
    at: int
    """Its index."""
    guess: bool = False


class Spelling:
    """A text in two spellings, without and with guesses, and what was repaired in it."""

    def __init__(self) -> None:
        self.sure: list[str] = []
        self.guess: list[str] = []
        self.notes: list[Note] = []

    def write(self, text: str, guessed: str | None = None) -> None:
        """Add to both."""
        self.sure.append(text)
        self.guess.append(text if guessed is None else guessed)

    def note(self, kind: Kind, index: int, *, guess: bool = False) -> None:
        """A repair was made."""
        self.notes.append(Note(kind, index, guess))


def opens(character: str) -> bool:
    """Whether a string may begin with the character."""
    return character in _OPENED_BY


def string(text: str, start: int, limit: int, role: str, out: Spelling) -> int:
    """Write the string that opens at an index as JSON spells it; `role` is `key`, `member` (of an object) or `item`.

    Returns the index behind it; -1 where the text ends in it.
    """
    opening = _OPENED_BY[text[start]]
    plain, closing, ends = _PLAIN[opening], _CLOSING[opening], _ENDS[role]
    before = len(out.sure)
    out.write('"')
    inner: list[int] = []
    at = start + 1
    while True:
        end = skip(plain, text, at, limit)
        out.write(text[at:end])
        if end >= limit:
            return -1
        found = text[end]
        if found in closing:
            if ends.match(text, end + 1, limit):
                break
            inner.append(end)
        at = _odd(text, end, limit, out)
    out.write('"')
    if opening != '"':
        out.note(Kind.SINGLE_QUOTES if opening == "'" else Kind.SMART_QUOTES, start)
    if inner:
        doubtful = len(inner) % 2 == 1 or _SWALLOWED.search(text, start + 1, end) is not None
        for index in inner:
            out.note(Kind.INNER_QUOTE, index, guess=doubtful)
        if doubtful:
            out.sure[before:] = [text[start : end + 1]]
    return end + 1


def _odd(text: str, at: int, limit: int, out: Spelling) -> int:
    """Write what is not plain in a string: a quote, an escape, a control character. Returns the index behind it."""
    found = text[at]
    if found == "\\":
        return _escape(text, at, limit, out)
    if found < " ":
        out.note(Kind.CONTROL, at)
        out.write(json.dumps(found)[1:-1])
    else:
        out.write('\\"' if found == '"' else found)
    return at + 1


def _escape(text: str, at: int, limit: int, out: Spelling) -> int:
    """Write the escape at an index; one that JSON lacks as the character that it means, or with its backslash doubled.

    Returns the index behind it.
    """
    if match := _JSON_ESCAPE.match(text, at, limit):
        out.write(match[0])
        return match.end()
    match = _OTHER_ESCAPE.match(text, at, limit)
    code = int(match[1] or match[2] or "27", 16) if match else LAST_CHARACTER + 1
    if match and code <= LAST_CHARACTER:
        out.note(Kind.ESCAPE, at)
        out.write(json.dumps(chr(code), ensure_ascii=not chr(code).isprintable())[1:-1])
        return match.end()
    out.note(Kind.BACKSLASH, at, guess=True)
    out.write("\\", "\\\\")
    return at + 1
