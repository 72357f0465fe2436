"""What could stand at the cursor of a filter that is being typed, and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from curator.analysis.predicates.nodes import FIGURES, KINDS, STATES
from curator.analysis.predicates.parsing import SEVERITIES
from curator.records.search_line import ANYWHERE, PLACES, ROLES

_WORD = re.compile(r"[^\s()<>=!~\"'/]*\Z")
MOST = 12
PATHS = "has"
"""Under this the known values are paths, spelt."""
SAVED = "@"
"""Under this the known values are the names of saved filters."""

TEXTS = {ANYWHERE: "all that the reader shows of a record", **PLACES}
"""Texts in which something can be looked for, by `~` or `!~`."""

JOINING = {"and": "both; may be left out", "or": "one of both at least", "not": "the opposite of what follows"}


class Completion(NamedTuple):
    """What may replace the word before the cursor."""

    start: int
    """Where the word begins, in characters."""
    words: tuple[str, ...]


def complete(text: str, cursor: int, known: Mapping[str, Iterable[str]]) -> Completion:
    """The words that go on from what stands before the cursor.

    `known` has the values of kinds (`tag`, `code`, ...) that occur in the data, and under `@` the saved filters.
    """
    match = _WORD.search(text[:cursor])
    start = match.start() if match else cursor
    begun = text[start:cursor]
    kind, colon, value = begun.partition(":")
    if colon and kind in KINDS:
        values = known.get(kind) or {"role": ROLES, "severity": SEVERITIES}.get(kind, ())
        written = str if kind == PATHS else spelt
        found = sorted({f"{kind}:{written(one)}" for one in values if one.lower().startswith(value.lower())})
    elif begun.startswith("."):
        paths = (f".{one.removeprefix('.')}" for one in known.get(PATHS, ()))
        found = [one for one in paths if one.lower().startswith(begun.lower())]
    else:
        words = [*_words(), *(f"{SAVED}{one}" for one in known.get(SAVED, ()))]
        found = [one for one in words if one.lower().startswith(begun.lower())]
    return Completion(start, tuple(one for one in found if one != begun)[:MOST])


def meaning(word: str, saved: Mapping[str, str]) -> str:
    """What a word of a filter means, as far as one can say without its values; `saved` has the saved filters."""
    kind, colon, value = word.partition(":")
    if colon and not value:
        return KINDS.get(kind, "")
    known = {**FIGURES, **STATES, **TEXTS, **JOINING, **{f"{SAVED}{name}": saved[name] for name in saved}}
    return known.get(word, "")


def _words() -> list[str]:
    return [*FIGURES, *(f"{kind}:" for kind in KINDS), *STATES, *TEXTS, *JOINING]


def spelt(value: str) -> str:
    """The value as it has to be typed."""
    if re.fullmatch(r"[^\s()<>=!~\"'/\\]+", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
