"""A list of differences, of which only those on screen are laid out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Key, MouseScrollDown, MouseScrollUp
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.difference_layout import Difference, DifferenceLine, lay_out_difference
from curator.tui.side_by_side import FROM_CELLS, lay_out_side_by_side
from curator.tui.widgets.count import Count
from curator.tui.widgets.strips import strip_of

KEPT_LAYOUTS = 200
WHEEL_LINES = 3
MOST_LINES_A_MOTION = 10_000
"""However large a count is: what is passed over has to be laid out."""

MARGIN = " "
STYLES = ("title", "quiet", "removed", "removed-part", "added", "added-part")


class DifferenceList(Widget, can_focus=True):
    """Scrolls through any number of differences. Its place is a difference and a line of it, so more may follow."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"difference-list--{name}" for name in STYLES}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "line down", key_display="j"),
        Binding("k,up", "scroll(-1)", "line up", key_display="k"),
        Binding("ctrl+d", "page(0.5)", "half a page down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up"),
        Binding("pagedown,ctrl+f,space", "page(1)", "a page down", key_display="PgDn"),
        Binding("pageup,ctrl+b", "page(-1)", "a page up", key_display="PgUp"),
        Binding("n", "change(1)", "next change"),
        Binding("N", "change(-1)", "previous change"),
        Binding("g,home", "first", "first change", key_display="g Home"),
        Binding("G,end", "last", "last change so far", key_display="G End"),
    ]

    def __init__(self, *, side_by_side: bool = False) -> None:
        super().__init__()
        self._side_by_side = side_by_side
        self._differences: list[Difference] = []
        self._layouts: OrderedDict[int, list[DifferenceLine]] = OrderedDict()
        self._count = Count()
        self.number = 0
        """The difference that the first line on screen belongs to."""
        self.line = 0
        """Which line of it that is."""

    def add(self, differences: Iterable[Difference]) -> None:
        """Put more differences at the end; what is on screen stays where it is."""
        self._differences += differences
        self.refresh()

    def show(self, differences: Iterable[Difference]) -> None:
        """Other differences in place of those there are."""
        self._differences = list(differences)
        self._layouts.clear()
        self.number = self.line = 0
        self.refresh()

    @property
    def side_by_side(self) -> bool:
        """Whether both texts stand beside each other now; if that is wanted, it follows from the width."""
        return self._side_by_side and self.size.width >= FROM_CELLS

    def on_resize(self) -> None:
        """Wrap anew, the same difference on screen."""
        self._layouts.clear()
        self._go(self.number, self.line)

    def on_key(self, event: Key) -> None:
        """Digits before a motion are its count."""
        self._count.hear(event, self._bindings.key_to_bindings)

    def _lines(self, number: int) -> list[DifferenceLine]:
        lines = self._layouts.get(number)
        if lines is None:
            lay_out = lay_out_side_by_side if self.side_by_side else lay_out_difference
            lines = lay_out(self._differences[number], self.size.width - 2 * len(MARGIN))
            self._layouts[number] = lines
            if len(self._layouts) > KEPT_LAYOUTS:
                self._layouts.popitem(last=False)
        return lines

    # Moving

    def _moved(self, number: int, line: int, lines: int) -> tuple[int, int]:
        """The place so many lines further, kept between both ends."""
        line += lines
        while line < 0 and number > 0:
            number -= 1
            line += len(self._lines(number))
        while number < len(self._differences) and line >= len(self._lines(number)):
            line -= len(self._lines(number))
            number += 1
        return number, max(0, line)

    def _go(self, number: int, line: int) -> None:
        """Put a line on top, or the last one that leaves no room below the end."""
        count = len(self._differences)
        if not count:
            return
        last = self._moved(count, 0, -self.size.height)
        if number < count:
            line = min(line, len(self._lines(number)) - 1)
        place = min((number, line), last)
        if place != (self.number, self.line):
            self.number, self.line = place
            self.refresh()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self._go(*self._moved(self.number, self.line, lines * min(self._count.taken(), MOST_LINES_A_MOTION)))

    def action_page(self, pages: float) -> None:
        """Scroll by pages, a line kept in sight."""
        rows = int(pages * self._count.taken() * max(1, self.size.height - 1)) or (1 if pages > 0 else -1)
        rows = max(-MOST_LINES_A_MOTION, min(rows, MOST_LINES_A_MOTION))
        self._go(*self._moved(self.number, self.line, rows))

    def action_change(self, step: int) -> None:
        """Go to the start of the next change, or of this one and then the previous one."""
        step *= self._count.taken()
        number = self.number + step + (1 if step < 0 and self.line else 0)
        self._go(max(0, min(number, len(self._differences) - 1)), 0)

    def go_to_part(self, step: int) -> bool:
        """Within the difference on top, go to where lines begin to change, the next place or the previous one.

        Whether that is further on; the line before it stays in sight.
        """
        lines = self._lines(self.number) if self._differences else []
        starts = [
            max(0, place - 1)
            for place, line in enumerate(lines)
            if line.changed and not (place and lines[place - 1].changed)
        ]
        places = [place for place in starts[::step] if (place - self.line) * step > 0]
        before = self.line
        if places:
            self._go(self.number, places[0])
        return self.line != before

    def action_first(self) -> None:
        """Go to the first change."""
        self._count.clear()
        self._go(0, 0)

    def action_last(self) -> None:
        """Go to the end of what is known."""
        self._count.clear()
        self._go(len(self._differences), 0)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._go(*self._moved(self.number, self.line, WHEEL_LINES))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._go(*self._moved(self.number, self.line, -WHEEL_LINES))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the differences on screen."""
        width = self.size.width
        number, line = self._moved(self.number, self.line, y)
        if number >= len(self._differences):
            return Strip.blank(width, self.rich_style)
        spans = [(text, self._style(name)) for text, name in self._lines(number)[line].spans]
        return strip_of([(MARGIN, Style()), *spans], width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_visual_style(f"difference-list--{name}").rich_style
