"""A text with places for parts of a record: `{meta.lang}` for what stands there, `{{meta.lang}}` for just these words.

Braces around anything but a path of keys stand for themselves, so that JSON in a prompt stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from curator.records.codec import compact

REST = "rest"
"""The name of what follows a beginning that texts share."""

_PLACE = re.compile(r"\{\{([^\W\d][\w.-]*)\}\}|\{([^\W\d][\w.-]*)\}")


def names_in(template: str) -> tuple[str, ...]:
    """The paths whose values a template asks for, each once, in order."""
    return tuple(dict.fromkeys(name for _, name in _pieces(template) if name))


def filled(template: str, record: Mapping[str, Any], rest: str | None = None) -> str | None:
    """The template with a record's values in their places; None where the record lacks one of them.

    A value is a text, a number, or true or false. `{rest}` is `rest`, where that is not None.
    """
    found: list[str] = []
    for text, name in _pieces(template):
        value = rest if name == REST and rest is not None else value_at(record, name) if name else ""
        if value is None:
            return None
        found += text, value
    return "".join(found)


@lru_cache(maxsize=16)
def _pieces(template: str) -> tuple[tuple[str, str], ...]:
    """The template as texts, each with the path of the value behind it; an empty path is none."""
    pieces: list[tuple[str, str]] = []
    end = 0
    for place in _PLACE.finditer(template):
        literal, name = place.groups()
        pieces.append((template[end : place.start()] + (f"{{{literal}}}" if literal else ""), name or ""))
        end = place.end()
    return (*pieces, (template[end:], ""))


def value_at(record: Mapping[str, Any], path: str) -> str | None:
    """The text, number, or true or false under a path of keys and places, `meta.lang`; None where there is none."""
    value: Any = record
    for key in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    if isinstance(value, str):
        return value
    return compact(value) if isinstance(value, int | float) else None
