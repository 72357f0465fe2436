"""Records in another encoding than UTF-8: UTF-16 by its zero bytes, anything else as a guess."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from curator.records.codec import decode
from curator.records.repair.encodings import Detector, certain
from curator.records.repair.kinds import Kind, Piece, Repair
from curator.records.repair.window import Window, raw


class ForeignText:
    """Reads what of a window is not UTF-8. Indexes are those of its text."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._detector = Detector()

    def record(self, start: int, end: int, text: str, repairs: Sequence[Repair]) -> Piece:
        """A record with bytes that are not UTF-8, in the encoding that they are probably in."""
        original = raw(self._window.text[start:end]) + b"\n"
        left = self._window.repair(Kind.NOT_UTF_8, start + _first_byte(self._window.text[start:end]))
        found = self._detector.text(raw(text))
        if found is None or not isinstance(_object(found[0]), dict):
            return Piece(original, left=left)
        content, guess = found
        why = Repair(Kind.ENCODING, left.line, left.column, guess.sentence)
        return Piece(original, (), content.encode() + b"\n", (*repairs, why), left, record=True)

    def line(self, at: int) -> tuple[list[Piece], int] | None:
        """A line of UTF-16 in a file that is not; the zero bytes leave one reading."""
        window = self._window
        if not certain(raw(window.text[at : at + 4]))[0].startswith("utf-16"):
            return None
        end = window.line_end(at) or len(window.text)
        line = raw(window.text[at:end])
        encoding, mark = certain(line)
        body = line[mark:].removesuffix(b"\n").removesuffix(b"\r")
        try:
            content = body[: len(body) // 2 * 2].decode(encoding).strip("\r\n").encode() + b"\n"
        except UnicodeError:
            return None
        if not isinstance(decode(content), dict):
            return None
        return [Piece(content, (self._window.repair(Kind.UTF_16_OR_32, at, encoding.upper()),), record=True)], end


def _object(text: str) -> Any:
    """The value of a text that was decoded from another encoding."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _first_byte(text: str) -> int:
    """The index of the first byte that is not UTF-8."""
    return next((index for index, one in enumerate(text) if "\udc80" <= one <= "\udcff"), 0)
