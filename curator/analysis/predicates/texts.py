"""What a filter asks of records themselves, asked of their lines. For workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from curator.analysis.predicates.nodes import COMPARISONS, Kind, Leaf, Path, Text
from curator.analysis.predicates.paths import items_at, path_keys, values_at
from curator.analysis.predicates.traits import language_of, models_of, role_pattern
from curator.records.codec import BYTE_ORDER_MARK, decode, line_body
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect
from curator.records.said import said
from curator.records.searching import Search, compiled, matches
from curator.records.sieve import may_match


def true_of(leaf_list: Sequence[Leaf], line: bytes, dialect_of: Callable[[Any], Dialect]) -> list[bool]:
    """For each leaf whether it is true of the record in a line. Raises SlowPatternError.

    Of lines that are no record none is, but that they hold a text.
    """
    possible = [may_be(leaf, line) for leaf in leaf_list]
    if not any(possible):
        return possible
    body = line_body(line).removeprefix(BYTE_ORDER_MARK)
    value = decode(body)
    if not isinstance(value, dict):
        return [
            may and isinstance(leaf, Text) and _found(leaf, body, Conversation())
            for may, leaf in zip(possible, leaf_list, strict=True)
        ]
    record = _Record(body, value, dialect_of)
    return [may and record.satisfies(leaf) for may, leaf in zip(possible, leaf_list, strict=True)]


def may_be(leaf: Leaf, line: bytes) -> bool:
    """Whether the leaf may be true of a record in a line, or in one of several; False is certain, without decoding."""
    match leaf:
        case Text(search):
            return may_match(line, search)
        case Kind("has", path):
            return _has_key(line, path_keys(path)[-1])
        case Kind("model", name):
            return _holds(line, name)
        case Path(keys):
            return _has_key(line, keys[-1])
    return True


def _has_key(line: bytes, key: str) -> bool:
    return key.isdigit() or _holds(line, key)


def _holds(line: bytes, text: str) -> bool:
    """Whether a text may stand in a line; where anything is escaped it may."""
    return b"\\" in line or text.encode("utf-8", "surrogatepass") in line


class _Record:
    """A decoded record, read as a conversation only if that is asked for."""

    def __init__(self, body: bytes, value: dict[str, Any], dialect_of: Callable[[Any], Dialect]) -> None:
        self._body = body
        self._value = value
        self._dialect_of = dialect_of
        self._conversation: Conversation | None = None

    @property
    def _said(self) -> Conversation:
        if self._conversation is None:
            self._conversation = self._dialect_of(self._value).read(self._value)
        return self._conversation

    def satisfies(self, leaf: Leaf) -> bool:
        """Whether the leaf is true of the record."""
        match leaf:
            case Text():
                return _found(leaf, self._body, self._said)
            case Kind("role", role):
                return any(message.role == role for message in self._said.messages)
            case Kind("tool", name):
                return any(call.name == name for message in self._said.messages for call in message.tool_calls)
            case Kind("roles", pattern):
                return role_pattern(self._said) == pattern
            case Kind("language", language):
                return language_of(self._said) == language.lower()
            case Kind("model", name):
                return name in models_of(self._value)
            case Kind("has", path):
                return bool(values_at(self._value, path_keys(path)))
            case Path(keys):
                return any(_compares(value, leaf) for value in items_at(self._value, keys))
        return False


def _found(leaf: Text, body: bytes, conversation: Conversation) -> bool:
    pattern = compiled(leaf.search)
    texts = said(body, conversation, leaf.search.roles)
    return any(next(matches(pattern, text), None) is not None for text in texts)


def _compares(value: Any, path: Path) -> bool:
    wanted = path.value
    if isinstance(wanted, Search):
        return isinstance(value, str) and next(matches(compiled(wanted), value), None) is not None
    if path.comparison == "~":
        return isinstance(value, str) and str(wanted).casefold() in value.casefold()
    if isinstance(value, bool) or value is None or isinstance(wanted, bool) or wanted is None:
        same = value is wanted
        return same if path.comparison == "=" else not same if path.comparison == "!=" else False
    if isinstance(wanted, Decimal):
        if isinstance(value, int | float) and value == value:  # NaN is like nothing, and not in order with anything
            return COMPARISONS[path.comparison](Decimal(repr(value)), wanted)
        return path.comparison == "!="
    if isinstance(value, str):
        return COMPARISONS[path.comparison](value, wanted)
    return path.comparison == "!="
