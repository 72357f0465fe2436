"""An object that is almost JSON: where it ends, and how JSON spells it, nothing guessed that is not marked so.

Written for this task, because what lenient readers of JSON return is a value: not where a repair was made, nor what
else the text could have meant, and with numbers and escapes spelled anew.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from curator.records.codec import DEEPEST_NESTING
from curator.records.repair.kinds import Kind
from curator.records.repair.strings import Note, Spelling, opens, string
from curator.records.repair.window import skip

_WHITE = re.compile(r"[ \t\r\n]*+")
_COMMENT = re.compile(r"//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/")
_WORD = re.compile(r"[^\s,:\[\]{}\"'“”„#/]++")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_NAME = re.compile(r"[A-Za-z_$][\w$-]*+")
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_JSON = frozenset(("true", "false", "null"))
_CONSTANTS = frozenset(("NaN", "Infinity", "-Infinity", "+Infinity", "nan", "inf", "-inf"))
_QUOTE = re.compile(r'(?<!\\)"')
_BRACKETS = {"{": "}", "[": "]"}


class Scanned(NamedTuple):
    """What a text is read as, from an opening bracket on."""

    end: int
    """The index behind it; where it could not be read, the index of what stopped that."""
    sure: str
    """Its JSON with the sure repairs."""
    guess: str
    """Its JSON with the guesses too; the same where nothing is guessed."""
    notes: tuple[Note, ...]
    fault: str = ""
    """Why it is no JSON, as a clause; empty where it is."""
    cut: bool = False
    """Whether the text ended in it."""
    in_string: bool = False
    """Whether it ended within a string that goes over several lines."""
    laid_out: bool = False
    """Whether its tokens stand on several lines."""


class _Stopped(Exception):  # noqa: N818 - says where and why, and never leaves this module
    def __init__(self, index: int, fault: str, *, cut: bool = False) -> None:
        super().__init__(fault)
        self.index, self.fault, self.cut = index, fault, cut


def scan(text: str, start: int, limit: int, *, close: bool = False) -> Scanned:
    """Read the object or list that opens at an index, up to another index at most.

    With `close`, what the limit cuts off is closed, as a guess.
    """
    scanner = _Scanner(text, start, limit)
    try:
        scanner.run()
    except _Stopped as stopped:
        if stopped.cut and close and scanner.close():
            return scanner.result(limit)
        return scanner.result(stopped.index, stopped.fault, cut=stopped.cut)
    return scanner.result(scanner.at)


class _Scanner:
    """Goes from token to token; what is expected next follows from the last one. Nesting costs no recursion."""

    def __init__(self, text: str, start: int, limit: int) -> None:
        self.text, self.at, self.limit = text, start, limit
        self.out = Spelling()
        self.laid_out = False
        """Whether a line break was met between tokens."""
        self._open: list[str] = []
        self._expected = "value"
        self._comma: tuple[int, str] | None = None
        """A comma that is not written yet, since a closing bracket may follow; its index, and it with what follows."""
        self._string = -1
        """The index of a string that the text ends in."""

    def result(self, end: int, fault: str = "", *, cut: bool = False) -> Scanned:
        """What was read so far."""
        sure, guess = "".join(self.out.sure), "".join(self.out.guess)
        broken = self._string >= 0 and "\n" in self.text[self._string : self.limit]
        return Scanned(end, sure, guess, tuple(self.out.notes), fault, cut, broken, self.laid_out)

    def run(self) -> None:
        """Read to the bracket that closes the first one. Raises _Stopped."""
        while True:
            if self._open:
                self._gap()
            if self.at >= self.limit:
                raise self._ended()
            found = self.text[self.at]
            if self._expected == "colon":
                self._colon(found)
            elif self._expected == "comma":
                self._comma_or_end(found)
            elif self._open and found == self._closing and self._expected != "member":
                self._close_bracket(found)
            elif self._expected == "key":
                self._key(found)
            else:
                self._value(found)
            if not self._open:
                return

    def close(self) -> bool:
        """Close what the end has cut off; False where there is no saying how: a key without value, a stray quote."""
        in_string = self._string >= 0
        if self._expected in ("colon", "key" if in_string else "member"):
            return False
        if in_string and _QUOTE.search(self.text, self._string + 1, self.limit):
            return False
        quote = '"' if in_string else ""
        brackets = "".join(_BRACKETS[one] for one in reversed(self._open))
        self.out.write("", f"{quote}{brackets}")
        self.out.note(Kind.CUT_OFF, self.limit, guess=True)
        return True

    @property
    def _closing(self) -> str:
        return _BRACKETS[self._open[-1]]

    def _ended(self) -> _Stopped:
        return _Stopped(self.at, "the text ends before the record does", cut=True)

    def _gap(self) -> None:
        """Pass over white space and comments; what stands on one line is kept as it is."""
        start = self.at
        plain = True
        while True:
            self.at = skip(_WHITE, self.text, self.at, self.limit)
            comment = _COMMENT.match(self.text, self.at, self.limit)
            if comment is None:
                break
            plain = False
            self.out.note(Kind.COMMENT, self.at)
            self.at = comment.end()
        gap = self.text[start : self.at]
        self.laid_out = self.laid_out or "\n" in gap
        if not plain or "\n" in gap:
            gap = " " if self._comma else ""
        if self._comma:
            self._comma = self._comma[0], self._comma[1] + gap
        elif gap:
            self.out.write(gap)

    def _before_token(self) -> None:
        if self._comma:
            self.out.write(self._comma[1])
            self._comma = None

    def _close_bracket(self, found: str) -> None:
        if self._comma:
            self.out.note(Kind.TRAILING_COMMA, self._comma[0])
            self._comma = None
        self.out.write(found)
        self.at += 1
        self._open.pop()
        self._expected = "comma"

    def _colon(self, found: str) -> None:
        if found != ":":
            raise _Stopped(self.at, "a colon is expected")
        self.out.write(found)
        self.at += 1
        self._expected = "member"

    def _comma_or_end(self, found: str) -> None:
        if found == self._closing:
            self._close_bracket(found)
        elif found == ",":
            self._comma = self.at, ","
            self.at += 1
            self._expected = "key" if self._open[-1] == "{" else "value"
        elif opens(found) or (found == "{" and self._open[-1] == "["):
            self.out.note(Kind.MISSING_COMMA, self.at, guess=True)
            self.out.write("", ", ")
            self._expected = "key" if self._open[-1] == "{" else "value"
        else:
            raise _Stopped(self.at, "a comma or a closing bracket is expected")

    def _key(self, found: str) -> None:
        self._before_token()
        if opens(found):
            self._string_at("key")
        elif name := _NAME.match(self.text, self.at, self.limit):
            self.out.note(Kind.BARE_KEY, self.at)
            self.out.write(f'"{name[0]}"')
            self.at = name.end()
        else:
            raise _Stopped(self.at, "a key in double quotes is expected")
        self._expected = "colon"

    def _value(self, found: str) -> None:
        self._before_token()
        role = "item" if self._expected == "value" else "member"
        if found in _BRACKETS:
            if len(self._open) >= DEEPEST_NESTING:
                raise _Stopped(self.at, f"nested more than {DEEPEST_NESTING:,} levels deep")
            self.out.write(found)
            self.at += 1
            self._open.append(found)
            self._expected = "key" if found == "{" else "value"
            return
        if opens(found):
            self._string_at(role)
        else:
            self._literal()
        self._expected = "comma"

    def _string_at(self, role: str) -> None:
        self._string = self.at
        end = string(self.text, self.at, self.limit, role, self.out)
        if end < 0:
            raise self._ended()
        self._string = -1
        self.at = end

    def _literal(self) -> None:
        match = _WORD.match(self.text, self.at, self.limit)
        word = match[0] if match else ""
        if match and match.end() == self.limit and word not in _JSON:
            raise self._ended()
        if word in _JSON or _NUMBER.fullmatch(word):
            self.out.write(word)
        elif word in _PYTHON:
            self.out.note(Kind.PYTHON, self.at)
            self.out.write(_PYTHON[word])
        elif word in _CONSTANTS:
            self.out.note(Kind.CONSTANT, self.at, guess=True)
            self.out.write(word, "null")
        else:
            raise _Stopped(self.at, "a value is expected")
        self.at += len(word)
