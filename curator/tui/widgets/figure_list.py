"""A table of figures with a cursor on one of its rows; few rows, drawn line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.figure_table import Heading, fitted, laid_out, titles
from curator.tui.widgets.strips import strip_of

MARKER = "▌ "


class FigureList(Widget, can_focus=True):
    """Rows under a line of titles. It posts Moved when the cursor comes to another row, Chosen at Enter."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"figure-list--title", "figure-list--marker", "figure-list--quiet"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", key_display="j"),
        Binding("k,up", "move(-1)", "up", key_display="k"),
        Binding("g,home", "go('first')", "first", key_display="g"),
        Binding("G,end", "go('last')", "last", key_display="G"),
        Binding("enter", "choose", "choose", key_display="Enter"),
    ]

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    class Chosen(Message):
        """Enter was pressed on a row."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(self, headings: Sequence[Heading], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._headings = headings
        self._rows: Sequence[Sequence[str]] = ()
        self._quiet: frozenset[int] = frozenset()
        self._sorted_by = -1
        self._falling = False
        self.cursor = 0
        """The row under the cursor."""

    def show(
        self,
        rows: Sequence[Sequence[str]],
        *,
        headings: Sequence[Heading] | None = None,
        quiet: frozenset[int] = frozenset(),
        sorted_by: int = -1,
        falling: bool = False,
        cursor: int | None = None,
    ) -> None:
        """Other rows, and other columns where they are given; those in `quiet` are dimmed."""
        self._headings = headings or self._headings
        self._rows, self._quiet, self._sorted_by, self._falling = rows, quiet, sorted_by, falling
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, len(rows) - 1))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The titles, or a row."""
        width = self.size.width
        shown = fitted(self._headings, self._rows, max(1, width - len(MARKER)))
        base = self.rich_style
        if y == 0:
            text = laid_out(self._headings, titles(self._headings, self._sorted_by, falling=self._falling), shown)
            return strip_of([("  ", Style()), (text, self._style("title"))], width, base)
        row = y - 1 + self._top()
        if row >= len(self._rows):
            return strip_of([], width, base)
        here = row == self.cursor
        style = self._style("quiet") if row in self._quiet else Style()
        mark = (MARKER if here else "  ", self._style("marker"))
        return strip_of([mark, (laid_out(self._headings, self._rows[row], shown), style)], width, base)

    def _top(self) -> int:
        """The first row on the screen: the cursor's is always there."""
        room = max(1, self.size.height - 1)
        return max(0, self.cursor - room + 1)

    def _style(self, name: str) -> Style:
        return self.get_visual_style(f"figure-list--{name}").rich_style

    def _put(self, row: int) -> None:
        row = max(0, min(row, len(self._rows) - 1))
        if row != self.cursor:
            self.cursor = row
            self.refresh()
            self.post_message(self.Moved(row))

    def action_move(self, step: int) -> None:
        """A row further, or back."""
        self._put(self.cursor + step)

    def action_go(self, where: str) -> None:
        """To the `first` or the `last` row."""
        self._put(0 if where == "first" else len(self._rows) - 1)

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if self._rows:
            self.post_message(self.Chosen(self.cursor))

    def on_click(self, event: Click) -> None:
        """Put the cursor on the row that was clicked on."""
        if 0 < event.y <= len(self._rows):
            self._put(event.y - 1 + self._top())
