"""Signs: what a text has to hold if a rule on texts is to be broken, looked for in all texts of a record in one go.

They are patterns for the regular expressions of jsonschema-rs, which read a kilobyte in a tenth of a microsecond where
they know how a match starts or ends, ten times as long where they do not: a choice of words has to stand behind a set
of characters, or before one that all share, and what starts in other ways is a pattern of its own. Rules that look for
the same share the pattern. Python's own expressions are to read a sign alike, so it has no look-ahead and no `\\b`,
`\\d`, `\\s` or `\\w`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, cached_property

from curator.analysis.roles import SEPARATOR

EDGE = SEPARATOR
"""What stands before and behind each of the texts that are put into one."""
BLANKS = r"\t-\r\x1c-\x1e\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What `str.strip` takes away beside it, for a set of characters."""


class Sign:
    """Patterns of which one has to be somewhere in a text. They are made ready when it is first looked for.

    `beyond_ascii` says that no pattern fits ASCII, of which most texts are.
    """

    def __init__(self, *patterns: str, beyond_ascii: bool = False) -> None:
        self.patterns = patterns
        self.beyond_ascii = beyond_ascii

    def stands_in(self, text: str) -> bool:
        """Whether it may stand in a text: for sure, but where a text holds halves of characters."""
        if self.beyond_ascii and text.isascii():
            return False
        try:
            for found in self._finders:
                if found(text):
                    return True
        except UnicodeEncodeError:
            return True
        return False

    def patterns_in(self, text: str) -> list[str]:
        """The patterns that may stand in a text."""
        return [pattern for pattern in self.patterns if Sign(pattern, beyond_ascii=self.beyond_ascii).stands_in(text)]

    @cached_property
    def _finders(self) -> list[Callable[[str], bool]]:
        return [finder(pattern) for pattern in self.patterns]


@cache
def finder(pattern: str) -> Callable[[str], bool]:
    """What tells whether a pattern is somewhere in a text. It raises UnicodeEncodeError at halves of characters."""
    import jsonschema_rs

    options = jsonschema_rs.RegexOptions()
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid


FRACTION = Sign(r"[:,\[-][0-9]+[.eE]")
"""What stands in JSON, if it is no number by itself, that holds one which is not whole or was rounded."""


def any_of(texts: Iterable[str]) -> str:
    """The pattern of any of some texts as they stand."""
    return "|".join(re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text) for text in sorted(texts))
