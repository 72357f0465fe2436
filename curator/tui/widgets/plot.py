"""A plot in the colours of the theme, drawn anew for the room that it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.events import Resize
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.plots import Drawing, Span
from curator.tui.widgets.strips import strip_of


class Plot(Widget):
    """Shows what a drawing makes of its room."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"plot--first", "plot--second", "plot--mark"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawing: Drawing | None = None
        self._drawn: Sequence[Sequence[Span]] = ()

    def draw(self, drawing: Drawing) -> None:
        """Show another plot."""
        self._drawing = drawing
        self._anew()

    def clear(self) -> None:
        """Show nothing, until something is drawn."""
        self._drawing, self._drawn = None, ()
        self.refresh()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - Textual's signature
        """Another room takes another drawing."""
        self._anew()

    def _anew(self) -> None:
        if self._drawing is not None and self.size.width:
            self._drawn = self._drawing(self.size.width, self.size.height)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the plot."""
        spans = self._drawn[y] if y < len(self._drawn) else ()
        return strip_of([(text, self._style(tone)) for text, tone in spans], self.size.width, self.rich_style)

    def _style(self, tone: str) -> Style:
        return Style() if tone == "plain" else self.get_visual_style(f"plot--{tone}").rich_style
