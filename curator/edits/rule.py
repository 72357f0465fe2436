"""What is done to many records at once, with all that its outcome depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from curator.records.dialects import dialect_named
from curator.records.sniffing import dialect_of

if TYPE_CHECKING:
    from curator.records.find_replace import Replacement


@dataclass(frozen=True, slots=True)
class Rule:
    """A replacement in records that are read in a dialect: the same line gives the same bytes at any time.

    The dialect is that of the moment when the rule was made; the file may be taken for another one later.
    """

    replacement: Replacement
    dialect: str
    """What the file was taken for."""
    only_dialect: bool = False
    """Whether every record is read in that dialect, because the user said so."""

    def changed(self, line: bytes, wait: float | None = None) -> bytes | None:
        """A line with the rule applied; None where it changes nothing. Raises what `replace_line` raises.

        Searching waits `wait` seconds at most for a text, and as long as it takes where that is None.
        """
        from curator.records.find_replace import REPLAY_WAIT, replace_line

        longest = REPLAY_WAIT if wait is None else wait
        own = dialect_named(self.dialect)
        return replace_line(
            line, lambda value: dialect_of(value, own, only=self.only_dialect), self.replacement, wait=longest
        )
