"""Says how far something is that is being looked for; it can be left at any time."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label

from curator.tui.figures import meter

METER_CELLS = 30


class Looking(ModalScreen[None]):
    """A title and a meter; Escape leaves. Whoever shows it dismisses it when it is done."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "back", key_display="Esc")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._meter = Label(markup=False)

    def compose(self) -> ComposeResult:
        """Title and meter."""
        with Vertical(classes="dialog"):
            yield Label(Content(self._title), classes="dialog-title")
            yield self._meter

    def on_mount(self) -> None:
        """Nothing is done yet."""
        self.show_share(0)

    def show_share(self, share: float) -> None:
        """Show how far it is, from 0 to 1."""
        self._meter.update(Content(f"{meter(share, METER_CELLS)} {share:4.0%}   Esc leaves off"))
