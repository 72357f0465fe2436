"""Which schemas of their own users name, each for one dialect: the table `[schemas]` of a file, and what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator.errors import UsageError


@dataclass(frozen=True, slots=True)
class OwnSchema:
    """A schema that takes the place of the shipped one for the records of a dialect."""

    dialect: str
    """As it was written; whether there is such a dialect is not known yet."""
    path: str
    origin: str
    """Where it was set."""


def own_schemas_in(table: Any, origin: str) -> tuple[OwnSchema, ...]:
    """The schemas of a file's table, `{dialect: path}`; those that were typed are made already. Raises UsageError."""
    return table if isinstance(table, tuple) else tuple(_schemas_in(table, origin))


def _schemas_in(table: Any, origin: str) -> Iterator[OwnSchema]:
    if not isinstance(table, dict):
        raise UsageError(f'{origin}: `schemas` is {table!r}; it takes a table such as "openai-chat" = "mine.json".')
    for dialect, path in table.items():
        if not isinstance(path, str):
            raise UsageError(f'{origin}: `schemas."{dialect}"` is {path!r}; it takes the path of a schema.')
        yield OwnSchema(dialect, path, origin)
