"""What a record is laid out in: lines of visible text with styles, made as they are asked for; no widgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from curator.tui.json_layout import pretty
from curator.tui.visible import visible
from curator.tui.wrapping import wrap

INDENT = "  "
PIECE = 1 << 16
"""Characters that are made visible at once, and up to the end of the line that they end in."""

STYLES = (
    "text",
    "tool-text",
    "argument-name",
    "quiet",
    "section",
    "error",
    "warning",
    "fault",
    "cut",
    "lost",
    "masked",
    "tokens",
    "marker",
    "edited",
    "tag",
    "match",
    "match-goes-on",
    "match-here",
    "role-system",
    "role-user",
    "role-assistant",
    "role-tool",
    "role-other",
)
"""The names of what lines are styled in; there are more roles, which share a style."""


class Line(NamedTuple):
    """A line of the reader: pieces of visible text with the names of their styles."""

    spans: tuple[tuple[str, str], ...]
    message: int = -1
    """The message that the line is the header of, whose tokens stand at its right edge; else -1."""
    item: int = -1
    """The item that the line belongs to, as `item_at` counts them; -1 for lines around and between them."""


def body(text: str, style: str, width: int, indent: str = INDENT) -> Iterator[Line]:
    """A text, wrapped and indented."""
    for piece in _pieces(text):
        for line in wrap(visible(piece), max(1, width - len(indent))):
            yield Line(((f"{indent}{line}", style),))


def json_body(text: str, style: str, width: int, indent: str = INDENT) -> Iterator[Line]:
    """JSON text, laid out token by token as it is spelt."""
    for line in pretty(text):
        yield from body(line, style, width, indent)


def of_item(item: int, lines: Iterator[Line]) -> Iterator[Line]:
    """The lines as those of an item."""
    return (line._replace(item=item) for line in lines)


def restyled(lines: Iterator[Line], style: str) -> Iterator[Line]:
    """The lines all in one style."""
    return (line._replace(spans=tuple((text, style) for text, _ in line.spans)) for line in lines)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that end at a line's end, so that a long one is not made visible before it is wanted."""
    start = 0
    while len(text) - start > PIECE:
        end = text.find("\n", start + PIECE)
        if end < 0:
            break
        yield text[start:end]
        start = end + 1
    yield text[start:]
