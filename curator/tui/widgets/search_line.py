"""The line at the bottom that a search is typed into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label

from curator.errors import UsageError
from curator.records.search_line import in_words, read_search
from curator.tui.visible import one_line
from curator.tui.widgets.earlier import Earlier
from curator.tui.widgets.line_editor import LineEditor

HINT = '/regular expression/   "as it stands"   user: tools: keys:'
HINT_CELLS = 60


class _Field(LineEditor):
    """The text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "find", "search; an empty line goes on with the last search", key_display="Enter"),
    ]

    async def action_find(self) -> None:
        """Search for what was typed."""
        await self.action_submit()


class SearchLine(Horizontal):
    """A prompt, the text, and what it is taken for; hidden unless something is being typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "earlier(1)", "the search before", key_display="↑"),
        Binding("down", "earlier(-1)", "the search after", key_display="↓"),
        Binding("escape", "leave_search", "search nothing", key_display="Esc"),
    ]

    class Given(Message):
        """A search was typed; an empty one means the last one."""

        def __init__(self, typed: str) -> None:
            super().__init__()
            self.typed = typed

    class Left(Message):
        """Nothing is to be searched."""

    def __init__(self) -> None:
        super().__init__(id="search-line")
        self._editor = _Field()
        self._hint = Label(Content(HINT))
        self._earlier = Earlier(self._editor)
        self.display = False

    def compose(self) -> ComposeResult:
        """Prompt, text, hint."""
        yield Label(Content("/"))
        yield self._editor
        yield self._hint

    def begin(self, earlier: Sequence[str]) -> None:
        """Take a new search; `earlier` are those of before, the newest last."""
        self.display = True
        self._earlier.begin(earlier)
        self._editor.set_text("")
        self._tell("")
        self._editor.focus()

    def action_leave_search(self) -> None:
        """Search nothing."""
        self.display = False
        self.post_message(self.Left())

    def action_earlier(self, step: int) -> None:
        """Put an earlier search into the line."""
        self._earlier.step(step)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what the text is taken for, or what is wrong with it."""
        event.stop()
        self._tell(self._editor.text_stored)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search, unless something is wrong with it."""
        event.stop()
        typed = self._editor.text_stored
        if typed:
            try:
                read_search(typed)
            except UsageError:
                return
        self.display = False
        self.post_message(self.Given(typed))

    def _tell(self, typed: str) -> None:
        words = HINT
        if typed:
            try:
                words = in_words(read_search(typed))
            except UsageError as error:
                words = f"✗ {str(error).splitlines()[0]}"
        self._hint.update(Content(one_line(words, HINT_CELLS)))
