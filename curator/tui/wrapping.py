"""Lay visible text out over terminal lines, lazily and in cells rather than characters."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from rich.cells import cell_len, get_character_cell_size

ELLIPSIS = "…"

ONE_CELL_RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00AC),  # Latin-1
    (0x00AE, 0x02FF),  # Latin and phonetic letters
    (0x0370, 0x0377),  # Greek
    (0x037A, 0x037F),
    (0x0384, 0x038A),
    (0x038E, 0x03A1),
    (0x03A3, 0x0482),  # Greek and Cyrillic
    (0x048A, 0x052F),  # Cyrillic
    (0x0531, 0x0556),  # Armenian
    (0x0561, 0x0587),
    (0x05D0, 0x05EA),  # Hebrew letters
    (0x0620, 0x064A),  # Arabic letters
    (0x0660, 0x066F),  # Arabic digits
    (0x0671, 0x06D5),  # Arabic letters for other languages
    (0x0E01, 0x0E30),  # Thai letters
    (0x0E3F, 0x0E46),
    (0x10D0, 0x10FF),  # Georgian
    (0x1E00, 0x1EFF),  # Latin letters with marks
    (0x2010, 0x2027),  # punctuation
    (0x2030, 0x205E),
    (0x2070, 0x2071),  # superscripts and subscripts
    (0x2074, 0x208E),
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x218B),  # letterlike symbols, numerals, arrows
    (0x2190, 0x2319),  # arrows, mathematics
    (0x23CE, 0x23CE),  # return symbol
    (0x2400, 0x2426),  # control pictures
    (0x2500, 0x25FC),  # box drawing, blocks, shapes
    (0x27E6, 0x27EB),  # mathematical brackets
    (0x2800, 0x28FF),  # Braille
)
"""Common characters that take one cell in every version of Unicode since 13."""

_TO_MEASURE = re.compile("[^\n" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ONE_CELL_RANGES) + "]")
_JOINER = "\u200d"
_EMOJI_SELECTOR = "\ufe0f"


class _CellWidths(dict[str, int]):
    """Cells by character, asked for once; the emoji selector counts as the cell it may add to its base."""

    def __missing__(self, character: str) -> int:
        width = 1 if character == _EMOJI_SELECTOR else get_character_cell_size(character)
        self[character] = width
        return width


_cells = _CellWidths()


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield `text` in lines of at most `width` cells.

    Lines end at a newline, else at a blank or beside a wide character, else inside a word. Only the newline, the blank
    at the break and up to a line of blanks that reach over the edge are left out; indentation stays. Where everything
    fits, the lines are those of `text.split("\\n")`. Only a width of one cell is exceeded, by wide characters.
    """
    for start, end in spans(text, width):
        yield text[start:end]


def spans(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where the lines of `wrap` start and end in `text`."""
    width = max(width, 1)
    length = len(text)
    every_character_is_one_cell = text.isascii()
    ruler = _Ruler(text, width)
    start = 0
    while True:
        edge = start + width
        newline = text.find("\n", start, edge + 1)
        if not every_character_is_one_cell and _TO_MEASURE.search(text, start, edge + 1 if newline < 0 else newline):
            edge = ruler.edge(start) or _end_of_cluster(text, start)
            newline = text.find("\n", start, edge + 1)
        if newline >= 0:
            yield start, newline
            start = newline + 1
            continue
        if edge >= length:
            yield start, length
            return
        end, following = _line_break(text, start, edge, width)
        yield start, end
        if following == length:
            return
        start = following + 1 if text[following] == "\n" else following


def clip(text: str, width: int) -> str:
    """Return one line of visible text in at most `width` cells, ending in `…` where it was cut."""
    if width <= 0:
        return ""
    if _TO_MEASURE.search(text, 0, width + 1) is None:
        return text if len(text) <= width else text[: width - 1] + ELLIPSIS
    if len(text) <= _longest_line(width) and cell_len(text) <= width:
        return text
    return text[: _Ruler(text, width - 1).edge(0)] + ELLIPSIS


def fit(text: str, width: int) -> str:
    """Return one line of visible text in exactly `width` cells: padded with blanks, or cut and ending in `…`."""
    clipped = clip(text, width)
    return clipped + " " * (width - cell_len(clipped))


def cluster_start(text: str, position: int) -> int:
    """Return where the glyph begins that the character at `position` is part of."""
    while 0 < position < len(text) and _belongs_to_previous(text, 0, position):
        position -= 1
    return position


def _longest_line(width: int) -> int:
    """Characters a line may hold, so that endless marks on one base do not make an endless line."""
    return 8 * width + 64


class _Ruler:
    """Finds the edge of lines in text with characters of several widths, measuring it one stretch at a time."""

    def __init__(self, text: str, width: int) -> None:
        self._text = text
        self._width = width
        self._longest_line = _longest_line(width)
        self._stretch_start = 0
        self._stretch: list[int] = []

    def edge(self, start: int) -> int:
        """Return the first position after `start` that is over the edge, or 0 if the character there is too wide."""
        text = self._text
        measured = self._stretch_start + len(self._stretch)
        if measured < len(text) and measured < start + self._longest_line:
            self._measure(start)
        offset = start - self._stretch_start
        used = self._stretch[offset - 1] if offset else 0
        position = self._stretch_start + bisect_right(self._stretch, used + self._width, offset)
        position = min(position, start + self._longest_line)
        if position >= len(text):
            return len(text)
        kept_together = position
        while kept_together > start and _belongs_to_previous(text, start, kept_together):
            kept_together -= 1
        if kept_together > start:
            return kept_together
        return position if position > start else 0

    def _measure(self, start: int) -> None:
        stretch = self._text[start : start + 4 * self._longest_line]
        self._stretch_start = start
        self._stretch = list(accumulate(map(_cells.__getitem__, stretch)))


def _line_break(text: str, start: int, edge: int, width: int) -> tuple[int, int]:
    """Return where a line that must end at `edge` ends, and where the text goes on."""
    if text[edge] == " ":
        run = text[edge : edge + width]
        following = edge + len(run) - len(run.lstrip(" "))
        if following < len(text) and _is_mark(text[following]):
            following -= 1
        if following > edge:
            return edge, following
    if not _is_wide(text[edge]) and not _is_wide(text[edge - 1]):
        blank = text.rfind(" ", start, edge)
        while blank > start and _is_mark(text[blank + 1]):
            blank = text.rfind(" ", start, blank)
        if blank > start and (text[start] != " " or text[start:blank].strip(" ")):
            return blank, blank + 1
    return edge, edge


def _end_of_cluster(text: str, start: int) -> int:
    """Return the end of the character at `start` with the marks on it."""
    end = start + 1
    last = min(len(text), start + _longest_line(1))
    while end < last and _is_mark(text[end]):
        end += 1
    return end


def _belongs_to_previous(text: str, start: int, position: int) -> bool:
    """Tell whether the character at `position` makes one glyph with the one before it, in a line from `start`."""
    if _is_mark(text[position]) or text[position - 1] == _JOINER:
        return True
    if not _is_half_flag(text[position]):
        return False
    flags_start = position
    while flags_start > start and _is_half_flag(text[flags_start - 1]):
        flags_start -= 1
    return (position - flags_start) % 2 == 1


def _is_mark(character: str) -> bool:
    return character == _EMOJI_SELECTOR or (character > "\u02ff" and _cells[character] == 0)


def _is_wide(character: str) -> bool:
    return character > "\u10ff" and _cells[character] == 2


def _is_half_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
