"""One line's bytes to a value and back, and what going there and back would lose.

`\\n` has been cut off by whoever calls. JSON as RFC 8259 has it, read more widely where Python's own reader does:
NaN, Infinity and lone surrogates are read and told as losses, never refused silently.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DEEPEST_NESTING = 1024

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _made_once(encoder: json.JSONEncoder) -> Callable[[Any], str]:
    """What `encoder.encode` does, without making anew for each value the C function that does it: that takes as long.

    Unlike it, the function does not look for values that hold themselves, which nothing read from JSON does.
    """
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return encoder.encode
    quoted, separators = json.encoder.encode_basestring, (encoder.key_separator, encoder.item_separator)
    write = make(None, encoder.default, quoted, None, *separators, encoder.sort_keys, encoder.skipkeys, True)
    return lambda value: "".join(write(value, 0))


_compact_text = _made_once(_compact)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is not JSON, as a value: what is wrong, and where."""

    code: str
    """CUR033 (not JSON) or CUR034 (not UTF-8)."""
    reason: str
    column: int
    """In characters of the line as shown, counted from 1; in bytes where the line is not UTF-8."""


_PROBLEMS = {
    "Expecting value": "a value is expected",
    "Expecting ',' delimiter": "a comma or a closing bracket is expected",
    "Expecting ':' delimiter": "a colon is expected",
    "Expecting property name enclosed in double quotes": "a key in double quotes is expected",
    "Illegal trailing comma before end of object": "a trailing comma stands before the closing bracket",
    "Illegal trailing comma before end of array": "a trailing comma stands before the closing bracket",
    "Extra data": "there is more behind the end of the value",
    "Unterminated string starting at": "a string without its closing quote starts",
    "Invalid control character at": "a control character, which a string holds only as an escape, stands",
    "Invalid \\escape": "a backslash is followed by no known escape",
    "Invalid \\uXXXX escape": "four hexadecimal digits have to follow \\u",
}
"""Python's messages, in all its versions, as clauses that a column may follow."""

_TOO_DEEP = Malformed("CUR033", f"nested more than {DEEPEST_NESTING:,} levels deep", 1)


def line_body(line: bytes) -> bytes:
    """The line without its line end (`\\n` or `\\r\\n`)."""
    if line.endswith(b"\n"):
        line = line[:-1]
    return line[:-1] if line.endswith(b"\r") else line


def decode(body: bytes) -> Any | Malformed:
    """The JSON value of a line's body, or why it has none.

    Fast, and exact but for what `losses` names: of duplicate keys the last, integers beyond 64 bits as floats.
    """
    return decode_noting(body)[0]


def decode_noting(body: bytes) -> tuple[Any | Malformed, bool]:
    """What `decode` gives, and whether it took the wider reader: only then can NaN and half characters be in it."""
    try:
        return orjson.loads(body), False
    except orjson.JSONDecodeError:
        return _decode_widely(body), True


def decode_exactly(body: bytes) -> Any | Malformed:
    """As `decode`, with integers of any size exact; for what is shown or edited, not for the audit."""
    value = decode(body)
    # Fewer digits fit 64 bits, and to look for so many takes less time than to walk through a value.
    if _LONG_NUMBER in body.translate(_ZEROS) and _holds_rounded(value):
        return _decode_widely(body)
    return value


def _holds_rounded(value: Any) -> bool:
    return any(isinstance(leaf, float) and abs(leaf) >= 1 << 63 for leaf in _leaves(value))


