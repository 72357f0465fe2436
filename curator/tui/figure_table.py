"""Tables of figures, laid out for a width: aligned, and without their least important columns where room lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from curator.tui.wrapping import clip

GAP = 2
WIDE_GAP = 4
ROOMY = 40
"""Cells to spare from which columns stand further apart."""
NARROWEST_FIRST = 12
"""Cells that the first column keeps, however little room there is."""


class Heading(NamedTuple):
    """A column of a table."""

    title: str
    weight: int = 0
    """Columns of less weight give way first; the first column always stays."""
    left: bool = False
    """Whether its cells begin at the left, as names do; figures end at the right."""


class Shown(NamedTuple):
    """The columns of a table that there is room for, with their widths in cells."""

    columns: tuple[int, ...]
    widths: tuple[int, ...]
    gap: int


def fitted(headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int) -> Shown:
    """Which columns are shown in `width` cells; titles may be one cell longer than they are, for a mark behind them."""
    widths = [
        max([cell_len(heading.title) + 2 * bool(heading.title), *(cell_len(row[place]) for row in rows)])
        for place, heading in enumerate(headings)
    ]
    kept = list(range(len(headings)))
    while len(kept) > 1 and sum(widths[one] for one in kept) + GAP * (len(kept) - 1) > width:
        kept.remove(min(kept[1:], key=lambda one: (headings[one].weight, -one)))
    needed = sum(widths[one] for one in kept) + GAP * (len(kept) - 1)
    if needed > width:
        widths[kept[0]] = max(min(width, NARROWEST_FIRST), widths[kept[0]] - needed + width)
    roomy = width - needed >= ROOMY
    return Shown(tuple(kept), tuple(widths[one] for one in kept), WIDE_GAP if roomy else GAP)


def laid_out(headings: Sequence[Heading], cells: Sequence[str], shown: Shown) -> str:
    """A line of the table."""
    parts = []
    for column, width in zip(shown.columns, shown.widths, strict=True):
        text = clip(cells[column], width)
        blank = " " * (width - cell_len(text))
        parts.append(text + blank if headings[column].left else blank + text)
    return (" " * shown.gap).join(parts)


def titles(headings: Sequence[Heading], sorted_by: int = -1, *, falling: bool = False) -> list[str]:
    """The titles of the columns; a mark tells by which one, and in what direction, the rows are sorted."""
    mark = "▼" if falling else "▲"
    return [f"{one.title} {mark}" if place == sorted_by else one.title for place, one in enumerate(headings)]
