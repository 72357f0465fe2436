"""Edits of the keys of a record that its dialect does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.errors import UsageError
from curator.records.dialects import Dialect
from curator.records.dialects.base import Record


def set_other_key(record: Mapping[str, Any], dialect: Dialect, key: str, value: Any) -> Record:
    """The record with the key set to the JSON value, in the key's own place, a new one at the end.

    Raises UsageError where the key is the conversation's own.
    """
    _check_other(dialect, key)
    return {**record, key: value}


def remove_other_key(record: Mapping[str, Any], dialect: Dialect, key: str) -> Record:
    """The record without the key. Raises UsageError where it has none, or the key is the conversation's own."""
    _check_other(dialect, key)
    if key not in record:
        raise UsageError(f"The record has no key `{key}`; its keys are {', '.join(f'`{name}`' for name in record)}.")
    return {name: value for name, value in record.items() if name != key}


def _check_other(dialect: Dialect, key: str) -> None:
    if key in dialect.keys:
        raise UsageError(
            f"`{key}` is a part of the conversation in {dialect.title}: edit its messages, or the record's JSON."
        )
