"""The few words by which a record is told in a list, found without reading all of a long line."""

from __future__ import annotations

import re

from curator.records.codec import BYTE_ORDER_MARK, Malformed, decode, line_body
from curator.records.dialects import Dialect
from curator.records.sniffing import dialect_of

PREVIEW_BYTES = 1 << 16
"""Of a longer line only so many bytes are looked at."""

_USER = re.compile(rb'"(?:user|human)"')
_TEXT = re.compile(rb'"(?:content|value|text|prompt|instruction)"\s*:\s*"((?:[^"\\]|\\.){1,400})')


def preview(line: bytes, file_dialect: Dialect, *, only: bool = False) -> str:
    """What the user says first, else the first text there is; the line itself where it is not a record."""
    if len(line) >= PREVIEW_BYTES and not line.endswith(b"\n"):
        return _preview_of_start(line)
    body = line_body(line).removeprefix(BYTE_ORDER_MARK)
    value = decode(body)
    if isinstance(value, Malformed) or not isinstance(value, dict):
        return body.decode("utf-8", "backslashreplace")
    messages = dialect_of(value, file_dialect, only=only).read(value).messages
    for wanted in ("user", None):
        for message in messages:
            if message.text and (wanted is None or message.role == wanted):
                return message.text
    return body.decode("utf-8", "backslashreplace")


def _preview_of_start(start: bytes) -> str:
    user = _USER.search(start)
    found = _TEXT.search(start, user.end() if user else 0) or _TEXT.search(start)
    if not found:
        return start[:400].decode("utf-8", "backslashreplace")
    text = decode(b'"' + found[1] + b'"')
    return text if isinstance(text, str) else found[1].decode("utf-8", "backslashreplace")
