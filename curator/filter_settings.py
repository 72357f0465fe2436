"""Filters with names: a table `[filters]` in a settings file, `name = "expression"`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator.errors import UsageError

NAME = re.compile(r"[A-Za-z0-9_-]+")
"""What a filter may be called: a key of TOML that needs no quotes."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """An expression that `@name` stands for in others."""

    name: str
    expression: str
    origin: str
    """Where it was set."""


def filters_in(table: Any, origin: str) -> tuple[SavedFilter, ...]:
    """The filters of `[filters]` of a file. Raises UsageError for what is no table of expressions."""
    if isinstance(table, tuple):
        return table
    return tuple(_filters(table, origin))


def _filters(table: Any, origin: str) -> Iterator[SavedFilter]:
    if not isinstance(table, dict):
        raise UsageError(
            f'{origin}: `filters` is {table!r}; it takes a table of names, such as long = "tokens > 4000".'
        )
    for name, expression in table.items():
        if not NAME.fullmatch(name):
            raise UsageError(f"{origin}: a filter cannot be called {name!r}; use letters, digits, `-` and `_`.")
        if not isinstance(expression, str):
            raise UsageError(f"{origin}: the filter `{name}` is {expression!r}; it takes an expression in quotes.")
        yield SavedFilter(name, expression, origin)
