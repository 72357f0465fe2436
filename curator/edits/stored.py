"""Operations to and from what the journal holds: a kind, its version, JSON, and a bitmap of ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import orjson
from pyroaring import BitMap64

from curator.edits.asked import Asked
from curator.edits.labels import Verdict
from curator.edits.operations import (
    Annotate,
    Drop,
    Fixing,
    Insert,
    Made,
    Move,
    Operation,
    Places,
    Replace,
    Review,
    Rewrite,
    Shortening,
    Sweeping,
    Tag,
    TagMessage,
)
from curator.edits.rule import Fixes, FixingRule, ReplacementRule, Rule, ShorteningRule
from curator.errors import UnreadableError
from curator.storage.journal import StoredOperation

KINDS: dict[str, type[Any]] = {
    one.kind: one
    for one in (
        *(Rewrite, Insert, Replace, Move, Drop, Sweeping, Shortening, Fixing),
        *(Tag, TagMessage, Review, Annotate, Asked),
    )
}
"""All operations, by the name that they have in the journal."""


def store(operation: Operation) -> StoredOperation:
    """The operation as the journal holds it."""
    assert is_dataclass(operation)
    values = {one.name: getattr(operation, one.name) for one in fields(operation) if one.name != "records"}
    records: BitMap64 | None = getattr(operation, "records", None)
    return StoredOperation(
        operation.kind,
        operation.version,
        orjson.dumps(values, default=_plain),
        None if records is None else bytes(_packed(records).serialize()),
    )


def restore(stored: StoredOperation) -> Operation:
    """The operation of what the journal holds. Raises UnreadableError for one of a newer program."""
    kind = KINDS.get(stored.kind)
    if kind is None or stored.version > kind.version:
        raise UnreadableError(
            f"The journal holds an operation `{stored.kind}` (version {stored.version}) of a newer curator; update it."
        )
    values: dict[str, Any] = orjson.loads(stored.payload)
    for name, read in _READ.items():
        if values.get(name) is not None:
            values[name] = read(values[name])
    if stored.ids is not None:
        values["records"] = BitMap64.deserialize(stored.ids)
    operation: Operation = kind(**values)
    return operation


def _packed(records: BitMap64) -> BitMap64:
    copy = records.copy()
    copy.run_optimize()
    return copy


def _plain(value: object) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _places(values: list[int | None]) -> Places:
    return tuple(values)


def _made(values: list[dict[str, Any]]) -> tuple[Made, ...]:
    return tuple(
        Made(one["record"], one["text"], None if one["places"] is None else _places(one["places"])) for one in values
    )


def _rule(value: dict[str, Any]) -> Rule:
    if "fixes" in value:
        return FixingRule(**{**value, "fixes": Fixes(tuple(value["fixes"]["names"]))})
    return _replacement_rule(value) if "replacement" in value else _shortening_rule(value)


def _shortening_rule(value: dict[str, Any]) -> ShorteningRule:
    from curator.records.short_prompt import ShortPrompt

    return ShorteningRule(**{**value, "prompt": ShortPrompt(**value["prompt"])})


def _replacement_rule(value: dict[str, Any]) -> ReplacementRule:
    from curator.records.find_replace import Replacement
    from curator.records.searching import Search

    replacement = value["replacement"]
    search = replacement["search"] | {"roles": frozenset(replacement["search"]["roles"])}
    return ReplacementRule(**{**value, "replacement": Replacement(**{**replacement, "search": Search(**search)})})


_READ: dict[str, Callable[[Any], Any]] = {
    "places": _places,
    "made": _made,
    "originals": tuple,
    "starts": tuple,
    "verdict": Verdict,
    "rule": _rule,
}
"""How the fields of operations that JSON spells otherwise are read, by name."""
