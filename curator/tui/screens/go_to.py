"""Asks for the number of a record."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label


class GoTo(ModalScreen[int | None]):
    """Answers with a number from 1 to the number of records, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "back")]

    def __init__(self, records: int) -> None:
        super().__init__()
        self._records = records

    def compose(self) -> ComposeResult:
        """A question and a field."""
        with Vertical(classes="dialog"):
            yield Label(Content(f"Go to line (1 to {self._records:,}):"))
            field = Input(type="text", restrict=r"[0-9,_ ]*", max_length=20)
            field.cursor_blink = False
            yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the number, kept within the records there are."""
        digits = "".join(one for one in event.value if one.isdecimal())
        self.dismiss(max(1, min(int(digits), self._records)) if digits else None)
