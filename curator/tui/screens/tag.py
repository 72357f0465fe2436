"""Asks for a tag: a digit takes one of the user's own, or one is typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Key

from curator.tui.screens.ask import Answers, Field, Form

WITH_DIGIT = 9


class ChooseTag(Form[str]):
    """Shows the tags with their digits and those that are on; dismisses with a tag, to be put on or taken off."""

    def __init__(self, name: str, tags: Sequence[str], held: Sequence[str]) -> None:
        digits = "   ".join(
            f"{number} {tag}{'*' if tag in held else ''}" for number, tag in enumerate(tags[:WITH_DIGIT], 1)
        )
        others = [tag for tag in held if tag not in tags[:WITH_DIGIT]]
        on = f"\nOn it: {', '.join(others)}" if others else ""
        listed = f"\n{digits}   (* is on it)" if digits else ""
        super().__init__(
            f"Tag {name}: a digit, or type one; a tag that is on it is taken off.{listed}{on}",
            [Field("", completions=tuple(tags), check=self._check)],
        )
        self._tags = tags

    def _check(self, text: str) -> str:
        return "" if text.strip() else "A tag is at least one character."

    def on_key(self, event: Key) -> None:
        """A digit, before anything is typed, is a tag of the user's own."""
        typed = self.answers.texts[0]
        if not typed and event.character and event.character in "123456789":
            number = int(event.character) - 1
            if number < len(self._tags):
                event.stop()
                event.prevent_default()
                self.dismiss(self._tags[number])
                return
        super().on_key(event)

    def _answer(self, answers: Answers) -> str:
        return answers.texts[0].strip()

    def _wrong(self, answers: Answers) -> str:  # noqa: ARG002 - the field's own check is all there is
        return ""
