"""Signs: what a text has to hold if a rule on texts is to be broken, looked for in all texts of a record in one go.

They are patterns for the regular expressions of jsonschema-rs, which read a kilobyte in a microsecond, many times as
fast as Python's own. Both are to read a sign alike, so it has no look-ahead and no `\\b`, `\\d`, `\\s` or `\\w`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from curator.analysis.roles import SEPARATOR

EDGE = SEPARATOR
"""What stands before and behind each of the texts that are put into one."""
BLANKS = r"\t-\r\x1c-\x1e\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What `str.strip` takes away beside it, for a set of characters."""


class Sign:
    """Patterns of which one has to be somewhere in a text. They are made ready when it is first looked for.

    Those that start or end in a letter or mark of their own are found several times as fast alone as beside others.
    `beyond_ascii` says that no pattern fits ASCII, of which most texts are.
    """

    def __init__(self, *patterns: str, beyond_ascii: bool = False) -> None:
        self.patterns = patterns
        self._beyond_ascii = beyond_ascii

    def stands_in(self, text: str) -> bool:
        """Whether it may stand in a text: for sure, but where a text holds halves of characters."""
        if self._beyond_ascii and text.isascii():
            return False
        try:
            for found in self._finders:
                if found(text):
                    return True
        except UnicodeEncodeError:
            return True
        return False

    @cached_property
    def _finders(self) -> list[Callable[[str], bool]]:
        import jsonschema_rs

        options = jsonschema_rs.RegexOptions()
        made = jsonschema_rs.Draft202012Validator
        return [made({"pattern": pattern}, pattern_options=options).is_valid for pattern in self.patterns]


def any_sign(signs: Iterable[Sign]) -> Sign:
    """The sign that stands where one of several does, looked for once."""
    return Sign("|".join(pattern for sign in signs for pattern in sign.patterns))


def any_of(texts: Iterable[str]) -> str:
    """The pattern of any of some texts as they stand."""
    return "|".join(re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text) for text in sorted(texts))
