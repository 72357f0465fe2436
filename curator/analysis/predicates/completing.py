"""What could stand at the cursor of a filter that is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from curator.analysis.predicates.nodes import FIGURES, KINDS, STATES
from curator.analysis.predicates.parsing import ROLES, SEVERITIES

_WORD = re.compile(r"[^\s()<>=!~\"'/]*\Z")
MOST = 12


class Completion(NamedTuple):
    """What may replace the word before the cursor."""

    start: int
    """Where the word begins, in characters."""
    words: tuple[str, ...]


def complete(text: str, cursor: int, known: Mapping[str, Iterable[str]]) -> Completion:
    """The words that go on from what stands before the cursor.

    `known` has the values of kinds (`tag`, `code`, ...) that occur in the data.
    """
    match = _WORD.search(text[:cursor])
    start = match.start() if match else cursor
    begun = text[start:cursor]
    kind, colon, value = begun.partition(":")
    if colon and kind in KINDS:
        values = known.get(kind) or {"role": ROLES, "severity": SEVERITIES}.get(kind, ())
        found = sorted({f"{kind}:{_spelt(one)}" for one in values if one.lower().startswith(value.lower())})
    else:
        found = [one for one in _words() if one.startswith(begun.lower())]
    return Completion(start, tuple(one for one in found if one != begun)[:MOST])


def _words() -> list[str]:
    return [*FIGURES, *(f"{kind}:" for kind in KINDS), *STATES, "text", *ROLES, "and", "or", "not"]


def _spelt(value: str) -> str:
    """The value as it has to be typed."""
    return value if re.fullmatch(r"[^\s()<>=!~\"'/]+", value) else '"' + value.replace('"', '\\"') + '"'
