"""How a line's JSON is spelled, and new values written alike."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from curator.records.codec import compact
from curator.records.json_spans import QUOTED

_UP_TO_COMMA = re.compile(rb'(?:[^",]++|' + QUOTED + rb")*+", re.DOTALL)
_UP_TO_COLON = re.compile(rb'(?:[^":]++|' + QUOTED + rb")*+", re.DOTALL)
_GAP = re.compile(rb"[ \t\r\n]*+")
_WHITESPACE = b" \t\r\n"

_UNPAIRED_BACKSLASH = rb"(?<!\\)(?:\\\\)*+\\u"
_ESCAPED_BEYOND_ASCII = re.compile(
    _UNPAIRED_BACKSLASH + rb"(?:[dD][89abAB]..\\u[dD][c-fC-F]|(?!00[0-7]|[dD][89a-fA-F]))", re.DOTALL
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_TOKEN_OR_GAP = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|[ \t\r\n]*+([,:])[ \t\r\n]*+|[ \t\r\n]++', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Style:
    """What stands between tokens, and how characters beyond ASCII are written."""

    comma: str = ","
    """The comma between items and members, with the blanks around it."""
    colon: str = ":"
    """The colon behind a key, with the blanks around it."""
    ascii_only: bool = False
    """Whether characters beyond ASCII are written as escapes."""


def style_of(body: bytes) -> Style:
    """The style of a line: its first comma and colon; escapes only where it has some and no character beyond ASCII."""
    ascii_only = b"\\u" in body and body.isascii() and _ESCAPED_BEYOND_ASCII.search(body) is not None
    return style_within(body, 0, len(body), Style(ascii_only=ascii_only))


def style_within(body: bytes, start: int, end: int, otherwise: Style) -> Style:
    """The style with the first comma and colon between two offsets of JSON; one that is missing follows the other.

    Where there is neither, `otherwise` holds, as it does for escapes.
    """
    comma = _first(_UP_TO_COMMA, body, start, end)
    colon = _first(_UP_TO_COLON, body, start, end)
    if not comma and not colon:
        return otherwise
    comma = comma or (", " if colon[-1] in " \t" else ",")
    colon = colon or (": " if comma[-1] in " \t" else ":")
    return Style(comma, colon, otherwise.ascii_only)


def _first(up_to: re.Pattern[bytes], body: bytes, start: int, end: int) -> str:
    match = up_to.match(body, start, end)
    sign = match.end() if match else end
    if sign == end:
        return ""
    gap = _GAP.match(body, sign + 1, end)
    left = sign
    while left > start and body[left - 1] in _WHITESPACE:
        left -= 1
    return body[left : gap.end() if gap else sign + 1].decode("ascii")


def write_value(value: Any, style: Style) -> str:
    """The value as JSON in the style; lone surrogates as escapes, so that the text can be written as UTF-8."""
    try:
        text = json.dumps(value, ensure_ascii=style.ascii_only, separators=(style.comma, style.colon))
    except RecursionError:
        text = respaced(compact(value), style)
        if style.ascii_only:
            text = _BEYOND_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], text)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def respaced(json_text: str, style: Style) -> str:
    """The same tokens in the same spelling, with the style's blanks around commas and colons and none elsewhere."""

    def written(match: re.Match[str]) -> str:
        string, sign = match.groups()
        if string:
            return str(string)
        return {",": style.comma, ":": style.colon}.get(sign, "")

    return _TOKEN_OR_GAP.sub(written, json_text)
