"""A line that tells the keys of a screen, as its own bindings have them."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from curator.tui.widgets.strips import Span, strip_of

GAP = "  "
ALWAYS = "help"
"""What has its place at the right end."""
NAMES = {"escape": "Esc", "enter": "Enter", "tab": "Tab"}


class ScreenKeys(Widget):
    """The bindings of the screen that are to be shown, in their order, as far as there is room."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"screen-keys--key", "screen-keys--word"}

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - Textual's signature
        """Key and word of each."""
        key_style = self.get_visual_style("screen-keys--key").rich_style
        word_style = self.get_visual_style("screen-keys--word").rich_style
        spans: list[Span] = [(" ", Style())]
        hints = self._hints()
        right: list[Span] = []
        if key := hints.pop(ALWAYS, ""):
            right = [(key, key_style), (f" {ALWAYS} ", word_style)]
        room = self.size.width - 1 - sum(cell_len(text) for text, _ in right)
        for word, key in hints.items():
            needed = cell_len(key) + 1 + cell_len(word) + len(GAP)
            if needed > room:
                break
            spans += [(key, key_style), (f" {word}{GAP}", word_style)]
            room -= needed
        return strip_of(spans, self.size.width, self.rich_style, right)

    def _hints(self) -> dict[str, str]:
        """Keys by their words."""
        hints: dict[str, str] = {}
        for held in self.screen._bindings.key_to_bindings.values():
            for one in held:
                if one.show and self.screen.check_action(one.action.partition("(")[0], ()) is not False:
                    key = one.key_display or NAMES.get(one.key, one.key)
                    hints.setdefault(one.description, key)
        return hints
