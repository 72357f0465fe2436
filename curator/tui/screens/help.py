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

KEY_CELLS = 14
ALSO = (
    ("ctrl+p", "command palette"),
    ("q", "quit at once; nothing is lost by it"),
    ("ctrl+z", "suspend; fg comes back"),
)
LEGEND = (
    ("✗ !", "the record has an error, a warning"),
    ("·", "the audit has not reached it yet"),
    ("▲", "more tokens than the model's longest example"),
    ("≈", "an estimate: something in it has no published token rule"),
)


class Help(ModalScreen[None]):
    """Keys by where they work; any of the usual keys leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "back"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, places: Sequence[tuple[str, Widget]]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog"):
            yield Static(Content("\n".join(self._lines())))

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _lines(self) -> Iterator[str]:
        for name, widget in self._places:
            yield name
            yield from (_line(keys, words) for keys, words in keys_of(widget))
            if name == "everywhere":
                yield from (_line(keys, words) for keys, words in ALSO)
            yield ""
        yield "signs"
        yield from (_line(sign, words) for sign, words in LEGEND)


def keys_of(widget: Widget) -> Iterator[tuple[str, str]]:
    """Keys and descriptions of a widget's own bindings."""
    seen: set[str] = set()
    for one in type(widget).BINDINGS:
        if isinstance(one, Binding) and one.action not in seen:
            seen.add(one.action)
            yield key_of(one), one.description


def _line(keys: str, words: str) -> str:
    return f"  {keys:<{KEY_CELLS}}{words}"
