"""Matches of a search marked in the lines of a record, as these are laid out. Pure, knows no widget.

A text that was wrapped is put together again, so that a match goes on over the end of a line; where a line ended at a
blank or inside a word, that does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from curator.records.said import unescaped_with_places
from curator.records.searching import Search, SlowPatternError, compiled, matches
from curator.tui.layout_lines import Line

if TYPE_CHECKING:
    import regex

MATCH, MATCH_GOES_ON, MATCH_HERE = "match", "match-goes-on", "match-here"
"""The styles of a match's first piece, of more of it on later lines, and of the one that was gone to."""

LINES_AT_ONCE = 128
LONGEST_WAIT = 0.2

_NOT_SEARCHED = frozenset(("cut", "section", "error", "warning", "fault"))

Span = tuple[int, int]


def marked(lines: Iterator[Line], search: Search, searched: Callable[[int], bool]) -> Iterator[Line]:
    """The lines, with the matches in those of the items that are `searched` in styles of their own."""
    group: list[Line] = []
    begun = 0
    for line in lines:
        if group and (line.item != group[0].item or not _has_text(line, searched)):
            yield from _marked(group, search, begun)[0]
            group, begun = [], 0
        if not _has_text(line, searched):
            yield line
            continue
        group.append(line)
        if len(group) == LINES_AT_ONCE:
            done, begun = _marked(group, search, begun)
            yield from done[:-1]
            group = group[-1:] if begun == 0 else [_begun(group[-1], begun)]
    yield from _marked(group, search, begun)[0]


def match_count(line: Line) -> int:
    """How many matches begin on a line."""
    return sum(style == MATCH for _, style in line.spans)


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
    return bool(styles) and line.message < 0 and searched(line.item) and not _NOT_SEARCHED.intersection(styles)


def _begun(line: Line, length: int) -> Line:
    """A line whose first characters belong to a match that began before."""
    text = "".join(text for text, _ in line.spans)
    indent = min(len(text) - len(text.lstrip(" ")), length)
    return line._replace(spans=tuple(_cut(line.spans, [(indent, length, MATCH_GOES_ON)])))


def _marked(group: list[Line], search: Search, begun: int) -> tuple[list[Line], int]:
    """Lines of one item with their matches, and how much of the last one belongs to a match of an earlier one."""
    if not group:
        return [], 0
    texts = ["".join(text for text, _ in line.spans) for line in group]
    indents = [len(text) - len(text.lstrip(" ")) for text in texts]
    least = min(indents)
    joined = "\n".join(text[least:] for text in texts)
    spans = _found(joined, search, max(0, begun - least))
    done: list[Line] = []
    start, reaches = 0, 0
    for number, (line, text) in enumerate(zip(group, texts, strict=True)):
        end = start + len(text) - least
        here = [
            (max(0, first - start) + least, min(last, end) - start + least, MATCH if first >= start else MATCH_GOES_ON)
            for first, last in spans
            if first < end and last > start
        ]
        done.append(line._replace(spans=tuple(_cut(line.spans, here))) if here else line)
        if number == len(group) - 1 and number and here and here[0][2] == MATCH_GOES_ON:
            reaches = here[0][1]
        start = end + 1
    return done, reaches


def _found(text: str, search: Search, start: int) -> list[Span]:
    """Where matches stand in lines that were put together; those from `start` on."""
    plain, places = unescaped_with_places(text) if "\\" in text else (text, None)
    try:
        spans = [match.span() for match in matches(over_lines(search), plain, LONGEST_WAIT) if match[0]]
    except SlowPatternError:
        return []
    if places is not None:
        spans = [(places[first], places[last]) for first, last in spans]
    return [(first, last) for first, last in spans if first >= start]


@lru_cache(maxsize=16)
def over_lines(search: Search) -> regex.Pattern[str]:
    """The search, as it is made in lines that were wrapped: a text may be broken anywhere, at a blank in its place."""
    if search.regex:
        return compiled(search)
    import regex

    letters = [r"(?: |\n)" if one == " " else regex.escape(one) for one in search.pattern]
    return regex.compile(r"\n?".join(letters), regex.IGNORECASE if search.ignores_case else 0)


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
