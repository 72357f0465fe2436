"""Strips of styled text for line API widgets; every segment has a style, as terminals without colour need."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from curator.tui.wrapping import clip

Span = tuple[str, Style]


def strip_of(spans: Iterable[Span], width: int, base: Style, right: Iterable[Span] = ()) -> Strip:
    """A line of exactly `width` cells with spans on its left and right; the left gives way where both don't fit."""
    ending = [(text, base + style) for text, style in right]
    room = max(0, width - sum(cell_len(text) for text, _ in ending))
    segments: list[Segment] = []
    for text, style in spans:
        if room <= 0:
            break
        shown = clip(text, room)
        segments.append(Segment(shown, base + style))
        room -= cell_len(shown)
    segments.append(Segment(" " * room, base))
    segments.extend(Segment(text, style) for text, style in ending)
    return Strip(segments).adjust_cell_length(width, base).simplify()
