"""Matches of a search marked in the lines of a record, as these are laid out. Pure, knows no widget.

A text that was wrapped is put together again as it was, so that matches go on over the ends of lines. JSON is laid out
with other blanks than it is spelt with, so only what stands within one of its names or values is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from curator.records.said import unescaped_with_places
from curator.records.searching import Search, SlowPatternError, compiled, matches
from curator.tui.layout_lines import CALLED, INDENT, Line
from curator.tui.visible import visible

if TYPE_CHECKING:
    import regex

MATCH, MATCH_GOES_ON, MATCH_HERE = "match", "match-goes-on", "match-here"
"""The styles of a match's first piece, of more of it on later lines, and of the one that was gone to."""

LINES_AT_ONCE = 128
LONGEST_WAIT = 0.2

_NOT_SEARCHED = frozenset(("cut", "section", "error", "warning"))
_SEARCHED_IN_TITLES = frozenset((CALLED, "lost"))
_NOTHING = "\0"
"""Stands for each character of a title that is not searched: no visible text holds it."""

Span = tuple[int, int]


def marked(
    lines: Iterator[Line], search: Search, searched: Callable[[int], bool], total: Callable[[int], int] = lambda _: 0
) -> Iterator[Line]:
    """The lines, with the matches in those of the items that are `searched` in styles of their own.

    `total` says how many matches a message holds, which is asked where some of it is folded away.
    """
    item, seen = -1, 0
    for line in _all_marked(lines, search, searched):
        if line.item != item:
            item, seen = line.item, 0
        shown = _told(line, total(item) - seen) if line.folded and searched(item) else line
        seen += match_count(shown)
        yield shown


def _told(fold: Line, hidden: int) -> Line:
    """The line that stands for the rest of a message, with how many matches there are in it."""
    if hidden <= 0:
        return fold
    number = "1 match" if hidden == 1 else f"{hidden:,} matches"
    spans = ((f"{INDENT}… more, with ", "quiet"), (number, MATCH_GOES_ON), ("; n and z unfold", "quiet"))
    return fold._replace(spans=spans, hidden=hidden)


def _all_marked(lines: Iterator[Line], search: Search, searched: Callable[[int], bool]) -> Iterator[Line]:
    group: list[Line] = []
    begun = 0
    for line in lines:
        has_text = _has_text(line, searched)
        if group and not (has_text and _goes_on(group[-1], line)):
            yield from _marked(group, search, begun)[0]
            group, begun = [], 0
        if not has_text:
            yield line
            continue
        group.append(line)
        if len(group) == LINES_AT_ONCE:
            done, begun = _marked(group, search, begun)
            yield from done[:-1]
            group = group[-1:] if begun == 0 else [_begun(group[-1], begun)]
    yield from _marked(group, search, begun)[0]


def match_count(line: Line) -> int:
    """How many matches begin on a line, or in what it stands for."""
    return line.hidden + sum(style == MATCH for _, style in line.spans)


def with_match_here(line: Line, number: int) -> tuple[tuple[str, str], ...]:
    """The pieces of a line, that of its match of a number in the style of the one that was gone to."""
    pieces = []
    for text, style in line.spans:
        number -= style == MATCH
        pieces.append((text, MATCH_HERE if style == MATCH and number == -1 else style))
        number -= number == -1 and style == MATCH
    return tuple(pieces)


def _has_text(line: Line, searched: Callable[[int], bool]) -> bool:
    styles = [style for _, style in line.spans]
    if not styles or line.folded or not searched(line.item):
        return False
    return not _NOT_SEARCHED.intersection(styles) if line.message < 0 else not _SEARCHED_IN_TITLES.isdisjoint(styles)


def _goes_on(line: Line, behind: Line) -> bool:
    """Whether a line belongs to the same text as the one before."""
    return (line.item, line.message, line.escaped) == (behind.item, behind.message, behind.escaped)


def _text(line: Line) -> str:
    if line.message < 0:
        return "".join(text for text, _ in line.spans)
    return "".join(text if style in _SEARCHED_IN_TITLES else _NOTHING * len(text) for text, style in line.spans)


def _begun(line: Line, length: int) -> Line:
    """A line whose first characters belong to a match that began before."""
    indent = min(_indent(_text(line)), length)
    return line._replace(spans=tuple(_cut(line.spans, [(indent, length, MATCH_GOES_ON)])))


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _marked(group: list[Line], search: Search, begun: int) -> tuple[list[Line], int]:
    """Lines of one item with their matches, and how much of the last one belongs to a match of an earlier one."""
    if not group:
        return [], 0
    texts = [_text(line) for line in group]
    least = min(len(INDENT), *map(_indent, texts))
    pieces = [text[least:] + line.joint for line, text in zip(group, texts, strict=True)]
    found = _found("".join(pieces), search, max(0, begun - least), escaped=group[0].escaped)
    starts = accumulate(map(len, pieces), initial=0)
    done: list[Line] = []
    reaches = 0
    for number, (line, text, start) in enumerate(zip(group, texts, starts, strict=False)):
        end = start + len(text) - least
        here = [
            (max(0, first - start) + least, min(last, end) - start + least, MATCH if first >= start else MATCH_GOES_ON)
            for first, last in found
            if first < end and last > start
        ]
        done.append(line._replace(spans=tuple(_cut(line.spans, here))) if here else line)
        if number == len(group) - 1 and number and here and here[0][2] == MATCH_GOES_ON:
            reaches = here[0][1]
    return done, reaches


def _found(text: str, search: Search, start: int, *, escaped: bool) -> list[Span]:
    """Where matches stand in lines that were put together; those from `start` on."""
    plain, places = unescaped_with_places(text) if escaped and "\\" in text else (text, None)
    try:
        found = [one.span() for one in matches(as_shown(search), plain, LONGEST_WAIT) if one[0].strip(_NOTHING)]
    except SlowPatternError:
        return []
    if places is not None:
        found = [(places[first], places[last]) for first, last in found]
    return [(first, last) for first, last in found if first >= start]


@lru_cache(maxsize=16)
def as_shown(search: Search) -> regex.Pattern[str]:
    """The search, as it is made in visible text, in which tabs are blanks and what cannot be seen has a sign."""
    if search.regex:
        return compiled(search)
    import regex

    pieces = [regex.escape(visible(one)) for one in search.pattern.split("\t")]
    return regex.compile(" {1,4}".join(pieces), regex.IGNORECASE if search.ignores_case else 0)


def _cut(spans: tuple[tuple[str, str], ...], marks: list[tuple[int, int, str]]) -> Iterator[tuple[str, str]]:
    """The pieces of a line, cut where marks begin and end; a mark that spans pieces begins once."""
    at = 0
    for text, style in spans:
        end = at + len(text)
        place = at
        for first, last, mark in marks:
            low, high = max(first, at), min(last, end)
            if low >= high:
                continue
            if low > place:
                yield text[place - at : low - at], style
            yield text[low - at : high - at], mark if low == first else MATCH_GOES_ON
            place = high
        if place < end:
            yield text[place - at :], style
        at = end
