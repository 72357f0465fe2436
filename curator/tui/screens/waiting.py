"""Says what is being done, while nothing else can be."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label


class Waiting(ModalScreen[None]):
    """Shows a title and a sentence, and takes no keys; whoever shows it dismisses it."""

    AUTO_FOCUS = None

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__()
        self._title = title
        self._sentence = sentence

    def compose(self) -> ComposeResult:
        """Title and sentence."""
        with Vertical(classes="dialog"):
            yield Label(Content(self._title), classes="dialog-title")
            yield Label(Content(self._sentence))
