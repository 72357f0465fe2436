"""Asks for a tag: a digit takes one of the user's own, or one is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from curator.tui.screens.ask import Answers, Field, Form
from curator.tui.widgets.line_editor import LineEditor

DIGITS = "123456789"


class TagEditor(LineEditor):
    """A line in which a digit is no text before anything is typed."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text."""
        return bool(self.value or key not in DIGITS) and super().check_consume_key(key, character)


class ChooseTag(Form[str]):
    """Shows the tags with their digits and those that are on; dismisses with a tag, to be put on or taken off."""

    LINE_EDITOR: ClassVar[type[LineEditor]] = TagEditor
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(digit, f"own({digit})", show=False, priority=True) for digit in DIGITS
    ]

    def __init__(self, name: str, tags: Sequence[str], held: Sequence[str]) -> None:
        digits = "   ".join(
            f"{number} {tag}{'*' if tag in held else ''}" for number, tag in enumerate(tags[: len(DIGITS)], 1)
        )
        others = [tag for tag in held if tag not in tags[: len(DIGITS)]]
        on = f"\nOn it: {', '.join(others)}" if others else ""
        listed = f"\n{digits}   (* is on it)" if digits else ""
        super().__init__(
            f"Tag {name}\nA digit, or type one; one that is on it is taken off.{listed}{on}",
            [Field("", completions=tuple(tags), check=self._check)],
        )
        self._tags = tags

    def _check(self, text: str) -> str:
        return "" if text.strip() else "A tag is at least one character."

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A digit is a tag of the user's own before anything is typed; else it is typed."""
        if action == "own":
            (digit,) = parameters
            return not self.answers.texts[0] and isinstance(digit, int) and digit <= len(self._tags)
        return super().check_action(action, parameters)

    def action_own(self, digit: int) -> None:
        """Answer with the tag that has the digit."""
        self.dismiss(self._tags[digit - 1])

    def _answer(self, answers: Answers) -> str:
        return answers.texts[0].strip()

    def _wrong(self, answers: Answers) -> str:  # noqa: ARG002 - the field's own check is all there is
        return ""
