"""All keys, made from the bindings that are really in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from curator.tui.widgets.key_bar import key_of

KEY_CELLS = 10
ALSO = (
    ("ctrl+p", "command palette"),
    ("q", "quit at once; nothing is lost by it"),
    ("ctrl+z", "suspend; fg comes back"),
)
LEGEND = (
    ("~ + -", "edited, new, dropped"),
    ("a r w", "accepted, rejected, needs work"),
    ("●", "marked"),
    ("✗ !", "the record has an error, a warning"),
    ("·", "the audit has not reached it yet"),
    ("▲", "more tokens than the model's longest example"),
    ("≈", "an estimate: something in it has no token rule"),
)


class Help(ModalScreen[None]):
    """Keys by where they work; any of the usual keys leaves it."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "back"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("pagedown,space,ctrl+f", "page(1)", "a page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "a page up", show=False),
        Binding("g,home", "page(-1000)", "start", show=False),
        Binding("G,end", "page(1000)", "end", show=False),
    ]

    def __init__(
        self, places: Sequence[tuple[str, Sequence[type[Widget]]]], signs: Sequence[tuple[str, str]] = LEGEND
    ) -> None:
        super().__init__()
        self._places = places
        self._signs = signs

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(Content("\n".join(self._lines())))

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_scroll(pages * (self.query_one(VerticalScroll).size.height - 1))

    def _lines(self) -> Iterator[str]:
        for name, widgets in self._places:
            yield name
            for widget in widgets:
                yield from (_line(keys, words) for keys, words in keys_of(widget))
            if name == "everywhere":
                yield from (_line(keys, words) for keys, words in ALSO)
            yield ""
        if self._signs:
            yield "signs"
            yield from (_line(sign, words) for sign, words in self._signs)


def keys_of(widget: type[Widget]) -> Iterator[tuple[str, str]]:
    """Keys of a widget's own bindings, and what they do: in the words of their tooltips where these say more."""
    seen: set[str] = set()
    for one in widget.BINDINGS:
        if isinstance(one, Binding) and one.action not in seen:
            seen.add(one.action)
            yield key_of(one), one.tooltip or one.description


def _line(keys: str, words: str) -> str:
    return f"  {keys:<{KEY_CELLS}}{words}"
