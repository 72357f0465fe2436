"""What the user says of the rules: the table `[lint]` of a settings file, and what is typed of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from curator.errors import UsageError

SEVERITIES = ("error", "warning")
KEYS = ("off", "on", "severity", "ignore")
"""Keys of `[lint]` that are no threshold."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of one rule."""

    code: str
    """As it was written; whether there is such a rule is not known yet."""
    what: str
    """`off`, `on`, `error`, `warning`, or `only`: none but those is asked."""
    origin: str
    """Where it was said."""


@dataclass(frozen=True, slots=True)
class OwnThreshold:
    """A number that a rule goes by, in place of the built-in one."""

    name: str
    value: int
    origin: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A rule that is not asked of some files."""

    pattern: str
    """As the shell writes it: of the file's path, or of its name alone."""
    code: str
    origin: str


@dataclass(frozen=True, slots=True)
class LintSettings:
    """All that was said of the rules, the later over the earlier."""

    choices: tuple[Choice, ...] = ()
    thresholds: tuple[OwnThreshold, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    def over(self, earlier: LintSettings) -> LintSettings:
        """These settings on top of others."""
        return LintSettings(
            earlier.choices + self.choices, earlier.thresholds + self.thresholds, earlier.ignored + self.ignored
        )


NOTHING_SAID = LintSettings()


def lint_settings_in(table: Any, origin: str) -> LintSettings:
    """The settings of a file's table `[lint]`. Raises UsageError with the key at fault."""
    if isinstance(table, LintSettings):
        return table
    if not isinstance(table, dict):
        raise UsageError(f"{origin}: `lint` is {table!r}; it takes a table such as [lint].")
    place = f"{origin}: `lint"
    return LintSettings(
        tuple(_choices(table, place, origin)),
        tuple(_thresholds(table, place, origin)),
        tuple(_ignored(table.get("ignore", {}), f"{place}.ignore`", origin)),
    )


def _choices(table: dict[str, Any], place: str, origin: str) -> Iterator[Choice]:
    for what in ("off", "on"):
        for code in _codes(table.get(what, []), f"{place}.{what}`"):
            yield Choice(code, what, origin)
    severities = table.get("severity", {})
    if not isinstance(severities, dict):
        raise UsageError(f'{place}.severity` is {severities!r}; it takes a table such as CUR012 = "error".')
    for code, severity in severities.items():
        if severity not in SEVERITIES:
            near = get_close_matches(str(severity), SEVERITIES, 1)
            hint = f"did you mean `{near[0]}`?" if near else "it takes `error` or `warning`."
            raise UsageError(f"{place}.severity.{code}` is {severity!r}; {hint}")
        yield Choice(code, severity, origin)


def _thresholds(table: dict[str, Any], place: str, origin: str) -> Iterator[OwnThreshold]:
    for name, value in table.items():
        if name in KEYS:
            continue
        if type(value) is not int or value < 0:
            raise UsageError(f"{place}.{name}` is {value!r}; thresholds are whole numbers of 0 or more.")
        yield OwnThreshold(name, value, origin)


def _ignored(table: Any, place: str, origin: str) -> Iterator[Ignored]:
    if not isinstance(table, dict):
        raise UsageError(f'{place} is {table!r}; it takes a table such as "old/*.jsonl" = ["CUR024"].')
    for pattern, codes in table.items():
        for code in _codes(codes, f'{place}."{pattern}"'):
            yield Ignored(pattern, code, origin)


def _codes(value: Any, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError(f'{place} is {value!r}; it takes a list of codes such as ["CUR019"].')
    return value
