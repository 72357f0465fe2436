"""One-line bars: each a list of segments in a long and a short form, of which those are shown that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.widgets.strips import strip_of

LONG_GAP, SHORT_GAP = 3, 2

Text = tuple[str, str]
"""What is shown of a segment, and its tone."""


class Segment(NamedTuple):
    """A piece of a bar. `tone` is one of `plain`, `quiet`, `strong`, `error`, `warning`."""

    long: str
    short: str
    tone: str = "plain"
    whole: bool = False
    """Never cut, for a figure that is cut looks like another one."""


class Bar(Widget):
    """Segments from the left, others from the right. Where they do not fit, they get short, the last ones first.

    Where room still lacks, those of the left are left out: the quiet ones before the first one that has a short
    form takes it, then the last ones; but an error at the end of the left is cut and not left out, unless it has
    to be whole.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"bar--quiet", "bar--strong", "bar--error", "bar--warning"}

    left: reactive[tuple[Segment, ...]] = reactive(())
    right: reactive[tuple[Segment, ...]] = reactive(())

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - Textual's signature
        """The bar's one line."""
        width = self.size.width
        for left, right, gap in self._forms():
            if _width(left, gap) + _width(right, gap) + 2 <= width:
                break
        spans, ending = self._spans(left, " " * gap), self._spans(right, " " * gap)
        return strip_of([(" ", Style()), *spans], width, self.rich_style, [*ending, (" ", Style())])

    def _forms(self) -> Iterator[tuple[list[Text], list[Text], int]]:
        """What stands left and right, and the cells between them, from the longest form to the shortest."""
        all_long = len(self.left) + len(self.right)
        dispensable = int(bool(self.left) and not self.left[0].short)
        for long in range(all_long, -1, -1):
            left, right = self._texts(self.left, long), self._texts(self.right, long - len(self.left))
            yield left, right, LONG_GAP if long == all_long else SHORT_GAP
            if long <= 1 + dispensable:
                left = [one for place, one in enumerate(left) if place + dispensable == 0 or one[1] != "quiet"]
                yield left, right, SHORT_GAP
        may_be_cut = {one.short for one in self.left if one.tone == "error" and not one.whole}
        while len(left) > 1 and left[-1][0] not in may_be_cut:
            left = left[:-1]
            yield left, right, SHORT_GAP

    def _texts(self, segments: Sequence[Segment], long: int) -> list[Text]:
        """Text and tone of the segments, the first `long` of them in their long form."""
        forms = ((one.long if place < long else one.short, one.tone) for place, one in enumerate(segments))
        return [(text, tone) for text, tone in forms if text]

    def _spans(self, texts: Sequence[Text], gap: str) -> list[tuple[str, Style]]:
        spans: list[tuple[str, Style]] = []
        for text, tone in texts:
            if spans:
                spans.append((gap, Style()))
            spans.append((text, self._tone(tone)))
        return spans

    def _tone(self, tone: str) -> Style:
        return Style() if tone == "plain" else self.get_visual_style(f"bar--{tone}").rich_style


def _width(texts: Sequence[Text], gap: int) -> int:
    return sum(cell_len(text) + gap for text, _ in texts)
