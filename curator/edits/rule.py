"""What is done to many records at once, with all that its outcome depends on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from curator.records.dialects import Dialect, dialect_named
from curator.records.sniffing import dialect_of

if TYPE_CHECKING:
    from curator.records.find_replace import Replacement
    from curator.records.fixing import FixedLine
    from curator.records.short_prompt import ShortPrompt


@dataclass(frozen=True, slots=True)
class Fixes:
    """Fixes by their names, in the order in which they are applied; a name may come twice."""

    names: tuple[str, ...]


Bulk: TypeAlias = "Replacement | ShortPrompt | Fixes"
"""What may be done to many records at once."""


class Rule(ABC):
    """Something done to records that are read in a dialect: the same line gives the same bytes at any time.

    The dialect is that of the moment when the rule was made; the file may be taken for another one later.
    """

    __slots__ = ()

    dialect: str
    """What the file was taken for."""
    only_dialect: bool
    """Whether every record is read in that dialect, because the user said so."""

    @abstractmethod
    def changed(self, line: bytes) -> bytes | None:
        """A line with the rule applied, however long that takes; None where it changes nothing."""

    def changes(self, line: bytes) -> bool:
        """Whether the rule changes a line, asked before it is in force. Raises SlowPatternError if that takes long."""
        return self.changed(line) is not None

    def moved(self, _line: bytes) -> tuple[int | None, ...] | None:
        """For each message of a line after the rule, its place before it; None where all stay in their places."""
        return None

    def dialect_of(self, value: Any) -> Dialect:
        """The dialect that a decoded record is read in."""
        return dialect_of(value, dialect_named(self.dialect), only=self.only_dialect)


@dataclass(frozen=True, slots=True)
class ReplacementRule(Rule):
    """Text is replaced."""

    replacement: Replacement
    dialect: str
    only_dialect: bool = False

    def changed(self, line: bytes) -> bytes | None:
        """As `replace_line`."""
        from curator.records.find_replace import REPLAY_WAIT, replace_line

        return replace_line(line, self.dialect_of, self.replacement, wait=REPLAY_WAIT)

    def changes(self, line: bytes) -> bool:
        """As `replace_line` within its usual time."""
        from curator.records.find_replace import replace_line

        return replace_line(line, self.dialect_of, self.replacement) is not None


@dataclass(frozen=True, slots=True)
class ShorteningRule(Rule):
    """A system prompt gives way to a shorter one."""

    prompt: ShortPrompt
    dialect: str
    only_dialect: bool = False

    def changed(self, line: bytes) -> bytes | None:
        """As `shorten_line`."""
        from curator.records.short_prompt import shorten_line

        return shorten_line(line, self.dialect_of, self.prompt)

    def moved(self, line: bytes) -> tuple[int | None, ...] | None:
        """Messages move up where the system prompt is removed."""
        from curator.records.codec import decode_exactly, line_body
        from curator.records.short_prompt import Shortened, shortened

        value = decode_exactly(line_body(line))
        outcome = shortened(value, self.dialect_of(value), self.prompt) if isinstance(value, dict) else None
        return outcome.places if isinstance(outcome, Shortened) else None


@dataclass(frozen=True, slots=True)
class FixingRule(Rule):
    """Findings are mended."""

    fixes: Fixes
    dialect: str
    only_dialect: bool = False

    def changed(self, line: bytes) -> bytes | None:
        """As `fix_line`."""
        fixed = self._fixed(line)
        return None if fixed is None else fixed.line

    def moved(self, line: bytes) -> tuple[int | None, ...] | None:
        """Messages move up where others are dropped or made one."""
        fixed = self._fixed(line)
        return None if fixed is None else fixed.places

    def _fixed(self, line: bytes) -> FixedLine | None:
        from curator.records.fixing import fix_line, fix_named

        return fix_line(line, self.dialect_of, map(fix_named, self.fixes.names))


def rule_for(bulk: Bulk, dialect: str, *, only_dialect: bool) -> Rule:
    """The rule that does something to records of a file that was taken for a dialect."""
    from curator.records.short_prompt import ShortPrompt

    if isinstance(bulk, Fixes):
        return FixingRule(bulk, dialect, only_dialect)
    if isinstance(bulk, ShortPrompt):
        return ShorteningRule(bulk, dialect, only_dialect)
    return ReplacementRule(bulk, dialect, only_dialect)
