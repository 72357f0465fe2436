"""What a record is laid out in: lines of visible text with styles, made as they are asked for; no widgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from curator.tui.json_layout import pretty
from curator.tui.visible import visible
from curator.tui.wrapping import spans

INDENT = "  "
PIECE = 1 << 16
"""Characters that are made visible at once, and up to the end of the line that they end in."""

CALLED = "called"
"""The style of names in the title of a message."""

STYLES = (
    "text",
    "tool-text",
    "argument-name",
    CALLED,
    "quiet",
    "section",
    "error",
    "warning",
    "fault",
    "cut",
    "lost",
    "lost-title",
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
    joint: str = "\n"
    """What stands between the line and the next one in their text: nothing or blanks where it was wrapped."""
    escaped: bool = False
    """Whether the text is JSON, in which escapes stand for what they mean."""
    folded: bool = False
    """Whether the line stands for the rest of its message."""
    hidden: int = 0
    """How many matches of a search there are in that rest."""


def body(text: str, style: str, width: int, indent: str = INDENT, *, escaped: bool = False) -> Iterator[Line]:
    """A text, wrapped and indented; `escaped` where it is JSON."""
    for piece in _pieces(text):
        shown = visible(piece)
        for start, end, joint in broken(shown, max(1, width - len(indent))):
            yield Line(((f"{indent}{shown[start:end]}", style),), joint=joint, escaped=escaped)


def broken(text: str, width: int) -> Iterator[tuple[int, int, str]]:
    """Where the lines of a text start and end, each with what is left out behind it."""
    start = end = -1
    for first, last in spans(text, width):
        if start >= 0:
            yield start, end, text[end:first]
        start, end = first, last
    yield start, end, "\n"


def json_body(text: str, style: str, width: int, indent: str = INDENT) -> Iterator[Line]:
    """JSON text, laid out token by token as it is spelt."""
    for line in pretty(text):
        yield from body(line, style, width, indent, escaped=True)


def of_item(item: int, lines: Iterator[Line]) -> Iterator[Line]:
    """The lines as those of an item."""
    return (line._replace(item=item) for line in lines)


def restyled(lines: Iterator[Line], style: str) -> Iterator[Line]:
    """The lines all in one style, but for what stands in titles beside names, whose style goes with it."""

    def of(was: str) -> str:
        return f"{style}-title" if was.startswith("role-") else style

    return (line._replace(spans=tuple((text, of(was)) for text, was in line.spans)) for line in lines)


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
