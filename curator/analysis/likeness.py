"""Which rejected values are alike: rejected for the same reasons, but for what is particular to each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Set
from typing import Any

from curator.analysis.lint.view import escaped, kind_of
from curator.analysis.places import shape_of
from curator.analysis.schema_sentences import pointer_to

PLAIN = frozenset(
    (
        *("required", "type", "additionalProperties", "enum", "const", "pattern", "falseSchema"),
        *("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "minimum", "maximum"),
    )
)
"""Keywords whose sentence follows, but for particulars, from where they stand in the schema and the value's kind."""


def likeness(errors: Iterable[Any], known: Set[str]) -> Hashable | None:
    """Equal for values that are alike, by the verdict's errors but for those of places in `known`.

    None where the reasons depend on more than can be told from the errors.
    """
    by_place: dict[str, set[Hashable]] = {}
    for error in errors:
        if error.kind.name not in PLAIN:
            return None
        pointer = pointer_to(error.instance_path)
        if pointer not in known:
            by_place.setdefault(pointer, set()).add(_mark(error, pointer, known))
    return frozenset((shape_of(pointer), frozenset(marks)) for pointer, marks in by_place.items())


def _mark(error: Any, pointer: str, known: Set[str]) -> Hashable:
    kind = error.kind
    match kind.name:
        case "type":
            told: Hashable = kind_of(error.instance)
        case "required":
            told = kind.property
        case "additionalProperties":
            told = frozenset(key for key in kind.unexpected if f"{pointer}/{escaped(key)}" not in known)
        case _:
            told = None
    return kind.name, tuple(error.schema_path), told
