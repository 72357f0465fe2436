"""Says what is about to happen, and asks for a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from curator.tui.visible import visible

DIALOG_SHARE = 0.9
AROUND_TEXT = 5
"""Lines of the dialog besides the text and the choices: frame, title, a blank, and the way back."""


class Choice(NamedTuple):
    """What may be done, and the key that does it."""

    key: str
    """One character."""
    label: str
    answer: str


class Confirm(ModalScreen[str | None]):
    """Shows lines that say in numbers what will happen; dismisses with the answer of a choice, or None.

    Each choice has a key; Enter is the first one's, too. Long texts scroll.
    """

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back"),
        Binding("enter", "first", "the first choice"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("pagedown,space", "page(1)", "a page down", show=False),
        Binding("pageup", "page(-1)", "a page up", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Title, text and choices."""
        with Vertical(classes="dialog"):
            yield Label(Content(visible(self._title)), classes="dialog-title")
            with VerticalScroll(can_focus=False) as text:
                text.display = bool(self._lines)
                yield Static(Content(visible("\n".join(self._lines))))
            yield Label(Content("\n".join(self._choice_lines())), classes="choices")

    def on_resize(self) -> None:
        """The text takes what title, choices and frame leave; it scrolls in that."""
        room = int(self.size.height * DIALOG_SHARE) - len(self._choices) - AROUND_TEXT
        self.query_one(VerticalScroll).styles.max_height = max(1, room)

    def _choice_lines(self) -> Iterator[str]:
        for number, choice in enumerate(self._choices):
            keys = choice.key if number else f"{choice.key} Enter"
            yield f"{keys:<8} {choice.label}"
        yield f"{'Esc':<8} back, and nothing happens"

    def on_key(self, event: Key) -> None:
        """Answer with the choice whose key it is."""
        for choice in self._choices:
            if event.character == choice.key:
                event.stop()
                event.prevent_default()
                self.dismiss(choice.answer)
                return

    def action_first(self) -> None:
        """Answer with the first choice."""
        self.dismiss(self._choices[0].answer)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        text = self.query_one(VerticalScroll)
        text.scroll_relative(y=pages * max(1, text.size.height - 1), animate=False, immediate=True)
