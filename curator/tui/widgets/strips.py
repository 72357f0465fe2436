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
        _add(segments, shown, base + style)
        room -= cell_len(shown)
    _add(segments, " " * room, base)
    for text, style in ending:
        _add(segments, text, style)
    return Strip(segments).adjust_cell_length(width, base).simplify()


def _add(segments: list[Segment], text: str, style: Style) -> None:
    """Add text to a line; blanks take the style before them where that looks the same, as each change costs bytes."""
    if not text:
        return
    before = segments[-1] if segments else None
    if before is not None and before.style is not None and not text.strip(" ") and _same_on_blanks(before.style, style):
        segments[-1] = Segment(before.text + text, before.style)
    else:
        segments.append(Segment(text, style))


def _same_on_blanks(one: Style, other: Style) -> bool:
    drawn = any(style.underline or style.reverse or style.strike or style.link for style in (one, other))
    return not drawn and one.bgcolor == other.bgcolor
