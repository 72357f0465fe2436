"""Goes through what was typed into a line before."""

from __future__ import annotations

from collections.abc import Sequence

from curator.tui.widgets.line_editor import LineEditor


class Earlier:
    """Puts earlier lines into an editor, and what was being typed there when one comes back to it."""

    def __init__(self, editor: LineEditor) -> None:
        self._editor = editor
        self.begin(())

    def begin(self, lines: Sequence[str]) -> None:
        """Something new is typed; `lines` are those of before, the newest last."""
        self._lines, self._back, self._typed = lines, 0, ""

    def step(self, back: int) -> None:
        """Go back (1) or forth (-1)."""
        if not self._back:
            self._typed = self._editor.text_stored
        number = max(0, min(self._back + back, len(self._lines)))
        if number != self._back:
            self._back = number
            self._editor.set_text(self._lines[-number] if number else self._typed)
