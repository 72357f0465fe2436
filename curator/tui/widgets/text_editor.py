"""The editor of one text, in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import EditResult, Location

from curator.tui.editable_text import harmless, pasted, shown, stored
from curator.tui.figures import size

EDITED_AFTER = 0.15
"""Seconds after the last change until `Edited` is posted."""

TYPED_AFTER = 1.0
"""Seconds after the last change until a draft is worth keeping."""

TYPED_AT_LEAST_EVERY = 5.0
"""Seconds after which a draft is kept though typing goes on."""

LONGEST_TEXT = 64_000
LONGEST_LINE = 8_000
"""Bytes beyond which a key takes too long in the editor."""


class TextEditor(TextArea):
    """Edits any text; what would act on a terminal is shown in signs. Escape and ctrl+s commit it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,escape", "commit", "take the text", key_display="Esc"),
        Binding("tab", "type_tab", "a tab", show=False),
    ]

    @dataclass
    class Edited(Message):
        """The text is another one and has rested for a moment: figures about it may be made anew."""

        text: str

    @dataclass
    class Typed(Message):
        """A draft worth keeping."""

        text: str

    @dataclass
    class Committed(Message):
        """The user is done; no draft follows."""

        text: str

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(shown(text), soft_wrap=True, compact=True, highlight_cursor_line=False, id=id)
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self._told_edited = self._told_typed = text
        self._edited_soon: Timer | None = None
        self._typed_soon: Timer | None = None
        self._typed_at_last: Timer | None = None

    @property
    def text_stored(self) -> str:
        """The text that stands in the editor."""
        return stored(self.text)

    def edit_text(self, text: str) -> None:
        """Begin with another text, its history empty and the cursor at its start."""
        self._stop()
        self._told_edited = self._told_typed = text
        self.load_text(shown(text))
        self.move_cursor((0, 0))

    # What is said of it

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell of the change when it has rested, and keep a draft."""
        event.stop()
        if self._edited_soon is not None:
            self._edited_soon.stop()
        if self._typed_soon is not None:
            self._typed_soon.stop()
        self._edited_soon = self.set_timer(EDITED_AFTER, self._tell_edited)
        self._typed_soon = self.set_timer(TYPED_AFTER, self._tell_typed)
        if self._typed_at_last is None:
            self._typed_at_last = self.set_timer(TYPED_AT_LEAST_EVERY, self._tell_typed)

    def _tell_edited(self) -> None:
        text = self.text_stored
        if text != self._told_edited:
            self._told_edited = text
            self.post_message(self.Edited(text))

    def _tell_typed(self) -> None:
        if self._typed_soon is not None:
            self._typed_soon.stop()
        if self._typed_at_last is not None:
            self._typed_at_last.stop()
            self._typed_at_last = None
        text = self.text_stored
        if text != self._told_typed:
            self._told_typed = text
            self.post_message(self.Typed(text))

    def _stop(self) -> None:
        for timer in (self._edited_soon, self._typed_soon, self._typed_at_last):
            if timer is not None:
                timer.stop()
        self._typed_at_last = None

    def action_type_tab(self) -> None:
        """Type a tab."""
        self.insert("\t", maintain_selection_offset=False)

    def action_commit(self) -> None:
        """Say that the text is done."""
        self._stop()
        self.post_message(self.Committed(self.text_stored))

    # What comes in

    def _replace_via_keyboard(self, insert: str, start: Location, end: Location) -> EditResult | None:
        """Put what was typed or pasted in place of a range."""
        return super()._replace_via_keyboard(harmless(insert), start, end)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take what the terminal pastes for the text that it is, before the base class inserts it."""
        event.text = shown(pasted(event.text))


def too_long_for_place(text: str) -> str:
    """Return why a text is too long for the editor, in a sentence, or nothing if it is not."""
    content = shown(text)
    whole = _bytes(content)
    if whole > LONGEST_TEXT:
        return f"The text takes {size(whole)}, more than the {size(LONGEST_TEXT)} edited here: E opens $EDITOR."
    longest = max(map(_bytes, content.split("\n")))
    if longest > LONGEST_LINE:
        return f"A line takes {size(longest)}, more than the {size(LONGEST_LINE)} edited here: E opens $EDITOR."
    return ""


def _bytes(content: str) -> int:
    return len(content.encode("utf-8"))
