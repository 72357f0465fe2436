"""Which JSON values are the same: `1`, `1.0` and `true` are three, NaN is NaN, and the order of keys means nothing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import orjson


class Sameness:
    """Gives values that are the same the same mark; every container is looked through once, without recursion.

    The values have to stay alive and unchanged as long as this does.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[int, int] = {}
        """The number of a container that was looked through, by its identity."""

    def same(self, one: Any, other: Any) -> bool:
        """Whether the two are the same value."""
        return one is other or _spelt_alike(one, other) or self.mark(one) == self.mark(other)

    def mark(self, value: Any) -> Hashable:
        """What the value has in common with all that are the same, and with no other."""
        if not isinstance(value, dict | list):
            return scalar_mark(value)
        spelt = _spelt(value)
        if spelt is not None and b"null" not in spelt:
            return spelt
        known = self._known
        waiting = [value]
        while waiting:
            one = waiting[-1]
            inner = one.values() if isinstance(one, dict) else one
            unknown = [item for item in inner if isinstance(item, dict | list) and id(item) not in known]
            if unknown:
                waiting += unknown
                continue
            waiting.pop()
            known[id(one)] = self._numbers.setdefault(self._contents(one), len(self._numbers))
        return known[id(value)]

    def _contents(self, container: dict[str, Any] | list[Any]) -> Hashable:
        if isinstance(container, list):
            return tuple([self._inner_mark(item) for item in container])
        return frozenset([(key, self._inner_mark(item)) for key, item in container.items()])

    def _inner_mark(self, item: Any) -> Hashable:
        return self._known[id(item)] if isinstance(item, dict | list) else scalar_mark(item)


def _spelt_alike(one: Any, other: Any) -> bool:
    """Whether two values are the same for sure: spelt alike, and equal where orjson spells more than one as null."""
    spelt = _spelt(one)
    return spelt is not None and spelt == _spelt(other) and bool(one == other)


def _spelt(value: Any) -> bytes | None:
    """A value as orjson spells it, which it does in no other way than all that are the same, but for what is null."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return None


def scalar_mark(value: Any) -> Hashable:
    """The mark of a value that holds no others: strings and null are their own, numbers go with their type."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, float) and (not value or value != value):
        return float, repr(value)
    return type(value), value
