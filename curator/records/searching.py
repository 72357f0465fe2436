"""What is looked for in texts: a string or a regular expression, compiled, with its faults told in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from curator.errors import CuratorError, UsageError

if TYPE_CHECKING:
    import regex

LONGEST_WAIT = 1.0
"""Seconds that a regular expression may take for a text, and again for each million of its characters."""

LONGEST_ON_NOTHING = 0.05
"""Seconds after which a regular expression that is still busy with an empty text is taken to call itself for ever."""
LONGEST_SHOWN = 200
"""Characters of a pattern that is shown with its fault."""

_UNCASED = re.compile(r"\\[pPN]\{[^}]*\}|\\.|\(\?P", re.DOTALL)
"""What of a regular expression may hold upper-case letters that stand for something else."""


class SlowPatternError(CuratorError):
    """A regular expression took too long, or too much memory, for a text."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, and where."""

    pattern: str
    regex: bool = False
    """Whether the pattern is a regular expression; `^` and `$` stand at the ends of every line then."""
    ignore_case: bool | None = None
    """None: ignored unless the pattern has an upper-case letter."""
    roles: frozenset[str] = field(default=frozenset())
    """Roles of the messages that are searched, or `text` (all messages), `tools` and `keys`; empty for all of it."""

    @property
    def ignores_case(self) -> bool:
        """Whether upper and lower case are the same to it."""
        if self.ignore_case is not None:
            return self.ignore_case
        cased = _UNCASED.sub("", self.pattern) if self.regex else self.pattern
        return not any(letter.isupper() for letter in cased)


@lru_cache(maxsize=64)
def compiled(search: Search) -> regex.Pattern[str]:
    """The search as a regular expression.

    Raises UsageError where the pattern is empty, calls itself without end, or is not understood, with the place.
    """
    import regex

    if not search.pattern:
        raise UsageError("There is nothing to look for: the pattern is empty.")
    pattern = search.pattern if search.regex else regex.escape(search.pattern)
    try:
        made = regex.compile(pattern, (regex.IGNORECASE if search.ignores_case else 0) | regex.MULTILINE)
        made.search("", timeout=LONGEST_ON_NOTHING)
        return made
    except (TimeoutError, MemoryError):
        raise UsageError("The regular expression calls itself without end: let it match something first.") from None
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise UsageError(fault_with_caret("regular expression", search.pattern, error)) from None


def escaped(text: str) -> str:
    """A regular expression of nothing but a text."""
    import regex

    return regex.escape(text)


def fault_with_caret(what: str, text: str, error: Exception) -> str:
    """A sentence on what is wrong in a pattern; where its place is known, the pattern with a caret below the place."""
    place = getattr(error, "pos", None)
    reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(getattr(error, "msg", error))
    where = "" if place is None else f" at character {place + 1:,}"
    sentence = f"The {what} is not understood: {reason}{where}."
    if place is None or not text.isprintable() or len(text) > LONGEST_SHOWN:
        return sentence
    return f"{sentence}\n  {text}\n  {' ' * place}^"


def matches(pattern: regex.Pattern[str], text: str, wait: float = LONGEST_WAIT) -> Iterator[regex.Match[str]]:
    """The matches in a text, from its start on, none overlapping another.

    Raises SlowPatternError where they take longer than `wait` seconds, and that again for each million characters.
    """
    try:
        yield from pattern.finditer(text, timeout=wait * (1 + len(text) / 1e6))
    except (TimeoutError, MemoryError) as error:
        cause = "much memory" if isinstance(error, MemoryError) else "long"
        raise SlowPatternError(
            f"The regular expression takes too {cause} for a text of {len(text):,} characters. Write it so that no two "
            "of its parts can match the same characters: `x+` and not `(x+)+`."
        ) from None
