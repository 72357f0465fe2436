"""Where in raw lines of JSON a search may be true, found without decoding them; all other lines are certain not to be.

What is looked for stands in a line as it is, or escaped: once in a text, twice in the arguments of a tool call, where
`\\\\u00e9` holds `\\u00e9`. So a plain run of ASCII characters that every match holds is looked for, and any escape of
an ASCII character; or a run beyond ASCII, and the escapes of its characters, both halves of a pair included.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

import regex

from curator.records.searching import Search

_PLAIN_RUN = re.compile(r"[ -!#-.0-\[\]-~]+")
"""Characters that JSON writes as they are, in ASCII: all but quotes, slashes, backslashes and control characters."""
_FOREIGN_RUN = re.compile(r"[^\x00-\x7f]+")
_STRUCTURE = re.compile(r"[()\[\]{}:,]")
"""What stands between names and values, with blanks about it that the file may not have."""
_NUMBER = re.compile(r"[-+.0-9eE]+")
_OTHERWISE_SPELT = regex.compile(rb"[0-9][eE][-+0-9]|[0-9.]{16}|0\.0000")
"""Numbers that the reader may spell otherwise than the file."""
_SELECTIVE = 3
"""Characters of a plain run from which it is looked for rather than what stands beyond ASCII."""

_LOOKALIKES = {
    "k": (rb"\xe2\x84\xaa", b"212[aA]"),
    "s": (rb"\xc5\xbf", b"017[fF]"),
    "i": (rb"\xc4[\xb0\xb1]", b"013[01]"),
}
"""Letters that equal characters beyond ASCII when case is ignored: as they are, and the digits of their escapes."""
_WITHOUT_LOOKALIKES = re.compile("[^kKsSiI]+")
_ASCII_DIGITS = b"00[2-7]"
"""The first digits of the escapes of ASCII characters."""

_SPECIAL = frozenset("\\^$.|?*+()[]{}")
"""Characters that do not mean themselves in a regular expression."""
_ENDS_A_RUN = frozenset("bBdDsSwWAZnrtfv")
"""Escapes of regular expressions that stand for no character of a plain run, and take nothing behind them."""

Finder = regex.Pattern[bytes]


class Sieve:
    """A search, as it is asked of bytes."""

    def __init__(self, search: Search) -> None:
        self._anywhere: list[Finder] = []
        """What every match holds one of, unless the list is empty: then any line may match."""
        self._in_foreign: list[Finder] = []
        """More of that, for bytes beyond ASCII only."""
        plain, foreign = _runs(search)
        if len(plain) >= _SELECTIVE or (plain and not foreign):
            self._look_for_plain(plain, fold=search.ignores_case)
        elif foreign:
            self._look_for_foreign(foreign, fold=search.ignores_case)

    def _look_for_plain(self, run: str, *, fold: bool) -> None:
        digits = [_ASCII_DIGITS]
        if fold:
            harmless = max(_WITHOUT_LOOKALIKES.findall(run), key=len, default="")
            if len(harmless) > _SELECTIVE:
                run = harmless
            alike = [_LOOKALIKES[one] for one in sorted(set(run.lower()) & set(_LOOKALIKES))]
            self._in_foreign = [regex.compile(raw) for raw, _ in alike]
            digits += [some for _, some in alike]
        needle = regex.compile(regex.escape(run.encode("ascii")), regex.IGNORECASE if fold else 0)
        numbers = [_OTHERWISE_SPELT] if _NUMBER.fullmatch(run) else []
        self._anywhere = [needle, _escapes(digits), *numbers]

    def _look_for_foreign(self, run: str, *, fold: bool) -> None:
        spellings = [_cased_alike(one) if fold else one for one in run]
        raw = b"".join(_one_of([one.encode("utf-8", "surrogatepass") for one in some]) for some in spellings)
        digits = sorted({_hex_digits(one) for some in spellings for one in some})
        self._in_foreign = [regex.compile(raw)]
        self._anywhere = [_escapes([_ASCII_DIGITS, *digits])]
        if any(one.isascii() for some in spellings for one in some):
            self._anywhere, self._in_foreign = [*self._anywhere, *self._in_foreign], []

    def spans(self, lines: bytes) -> Iterator[tuple[int, int]]:
        """Start and end of each line that may hold a match, its line feed left out, from first to last."""
        finders = [*self._anywhere, *(self._in_foreign if not lines.isascii() else ())]
        places = [_find(finder, lines, 0) for finder in finders] if self._anywhere else [0]
        while (place := min(places)) < len(lines):
            start = lines.rfind(b"\n", 0, place) + 1
            end = lines.find(b"\n", place)
            if end < 0:
                end = len(lines)
            yield start, end
            if not self._anywhere:
                places = [end + 1]
                continue
            places = [
                at if at > end else _find(finder, lines, end + 1) for at, finder in zip(places, finders, strict=True)
            ]


def _find(finder: Finder, lines: bytes, start: int) -> int:
    """Where a pattern is found from a place on; behind the end where it is not."""
    match = finder.search(lines, start)
    return sys.maxsize if match is None else match.start()


@lru_cache(maxsize=64)
def sieve_of(search: Search) -> Sieve:
    """The sieve of a search, made once."""
    return Sieve(search)


def may_match(lines: bytes, search: Search) -> bool:
    """Whether lines of JSON may hold what is looked for; False is certain, and found without decoding them."""
    return not lines or next(sieve_of(search).spans(lines), None) is not None


def _runs(search: Search) -> tuple[str, str]:
    """The longest plain run that every match holds, and the longest run beyond ASCII; empty where there is none."""
    texts = _literals(search.pattern) if search.regex else [search.pattern]
    runs = [piece.strip() for text in texts for run in _PLAIN_RUN.findall(text) for piece in _STRUCTURE.split(run)]
    plain = max(runs, key=len, default="")
    foreign = max((run for text in texts for run in _FOREIGN_RUN.findall(text)), key=len, default="")
    return plain, foreign


def _literals(pattern: str) -> list[str]:
    """Texts that every match of a regular expression holds; none where that takes more than a glance to see."""
    if re.search(r"\(\?(?!:)|&&|\[\[", pattern):
        return []
    found = [""]
    at, depth = 0, 0
    while at < len(pattern):
        token, at = _token(pattern, at)
        if not token or (token == "|" and not depth):
            return []
        depth += (token == "(") - (token == ")")
        meant = token[1:] if token.startswith("\\") else token
        literal = len(meant) == 1 and meant not in (_ENDS_A_RUN if meant != token else _SPECIAL)
        if literal and not depth and pattern[at : at + 1] not in ("?", "*", "{"):
            found[-1] += meant
        else:
            found.append("")
    return found


def _token(pattern: str, at: int) -> tuple[str, int]:
    """A character, escape, set or count of a regular expression, and where the next begins; empty if not understood."""
    first = pattern[at]
    if first == "\\":
        escape = pattern[at : at + 2]
        known = len(escape) == 2 and (escape[1] in _ENDS_A_RUN or (escape[1].isascii() and not escape[1].isalnum()))
        return (escape, at + 2) if known else ("", at)
    if first in "[{":
        closing = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]" if first == "[" else r"\{[^}]*\}", re.DOTALL)
        match = closing.match(pattern, at)
        return ("[..]", match.end()) if match else ("", at)
    return first, at + (3 if pattern.startswith("(?:", at) else 1)


def _one_of(spellings: list[bytes]) -> bytes:
    """A pattern of one of several texts."""
    some = [regex.escape(one) for one in sorted(set(spellings))]
    return some[0] if len(some) == 1 else b"(?:" + b"|".join(some) + b")"


def _escapes(digits: list[bytes]) -> Finder:
    """A pattern of escapes, by patterns of their first digits: one for all, as each costs a look at all bytes."""
    return regex.compile(rb"\\u(?:" + b"|".join(digits) + b")")


def _hex_digits(character: str) -> bytes:
    """A pattern of the digits by which a character, or the first half of its pair, is escaped, in whatever case."""
    unit = character.encode("utf-16-be", "surrogatepass")[:2].hex()
    return "".join(one if one.isdigit() else f"[{one}{one.upper()}]" for one in unit).encode("ascii")


@lru_cache(maxsize=256)
def _cased_alike(character: str) -> str:
    """All characters that equal one when case is ignored, itself included, as the search takes it."""
    pattern = regex.compile(regex.escape(character), regex.IGNORECASE)
    return "".join(pattern.findall(_cased_characters())) or character


@lru_cache(maxsize=1)
def _cased_characters() -> str:
    """All characters that have an upper or a lower case, or are one."""
    every = map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1)))
    return "".join(one for one in every if one.lower() != one or one.upper() != one or one.casefold() != one)
