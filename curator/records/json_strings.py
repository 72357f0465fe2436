"""The part of a string that an edit changes, so that the rest of it keeps its escapes."""

from __future__ import annotations

import re
from typing import NamedTuple

_RUN = re.compile(
    rb"[^\\]++|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)


class StringChange(NamedTuple):
    """What of a token is replaced, as offsets in it, and the text that takes its place."""

    start: int
    end: int
    text: str


def string_change(token: bytes, old: str, new: str) -> StringChange:
    """The change that makes `token`, a JSON string that means `old`, mean `new`, without their common ends."""
    head = shared_start(old, new)
    tail = shared_start(old[head:][::-1], new[head:][::-1])
    start, end = _offsets(token, old, head, len(old) - tail)
    return StringChange(start, end, new[head : len(new) - tail])


def shared_start(one: str, other: str) -> int:
    """How many characters two texts have in common from their start, by halving what is compared."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _offsets(token: bytes, text: str, start: int, end: int) -> tuple[int, int]:
    """Where in the token the characters `start` and `end` of its text stand."""
    if b"\\" not in token:
        before = 1 + len(text[:start].encode("utf-8"))
        return before, before + len(text[start:end].encode("utf-8"))
    found: list[int] = []
    wanted = [start, end]
    passed = 0
    for run in _RUN.finditer(token, 1, len(token) - 1):
        plain = "" if run[0].startswith(b"\\") else run[0].decode("utf-8")
        length = len(plain) or 1
        while len(found) < 2 and wanted[len(found)] < passed + length:
            found.append(run.start() + len(plain[: wanted[len(found)] - passed].encode("utf-8")))
        if len(found) == 2:
            break
        passed += length
    found += [len(token) - 1] * (2 - len(found))
    return found[0], found[1]
