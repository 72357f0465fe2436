"""The list of records: a window on any number of lines, of which only those on screen exist."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Key, MouseScrollDown, MouseScrollUp
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.cursor import View
from curator.tui.pacing import FramePacer
from curator.tui.widgets.count import Count
from curator.tui.widgets.strips import strip_of

KEPT_STRIPS = 1000
MARKER = "▌"
MARK = "●"
WHEEL_ROWS = 3


class Entry(NamedTuple):
    """What the list shows of a record; `flag` is one of `error`, `warning`, `fine`, `blank` and `waiting`."""

    flag: str
    turns: str
    tokens: str
    over: bool
    preview: str
    edit: str = ""
    """What was done to it: `edited`, `new`, `dropped` or nothing."""
    verdict: str = ""
    """`accepted`, `rejected`, `needs work` or nothing."""
    tags: str = ""
    marked: bool = False
    number: int = 0
    """What users call it by; 0 for its place in the list."""
    faded: bool = False
    """Whether it is listed no longer by right."""
    found: tuple[tuple[int, int], ...] = ()
    """Where in the preview a search matches."""


GLYPHS = {"error": "✗", "warning": "!", "fine": " ", "blank": " ", "waiting": "·"}
EDITS = {"edited": "~", "new": "+", "dropped": "-"}
VERDICTS = {"accepted": ("a", "accepted"), "rejected": ("r", "error"), "needs work": ("w", "warning")}
"""The sign of a verdict, which is its key, and its style."""


class RecordList(Widget, can_focus=True):
    """Shows `entry(position)` for each position below `rows`, and a cursor.

    Keys set a target; the frame pacer decides when it is drawn, so that a held key never runs ahead of the terminal.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-list--marker",
        "record-list--error",
        "record-list--warning",
        "record-list--quiet",
        "record-list--accepted",
        "record-list--tag",
        "record-list--match",
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "next record", key_display="j"),
        Binding("k,up", "move(-1)", "previous record", key_display="k"),
        Binding("ctrl+d", "page(0.5)", "half a page down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up"),
        Binding("pagedown,ctrl+f", "page(1)", "a page down", key_display="PgDn"),
        Binding("pageup,ctrl+b", "page(-1)", "a page up", key_display="PgUp"),
        Binding("g,home", "first", "first record", key_display="g Home"),
        Binding("G,end", "last", "last record; after a number, that record", key_display="G End"),
        Binding("enter", "read", "read", key_display="Enter"),
        Binding("space", "mark", "mark", key_display="Space"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor was sent to another record; it is drawn there when the terminal is ready for it."""

        position: int

    class Read(Message):
        """The user wants to read the record under the cursor."""

    class Mark(Message):
        """The user marks the record under the cursor, or takes its mark off."""

    def __init__(self, entry: Callable[[int], Entry], pacer: FramePacer, place_of: Callable[[int], int]) -> None:
        """`place_of` gives the position to go to for a record's number."""
        super().__init__(id="records")
        self._entry = entry
        self._place_of = place_of
        self._highest = 0
        self._pacer = pacer
        self._strips: OrderedDict[tuple[int, int, bool], Strip] = OrderedDict()
        self._waiting: set[int] = set()
        """Rows that were drawn without figures."""
        self._count = Count()
        self._following_end = False
        self.view = self._target = View(0, 1, 0, 0)

    @property
    def cursor(self) -> int:
        """The position under the cursor, or where it is about to be drawn."""
        return self._target.cursor

    def set_rows(self, rows: int, *, final: bool, highest: int) -> None:
        """There are `rows` records now; a cursor that was sent to the end follows it until that is `final`.

        `highest` is the highest number of a record, listed or not.
        """
        digits = self._digits
        self._highest = highest
        self._take(self._target.resized(rows, max(1, self.size.height)))
        if self._digits != digits:
            self._strips.clear()
            self.refresh()
        if self._following_end:
            self._following_end = not final
            self._go(self._target.moved(rows - 1))

    @property
    def _digits(self) -> int:
        return len(f"{self._highest:,}")

    def forget(self, first: int = 0, end: int | None = None) -> None:
        """The entries at [first, end) may have changed: draw those on screen anew."""
        self._forget(lambda row: first <= row and (end is None or row < end))

    def forget_those(self, changed: Callable[[int], bool]) -> None:
        """The entries at positions of which `changed` is true may have changed: draw those on screen anew."""
        rows = {row for row, _, _ in self._strips} | set(self._in_sight)
        self._forget({row for row in rows if row < self._target.rows and changed(row)}.__contains__)

    def forget_waiting(self, known: Callable[[int], bool]) -> None:
        """Draw those entries on screen anew that were drawn without figures and now have them, which `known` tells."""
        sight = self._in_sight
        news = {row for row in self._waiting if row not in sight or known(row)}
        if news:
            self._forget(news.__contains__)

    def _forget(self, changed: Callable[[int], bool]) -> None:
        for key in [key for key in self._strips if changed(key[0])]:
            del self._strips[key]
        self._waiting = {row for row in self._waiting if not changed(row)}
        for row in filter(changed, self._in_sight):
            self._refresh_row(row)

    @property
    def _in_sight(self) -> range:
        return range(self.view.top, min(self.view.rows, self.view.top + self.view.height))

    def on_resize(self) -> None:
        """Keep the cursor on screen."""
        self._strips.clear()
        self._take(self._target.resized(self._target.rows, max(1, self.size.height)))

    def go_to(self, position: int) -> None:
        """Put the cursor on a record."""
        self._following_end = False
        self._go(self._target.moved(position))

    # Movement

    def on_key(self, event: Key) -> None:
        """Digits before a motion are its count."""
        self._count.hear(event, self._bindings.key_to_bindings)

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows, as often as the count says."""
        self._following_end = False
        self._go(self._target.by(rows * self._count.taken()))

    def action_page(self, pages: float) -> None:
        """Move by pages."""
        self._following_end = False
        self._go(self._target.by_page(pages * self._count.taken()))

    def action_first(self) -> None:
        """Go to the first record."""
        self._count.clear()
        self.go_to(0)

    def action_last(self) -> None:
        """Go to the last record, or to the one whose number was typed before."""
        if self._count:
            self.go_to(self._place_of(self._count.taken()))
            return
        self._following_end = True
        self._go(self._target.moved(self._target.rows - 1))

    def action_read(self) -> None:
        """Read the record under the cursor."""
        self._count.clear()
        self.post_message(self.Read())

    def action_mark(self) -> None:
        """Mark the record under the cursor."""
        self._count.clear()
        self.post_message(self.Mark())

    def _go(self, target: View) -> None:
        if target == self._target:
            return
        if target.cursor != self._target.cursor:
            self.post_message(self.Moved(target.cursor))
        self._target = target
        self._pacer.request(self._draw)

    def _draw(self) -> None:
        self._take(self._target)

    def _take(self, target: View) -> None:
        """Show a view, with as few changed cells as that takes."""
        before = self.view
        self.view = self._target = target
        new_rows_in_sight = target.rows != before.rows and min(target.rows, before.rows) < target.top + target.height
        if target.top != before.top or new_rows_in_sight:
            self.refresh()
        elif target.cursor != before.cursor:
            self._refresh_row(before.cursor, len(MARKER))
            self._refresh_row(target.cursor, len(MARKER))

    def _refresh_row(self, row: int, cells: int = 0) -> None:
        """Draw a row anew, or just its first cells: the marker is all that the cursor changes."""
        self.refresh(Region(0, row - self.view.top, cells or self.size.width, 1))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Move with the wheel."""
        event.stop()
        self._go(self._target.by(WHEEL_ROWS))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Move with the wheel."""
        event.stop()
        self._go(self._target.by(-WHEEL_ROWS))

    def on_click(self, event: Click) -> None:
        """Put the cursor on the record that was clicked on."""
        self.go_to(self.view.top + event.y)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One row of the list."""
        row = self.view.top + y
        width = self.size.width
        if row >= self.view.rows:
            return Strip.blank(width, self.rich_style)
        key = (row, width, row == self.view.cursor)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._row(row, width, highlighted=key[2])
            if len(self._strips) > KEPT_STRIPS:
                self._strips.popitem(last=False)
        return strip

    def _row(self, row: int, width: int, *, highlighted: bool) -> Strip:
        entry = self._entry(row)
        (self._waiting.add if entry.flag == "waiting" else self._waiting.discard)(row)
        base = self.rich_style
        quiet = self._style("quiet")
        flag = self._style(entry.flag) if entry.flag in ("error", "warning") else quiet
        verdict, tone = VERDICTS.get(entry.verdict, (" ", "quiet"))
        text = quiet if entry.faded or entry.flag == "blank" or entry.edit == "dropped" else Style()
        spans = [
            (MARKER, self._style("marker")) if highlighted else (" ", quiet),
            (f"{entry.number or row + 1:>{self._digits},}", quiet),
            (MARK, self._style("marker")) if entry.marked else (" ", quiet),
            (GLYPHS[entry.flag], flag),
            (EDITS.get(entry.edit, " "), self._style("warning")),
            (verdict, self._style(tone)),
            (f"{entry.turns:>3} ", text),
            (f"{entry.tokens:>8}{'▲' if entry.over else ' '} ", self._style("error") if entry.over else text),
            (f"{entry.tags} " if entry.tags else "", self._style("tag")),
            *self._preview(entry, text),
        ]
        return strip_of(spans, width, base)

    def _preview(self, entry: Entry, text: Style) -> Iterator[tuple[str, Style]]:
        """The preview, with what a search matches in a style of its own."""
        end = 0
        for first, last in entry.found:
            yield entry.preview[end:first], text
            yield entry.preview[first:last], self._style("match")
            end = last
        yield entry.preview[end:], text

    def _style(self, name: str) -> Style:
        return self.get_visual_style(f"record-list--{name}").rich_style
