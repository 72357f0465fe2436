"""The reader: one record, laid out as it is scrolled to."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Key, MouseScrollDown, MouseScrollUp
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from curator.analysis.report import RecordReport
from curator.session import Record
from curator.tui.context_cut import Trainer
from curator.tui.conversation_layout import Item, Marks, Options, item_at, item_count, lay_out
from curator.tui.item_cursor import ItemLines, Place
from curator.tui.layout_lines import STYLES, Line
from curator.tui.message_layout import header_figures
from curator.tui.pacing import FramePacer
from curator.tui.widgets.count import Count
from curator.tui.widgets.strips import strip_of

SLICE_SECONDS = 0.006
"""Laying out goes on in slices of this length, so that no key waits for a long record."""

SLICE_PAUSE = 0.01
LINES_A_LOOK = 64
SCREENS_AHEAD = 2
WHEEL_LINES = 3
FAR_DOWN = 10_000
"""Lines above the screen from which a record is not laid out anew just because its figures have come."""

MARGIN = " "
MARKER = "▌"
NO_TAGS: Mapping[int, tuple[str, ...]] = {}
NO_TRAINER = Trainer()


class ConversationView(Widget, can_focus=True):
    """Scrolls through one record, with a cursor on one of its items: a message, the tools, or another key.

    The first screen is there at once, however long the record is; the rest follows. It keeps its own scroll offset and
    has no scroll bar: each would cost a repaint whenever a long record grows. A cursor that moves within the screen
    costs the two cells of its marker.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"conversation-view--{name}" for name in STYLES}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "a line further in a long message, else the next one", key_display="j"),
        Binding("k,up", "move(-1)", "a line back in a long message, else the previous one", key_display="k"),
        Binding("ctrl+d", "page(0.5)", "half a page down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up"),
        Binding("pagedown,ctrl+f,space", "page(1)", "a page down", key_display="PgDn"),
        Binding("pageup,ctrl+b", "page(-1)", "a page up", key_display="PgUp"),
        Binding("g,home", "top", "start", key_display="g Home"),
        Binding("G,end", "bottom", "end", key_display="G End"),
        Binding("v", "raw", "raw JSON or conversation"),
        Binding("z", "fold", "fold or unfold long messages"),
    ]

    def __init__(self, pacer: FramePacer) -> None:
        super().__init__(id="reader")
        self._pacer = pacer
        self.raw = False
        self.folded = False
        self._open: frozenset[int] = frozenset()
        """Messages of the record that are not folded with the others."""
        self._record: Record | None = None
        self._report: RecordReport | None = None
        self._trainer = NO_TRAINER
        self._marks = Marks()
        self._lines: list[Line] = []
        self._items = ItemLines()
        self._source: Iterator[Line] = iter(())
        self._done = True
        self._filling: Timer | None = None
        self._to_bottom = False
        self._count = Count()
        self._place = Place(0, 0)
        self._drawn = Place(0, 0)
        """The first line that was drawn last, and the line that the marker was drawn on."""

    @property
    def top(self) -> int:
        """The first line on screen, or the one that is about to be."""
        return self._place.top

    @property
    def item(self) -> Item | None:
        """What the cursor is on; None where there is nothing for it: no record, no conversation, or raw JSON."""
        if self._record is None or not item_count(self._record, raw=self.raw):
            return None
        return item_at(self._record, self._place.item)

    @property
    def item_number(self) -> int:
        """The number of the item under the cursor, from 0, as `show` takes it."""
        return self._place.item

    def show(
        self,
        record: Record | None,
        report: RecordReport | None,
        trainer: Trainer = NO_TRAINER,
        *,
        item: int | None = None,
        tags: Mapping[int, tuple[str, ...]] = NO_TAGS,
        edited: Collection[int] = (),
    ) -> None:
        """Show a record, from its start if it is another one; its figures may follow later, by another call.

        `item` puts the cursor on an item and brings it into sight; without it, the same record keeps its place.
        `trainer` tells what would be learnt from it; `tags` and `edited` what stands in the headers of messages.
        """
        marks = Marks(tags, edited)
        if record is None or self._record is None or record.place != self._record.place:
            self._place = Place(0, 0)
            self._items = ItemLines()
            self._to_bottom = False
            self._open = frozenset()
            self._count.clear()
        elif (
            item is None
            and record is self._record
            and (marks, trainer) == (self._marks, self._trainer)
            and report
            and self.top > FAR_DOWN
        ):
            self._report = report
            self.refresh()
            return
        self._record, self._report, self._trainer, self._marks = record, report, trainer, marks
        self._lay_out(item)

    def on_resize(self) -> None:
        """Wrap anew at another width."""
        self._lay_out()

    # Laying out

    def _lay_out(self, item: int | None = None) -> None:
        """Lay the record out anew; what was on screen stays there as far as it can, or `item` comes into sight."""
        before, to_bottom, self._to_bottom = self._items, self._to_bottom, False
        self._lines, self._items = [], ItemLines()
        width = self.size.width
        count = 0
        if self._record is None or width <= 0:
            self._source = iter(())
        else:
            options = Options(width - 2 * len(MARGIN), self.raw, self.folded, self._open)
            self._source = self._marked(lay_out(self._record, options, self._report, self._trainer, self._marks))
            count = item_count(self._record, raw=self.raw)
        self._done = False
        self._place = self._kept(before, count, item)
        if to_bottom:
            self._place, self._to_bottom = self._at_end(), not self._done
        self._drawn = Place(self.top, self._items.marked(self._place))
        self.refresh()

    def _kept(self, before: ItemLines, count: int, wanted: int | None) -> Place:
        """The place in the lines laid out anew, of which as many are made as that takes; without lines, for later."""
        top, item = self._place
        if not count and wanted is not None:
            item = wanted
        height = max(1, self.size.height)
        known = min(item, count - 1)
        target = known if wanted is None else min(wanted, count - 1)
        self._fill(top + SCREENS_AHEAD * height, max(known, target))
        if count and top and item < len(before.starts):
            start = self._items.starts[known]
            moved = start + top - before.starts[item]
            top = moved if moved < self._items.end(known) else start
            self._fill(top + SCREENS_AHEAD * height)
        place = self._items.scrolled_to(Place(top, max(known, 0) if count else item), top, height)
        if not count or (target == known == 0) or (target == known and self._items.sees(place, height)):
            return place
        self._fill(self._items.starts[target] + SCREENS_AHEAD * height)
        return self._items.at_item(place, target, height)

    def _fill(self, wanted: int, item: int = -1) -> None:
        """Lay out at least `wanted` lines and the start of an item, and go on for a slice; the rest follows later."""
        if self._done:
            return
        until = time.monotonic() + SLICE_SECONDS
        while not self._done and (
            len(self._lines) < wanted or len(self._items.starts) <= item or time.monotonic() < until
        ):
            more = list(islice(self._source, LINES_A_LOOK))
            self._lines += more
            self._items.take(line.item for line in more)
            self._done = self._items.complete = len(more) < LINES_A_LOOK
        if self._filling is not None:
            self._filling.stop()
        self._filling = None if self._done else self.set_timer(SLICE_PAUSE, lambda: self._fill(0))
        if self._to_bottom and self._done:
            self._go(self._at_end())

    @property
    def share(self) -> float:
        """How much of the record is above the last line on screen, 0 to 1."""
        return min(1.0, (self.top + self.size.height) / max(1, len(self._lines)))

    @property
    def complete(self) -> bool:
        """Whether all of the record is laid out."""
        return self._done

    # Moving

    def on_key(self, event: Key) -> None:
        """Digits before a motion are its count."""
        self._count.hear(event, self._bindings.key_to_bindings)

    def _go(self, place: Place) -> None:
        self._to_bottom = False
        if place != self._place:
            self._place = place
            self._pacer.request(self._draw)

    def _draw(self) -> None:
        """Draw what moved: all lines if they scrolled, else the marker where it was and where it is."""
        before, self._drawn = self._drawn, Place(self.top, self._items.marked(self._place))
        if self._drawn.top != before.top:
            self.refresh()
        elif self._drawn != before:
            for line in (before.item, self._drawn.item):
                if 0 <= line - self.top < self.size.height:
                    self.refresh(Region(0, line - self.top, len(MARKER), 1))

    def action_move(self, step: int) -> None:
        """Go a line or an item further, as often as the count says."""
        height = self.size.height
        place = self._place
        for _ in range(self._count.taken()):
            self._ahead(place.top)
            moved = self._items.stepped(place, step, height)
            if moved == place:
                break
            place = moved
        self._go(place)

    def _ahead(self, top: int) -> None:
        """Lay out what the next step from a first line may show."""
        wanted = top + (SCREENS_AHEAD + 1) * max(1, self.size.height)
        if len(self._lines) < wanted:
            self._fill(wanted)

    def action_page(self, pages: float) -> None:
        """Scroll by pages, a line kept in sight, and the cursor too."""
        height = self.size.height
        rows = int(pages * self._count.taken() * max(1, height - 1)) or (1 if pages > 0 else -1)
        self._ahead(self.top)
        self._go(self._items.paged(self._place, rows, height))

    def action_top(self) -> None:
        """Go to the record's start."""
        self._count.clear()
        self._go(Place(0, 0))

    def action_bottom(self) -> None:
        """Go to the record's end, as soon as it is laid out."""
        self._count.clear()
        self._go(self._at_end())
        self._to_bottom = not self._done

    def _at_end(self) -> Place:
        last = Place(self.top, max(0, len(self._items.starts) - 1))
        return self._items.scrolled_to(last, len(self._lines), self.size.height)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._ahead(self.top)
        self._go(self._items.paged(self._place, WHEEL_LINES, self.size.height))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._go(self._items.paged(self._place, -WHEEL_LINES, self.size.height))

    def action_raw(self) -> None:
        """Change between the conversation and its JSON; the cursor is where it was when that comes back."""
        self.raw = not self.raw
        self._count.clear()
        self._to_bottom = False
        self._place = Place(0, self._place.item)
        self._items = ItemLines()
        self._lay_out(None if self.raw else self._place.item)

    def action_fold(self) -> None:
        """Change between whole messages and their first lines."""
        self.folded, self._open = not self.folded, frozenset()
        self._count.clear()
        self._lay_out()

    def _marked(self, lines: Iterator[Line]) -> Iterator[Line]:
        return lines

    # Drawing

    def _spans(self, number: int) -> tuple[tuple[str, str], ...]:
        return self._lines[number].spans

    def render_line(self, y: int) -> Strip:
        """One line of the record."""
        width = self.size.width
        number = self._drawn.top + y
        if number >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[number]
        marked = number == self._drawn.item and self.has_focus
        margin = (MARKER, self._style("marker")) if marked else (MARGIN, Style())
        spans = [margin, *((text, self._style(name)) for text, name in self._spans(number))]
        right = [(self._tokens(line.message), self._style("tokens"))] if line.message >= 0 else []
        return strip_of(spans, width, self.rich_style, right)

    def _tokens(self, message: int) -> str:
        report, record = self._report, self._record
        if report is None or record is None or message >= len(report.message_tokens):
            return ""
        return header_figures(record.conversation.messages[message], report, message, estimated=self._trainer.estimated)

    def _style(self, name: str) -> Style:
        known = name if name in STYLES else "role-other" if name.startswith("role-") else "text"
        return self.get_visual_style(f"conversation-view--{known}").rich_style
