"""What the user says of a trainer's own options: tables `[targets.NAME]` in a settings file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator.errors import UsageError

Value = bool | int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetOption:
    """One option of one trainer, as it stands in the trainer's own configuration."""

    target: str
    name: str
    value: Value
    origin: str
    """Where it was set."""


def target_options_in(table: Any, origin: str) -> tuple[TargetOption, ...]:
    """The options of `[targets]` of a file. Raises UsageError for what is no table of options."""
    if isinstance(table, tuple):
        return table
    return tuple(_options(table, origin))


def _options(table: Any, origin: str) -> Iterator[TargetOption]:
    if not isinstance(table, dict):
        raise UsageError(f"{origin}: `targets` is {table!r}; it takes tables such as [targets.axolotl].")
    for target, options in table.items():
        if not isinstance(options, dict):
            raise UsageError(f"{origin}: `targets.{target}` is {options!r}; it takes a table of options.")
        for name, value in options.items():
            yield TargetOption(target, name, _value(value, f"{origin}: `targets.{target}.{name}`"), origin)


def _value(value: Any, place: str) -> Value:
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise UsageError(f"{place} is {value!r}; it takes true or false, a whole number, a text or a list of texts.")
