"""What a filter expression says, as values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from curator.records.searching import Search

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}

FIGURES = {
    "tokens": "tokens of the record",
    "trained": "tokens that a trainer learns from",
    "messages": "messages",
    "turns": "turns: a user message and all up to the next one",
}
"""Columns of the audit, which are compared with whole numbers."""

STATES = {
    "edited": "changed since the file was opened first",
    "new": "made here: pieces, copies and new records",
    "dropped": "left out of what is saved",
    "marked": "marked with Space",
    "reviewed": "accepted, rejected or to be worked on",
    "accepted": "accepted",
    "rejected": "rejected",
    "needs-work": "to be worked on",
    "tagged": "with a tag",
    "noted": "with a note",
    "over": "over the longest example",
    "malformed": "not JSON",
    "invalid": "rejected by a schema",
    "blank": "blank lines",
    "estimated": "with counts that are estimates",
    "duplicate": "says the same as an earlier record (CUR021)",
    "contradiction": "answers a prompt that another record answers differently (CUR022)",
    "alike": "in a group that D listed last, by its v or V",
}
"""What a record can be."""

CODES = {"duplicate": "CUR021", "contradiction": "CUR022"}
"""States that are a finding's code in words."""

KINDS = {
    "role": "a role that a message has",
    "tool": "a tool that is called",
    "roles": "the order in which roles speak, as `F` shows it",
    "language": "the language of what is said, such as en",
    "model": "the model that wrote the record, or a message of it",
    "tag": "a tag",
    "code": "a finding's code",
    "severity": "error or warning",
    "dialect": "how the record is written",
    "source": "the file's name, `*` for any characters",
    "has": "a key that the record has, by its path",
}
"""What stands before a colon."""


@dataclass(frozen=True, slots=True)
class Everything:
    """True of every record."""


@dataclass(frozen=True, slots=True)
class And:
    """True where all parts are."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where one part is at least."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is not."""

    part: Predicate


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the audit, compared."""

    column: str
    comparison: str
    value: int


@dataclass(frozen=True, slots=True)
class State:
    """What the record is, or what was done to it."""

    name: str


@dataclass(frozen=True, slots=True)
class Kind:
    """`kind:value`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Text:
    """Whether something is found in what messages say."""

    search: Search


@dataclass(frozen=True, slots=True)
class Path:
    """The value under a key of the record, compared; a record without the key is not equal to anything."""

    keys: tuple[str, ...]
    comparison: str
    """One of COMPARISONS, or `~`: the text is found in the value's."""
    value: str | Decimal | bool | Search | None


Leaf = Figure | State | Kind | Text | Path
Predicate = Everything | And | Or | Not | Leaf

TEXT_KINDS = frozenset(("role", "tool", "has", "roles", "language", "model"))
"""Kinds that only the record itself tells."""


def leaves(predicate: Predicate) -> Iterator[Leaf]:
    """What the predicate asks, from left to right; what is asked twice comes twice."""
    match predicate:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Everything():
            return
        case _:
            yield predicate


def read_from_texts(leaf: Leaf) -> bool:
    """Whether the record has to be read for it: no column and nothing that was said of the record tells."""
    return isinstance(leaf, Text | Path) or (isinstance(leaf, Kind) and leaf.kind in TEXT_KINDS)


OF_JOURNALS = frozenset(
    ("edited", "new", "dropped", "marked", "reviewed", "accepted", "rejected", "needs-work", "tagged", "noted", "alike")
)
"""States that are said of records or found on the screen, and do not follow from what a file holds."""


def told_by_content(predicate: Predicate) -> bool:
    """Whether the answer follows from what a file holds alone, whatever its name and its journal."""
    return not any(
        (isinstance(leaf, State) and leaf.name in OF_JOURNALS)
        or (isinstance(leaf, Kind) and leaf.kind in ("tag", "source"))
        for leaf in leaves(predicate)
    )


def told_by_model(predicate: Predicate) -> bool:
    """Whether the answer depends on the model whose tokens are counted."""
    return any(
        (isinstance(leaf, Figure) and leaf.column in ("tokens", "trained"))
        or (isinstance(leaf, State) and leaf.name in ("over", "estimated"))
        or (isinstance(leaf, Kind) and leaf.kind in ("code", "severity"))
        for leaf in leaves(predicate)
    )
