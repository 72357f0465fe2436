"""A choice between yes and no, as it looks without colour."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class ToggleBox(Widget, can_focus=True):
    """`[x]` or `[ ]`, and what it means; Space changes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "change", "change")]

    value: reactive[bool] = reactive(False)

    class Changed(Message):
        """It was changed."""

    def __init__(self, label: str, value: bool) -> None:
        super().__init__()
        self._label = label
        self.set_reactive(ToggleBox.value, value)

    def render(self) -> Content:
        """The box and its label."""
        return Content(f"[{'x' if self.value else ' '}] {self._label}")

    def action_change(self) -> None:
        """Change it."""
        self.value = not self.value
        self.post_message(self.Changed())

    def on_click(self, event: Click) -> None:
        """Change it with the mouse."""
        event.stop()
        self.action_change()
