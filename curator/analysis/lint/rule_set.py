"""Which rules are asked, how bad their findings are, and by which numbers they go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatch
from functools import reduce
from operator import or_
from pathlib import Path

from curator.analysis.findings import Severity
from curator.analysis.lint.rules import RULES, rule_named
from curator.analysis.lint.thresholds import BUILT_IN, Thresholds
from curator.errors import UsageError
from curator.lint_settings import LintSettings

ALL = sum(rule.bit for rule in RULES)
OFF = sum(rule.bit for rule in RULES if not rule.on_by_default)
ERRORS = sum(rule.bit for rule in RULES if rule.severity is Severity.ERROR)
THRESHOLDS = tuple(one.name for one in fields(Thresholds))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules by which a file is judged."""

    off: int = OFF
    """Bits of the rules that are not asked."""
    errors: int = ERRORS
    """Bits of the rules whose findings are errors; those of the others are warnings."""
    thresholds: Thresholds = BUILT_IN
    ignored: tuple[tuple[str, int], ...] = ()
    """Patterns of paths or names, and bits of the rules that are not asked of such files."""

    def asked(self, number: int) -> bool:
        """Whether a rule is asked."""
        return not self.off >> number & 1

    def severity(self, number: int) -> Severity:
        """How bad the findings of a rule are."""
        return Severity.ERROR if self.errors >> number & 1 else Severity.WARNING

    def for_file(self, path: Path) -> RuleSet:
        """The rules by which that file is judged."""
        ignored = (bits for pattern, bits in self.ignored if fnmatch(str(path), pattern) or fnmatch(path.name, pattern))
        return replace(self, off=reduce(or_, ignored, self.off), ignored=())


def rule_set(lint: LintSettings, severities: Mapping[int, Severity | None]) -> RuleSet:
    """The rules with a target's severities (None: not asked), and what the user says over them.

    Raises UsageError for rules and thresholds that there are none of.
    """
    off, errors = OFF, ERRORS
    for number, severity in severities.items():
        off, errors = _given(off, errors, 1 << number, severity.value if severity else "off")
    only = 0
    for choice in lint.choices:
        bit = _bit(choice.code, choice.origin)
        off, errors = _given(off, errors, bit, choice.what)
        only |= bit if choice.what == "only" else 0
    off |= ALL & ~only if only else 0
    ignored: dict[str, int] = {}
    for one in lint.ignored:
        ignored[one.pattern] = ignored.get(one.pattern, 0) | _bit(one.code, one.origin)
    return RuleSet(off, errors, _thresholds(lint), tuple(ignored.items()))


def _given(off: int, errors: int, bit: int, what: str) -> tuple[int, int]:
    if what == "off":
        return off | bit, errors
    if what == "error":
        return off & ~bit, errors | bit
    if what == "warning":
        return off & ~bit, errors & ~bit
    return off & ~bit, errors


def _bit(code: str, origin: str) -> int:
    return rule_named(code, f"{origin}: ").bit


def _thresholds(lint: LintSettings) -> Thresholds:
    own: dict[str, int] = {}
    for one in lint.thresholds:
        if one.name not in THRESHOLDS:
            near = get_close_matches(one.name, THRESHOLDS, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"thresholds are {', '.join(THRESHOLDS)}."
            raise UsageError(f"{one.origin}: `lint` has no key `{one.name}`; {hint}")
        own[one.name] = one.value
    return replace(BUILT_IN, **own)


DEFAULT_RULES = RuleSet()
