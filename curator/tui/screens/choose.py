"""A short list to choose one thing from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

Answer = TypeVar("Answer")


class Choose(ModalScreen[Answer | None], Generic[Answer]):
    """Shows a title and one line for each answer; dismisses with the chosen answer, or None.

    `about` holds a sentence for each answer, which is told while the cursor is on it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "back"),
        Binding("j", "down", "down", show=False),
        Binding("k", "up", "up", show=False),
        Binding("g", "first", "first", show=False),
        Binding("G", "last", "last", show=False),
    ]

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        answers: Sequence[Answer],
        chosen: int = 0,
        about: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = answers
        self._chosen = chosen
        self._about = about

    def compose(self) -> ComposeResult:
        """Title and list."""
        with Vertical(classes="dialog"):
            yield Label(Content(self._title))
            yield OptionList(*(Option(Content(line)) for line in self._lines), markup=False)
            if self._about:
                yield Label(classes="about", markup=False)

    def on_mount(self) -> None:
        """Begin at what is in force."""
        options = self.query_one(OptionList)
        options.highlighted = self._chosen
        options.focus()

    def action_down(self) -> None:
        """One down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """One up."""
        self.query_one(OptionList).action_cursor_up()

    def action_first(self) -> None:
        """To the first line."""
        self.query_one(OptionList).action_first()

    def action_last(self) -> None:
        """To the last line."""
        self.query_one(OptionList).action_last()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell what the line under the cursor means."""
        if self._about:
            self.query_one(".about", Label).update(Content(self._about[event.option_index]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the line under the cursor."""
        self.dismiss(self._answers[event.option_index])
