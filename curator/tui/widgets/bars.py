"""One-line bars: each a list of segments in a long and a short form, of which those are shown that fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.widgets.strips import strip_of


class Segment(NamedTuple):
    """A piece of a bar. `tone` is one of `plain`, `quiet`, `strong`, `error`, `warning`."""

    long: str
    short: str
    tone: str = "plain"


class Bar(Widget):
    """Segments from the left, others from the right; all in their short form where the long ones do not fit."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"bar--quiet", "bar--strong", "bar--error", "bar--warning"}
    GAP: ClassVar[int] = 3

    left: reactive[tuple[Segment, ...]] = reactive(())
    right: reactive[tuple[Segment, ...]] = reactive(())

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - Textual's signature
        """The bar's one line."""
        width = self.size.width
        for form in (0, 1):
            left, right = self._texts(self.left, form), self._texts(self.right, form)
            if _width(left, self.GAP) + _width(right, self.GAP) + self.GAP <= width or form == 1:
                break
        spans = self._spans(left, " " * (self.GAP if form == 0 else 2))
        ending = self._spans(right, " " * (self.GAP if form == 0 else 2))
        return strip_of([(" ", Style()), *spans], width, self.rich_style, [*ending, (" ", Style())])

    def _texts(self, segments: Sequence[Segment], form: int) -> list[tuple[str, str]]:
        return [(segment[form], segment.tone) for segment in segments if segment[form]]

    def _spans(self, texts: Sequence[tuple[str, str]], gap: str) -> list[tuple[str, Style]]:
        spans: list[tuple[str, Style]] = []
        for text, tone in texts:
            if spans:
                spans.append((gap, Style()))
            spans.append((text, self._tone(tone)))
        return spans

    def _tone(self, tone: str) -> Style:
        return Style() if tone == "plain" else self.get_visual_style(f"bar--{tone}").rich_style


def _width(texts: Sequence[tuple[str, str]], gap: int) -> int:
    return sum(cell_len(text) + gap for text, _ in texts)
