"""A field of one line that holds any text, whatever it would do to a terminal."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from curator.tui.editable_text import harmless, on_one_line, pasted, shown, stored


class LineEditor(Input):
    """An input whose content is shown in signs; `text_stored` is what it stands for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "take the line", key_display="Enter", show=False),
    ]

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(select_on_focus=False, compact=True, id=id)
        self.cursor_blink = False
        self.set_reactive(Input.value, on_one_line(shown(text)))

    def on_mount(self) -> None:
        """Begin behind the text."""
        self.cursor_position = len(self.value)

    @property
    def text_stored(self) -> str:
        """The text that stands in the field."""
        return stored(self.value)

    def set_text(self, text: str) -> None:
        """Put another text into the field, the cursor at its end."""
        self.value = on_one_line(shown(text))
        self.cursor_position = len(self.value)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put what was typed or pasted in place of a range."""
        super().replace(on_one_line(harmless(text)), start, end)

    def _on_paste(self, event: events.Paste) -> None:
        """Take all lines that were pasted, as the one text they are."""
        event.prevent_default()
        event.stop()
        self.replace(shown(pasted(event.text)), *self.selection)
