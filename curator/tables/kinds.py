"""What kinds of values stand at each place of many records, and the column that can hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

FREE = frozenset({"arguments", "args", "parameters", "input_schema", "inputSchema"})
"""Keys under which the formats of chats have whatever a tool wants: objects there are written as JSON."""
MOST_SPARSE_KEYS = 16
"""An object may have so many keys of which most are absent; with more, its keys are taken for values."""
MOST_KEYS = 1000
"""So many keys are looked at of one place."""
EXACT_IN_FLOAT = 1 << 53
"""Integers up to here are exact as numbers of 64 bits with a point (IEEE 754)."""
NAMES = {str: "texts", bool: "true or false", int: "whole numbers", float: "numbers", dict: "objects", list: "lists"}


class Kind:
    """What was seen at one place."""

    __slots__ = ("first_lines", "high", "items", "keys", "low", "objects", "present", "too_many")

    def __init__(self) -> None:
        self.first_lines: dict[type, int] = {}
        """The first line of each kind of value, null apart; the kinds are Python's."""
        self.low = self.high = 0
        """The least and the greatest whole number."""
        self.keys: dict[str, Kind] = {}
        """What stands under the keys of objects, in the order of the keys."""
        self.items: Kind | None = None
        """What the lists hold."""
        self.objects = self.present = 0
        """How many objects there are, and how many keys they have together."""
        self.too_many = False

    def see(self, value: Any, line: int) -> int:
        """Take in a value that stands in a line. Returns how many keys there are in it."""
        if value is None:
            return 0
        kind = type(value)
        if kind not in self.first_lines:
            self.first_lines[kind] = line
        if kind is dict:
            return self._see_object(value, line)
        if kind is list:
            items = self.items = self.items or Kind()
            return sum(items.see(one, line) for one in value)
        if kind is int:
            self.low, self.high = min(self.low, value), max(self.high, value)
        return 0

    def _see_object(self, value: dict[str, Any], line: int) -> int:
        self.objects += 1
        self.present += len(value)
        known, number, before = self.keys, len(value), None
        for key, inner in value.items():
            kind = known.get(key)
            if kind is None:
                kind = self._new(key, before)
                known = self.keys
            number += kind.see(inner, line)
            before = key
        return number

    def _new(self, key: str, before: str | None) -> Kind:
        """A key that is met for the first time stands behind the one that it follows."""
        kind = Kind()
        if len(self.keys) >= MOST_KEYS:
            self.too_many = True
            return kind
        if before is None:
            self.keys = {key: kind, **self.keys}
            return kind
        held = list(self.keys.items())
        place = 1 + next((at for at, (name, _) in enumerate(held) if name == before), len(held) - 1)
        self.keys = dict([*held[:place], (key, kind), *held[place:]])
        return kind

    def why_json(self, name: str) -> str:
        """Why no column but one of JSON can hold what stands here, as a clause; empty where one can."""
        kinds = set(self.first_lines)
        if kinds == {int, float} and max(-self.low, self.high) <= EXACT_IN_FLOAT:
            return ""
        if len(kinds) > 1:
            seen = sorted(self.first_lines.items(), key=lambda item: item[1])
            return "holds " + " and ".join(f"{NAMES[kind]} (first in line {line:,})" for kind, line in seen)
        if kinds == {int} and not (self.low >= -(1 << 63) and self.high < (1 << 64 if not self.low else 1 << 63)):
            return "holds integers beyond 64 bits"
        return self._why_objects(name) if dict in kinds else ""

    def _why_objects(self, name: str) -> str:
        if name in FREE:
            return "holds objects with the keys that each tool wants"
        if not self.keys:
            return "holds objects without keys"
        sparse = len(self.keys) > MOST_SPARSE_KEYS and self.present * 2 < self.objects * len(self.keys)
        if sparse or self.too_many:
            return f"holds objects with {len(self.keys):,}{' and more' * self.too_many} different keys"
        return ""


class Columns:
    """The columns for what was seen of many records."""

    def __init__(self, records: Kind) -> None:
        self._records = records
        self.json: list[str] = []
        """Clauses on the places that are written as JSON."""

    def schema(self) -> pa.Schema:
        """One column for each key of the records."""
        import pyarrow as pa

        return pa.schema([self._field(key, kind, key) for key, kind in self._records.keys.items()])

    def _field(self, name: str, kind: Kind, place: str) -> pa.Field:
        import pyarrow as pa

        return pa.field(name, self._type(name, kind, place))

    def _type(self, name: str, kind: Kind, place: str) -> pa.DataType:
        import pyarrow as pa

        if reason := kind.why_json(name):
            self.json.append(f"`{place}` {reason}")
            return pa.json_()
        kinds = set(kind.first_lines)
        if dict in kinds:
            return pa.struct([self._field(key, inner, f"{place}.{key}") for key, inner in kind.keys.items()])
        if list in kinds:
            return pa.list_(self._type("", kind.items or Kind(), f"{place}[]"))
        if not kinds:
            return pa.null()
        if int in kinds and float not in kinds:
            return pa.uint64() if kind.high >= 1 << 63 else pa.int64()
        return {float: pa.float64(), bool: pa.bool_(), str: pa.string()}[(kinds - {int}).pop()]
