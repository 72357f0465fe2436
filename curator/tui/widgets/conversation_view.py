"""The reader: one record, laid out as it is scrolled to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from curator.analysis.report import RecordReport
from curator.session import Record
from curator.tui.conversation_layout import Line, Options, lay_out
from curator.tui.pacing import FramePacer
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
    "tokens",
    "role-system",
    "role-user",
    "role-assistant",
    "role-tool",
    "role-other",
)


class ConversationView(Widget, can_focus=True):
    """Scrolls through one record. The first screen is there at once, however long the record is; the rest follows.

    It keeps its own scroll offset and has no scroll bar: each would cost a repaint whenever a long record grows.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"conversation-view--{name}" for name in STYLES}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", "line down", key_display="j"),
        Binding("k,up", "scroll_lines(-1)", "line up", key_display="k"),
        Binding("ctrl+d", "scroll_pages(0.5)", "half a page down"),
        Binding("ctrl+u", "scroll_pages(-0.5)", "half a page up"),
        Binding("pagedown,ctrl+f,space", "scroll_pages(1)", "a page down", key_display="PgDn"),
        Binding("pageup,ctrl+b", "scroll_pages(-1)", "a page up", key_display="PgUp"),
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
        self._record: Record | None = None
        self._report: RecordReport | None = None
        self._limit = 0
        self._model = ""
        self._lines: list[Line] = []
        self._source: Iterator[Line] = iter(())
        self._done = True
        self._filling: Timer | None = None
        self._to_bottom = False
        self.top = 0
        """The first line on screen."""

    def show(self, record: Record | None, report: RecordReport | None, limit: int, model: str) -> None:
        """Show a record, from its start if it is another one; its figures may follow later, by another call."""
        if record is None or self._record is None or record.position != self._record.position:
            self.top = 0
            self._to_bottom = False
        elif report is not None and record is self._record and self.top > FAR_DOWN:
            self._report = report
            self.refresh()
            return
        self._record, self._report, self._limit, self._model = record, report, limit, model
        self._lay_out()

    def on_resize(self) -> None:
        """Wrap anew at another width."""
        self._lay_out()

    # Laying out

    def _lay_out(self) -> None:
        to_bottom = self._to_bottom
        self._lines = []
        width = self.size.width
        if self._record is None or width <= 0:
            self._source = iter(())
        else:
            options = Options(width - 2 * len(MARGIN), self.raw, self.folded)
            self._source = lay_out(self._record, options, self._report, self._limit, self._model)
        self._done = False
        self._fill(self.top + SCREENS_AHEAD * max(1, self.size.height))
        self._scroll(self.top)
        self._to_bottom = to_bottom and not self._done
        self.refresh()

    def _fill(self, wanted: int) -> None:
        """Lay out at least `wanted` lines and go on for a slice; what is left follows in later slices."""
        until = time.monotonic() + SLICE_SECONDS
        while not self._done and (len(self._lines) < wanted or time.monotonic() < until):
            more = list(islice(self._source, LINES_A_LOOK))
            self._lines += more
            self._done = len(more) < LINES_A_LOOK
        if self._filling is not None:
            self._filling.stop()
        self._filling = None if self._done else self.set_timer(SLICE_PAUSE, lambda: self._fill(0))
        if self._to_bottom and self._done:
            self._scroll(len(self._lines))

    @property
    def share(self) -> float:
        """How much of the record is above the last line on screen, 0 to 1."""
        return min(1.0, (self.top + self.size.height) / max(1, len(self._lines)))

    @property
    def complete(self) -> bool:
        """Whether all of the record is laid out."""
        return self._done

    # Moving

    def _scroll(self, top: int) -> None:
        self._to_bottom = False
        top = max(0, min(top, len(self._lines) - self.size.height))
        if top != self.top:
            self.top = top
            self._pacer.request(self.refresh)

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self._scroll(self.top + lines)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by pages, a line kept in sight."""
        self._scroll(self.top + int(pages * max(1, self.size.height - 1)))

    def action_top(self) -> None:
        """Go to the record's start."""
        self._scroll(0)

    def action_bottom(self) -> None:
        """Go to the record's end, as soon as it is laid out."""
        self._scroll(len(self._lines))
        self._to_bottom = not self._done

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._scroll(self.top + WHEEL_LINES)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._scroll(self.top - WHEEL_LINES)

    def action_raw(self) -> None:
        """Change between the conversation and its JSON."""
        self.raw = not self.raw
        self.top = 0
        self._to_bottom = False
        self._lay_out()

    def action_fold(self) -> None:
        """Change between whole messages and their first lines."""
        self.folded = not self.folded
        self._lay_out()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the record."""
        width = self.size.width
        number = self.top + y
        if number >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[number]
        spans = [(MARGIN, Style()), *((text, self._style(name)) for text, name in line.spans)]
        right = [(self._tokens(line.message), self._style("tokens"))] if line.message >= 0 else []
        return strip_of(spans, width, self.rich_style, right)

    def _tokens(self, message: int) -> str:
        report, record = self._report, self._record
        if report is None or record is None or message >= len(report.message_tokens):
            return ""
        trained = report.trained_message_tokens[message]
        shown = record.conversation.messages[message]
        about = "≈" if shown.tool_calls or any(part.kind in ("image", "other") for part in shown.parts) else ""
        if trained:
            return f" trained {about}{trained:,} "
        masked = " not trained" if shown.role == "assistant" else ""
        return f"{masked} {about}{report.message_tokens[message]:,} "

    def _style(self, name: str) -> Style:
        known = name if name in STYLES else "role-other" if name.startswith("role-") else "text"
        return self.get_visual_style(f"conversation-view--{known}").rich_style
