"""The reader: one record, laid out as it is scrolled to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from curator.analysis.report import RecordReport
from curator.session import Record
from curator.tui.conversation_layout import Line, Options, cut_of, lay_out
from curator.tui.widgets.strips import strip_of

SLICE_SECONDS = 0.006
"""Laying out goes on in slices of this length, so that no key waits for a long record."""

SLICE_PAUSE = 0.01
LINES_A_LOOK = 64
SCREENS_AHEAD = 2

STYLES = (
    "text",
    "tool-text",
    "argument-name",
    "quiet",
    "section",
    "fault",
    "cut",
    "tokens",
    "role-system",
    "role-user",
    "role-assistant",
    "role-tool",
    "role-other",
)


class ConversationView(ScrollView, can_focus=True):
    """Scrolls through one record. The first screen is there at once, however long the record is; the rest follows."""

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

    def __init__(self) -> None:
        super().__init__(id="reader")
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

    def show(self, record: Record | None, limit: int, model: str) -> None:
        """Show a record from its start; None shows nothing."""
        self._record, self._report, self._limit, self._model = record, None, limit, model
        self.scroll_to(y=0, animate=False, force=True)
        self._lay_out()

    def set_report(self, report: RecordReport) -> None:
        """The record's figures: tokens stand at its messages from now on, and the line where the context ends."""
        self._report = report
        if cut_of(report, self._limit):
            self._lay_out()
        else:
            self.refresh()

    def on_resize(self, event: Resize) -> None:
        """Wrap anew at another width."""
        self._lay_out()

    # Laying out

    def _lay_out(self) -> None:
        self._to_bottom = False
        self._lines = []
        width = self.scrollable_content_region.width
        if self._record is None or width <= 0:
            self._source = iter(())
        else:
            cut = cut_of(self._report, self._limit) if self._report else None
            self._source = lay_out(self._record, Options(width, self.raw, self.folded), cut, self._model)
        self._done = False
        self._fill(round(self.scroll_y) + SCREENS_AHEAD * max(1, self.size.height))
        self.refresh()

    def _fill(self, wanted: int) -> None:
        """Lay out at least `wanted` lines and go on for a slice; what is left follows in later slices."""
        until = time.monotonic() + SLICE_SECONDS
        while not self._done and (len(self._lines) < wanted or time.monotonic() < until):
            more = list(islice(self._source, LINES_A_LOOK))
            self._lines += more
            self._done = len(more) < LINES_A_LOOK
        self.virtual_size = Size(0, len(self._lines))
        if self._filling is not None:
            self._filling.stop()
        self._filling = None if self._done else self.set_timer(SLICE_PAUSE, lambda: self._fill(0))
        if self._to_bottom:
            self.scroll_end(animate=False, force=True, immediate=True)
            self._to_bottom = not self._done

    @property
    def complete(self) -> bool:
        """Whether all of the record is laid out."""
        return self._done

    # Moving

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self._to_bottom = False
        self.scroll_to(y=self.scroll_y + lines, animate=False)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by pages, a line kept in sight."""
        self._to_bottom = False
        self.scroll_to(y=self.scroll_y + int(pages * max(1, self.size.height - 1)), animate=False)

    def action_top(self) -> None:
        """Go to the record's start."""
        self._to_bottom = False
        self.scroll_to(y=0, animate=False)

    def action_bottom(self) -> None:
        """Go to the record's end, and stay there while the rest is laid out."""
        self._to_bottom = not self._done
        self.scroll_end(animate=False, immediate=True)

    def action_raw(self) -> None:
        """Change between the conversation and its JSON."""
        self.raw = not self.raw
        self.scroll_to(y=0, animate=False, force=True)
        self._lay_out()

    def action_fold(self) -> None:
        """Change between whole messages and their first lines."""
        self.folded = not self.folded
        self._lay_out()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the record."""
        width = self.scrollable_content_region.width
        number = round(self.scroll_y) + y
        if number >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[number]
        spans = [(text, self._style(name)) for text, name in line.spans]
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
        return self.get_component_rich_style(f"conversation-view--{known}", partial=True)
