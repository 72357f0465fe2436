"""Single records of a text that is almost JSON Lines: read strictly first, then tolerantly, else left as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from curator.records.codec import Malformed, decode
from curator.records.repair.foreign import ForeignText
from curator.records.repair.kinds import Kind, Piece, Repair
from curator.records.repair.objects import Scanned, scan
from curator.records.repair.strings import Note
from curator.records.repair.window import Window, raw, skip

LONGEST_RECORD = 64 << 20
"""Characters; what is longer is not taken for one record."""
REACH, FAR_REACH = 1 << 20, 1 << 24
"""How many characters a record that is not sound is looked for in beyond its line, as a rule and at most."""
COST = 1 << 12
"""What it costs at least to look beyond a line in vain, in characters: on that, no more is spent than sound records
have brought, so that a file full of what cannot be repaired takes no longer than its size lets expect."""
FIRST_CREDIT = 1 << 22
CANDIDATES = 50
"""Lines that are looked at to find a sound one."""

_GAP = re.compile(r"[ \t\r\n]*+")
_BLANKS = re.compile(r"[ \t\r]*+")
_COMMA = re.compile(r"[ \t\r]*+,[ \t\r]*+")
_LINE_COMMENT = re.compile(r"(?:\#|//)[^\n]*+")
_COMMA_AND_BREAK = re.compile(r",[ \t\r]*+\n[ \t\r\n]*+")
_BREAK = re.compile(r"[ \t\r]*+\n[ \t\r\n]*+")
_AHEAD = 16
"""Characters before the end of what was read where an error may only come from that end."""

Step = tuple[list[Piece], int]


def _refused(name: str) -> Any:
    raise ValueError(name)


_strict = json.JSONDecoder(parse_int=float, parse_constant=_refused)
"""Finds the end of sound JSON; integers of thousands of digits are sound, their values are not asked for."""


class RecordReader:
    """Reads the records that begin at some place of a window. What it cannot tell before more is read, it answers None.

    Indexes are those of the window's text.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._foreign = ForeignText(window)
        self._reach = REACH
        self._credit = FIRST_CREDIT

    def _may_read(self, start: int, most: int) -> bool:
        """Whether there is more of the text, and less than so much of it is there."""
        return not self._window.whole and len(self._window.text) - start < most

    # One value

    def strictly(self, start: int) -> tuple[Any, int] | None:
        """The sound JSON value at an index and its end; the value None where there is none."""
        text = self._window.text
        try:
            value, end = _strict.raw_decode(text, start)
        except json.JSONDecodeError as error:
            early = error.msg.startswith("Unterminated") or error.pos >= len(text) - _AHEAD
            return None if early and self._may_read(start, LONGEST_RECORD) else (None, start)
        except (ValueError, RecursionError):
            return None, start
        if end == len(text) and text[start] not in '{["' and self._may_read(start, LONGEST_RECORD):
            return None
        return value, end

    def joined(self, start: int, end: int, left: Kind | None = None) -> Piece:
        """A sound value as a line of its own; what stands on one line is kept byte for byte."""
        text = self._window.text[start:end]
        repairs: tuple[Repair, ...] = ()
        if "\n" in text:
            repairs = (self._window.repair(Kind.LAYOUT, start),)
            text = joined(text)
        try:
            line = text.encode() + b"\n"
        except UnicodeEncodeError:
            return self._foreign.record(start, end, text, repairs)
        return Piece(line, repairs, left=self._window.repair(left, start) if left else None, record=left is None)

    def _value(self, start: int) -> tuple[Piece, int] | None:
        """The object at an index as a piece, and its end; the end is -1 where it cannot be read."""
        found = self.strictly(start)
        if found is None:
            return None
        value, end = found
        if value is not None:
            self._credit = min(FAR_REACH, self._credit + end - start)
            return self.joined(start, end), end
        return self._tolerantly(start)

    def _tolerantly(self, start: int) -> tuple[Piece, int] | None:
        text = self._window.text
        end = text.find("\n", start)
        limit, final = (end, True) if end >= 0 else self._limit(start)
        found = scan(text, start, limit)
        if found.fault and end >= 0 and self._credit > COST:
            self._reach = min(self._reach, self._credit)
            if self._may_read(start, self._reach):
                return None
            limit, final = self._limit(start)
            found = scan(text, start, limit)
            if found.cut and not final and self._reach < min(FAR_REACH, self._credit):
                self._reach *= 4
                return None if self._may_read(start, self._reach) else self._tolerantly(start)
            if found.fault:
                self._credit -= (limit if found.cut else found.end) - start + COST
        self._reach = REACH
        if found.fault and final:
            found = self._closed(start, limit, found)
        if found.fault:
            line, column = self._window.place(found.end)
            fault = f"{found.fault}, at {line:,}:{column:,}"
            return Piece(b"", left=self._window.repair(Kind.NOT_JSON, start, fault)), -1
        return self._repaired(start, found), found.end

    def _limit(self, start: int) -> tuple[int, bool]:
        """How far a record that is not sound may go: to the next line that is a record; and whether something is there.

        That is a line that begins as the record's own does, and is sound or, as the record's own, a bracket alone.
        """
        text = self._window.text
        limit = min(len(text), start + self._reach)
        begin = text.rfind("\n", self._window.at, start) + 1 or self._window.at
        indent = text[begin:start] if begin else "\n"
        if indent.strip(" \t"):
            return limit, limit == len(text)
        end = text.find("\n", start, limit)
        alone = end > 0 and text[start:end].strip() == "{"
        opening = f"\n{indent}{{"
        at = text.find(opening, start, limit)
        for _ in range(CANDIDATES):
            if at < 0:
                break
            line = text[at + 1 : text.find("\n", at + 1) if "\n" in text[at + 1 : limit] else limit]
            if line.strip() == "{" if alone else _sound(line):
                return at, True
            at = text.find(opening, at + 1, limit)
        return limit, limit == len(text)

    def _closed(self, start: int, limit: int, found: Scanned) -> Scanned:
        """A record that was cut off, closed as a guess where its line ends, or at its last line if it has several."""
        text = self._window.text
        end = text.find("\n", start, limit)
        first = end if end >= 0 else limit
        behind = skip(_GAP, text, first)
        follows = text[behind : behind + 1]
        if follows in ("", "{", "[", "#", "]") or behind >= limit:
            last = first - 1 if text[first - 1] == "\r" else first
            closed = scan(text, start, last, close=True)
        elif found.cut and not found.in_string:
            closed = scan(text, start, len(text[:limit].rstrip()), close=True)
        else:
            return found
        return found if closed.fault or closed.sure == "{" else closed

    def _repaired(self, start: int, found: Scanned) -> Piece:
        """What a tolerant reading comes to; what counts only with a guess is no repair without it."""
        text = self._window.text
        original = raw(text[start : found.end])
        layout = start if found.laid_out else -1
        sure = self._repairs(found.notes, layout, guess=False)
        every = self._repairs(found.notes, layout, guess=True)
        try:
            kept, guessed = found.sure.encode() + b"\n", found.guess.encode() + b"\n"
        except UnicodeEncodeError:
            return self._foreign.record(start, found.end, found.guess, every)
        guesses = [one for one in every if one not in sure]
        if not guesses and not isinstance(decode(kept), Malformed):
            return Piece(kept, tuple(sure), record=True)
        if isinstance(decode(guessed), Malformed):
            reason = getattr(decode(guessed), "reason", "")
            return Piece(original + b"\n", left=self._window.repair(Kind.NOT_JSON, start, reason))
        if isinstance(decode(kept), Malformed):
            first = guesses[0]
            left = Repair(Kind.NOT_JSON, first.line, first.column, "what it should be is a guess")
            return Piece(original + b"\n", (), guessed, tuple(every), left, record=True)
        return Piece(kept, tuple(sure), guessed, tuple(guesses), record=True)

    def _repairs(self, notes: tuple[Note, ...], layout: int, *, guess: bool) -> list[Repair]:
        found = [self._window.repair(Kind.LAYOUT, layout)] if layout >= 0 else []
        return found + [self._window.repair(one.kind, one.at) for one in notes if guess or not one.guess]

    # Lines and items

    def of_line(self, at: int) -> Step | None:
        """The records that begin on a line that is not sound; a line with anything else on it is left as it is.

        Of a line that is too long to be held, the first.
        """
        if step := self._foreign.line(at):
            return step
        window = self._window
        text = window.text
        found: list[Piece] = []
        start = skip(_BLANKS, text, at)
        if text.startswith("\ufeff", start):
            found.append(Piece(b"", (self._window.repair(Kind.BYTE_ORDER_MARK, start),)))
            start = skip(_BLANKS, text, start + 1)
        several, held = window.column > 1, window.line_end(at) > 0
        while True:
            if not text.startswith("{", start):
                return self.left(at)
            value = self._value(start)
            if value is None:
                return None
            piece, end = value
            if end < 0:
                return self.left(at, piece.left)
            found += self._several(piece, start) if several else [piece]
            several = True
            start, done = self._behind(end, found)
            if done:
                return found, start
            if not held:
                return found, start
            if start >= len(text):
                return None

    def _several(self, piece: Piece, start: int) -> list[Piece]:
        return [Piece(b"", (self._window.repair(Kind.SEVERAL, start),)), piece]

    def _behind(self, end: int, found: list[Piece]) -> tuple[int, bool]:
        """Where what follows a record begins, and whether the line is done; what stands between is noted."""
        text = self._window.text
        if comma := _COMMA.match(text, end):
            found.append(Piece(b"", (self._window.repair(Kind.BETWEEN, text.index(",", end)),)))
            end = comma.end()
        end = skip(_BLANKS, text, end)
        if comment := _LINE_COMMENT.match(text, end):
            found.append(Piece(b"", (self._window.repair(Kind.COMMENT, end),)))
            end = comment.end()
        if text.startswith("\n", end):
            if text[end - 1] == "\r" and not any(one.kind is Kind.LAYOUT for piece in found for one in piece.repairs):
                found.append(Piece(b"", (self._window.repair(Kind.LINE_END, end - 1),)))
            return end + 1, True
        return end, end >= len(text) and self._window.whole

    def item(self, start: int) -> Step | None:
        """The item of an array that begins at an index with a bracket."""
        value = self._value(start)
        if value is None:
            return None
        piece, end = value
        return self.left(start, piece.left) if end < 0 else ([piece], end)

    def left(self, start: int, why: Repair | str | None = None) -> Step:
        """What begins at an index as it is: its line, and what is laid out under it."""
        end = self._unit(start)
        line = raw(self._window.text[start:end])
        if not isinstance(why, Repair):
            value = decode(line)
            reason = why or (value.reason.removeprefix("not JSON: ") if isinstance(value, Malformed) else "")
            kind = Kind.NOT_UTF_8 if isinstance(value, Malformed) and value.code == "CUR034" else Kind.NOT_JSON
            why = self._window.repair(kind, start, reason)
        ended = line.endswith(b"\n") or not self._window.line_end(start)
        return [Piece(line if ended else line + b"\n", left=why)], end

    def _unit(self, start: int) -> int:
        """Where a line ends with those that follow it and are set in deeper, or close its bracket."""
        window = self._window
        text = window.text
        begin = text.rfind("\n", window.at, start) + 1 or window.at
        indent = len(text[begin:start]) - len(text[begin:start].lstrip(" \t")) if begin < start else 0
        end = window.line_end(start) or len(text)
        if not text.startswith("{", start):
            return end
        for line, behind in self._lines(end):
            content = line.lstrip(" \t")
            deeper = len(line) - len(content) > indent
            if not content.strip() or not (deeper or content[0] in "}"):
                break
            end = behind
            if not deeper:
                break
        return end

    def _lines(self, start: int) -> Iterator[tuple[str, int]]:
        while end := self._window.line_end(start):
            if end == start:
                return
            yield self._window.text[start:end], end
            start = end


def joined(text: str) -> str:
    """Sound JSON on one line: in it, line breaks stand only between tokens."""
    return _BREAK.sub("", _COMMA_AND_BREAK.sub(", ", text))


def _sound(line: str) -> bool:
    try:
        return isinstance(orjson.loads(raw(line.rstrip(" \t\r\n,"))), dict)
    except orjson.JSONDecodeError:
        return False