def _leaves(value: Any) -> Iterator[Any]:
    """Every value that is no object and no list; nesting costs no recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        else:
            yield item


def _decode_widely(body: bytes) -> Any | Malformed:
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        found = " ".join(f"{byte:02X}" for byte in body[error.start : error.start + 3])
        return Malformed("CUR034", f"byte {error.start + 1} ({found}) is not UTF-8", error.start + 1)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return Malformed("CUR033", _in_words(error, text), error.pos + 1)
    except RecursionError:
        return _TOO_DEEP
    except ValueError:
        return Malformed("CUR033", f"holds an integer of more than {sys.get_int_max_str_digits():,} digits", 1)
    return _TOO_DEEP if _deeper_than(value, DEEPEST_NESTING) else value


def _deeper_than(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most + 1):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _items(one)]
        if not level:
            return False
    return True


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _in_words(error: json.JSONDecodeError, text: str) -> str:
    problem = _PROBLEMS.get(error.msg, error.msg[:1].lower() + error.msg[1:])
    if error.pos >= len(text.rstrip()):
        return f"not JSON: the line ends too early; {problem}"
    found = text[error.pos : error.pos + 12]
    return f"not JSON: {problem} at column {error.pos + 1}, found {found!r}"


def encode(value: Any) -> bytes:
    """The value as compact JSON in UTF-8; lone surrogates are written as the escapes that they were read from."""
    return compact(value).encode("utf-8", "backslashreplace")


def compact(value: Any) -> str:
    """`json.dumps(value, ensure_ascii=False, separators=(",", ":"))`: what a value without a token rule counts as."""
    try:
        return _compact_text(value)
    except RecursionError:
        return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    """What `compact` gives, piece by piece and without recursion, for values that are nested too deeply for it."""
    waiting: list[tuple[bool, Any]] = [(False, value)]
    while waiting:
        written, one = waiting.pop()
        if written:
            yield one
        elif isinstance(one, dict | list) and one:
            names = [f"{_compact.encode(key)}:" for key in one] if isinstance(one, dict) else [""] * len(one)
            opening, closing = "{}" if isinstance(one, dict) else "[]"
            waiting.append((True, closing))
            for place, inner in reversed(list(enumerate(_items(one)))):
                waiting += (False, inner), (True, f"{',' if place else opening}{names[place]}")
        else:
            yield _compact.encode(one)


def losses(body: bytes) -> list[str]:
    """What re-encoding this line's value would change in meaning, one sentence each; empty for nearly all lines.

    Spelling alone (blanks, `1.10`, escapes) is not named: it changes no value.
    """
    return list(_found(body).sentences)


def gone(body: bytes) -> list[str]:
    """Those of the `losses` that `decode_exactly` and `encode` really make; the others only other programs do."""
    return [sentence for sentence, lost in _found(body).sentences.items() if lost]


def _found(body: bytes) -> _Losses:
    found = _Losses()
    try:
        text = body.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=found.pairs,
            parse_constant=found.constant,
            parse_int=found.integer,
            parse_float=found.decimal,
        )
    except (ValueError, RecursionError):
        return _Losses()
    if _SURROGATE_ESCAPE.search(body) and any(_has_lone_surrogate(string) for string in strings(value)):
        found.add("a lone surrogate (half of a character) stands in a string; other programs may refuse the line")
    if body.startswith(BYTE_ORDER_MARK):
        found.add("the line starts with a byte order mark")
    return found


class _Losses:
    """Notes, while a line is decoded, what would not come back."""

    def __init__(self) -> None:
        self.sentences: dict[str, bool] = {}
        """In the order in which they are met, each once, with whether it is lost even to this program."""

    def add(self, sentence: str, *, lost: bool = False) -> None:
        self.sentences.setdefault(sentence, lost)

    def pairs(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        held = dict(items)
        if len(held) < len(items):
            for key, times in Counter(key for key, _ in items).items():
                if times > 1:
                    self.add(
                        f"the key {json.dumps(key)} stands {times} times in one object; only the last is kept",
                        lost=True,
                    )
        return held

    def constant(self, name: str) -> float:
        self.add(f"{name} is not JSON; other programs may refuse the line")
        return float(name)

    def integer(self, digits: str) -> int:
        number = int(digits)
        if not -(1 << 63) <= number < 1 << 64:
            self.add(f"the integer {digits[:40]} is beyond 64 bits; other programs may round it")
        return number

    def decimal(self, digits: str) -> float:
        number = float(digits)
        if not _kept_by_float(digits, number):
            self.add(
                f"the number {digits[:40]} does not fit 64 bits; it would be written as {compact(number)}", lost=True
            )
        return number


def _kept_by_float(digits: str, number: float) -> bool:
    if math.isinf(number):
        return False
    if not number:
        return not re.search("[1-9]", re.split("[eE]", digits)[0])
    return Decimal(digits) == Decimal(repr(number))


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
