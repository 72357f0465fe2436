"""Filters are saved under names in the user's settings file, of which nothing else changes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from curator.errors import UnreadableError, UnwritableError, UsageError
from curator.filter_settings import NAME
from curator.storage.replacing import replacing

_TABLE = re.compile(r"^[ \t]*\[[ \t]*filters[ \t]*\][ \t]*(?:#.*)?$")
_ANY_TABLE = re.compile(r"^[ \t]*\[")


def save_filter(path: Path, name: str, expression: str) -> None:
    """Put `name = "expression"` into the table `[filters]` of a settings file, which is made if there is none.

    A filter of that name is replaced. All other bytes stay. Raises UsageError for a name that cannot be one and for a
    file that has its filters in a form that is not put right here, UnreadableError and UnwritableError.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"A filter cannot be called {name!r}; use letters, digits, `-` and `_`.")
    target = path.resolve()
    before = _text_of(target)
    after = with_filter(before, name, expression)
    if _filtered(after) != _expected(before, name, expression):
        raise UsageError(
            f"{path}: write `{name} = {_quoted(expression)}` into [filters] by hand; it is not laid out simply."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableError(f"{target.parent}: cannot be made: {error.strerror}.") from error
    with replacing(target, like=target if target.exists() else None) as replacement:
        replacement.file.write(after.encode("utf-8"))
        replacement.commit()


def with_filter(text: str, name: str, expression: str) -> str:
    """A settings file's text with a filter in it."""
    end = "\r\n" if "\r\n" in text else "\n"
    line = f"{name} = {_quoted(expression)}"
    lines = text.split(end)
    table = next((number for number, one in enumerate(lines) if _TABLE.match(one)), None)
    if table is None:
        before = text if not text or text.endswith(end) else text + end
        gap = end if before else ""
        return f"{before}{gap}[filters]{end}{line}{end}"
    after = next((number for number in range(table + 1, len(lines)) if _ANY_TABLE.match(lines[number])), len(lines))
    own = re.compile(rf"^[ \t]*(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')[ \t]*=")
    for number in range(table + 1, after):
        if own.match(lines[number]):
            lines[number] = line
            return end.join(lines)
    last = max((number for number in range(table, after) if lines[number].strip()), default=table)
    lines.insert(last + 1, line)
    if last + 1 == len(lines) - 1:
        lines.append("")
    return end.join(lines)


def _quoted(expression: str) -> str:
    """A basic string of TOML."""
    escapes = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return (
        '"' + "".join(escapes.get(one, one if one.isprintable() else f"\\U{ord(one):08x}") for one in expression) + '"'
    )


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8"
        raise UnreadableError(f"{path}: cannot be read: {reason}.") from error


def _filtered(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except ValueError:
        return None


def _expected(text: str, name: str, expression: str) -> dict[str, Any] | None:
    known = _filtered(text)
    if known is None:
        return {}
    filters = known.get("filters", {})
    return {**known, "filters": {**filters, name: expression}} if isinstance(filters, dict) else {}
