"""Where in a line's bytes the values of its JSON stand, found only where it is asked for.

What is passed over is not taken apart: one match of a regular expression goes to the next bracket outside strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

QUOTED = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
"""A string in JSON that is known to be sound; for patterns with `re.DOTALL`."""

_WHITE = rb"[ \t\r\n]*+"
_GAP = re.compile(_WHITE)
_SCALAR = re.compile(QUOTED + rb"|[^ \t\r\n,\]}]++", re.DOTALL)
_COMMA = re.compile(_WHITE + rb"," + _WHITE)
_MEMBER = re.compile(
    rb"(" + QUOTED + rb")" + _WHITE + rb":" + _WHITE + rb"(?P<value>(?P<text>" + QUOTED + rb")?+)", re.DOTALL
)
"""A key, and where its value starts; with the value, where that is a string, as most are."""
_UP_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + QUOTED + rb")*+", re.DOTALL)

_LONG_CONTAINER = 1024
"""The ends of containers of at least this many bytes are remembered, so that nesting does not make them costly."""


class Entry(NamedTuple):
    """An item of an array or a member of an object, in offsets of the body."""

    key: str
    """Empty for an item."""
    start: int
    colon: int
    """Where the key ends; of an item, where it starts."""
    value: int
    end: int


class Spans:
    """The places in one body, which has to be JSON as the codec reads it; for any other, answers mean nothing."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._ends: dict[int, int] = {}

    def root(self) -> Place:
        """The whole value."""
        return Place(self, None, "", _past(_GAP, self.body, 0))

    def end(self, start: int) -> int:
        """Where the value that starts at `start` ends."""
        body = self.body
        if body[start] not in b"[{":
            return _past(_SCALAR, body, start)
        if start in self._ends:
            return self._ends[start]
        opened: list[int] = []
        position = start
        while True:
            bracket = _past(_UP_TO_BRACKET, body, position)
            position = bracket + 1
            if body[bracket] in b"[{":
                opened.append(bracket)
                continue
            opening = opened.pop()
            if position - opening >= _LONG_CONTAINER:
                self._ends[opening] = position
            if not opened:
                return position

    def entries(self, start: int) -> Iterator[Entry]:
        """What the array or object that starts at `start` holds, in the order of the bytes, repeated keys too."""
        body, has_keys = self.body, self.body[start] == ord("{")
        position = _past(_GAP, body, start + 1)
        while body[position] not in b"]}":
            key, colon, value, end = "", position, position, -1
            if has_keys and (member := _MEMBER.match(body, position)):
                key, colon, value, end = _spoken(member[1]), member.end(1), member.start("value"), member.end("text")
            if end < 0:
                end = self.end(value)
            yield Entry(key, position, colon, value, end)
            comma = _COMMA.match(body, end)
            if comma is None:
                break
            position = comma.end()


class Place:
    """Where one value stands, worked out when it is asked for the first time."""

    __slots__ = ("_above", "_entries", "_following", "_members", "_spans", "_start", "_step")

    def __init__(self, spans: Spans, above: Place | None, step: int | str, start: int = -1) -> None:
        self._spans = spans
        self._above = above
        self._step = step
        self._start = start
        self._entries: list[Entry] = []
        self._following: Iterator[Entry] | None = None
        self._members: dict[str, Entry] = {}

    def inside(self, step: int | str) -> Place:
        """The place of an item by its number, or of a member by its key: the last one of that key."""
        return Place(self._spans, self, step)

    def start(self) -> int:
        """The offset of its first byte; however deep it is, without recursion."""
        unknown: list[Place] = []
        place = self
        while place._start < 0 and place._above is not None:
            unknown.append(place)
            place = place._above
        for one in reversed(unknown):
            one._start = place._entry(one._step).value
            place = one
        return self._start

    def end(self) -> int:
        """The offset behind its last byte."""
        return self._spans.end(self.start())

    def entries(self) -> list[Entry]:
        """As `Spans.entries`, looked for once."""
        self._entries += self._not_found()
        return self._entries

    def _not_found(self) -> Iterator[Entry]:
        """Those of the entries that have not been looked for."""
        if self._following is None:
            self._following = self._spans.entries(self.start())
        return self._following

    def _entry(self, step: int | str) -> Entry:
        if isinstance(step, int):
            self._entries += islice(self._not_found(), max(0, step + 1 - len(self._entries)))
            return self._entries[step]
        if not self._members:
            self._members = {entry.key: entry for entry in self.entries()}
        return self._members[step]


def _past(pattern: re.Pattern[bytes], body: bytes, start: int) -> int:
    match = pattern.match(body, start)
    return match.end() if match else start


def _spoken(key: bytes) -> str:
    """A key as it is meant, whatever its escapes."""
    if b"\\" not in key:
        return key[1:-1].decode("utf-8")
    return str(json.loads(key.decode("utf-8")))
