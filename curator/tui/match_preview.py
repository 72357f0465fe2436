"""The words around the first match in a record, for the list."""

from __future__ import annotations

from collections.abc import Iterator

from curator.records.conversation import Conversation
from curator.records.dialects import Dialect
from curator.records.said import KEYS, TOOLS, places, said
from curator.records.searching import Search, compiled, matches
from curator.records.sieve import may_match
from curator.session.match_counts import read
from curator.tui.visible import one_line

BEFORE = 20
"""Characters that are shown before a match, so that it is in sight in a narrow list too."""
LONGEST_MATCH, BEHIND = 200, 300
WAIT = 0.05
"""Seconds that a regular expression may take for a text: many rows are drawn at once."""

_SHARED = frozenset(("system", "developer", TOOLS, KEYS))

Around = tuple[str, tuple[tuple[int, int], ...]]
"""Words on one visible line, and where matches stand in them."""


def around_match(line: bytes, own: Dialect, search: Search, *, only: bool) -> Around | None:
    """The words around what is found in a line; None where nothing is. Raises SlowPatternError.

    It is what is found first in messages but the system prompt, which many records share, else first in all of it.
    """
    if not may_match(line, search):
        return None
    body, conversation = read(line, own, only=only)
    pattern = compiled(search)
    for text in _texts(body, conversation, search):
        for match in matches(pattern, text, WAIT):
            if match[0]:
                return _around(text, *match.span(), search)
    return None


def _texts(body: bytes, conversation: Conversation, search: Search) -> Iterator[str]:
    if not conversation.messages:
        return said(body, conversation, search.roles)
    found = sorted(places(conversation, search.roles), key=lambda place: place.role in _SHARED)
    return (text for place in found for text in place.texts)


def _around(text: str, first: int, last: int, search: Search) -> Around:
    start = max(0, first - BEFORE)
    if start:
        start = text.find(" ", start, first - 1) + 1 or start
    before = f"…{_on_one_line(text[start:first].lstrip())}" if start else _on_one_line(text[:first])
    match = _on_one_line(text[first : min(last, first + LONGEST_MATCH)])
    behind = _on_one_line(text[last : last + BEHIND])
    end = len(before) + len(match)
    more = (one.span() for one in matches(compiled(search), behind, WAIT) if one[0])
    found = ((len(before), end), *((end + low, end + high) for low, high in more))
    return before + match + behind, found


def _on_one_line(piece: str) -> str:
    """A piece of a text on one line, a blank at its ends kept."""
    words = one_line(piece, BEHIND)
    if not words:
        return " " if piece else ""
    return f"{' ' * piece[0].isspace()}{words}{' ' * piece[-1].isspace()}"
