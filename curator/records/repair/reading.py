"""Text that is almost JSON Lines, piece by piece: what parses as it is, what was repaired, and what is left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from curator.records.codec import Malformed, decode
from curator.records.repair.encodings import certain
from curator.records.repair.kinds import Kind, Piece, Repair
from curator.records.repair.records import RecordReader
from curator.records.repair.window import Window, raw, skip
from curator.records.sniffing import claimed

FIRST_BYTES = 4
LONGEST_LINE = 4 << 20
"""Characters up to which a line is looked at as a whole."""

_GAP = re.compile(r"[ \t\r\n]*+")
_BLANKS = re.compile(r"[ \t\r]*+")
_COMMENT = re.compile(r"[ \t]*+(?:\#|//)[^\n]*+\n?")
_BLOCK_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+\*/")
_CONFLICT = re.compile(r"(?:<{7}|>{7}|={7}|\|{7})(?: [^\n]*|\r)?(?:\n|\Z)")
_OPENING = re.compile(r"\[(?:[ \t\r\n]++|//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+(.?)", re.DOTALL)

Step = tuple[list[Piece], int]
"""Pieces, and the index in the window that they end at."""


def pieces(blocks: Iterable[bytes]) -> Iterator[Piece]:
    """What the bytes of a file come to, in its order; together it is all of them.

    Memory is that of a record, or of a megabyte. Sound JSON Lines come back byte for byte.
    """
    return iter(_Reader(iter(blocks)))


class _Reader:
    """Goes through a text; in an array its items are looked for, elsewhere its lines."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        first = b""
        while len(first) < FIRST_BYTES and (block := next(blocks, b"")):
            first += block
        self._encoding, self._mark = certain(first)
        self.window = Window(first[self._mark :], blocks, self._encoding)
        self.records = RecordReader(self.window)
        self._array = 0
        """The line of the array that is being read; 0 outside of one."""
        self._inside = False
        """Whether what comes next goes on with a line that is left as it is, and longer than what is held."""

    def __iter__(self) -> Iterator[Piece]:
        yield from self._encoded()
        window = self.window
        if not window.text:
            window.more()
        while not window.ended:
            step = self._rest_of_line() if self._inside else self._in_array() if self._array else self._line()
            if step is None:
                window.more()
                continue
            found, end = step
            begun = bool(found) and (self._inside or found[-1].left is not None)
            self._inside = begun and not found[-1].kept.endswith(b"\n") and not window.whole
            window.advance(end)
            yield from found
        if self._array:
            yield Piece(b"", (Repair(Kind.OPEN_ARRAY, window.line, window.column),))

    def _encoded(self) -> Iterator[Piece]:
        if self._encoding != "utf-8":
            yield Piece(b"", (Repair(Kind.UTF_16_OR_32, 1, 1, self._encoding.upper()),))
        elif self._mark:
            yield Piece(b"", (Repair(Kind.BYTE_ORDER_MARK, 1, 1),))

    def _rest_of_line(self) -> Step | None:
        text, at = self.window.text, self.window.at
        if at >= len(text):
            return None
        end = self.window.line_end(at) or len(text)
        return [Piece(raw(text[at:end]))], end

    # Lines

    def _line(self) -> Step | None:
        """The line that begins here, and those that belong to it. None if more of the text is needed."""
        window = self.window
        text, at = window.text, window.at
        end = window.line_end(at)
        if not end and len(text) - at < LONGEST_LINE:
            return None
        if end and window.column == 1:
            body = text[at:end]
            if found := self._whole_line(body, end):
                return found
        elif (behind := self._behind(at)) > at and text[behind - 1] == "\n":
            return [], behind
        opening = skip(_GAP, text, at)
        if text.startswith("[", opening):
            return self._list(opening)
        if text.startswith("/*", opening):
            return self._block_comment(opening)
        return self.records.of_line(at)

    def _whole_line(self, body: str, end: int) -> Step | None:
        """What a line is on its own; None where it is not sound and has to be looked into."""
        line = raw(body)
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            return self._odd_line(body, line, end)
        if isinstance(value, dict):
            return [self._sound(line)], end
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            return self._list_line(line, value, end)
        return [self._no_object(line, self.window.at)], end

    def _sound(self, line: bytes) -> Piece:
        if not line.endswith(b"\r\n"):
            return Piece(line, record=True)
        line_end = self.window.repair(Kind.LINE_END, self.window.at + len(line.decode("utf-8")) - 2)
        return Piece(line[:-2] + b"\n", (line_end,), record=True)

    def _no_object(self, line: bytes, index: int) -> Piece:
        return Piece(line, left=self.window.repair(Kind.NOT_AN_OBJECT, index))

    def _odd_line(self, body: str, line: bytes, end: int) -> Step | None:
        """A blank line, a comment, the marker of a merge conflict, or what only Python's own reader reads."""
        at = self.window.at
        if not body.strip(" \t\r\n"):
            return [Piece(b"", (self.window.repair(Kind.BLANK, at),))], end
        if _COMMENT.fullmatch(body):
            return [Piece(b"", (self.window.repair(Kind.COMMENT, at),))], end
        if _CONFLICT.fullmatch(body):
            return [self._conflict(at, end)], end
        if b"\\u" in line and isinstance(_strictly(body), dict):
            return [self._sound(line)], end
        return None

    def _conflict(self, at: int, end: int) -> Piece:
        marker = raw(self.window.text[at:end])
        left = self.window.repair(Kind.NOT_JSON, at, "the marker of a merge conflict")
        return Piece(marker, (), b"", (self.window.repair(Kind.CONFLICT, at),), left)

    def _block_comment(self, opening: int) -> Step | None:
        window = self.window
        comment = _BLOCK_COMMENT.match(window.text, opening)
        if comment is None:
            more = not window.whole and len(window.text) - window.at < LONGEST_LINE
            return None if more else self.records.left(window.at, "a comment is not closed")
        return [Piece(b"", (self.window.repair(Kind.COMMENT, opening),))], self._behind(comment.end())

    def _behind(self, index: int) -> int:
        """The index behind blanks and a line end."""
        text = self.window.text
        end = skip(_BLANKS, text, index)
        return end + 1 if text.startswith("\n", end) else end

    # Arrays

    def _list_line(self, line: bytes, value: list[Any], end: int) -> Step:
        """A line that is a list of objects: records if a dialect knows them or nothing else is there."""
        window = self.window
        at = window.at
        if key := messages_key(value[0]):
            return [self._bare_messages(line, line.strip(), key, at)], end
        alone = window.line == 1 and window.whole and not window.text[end:].strip()
        if alone or all(claimed(one) for one in value):
            return self._begin_array(window.text.index("[", at))
        return [self._no_object(line, at)], end

    def _bare_messages(self, kept: bytes, content: bytes, key: str, at: int) -> Piece:
        guessed = b'{"' + key.encode() + b'": ' + content + b"}\n"
        guesses = (self.window.repair(Kind.MESSAGES, at),)
        return Piece(kept, (), guessed, guesses, self.window.repair(Kind.NOT_AN_OBJECT, at), record=True)

    def _begin_array(self, opening: int) -> Step:
        self._array = self.window.place(opening)[0]
        return [Piece(b"", (self.window.repair(Kind.ARRAY, opening),))], opening + 1

    def _list(self, opening: int) -> Step | None:
        """A list that begins here and is not done with on this line: an array of records, or one value."""
        window = self.window
        text = window.text
        begun = _OPENING.match(text, opening)
        first = begun[1] if begun else ""
        if not first and not window.whole:
            return None
        if first == "{" and begun:
            value = self.records.strictly(begun.end() - 1)
            if value is None:
                return None
            if not messages_key(value[0]):
                return self._begin_array(opening)
        return self._one_value(opening)

    def _one_value(self, opening: int) -> Step | None:
        """A list that is no array of records, joined to one line; what is not JSON is left."""
        found = self.records.strictly(opening)
        if found is None:
            return None
        value, end = found
        behind = self._behind(end)
        if value is None or not (behind == len(self.window.text) or self.window.text[behind - 1] == "\n"):
            return self.records.left(self.window.at)
        piece = self.records.joined(opening, end, Kind.NOT_AN_OBJECT)
        if isinstance(value, list) and value and (key := messages_key(value[0])):
            piece = self._bare_messages(piece.kept, piece.kept.strip(), key, opening)
        return [piece], behind

    def _in_array(self) -> Step | None:
        """The next item of an array, or what stands between items."""
        window = self.window
        text = window.text
        at = skip(_GAP, text, window.at)
        if at >= len(text):
            return ([], at) if window.whole else None
        found = text[at]
        if found == ",":
            return [], at + 1
        if found == "]":
            self._array = 0
            return [], self._behind(at + 1)
        if found == "{":
            return self.records.item(at)
        return self._between(at, found)

    def _between(self, at: int, found: str) -> Step | None:
        window = self.window
        end = window.line_end(at)
        if not end and len(window.text) - window.at < LONGEST_LINE:
            return None
        if found == "/" and window.text.startswith("/*", at):
            return self._block_comment(at)
        if end and (comment := _COMMENT.match(window.text, at, end)):
            return [Piece(b"", (self.window.repair(Kind.COMMENT, at),))], comment.end()
        if end and _CONFLICT.match(window.text, at, end):
            self._array = 0
            return [self._conflict(at, end)], end
        value = self.records.strictly(at)
        if value is None:
            return None
        if value[0] is not None or window.text.startswith("null", at):
            return [self.records.joined(at, value[1], Kind.NOT_AN_OBJECT)], value[1]
        return self.records.left(at)


def messages_key(value: object) -> str:
    """Under which key a list whose first item is this would stand in a record, if the item is a message; else empty."""
    if not isinstance(value, dict) or claimed(value):
        return ""
    if "role" in value and ("content" in value or "tool_calls" in value):
        return "messages"
    return "conversations" if "from" in value and "value" in value else ""


def _strictly(text: str) -> Any:
    """The value of a text whose strings hold lone surrogates; Malformed where it is not JSON, or holds NaN."""
    value = decode(raw(text))
    if isinstance(value, Malformed):
        return value
    try:
        json.loads(text, parse_constant=_refused)
    except ValueError:
        return Malformed("CUR033", "holds NaN or Infinity", 1)
    return value


def _refused(name: str) -> Any:
    raise ValueError(name)
