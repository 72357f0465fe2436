"""JSON Schema: a quick verdict for the audit, and the reasons for people.

jsonschema-rs gives the verdict; jsonschema explains, in `schema_sentences`, and where it finds nothing wrong in what
was rejected, the verdict's own words are given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterator, Set
from functools import cache
from importlib import resources
from pathlib import Path
from textwrap import shorten
from typing import Any, TypeVar

import jsonschema_rs

from curator.analysis.likeness import likeness
from curator.analysis.lint.view import Complaint
from curator.analysis.schema_sentences import LONGEST_SENTENCE, NOTHING_ALLOWED, explained, not_allowed, pointer_to

MOST_COMPLAINTS = 20
DEEPEST_JUDGED = 100
KEPT_REASONS = 2048

Judgement = TypeVar("Judgement")


class SchemaCheck:
    """One schema, ready to be applied to decoded records."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self._verdict = jsonschema_rs.validator_for(schema, retriever=_no_network)
        self._known: dict[Hashable, list[Complaint]] = {}

    def is_valid(self, value: Any) -> bool:
        """Whether the schema accepts the value."""
        return _judged(self._verdict.is_valid, value)

    def places(self, value: Any) -> set[str]:
        """JSON pointers of all that the schema rejects in the value."""
        return {complaint.pointer for complaint in self._in_own_words(value)}

    def complaints(self, value: Any, known: Set[str] = frozenset()) -> list[Complaint]:
        """Why the schema rejects the value, at most 20 reasons, but for those of places in `known`.

        There is one at least if `places` names a place that is not known.
        """
        for reasons in (self._explained(value), self._in_own_words(value)):
            found = [one for one in dict.fromkeys(reasons) if one.pointer not in known]
            if found:
                return found[:MOST_COMPLAINTS]
        return []

    def alike(self, value: Any, known: Set[str] = frozenset()) -> list[Complaint]:
        """The same, or those of an earlier value that was rejected for the same reasons: many times as fast."""
        like = likeness(_judged(lambda value: list(self._verdict.iter_errors(value)), value), known)
        if like is None:
            return self.complaints(value, known)
        if like not in self._known:
            if len(self._known) >= KEPT_REASONS:
                self._known.clear()
            self._known[like] = self.complaints(value, known)
        return self._known[like]

    def _explained(self, value: Any) -> list[Complaint]:
        """What jsonschema says; but where nothing is allowed, it does not say where, so that the verdict is asked.

        Nothing, where the schema holds what only the verdict's library takes.
        """
        try:
            said = _judged(lambda value: list(explained(self.schema, value)), value)
        except _unexplained():
            return []
        placed = [one for one in said if one.message != NOTHING_ALLOWED]
        if len(placed) < len(said):
            placed += [one for one in self._in_own_words(value) if one.message == NOTHING_ALLOWED]
        return placed

    def _in_own_words(self, value: Any) -> Iterator[Complaint]:
        for error in _judged(lambda value: list(self._verdict.iter_errors(value)), value):
            pointer = pointer_to(error.instance_path)
            unexpected: list[str] | None = getattr(error.kind, "unexpected", None)
            if unexpected is not None:
                yield from (not_allowed(pointer, key) for key in unexpected)
            elif error.kind.name == "falseSchema":
                yield Complaint(pointer, NOTHING_ALLOWED)
            else:
                yield Complaint(pointer, shorten(error.message, LONGEST_SENTENCE, placeholder=" …"))


def _unexplained() -> tuple[type[Exception], ...]:
    """What jsonschema raises at patterns that are none of Python's, and at references that it cannot follow."""
    from referencing.exceptions import Unresolvable

    return re.error, Unresolvable


def _judged(judge: Callable[[Any], Judgement], value: Any) -> Judgement:
    """The judgement of a library on a value, or on as much of it as the library can take."""
    try:
        return judge(value)
    except (ValueError, RecursionError):
        return judge(_tamed(value, DEEPEST_JUDGED))


def _tamed(value: Any, depth: int) -> Any:
    """The value without halves of characters, and empty where it is nested more deeply."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_tamed(key, 0): _tamed(inner, depth - 1) for key, inner in value.items()} if depth else {}
    if isinstance(value, list):
        return [_tamed(inner, depth - 1) for inner in value] if depth else []
    return value


@cache
def shipped_schema(dialect: str) -> SchemaCheck:
    """The schema that curator ships for a dialect."""
    return SchemaCheck(json.loads(shipped_schema_text(dialect)))


def shipped_schema_text(dialect: str) -> str:
    """The text of the shipped schema: inside the package when installed, beside it in a working copy."""
    inside = resources.files("curator") / "schemas" / f"{dialect}.json"
    beside = Path(__file__).parents[2] / "schemas" / f"{dialect}.json"
    return (inside if inside.is_file() else beside).read_text("utf-8")


def _no_network(uri: str) -> Any:
    raise ValueError(f"`$ref` to {uri} is not in the schema, and nothing is fetched")
