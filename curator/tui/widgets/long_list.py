"""A list of any number of lines with a cursor; only those on the screen are asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar, NamedTuple

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Key
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.cursor import View
from curator.tui.widgets.count import Count
from curator.tui.widgets.strips import strip_of

MARKER = "▌ "
KEPT_LINES = 200


class Line(NamedTuple):
    """A line as it is shown."""

    text: str
    quiet: bool = False


class LongList(Widget, can_focus=True):
    """Lines under a title. It posts Chosen at Enter."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"long-list--title", "long-list--marker", "long-list--quiet"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", key_display="j"),
        Binding("k,up", "move(-1)", "up", key_display="k"),
        Binding("ctrl+d", "page(0.5)", "half a page down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up"),
        Binding("pagedown,ctrl+f", "page(1)", "a page down", key_display="PgDn"),
        Binding("pageup,ctrl+b", "page(-1)", "a page up", key_display="PgUp"),
        Binding("g,home", "go('first')", "first", key_display="g"),
        Binding("G,end", "go('last')", "last", key_display="G"),
        Binding("enter", "choose", "choose", key_display="Enter"),
    ]

    class Chosen(Message):
        """Enter was pressed on a line."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__()
        self._view = View(0, 1, 0, 0)
        self._title = ""
        self._count = Count()
        self._line: Callable[[int], Line] = lambda _: Line("")

    def show(self, title: str, length: int, line: Callable[[int], Line]) -> None:
        """Other lines, made by a function when they come into sight."""
        self._title = title
        self._line = lru_cache(KEPT_LINES)(line)
        self._view = self._view.resized(length, max(1, self.size.height - 1))
        self.refresh()

    @property
    def cursor(self) -> int:
        """The line under the cursor."""
        return self._view.cursor

    def on_key(self, event: Key) -> None:
        """Digits before a motion are its count."""
        self._count.hear(event, self._bindings.key_to_bindings)

    def render_line(self, y: int) -> Strip:
        """The title, or a line."""
        width, base = self.size.width, self.rich_style
        if y == 0:
            return strip_of([("  ", Style()), (self._title, self._style("title"))], width, base)
        number = self._view.top + y - 1
        if number >= self._view.rows:
            return strip_of([], width, base)
        line = self._line(number)
        style = self._style("quiet") if line.quiet else Style()
        mark = (MARKER if number == self.cursor else "  ", self._style("marker"))
        return strip_of([mark, (line.text, style)], width, base)

    def _style(self, name: str) -> Style:
        return self.get_visual_style(f"long-list--{name}").rich_style

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self._view = self._view.resized(self._view.rows, max(1, self.size.height - 1))

    def _take(self, view: View) -> None:
        before, self._view = self._view, view
        if view.top != before.top:
            self.refresh()
        elif view.cursor != before.cursor:
            for one in (before.cursor, view.cursor):
                self.refresh(Region(0, one - view.top + 1, self.size.width, 1))

    def action_move(self, lines: int) -> None:
        """Move by lines."""
        self._take(self._view.by(lines * self._count.taken()))

    def action_page(self, pages: float) -> None:
        """Move by pages."""
        self._take(self._view.by_page(pages * self._count.taken()))

    def action_go(self, where: str) -> None:
        """To the `first` or the `last` line."""
        self._count.clear()
        self._take(self._view.moved(0 if where == "first" else self._view.rows - 1))

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self._view.rows:
            self.post_message(self.Chosen(self.cursor))

    def on_click(self, event: Click) -> None:
        """Put the cursor on the line that was clicked on."""
        if 0 < event.y <= self._view.rows - self._view.top:
            self._take(self._view.moved(self._view.top + event.y - 1))
