"""Shows what is about to change, before it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.tui.difference_layout import Difference
from curator.tui.visible import visible
from curator.tui.widgets.difference_list import DifferenceList
from curator.tui.widgets.key_bar import KeyBar


class DiffView(Screen[bool]):
    """A sentence in numbers and the changes; dismisses with True to apply them, with False to go back.

    The caller gives the sentence, and more changes as they are found.
    """

    not_yet = ""
    """Why the changes cannot be applied yet, which Enter says then; empty where they can."""

    AUTO_FOCUS = "DifferenceList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "do_it", "apply", key_display="Enter"),
        Binding("escape,q", "dismiss(False)", "back", key_display="Esc"),
    ]

    def __init__(self, sentence: str, differences: Iterable[Difference] = ()) -> None:
        super().__init__()
        self._sentence = Label(Content(visible(sentence)), id="sentence")
        self._list = DifferenceList()
        self._list.add(differences)

    def compose(self) -> ComposeResult:
        """Sentence, changes, keys."""
        yield self._sentence
        yield self._list
        yield KeyBar()

    def action_do_it(self) -> None:
        """Apply the changes, as soon as they can be."""
        if self.not_yet:
            self.notify(self.not_yet, markup=False)
        else:
            self.dismiss(True)

    def set_more(self, sentence: str, differences: Iterable[Difference]) -> None:
        """Another sentence, and changes that come after those shown."""
        self._sentence.update(Content(visible(sentence)))
        self._list.add(differences)
