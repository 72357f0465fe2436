"""The keys that matter most where the focus is, made from the real bindings."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, TextArea

from curator.tui.widgets.strips import Span, strip_of

HINTS = {
    "commit": "take the text",
    "submit": "filter",
    "find": "search",
    "complete(1)": "complete",
    "earlier(1)": "earlier",
    "keep": "save as",
    "leave_filter": "back",
    "leave_search": "back",
    "do_it": "do it",
    "dismiss(False)": "back",
    "move(1)": "move",
    "read": "read",
    "mend": "fix",
    "edit": "edit",
    "tag": "tag",
    "review('accepted')": "accept",
    "review('rejected')": "reject",
    "drop": "drop",
    "undo": "undo",
    "mark": "mark",
    "split": "split",
    "save": "save",
    "problem(1)": "problem",
    "search": "search",
    "filter": "filter",
    "sort": "sort",
    "facets": "facets",
    "replace": "replace",
    "raw": "raw",
    "fold": "fold",
    "other_pane": "pane",
    "choose_model": "model",
    "target": "target",
    "cost": "cost",
    "break_even": "break-even",
    "go_to": "go to",
    "insert(1)": "insert",
    "delete": "delete",
    "role": "role",
    "trained": "trained",
    "back": "back",
    "leave": "quit",
}
"""Words for the keys, the most useful ones first."""
OF_READER = ("move(1)", "mend", "edit", "insert(1)", "delete", "role", "trained", "tag", "raw", "undo", "back")
"""What comes first where single messages are in reach."""
ALWAYS = "help"
"""What has its place at the right end."""
OF_EDITOR = frozenset(
    ("commit", "leave", "submit", "find", "complete(1)", "earlier(1)", "keep", "leave_filter", "leave_search")
)
"""What its keys still do while a text is typed, where letters are letters."""

GAP = "   "


class KeyBar(Widget):
    """Keys and a word for each, as far as there is room."""

    DEFAULT_CSS = "KeyBar { height: 1; dock: bottom; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--word"}

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - Textual's signature
        """The hints, most useful first."""
        key_style = self.get_visual_style("key-bar--key").rich_style
        word_style = self.get_visual_style("key-bar--word").rich_style
        shown = {binding.action: binding for _, binding, _, _ in self.screen.active_bindings.values()}
        typing = isinstance(self.screen.focused, TextArea | Input)
        right: list[Span] = []
        if ALWAYS in shown and not typing:
            right = [(GAP, Style()), (key_of(shown[ALWAYS]), key_style), (f" {ALWAYS} ", word_style)]
        spans: list[Span] = []
        room = self.size.width - sum(cell_len(text) for text, _ in right)
        first = OF_READER if "raw" in shown else ()
        for action in dict.fromkeys((*first, *HINTS)):
            binding = shown.get(action)
            if binding is None or (typing and action not in OF_EDITOR):
                continue
            gap = (GAP if spans else " ", Style())
            hint = [gap, (key_of(binding), key_style), (f" {HINTS[action]}", word_style)]
            room -= sum(cell_len(text) for text, _ in hint)
            if room < 0:
                break
            spans += hint
        return strip_of(spans, self.size.width, self.rich_style, right)


def key_of(binding: Binding) -> str:
    """The key as it is written on the screen."""
    return binding.key_display or binding.key
