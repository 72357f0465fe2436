"""Asks for texts, with completions and a word about what is wrong while one types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Generic, NamedTuple, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from curator.tui.visible import one_line, visible
from curator.tui.widgets.line_editor import LineEditor
from curator.tui.widgets.toggle import ToggleBox

Answer = TypeVar("Answer")

MOST_COMPLETIONS = 50
COMPLETION_CELLS = 100


def nothing_wrong(_: object) -> str:
    """Accept any answer."""
    return ""


class Field(NamedTuple):
    """A text that is asked for."""

    label: str
    value: str = ""
    completions: Sequence[str] = ()
    check: Callable[[str], str] = nothing_wrong
    """Says in a sentence what is wrong with a text, or nothing."""


class Toggle(NamedTuple):
    """A yes or no that is asked for."""

    label: str
    value: bool = False


class Answers(NamedTuple):
    """What was answered, in the order of the fields and of the toggles."""

    texts: tuple[str, ...]
    toggles: tuple[bool, ...]


class Form(ModalScreen[Answer | None], Generic[Answer]):
    """Fields and toggles; dismisses with what `_answer` makes of them once nothing is wrong, or None.

    Tab takes a completion, or moves on; Down and Up go through the completions; Enter answers.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back"),
        Binding("enter", "accept", "answer"),
        Binding("tab", "onward", "take the completion, or the next field"),
        Binding("shift+tab", "app.focus_previous", "the field before"),
        Binding("down", "completion(1)", "next completion"),
        Binding("up", "completion(-1)", "previous completion"),
    ]

    LINE_EDITOR: ClassVar[type[LineEditor]] = LineEditor
    """What its texts are typed into."""

    def __init__(self, title: str, entries: Sequence[Field | Toggle]) -> None:
        super().__init__()
        self._title = title
        self._entries = entries
        self._fields = [(entry, self.LINE_EDITOR(entry.value)) for entry in entries if isinstance(entry, Field)]
        self._boxes = [ToggleBox(entry.label, entry.value) for entry in entries if isinstance(entry, Toggle)]
        self._offered: list[str] = []

    def _answer(self, answers: Answers) -> Answer:
        """What the screen is dismissed with."""
        raise NotImplementedError

    def _wrong(self, answers: Answers) -> str:
        """What is wrong with the answers together, or nothing."""
        raise NotImplementedError

    # What stands on the screen

    def compose(self) -> ComposeResult:
        """Title, a line an entry, completions, and what is wrong."""
        labels = [field.label for field, _ in self._fields if field.label]
        width = max(map(len, labels), default=-1) + 1
        with Vertical(classes="dialog"):
            yield Label(Content(visible(self._title)), classes="dialog-title")
            fields, boxes = iter(self._fields), iter(self._boxes)
            for entry in self._entries:
                if isinstance(entry, Toggle):
                    yield next(boxes)
                    continue
                with Horizontal(classes="field"):
                    yield Label(Content(f"{entry.label:<{width}}"))
                    yield next(fields)[1]
            yield _Completions(markup=False)
            yield Label(classes="problem", markup=False)

    def on_mount(self) -> None:
        """Begin in the first field, behind what stands in it."""
        first: Widget = self._fields[0][1] if self._fields else self._boxes[0]
        first.focus()
        self._complain("")

    @property
    def answers(self) -> Answers:
        """What stands in the fields now."""
        return Answers(
            tuple(editor.text_stored for _, editor in self._fields),
            tuple(box.value for box in self._boxes),
        )

    def on_key(self, event: Key) -> None:
        """What was typed before the first field had the focus is meant for it."""
        if event.character and event.is_printable and self._fields and not isinstance(self.focused, ToggleBox):
            event.stop()
            self._fields[0][1].insert_text_at_cursor(event.character)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, once all that was typed before has come."""
        event.stop()
        self.action_accept()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what may be meant, and say what is wrong with it."""
        event.stop()
        self._offer()
        if event.input.has_focus:
            self._complain(self._first_fault()[0])

    def on_toggle_box_changed(self) -> None:
        """What was right may be wrong now."""
        self._complain(self._first_fault()[0])

    def on_descendant_focus(self) -> None:
        """Each field has completions of its own."""
        self._offer()

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Label)
        problem.update(Content(f"✗ {visible(sentence)}" if sentence else ""))
        problem.display = bool(sentence)

    def _first_fault(self) -> tuple[str, LineEditor | None]:
        """What is wrong, and where it is if that is one field."""
        for field, editor in self._fields:
            sentence = field.check(editor.text_stored)
            if sentence:
                return sentence, editor
        return self._wrong(self.answers), None

    # Completions

    def _focused_field(self) -> tuple[Field, LineEditor] | None:
        return next(((field, editor) for field, editor in self._fields if editor.has_focus), None)

    def _offer(self) -> None:
        """Show the completions of the field with the focus that hold what was typed."""
        focused = self._focused_field()
        text = focused[1].text_stored if focused else ""
        fitting = list(completions_of(text, focused[0].completions))[:MOST_COMPLETIONS] if focused else []
        self._offered = [] if fitting == [text] else fitting
        listed = self.query_one(_Completions)
        listed.clear_options()
        listed.add_options(Option(Content(one_line(one, COMPLETION_CELLS))) for one in self._offered)
        listed.display = bool(self._offered)

    def action_completion(self, step: int) -> None:
        """Go to the next or previous completion."""
        listed = self.query_one(_Completions)
        if self._offered:
            at = -1 if listed.highlighted is None else listed.highlighted
            listed.highlighted = max(0, min(at + step, len(self._offered) - 1))

    def _take(self, number: int) -> None:
        """Put a completion into the field with the focus."""
        focused = self._focused_field()
        if focused is not None:
            focused[1].set_text(self._offered[number])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the completion that was clicked on."""
        event.stop()
        self._take(event.option_index)

    # Leaving

    def action_onward(self) -> None:
        """Take the completion under the cursor, or the first one; without any, go to the next entry."""
        chosen = self.query_one(_Completions).highlighted
        focused = self._focused_field()
        if self._offered and focused:
            text = focused[1].text_stored
            if chosen is not None or (text and text not in self._offered):
                self._take(chosen or 0)
                return
        self.focus_next()

    def action_accept(self) -> None:
        """Answer, with the completion under the cursor if there is one; or go to what is wrong."""
        chosen = self.query_one(_Completions).highlighted
        if chosen is not None and chosen < len(self._offered):
            self._take(chosen)
        sentence, editor = self._first_fault()
        self._complain(sentence)
        if not sentence:
            self.dismiss(self._answer(self.answers))
        elif editor is not None:
            editor.focus()


class Ask(Form[str]):
    """Asks for one text; dismisses with it, or None."""

    def __init__(
        self,
        title: str,
        value: str = "",
        completions: Sequence[str] = (),
        check: Callable[[str], str] = nothing_wrong,
    ) -> None:
        super().__init__(title, [Field("", value, completions, check)])

    def _answer(self, answers: Answers) -> str:
        return answers.texts[0]

    def _wrong(self, answers: Answers) -> str:  # noqa: ARG002 - the field's own check is all there is
        return ""


class AskSeveral(Form[Answers]):
    """Asks for several texts, and for yes or no; `check` sees all of it."""

    def __init__(
        self, title: str, entries: Sequence[Field | Toggle], check: Callable[[Answers], str] = nothing_wrong
    ) -> None:
        super().__init__(title, entries)
        self._check = check

    def _answer(self, answers: Answers) -> Answers:
        return answers

    def _wrong(self, answers: Answers) -> str:
        return self._check(answers)


class _Completions(OptionList, can_focus=False):
    """Completions under the fields; the keys stay with the field."""


def completions_of(text: str, completions: Sequence[str]) -> Iterator[str]:
    """Those that hold the text, in whatever case; those that begin with it come first."""
    wanted = text.casefold()
    yield from (one for one in completions if one.casefold().startswith(wanted))
    yield from (one for one in completions if one.casefold().find(wanted) > 0)
