"""Paths of keys: `.meta.lang`, and `.meta."two words"` where a name has points, blanks or signs in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_KEY = re.compile(r'"((?:[^"\\]|\\.)+)"|([^."]+)')
_BARE = re.compile(r"[^\s()<>=!~\"'/\\.,]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def path_keys(path: str) -> tuple[str, ...]:
    """The keys of a path, with a point before the first or without; none where it is no path."""
    keys: list[str] = []
    at = 1 if path.startswith(".") else 0
    while at <= len(path):
        match = _KEY.match(path, at)
        if match is None:
            return ()
        keys.append(_ESCAPED.sub(r"\1", match[1]) if match[1] else match[2])
        at = match.end()
        if at == len(path):
            return tuple(keys)
        if path[at] != ".":
            return ()
        at += 1
    return ()


def spelt_path(keys: Sequence[str]) -> str:
    """A path as it has to be typed, with a point before it."""
    return "".join(f".{one if _BARE.fullmatch(one) else _quoted(one)}" for one in keys)


def _quoted(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def paths_of(value: Mapping[str, Any]) -> list[str]:
    """The paths of a record's keys, and of those below them, as one may type them where a path is asked for."""
    found: list[str] = []
    for key, below in value.items():
        keys = [(key,), *((key, one) for one in below)] if isinstance(below, dict) else [(key,)]
        found += [path.removeprefix(".") if path[1] != '"' else path for path in map(spelt_path, keys)]
    return found


def values_at(value: Any, keys: Sequence[str]) -> list[Any]:
    """The values under a path; a key meets the items of a list unless it is the number of one, counted from 0."""
    found = [value]
    for key in keys:
        below: list[Any] = []
        for one in found:
            if isinstance(one, dict):
                below += [one[key]] if key in one else []
            elif isinstance(one, list) and key.isdigit():
                below += one[int(key) : int(key) + 1] if len(key) < 10 else []
            elif isinstance(one, list):
                below += [item[key] for item in one if isinstance(item, dict) and key in item]
        found = below
    return found


def items_at(value: Any, keys: Sequence[str]) -> list[Any]:
    """The same with the items of lists, of lists in lists too, in place of the lists."""
    found: list[Any] = []
    left = values_at(value, keys)[::-1]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one[::-1]
        else:
            found.append(one)
    return found
