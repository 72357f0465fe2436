"""One line's bytes to a value and back, and what going there and back would lose.

`\\n` has been cut off by whoever calls. JSON as RFC 8259 has it, read more widely where Python's own reader does:
NaN, Infinity and lone surrogates are read and told as losses, never refused silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DEEPEST_NESTING = 1000

_LONG_INTEGER = re.compile(rb"(?<![\d.eE+-])-?\d{19,}(?![\d.eE])")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is not JSON, as a value: what is wrong, and where."""

    code: str
    """CUR033 (not JSON) or CUR034 (not UTF-8)."""
    reason: str
    column: int
    """In characters of the line as shown, counted from 1; in bytes where the line is not UTF-8."""


def line_body(line: bytes) -> bytes:
    """The line without its line end (`\\n` or `\\r\\n`)."""
    if line.endswith(b"\n"):
        line = line[:-1]
    return line[:-1] if line.endswith(b"\r") else line


def decode(body: bytes) -> Any | Malformed:
    """The JSON value of a line's body, or why it has none.

    Fast, and exact but for what `losses` names: of duplicate keys the last, integers beyond 64 bits as floats.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _decode_widely(body)


def decode_exactly(body: bytes) -> Any | Malformed:
    """As `decode`, with integers of any size exact; for what is shown or edited, not for the audit."""
    if _LONG_INTEGER.search(body):
        return _decode_widely(body)
    return decode(body)


def _decode_widely(body: bytes) -> Any | Malformed:
    try:
        text = body.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        found = " ".join(f"{byte:02X}" for byte in body[error.start : error.start + 3])
        return Malformed("CUR034", f"byte {error.start + 1} ({found}) is not UTF-8", error.start + 1)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        return Malformed("CUR033", _in_words(error, text), error.pos + 1)
    except RecursionError:
        return Malformed("CUR033", f"nested more than {DEEPEST_NESTING:,} levels deep", 1)
    except ValueError as error:
        return Malformed("CUR033", str(error), 1)


def _in_words(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text.rstrip()):
        return f"not JSON: the line ends too early ({error.msg[0].lower()}{error.msg[1:]})"
    found = text[error.pos : error.pos + 12]
    return f"not JSON: {error.msg[0].lower()}{error.msg[1:]} at column {error.pos + 1}, found {found!r}"


def encode(value: Any) -> bytes:
    """The value as compact JSON in UTF-8; lone surrogates are written as the escapes that they were read from."""
    return _compact.encode(value).encode("utf-8", "backslashreplace")


def compact(value: Any) -> str:
    """`json.dumps(value, ensure_ascii=False, separators=(",", ":"))`: what a value without a token rule counts as."""
    return _compact.encode(value)


def losses(body: bytes) -> list[str]:
    """What re-encoding this line's value would change in meaning, one sentence each; empty for nearly all lines.

    Spelling alone (blanks, `1.10`, escapes) is not named: it changes no value.
    """
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in items]
        for key in dict.fromkeys(key for key in keys if keys.count(key) > 1) if len(set(keys)) < len(keys) else ():
            found.append(f"the key {json.dumps(key)} stands {keys.count(key)} times in one object; only the last is kept")
        return dict(items)

    def constant(name: str) -> float:
        found.append(f"{name} is not JSON; other programs may refuse the line")
        return float(name)

    try:
        text = body.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError):
        return []
    found.extend(_number_losses(body))
    if _SURROGATE_ESCAPE.search(body) and any(_has_lone_surrogate(string) for string in strings(value)):
        found.append("a lone surrogate (half of a character) stands in a string; other programs may refuse the line")
    if body.startswith(BYTE_ORDER_MARK):
        found.append("the line starts with a byte order mark")
    return found


def _number_losses(body: bytes) -> Iterator[str]:
    for match in _LONG_INTEGER.finditer(body):
        number = int(match[0])
        if not -(1 << 63) <= number < 1 << 64:
            yield f"the integer {match[0].decode()[:40]} is beyond 64 bits; other programs may round it"


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, keys included, outermost first; nesting costs no recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
