"""Plots as lines of text with tones, made by plotext, which is imported when the first one is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from curator.tui.figures import short

Span = tuple[str, str]
"""A text, and its tone: `plain`, or one of TONES."""
Drawing = Callable[[int, int], list[list[Span]]]
"""Draws a plot of a width and height in cells."""
TONES = ("first", "second", "mark")
LEAST_WIDTH, LEAST_HEIGHT = 24, 6
"""Cells below which nothing is to be seen of a plot."""
TICKS = 5

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
_CODES = {f"38;5;{number}": tone for number, tone in enumerate(TONES, 1)}


class Line(NamedTuple):
    """A straight line between points."""

    xs: Sequence[float]
    ys: Sequence[float]
    tone: str
    marker: str = "braille"
    """What it is drawn with, so that lines are told apart without colour: `braille` or one character."""


def lines(
    some: Sequence[Line], width: int, height: int, *, at: float | None = None, money: bool = True
) -> list[list[Span]]:
    """Lines over each other; `at` is where an upright line marks a place."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return []
    import plotext

    _begin(width, height)
    for one in some:
        plotext.plot(list(one.xs), list(one.ys), marker=one.marker, color=TONES.index(one.tone) + 1)
    if at is not None:
        plotext.vertical_line(at, color=TONES.index("mark") + 1)
    highest = max((y for one in some for y in one.ys), default=0.0)
    furthest = max((x for one in some for x in one.xs), default=0.0)
    ticks = _ticks(highest)
    plotext.yticks(ticks, [_money(tick) if money else short(round(tick)) for tick in ticks])
    across = _ticks(furthest)
    plotext.xticks(across, [short(round(tick)) for tick in across])
    return _toned(plotext.build())


def columns(
    heights: Sequence[int], labels: Sequence[str], width: int, height: int, *, at: float | None = None
) -> list[list[Span]]:
    """Columns side by side; `labels` stand at their edges, one more than there are columns; `at` counts columns."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT or not heights:
        return []
    import plotext

    _begin(width, height)
    places = [number + 0.5 for number in range(len(heights))]
    plotext.bar(places, list(heights), width=1, color=TONES.index("first") + 1)
    plotext.xlim(0, len(heights))
    if at is not None:
        plotext.vertical_line(at, color=TONES.index("mark") + 1)
    ticks = _ticks(max(heights))
    plotext.yticks(ticks, [short(round(tick)) for tick in ticks])
    step = max(1, -(-len(labels) * 9 // width))
    plotext.xticks(list(range(0, len(labels), step)), list(labels[::step]))
    return _toned(plotext.build())


def bars(
    names: Sequence[str], amounts: Sequence[int], width: int, *, of: int, tones: Sequence[str] = ()
) -> list[list[Span]]:
    """A bar a line with its name, amount and share `of` a whole, drawn by hand so that figures are aligned."""
    longest = max(map(len, names), default=0)
    figures = [f"{amount:,}{amount / max(1, of):>6.0%}" for amount in amounts]
    wide = max(map(len, figures), default=0)
    room = max(4, width - longest - wide - 5)
    most = max(amounts, default=0) or 1
    return [
        [
            (f" {name:<{longest}}  {figure:>{wide}}  ", "plain"),
            ("█" * round(amount / most * room) or ("▏" if amount else ""), tone),
        ]
        for name, amount, figure, tone in zip(names, amounts, figures, tones or ["first"] * len(names), strict=True)
    ]


def _begin(width: int, height: int) -> None:
    """An empty plot; plotext has one at a time."""
    import plotext

    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.theme("clear")
    plotext.plot_size(width, height)


def _ticks(most: float) -> list[float]:
    return [most * number / (TICKS - 1) for number in range(TICKS)] if most > 0 else [0.0]


def _money(amount: float) -> str:
    """A tick of money: no more digits than are read at a glance."""
    if amount >= 1000:
        return f"${short(round(amount))}"
    return f"${amount:.2f}" if amount >= 0.01 or not amount else f"${amount:.2g}"


def _toned(drawn: str) -> list[list[Span]]:
    """Drawn lines, their colours as tones."""
    found = []
    for line in drawn.rstrip("\n").split("\n"):
        spans: list[Span] = []
        tone = "plain"
        for number, part in enumerate(_COLOUR.split(line)):
            if number % 2:
                tone = _CODES.get(part, "plain")
            elif part:
                spans.append((part, tone))
        found.append(spans)
    return found
