"""What was done to a file, newest first, and a way to any state of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from curator.tui.figures import ago
from curator.tui.visible import one_line

TITLE_CELLS = 200
COMMAND_CELLS = 200
NO_COMMAND = "No command does this: `curator diff FILE --patch` writes it."
NO_STEP = "Enter takes all steps back; ctrl+r does them again."
HERE = "▶"
UNDONE = "undone: "
WHAT_TO_DO = "`curator history FILE --left` writes these out in full."


class Step(NamedTuple):
    """A batch of changes, as the history shows it."""

    cursor: int
    """The undo cursor right after it: to go there is to have it done, and nothing after it."""
    when: float
    """Seconds since the epoch."""
    title: str
    records: int


class Telling(NamedTuple):
    """What can be made of steps beside going to them."""

    command: Callable[[int], str]
    """The command lines that do what the step of a cursor did; empty where none does."""
    copy: Callable[[str], object]
    """Sends a text to the terminal's clipboard."""
    as_recipe: Callable[[], object]
    """Asks for a name, and writes the steps in force as a recipe."""


class History(ModalScreen[int | None]):
    """Shows the steps, those undone dimmed; dismisses with the cursor of the chosen state, or None.

    `steps` are in the order they were done. `current` is the cursor in force, `floor` the one before the first step
    that can be undone (named by `beginning`), `saved` the one at which the file was written, or None.
    `unapplied` are changes that did not fit when the file changed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h", "dismiss(None)", "back"),
        Binding("j", "cursor('down')", "down", show=False),
        Binding("k", "cursor('up')", "up", show=False),
        Binding("g", "cursor('first')", "newest", show=False),
        Binding("G", "cursor('last')", "oldest", show=False),
        Binding("y", "copy", "copy the command", show=False),
        Binding("w", "as_recipe", "write a recipe", show=False),
    ]

    def __init__(
        self,
        steps: Sequence[Step],
        current: int,
        floor: int,
        now: float,
        *,
        saved: int | None = None,
        beginning: str = "as opened, before the first change",
        unapplied: Sequence[str] = (),
        telling: Telling | None = None,
    ) -> None:
        super().__init__()
        self._steps = steps
        self._current = current
        self._floor = floor
        self._now = now
        self._saved = saved
        self._beginning = beginning
        self._unapplied = unapplied
        self._telling = telling
        self._command = Label(classes="told", markup=False)

    def compose(self) -> ComposeResult:
        """The steps, and how to use them."""
        undone = sum(step.cursor > self._current for step in self._steps)
        done = f"{len(self._steps) - undone:,} in force" + (f", {undone:,} undone" if undone else "")
        with Vertical(classes="dialog"):
            yield Label(Content(f"History: {done}. Enter goes to the state after a step, Esc back."))
            yield OptionList(*self._options(), markup=False)
            if self._telling is not None:
                yield self._command
                yield Label(Content("y copies this command. w writes the steps in force as a recipe."))

    def _options(self) -> Iterator[Option]:
        for sentence in self._unapplied:
            yield Option(Content(f"  not applied: {one_line(sentence, TITLE_CELLS)}"), disabled=True)
        if self._unapplied:
            yield Option(Content(f"  {WHAT_TO_DO}"), disabled=True)
        for step in reversed(self._steps):
            yield from self._saved_line(step.cursor)
            yield self._option(step.cursor, self._line(step))
        yield from self._saved_line(self._floor)
        yield self._option(self._floor, self._beginning)

    def _line(self, step: Step) -> str:
        """A step in columns that are as wide as the widest of them, so that much of the title is seen."""
        title = one_line(step.title, TITLE_CELLS)
        number, when, records = self._cells(step)
        wide = self._widths
        undone = UNDONE if step.cursor > self._current else ""
        return f"{number:>{wide[0]}}  {when:<{wide[1]}}  {records:>{wide[2]}}  {undone}{title}"

    def _cells(self, step: Step) -> tuple[str, str, str]:
        records = f"{step.records:,} record{'' if step.records == 1 else 's'}"
        return f"{step.cursor:,}", ago(self._now - step.when), records

    @cached_property
    def _widths(self) -> tuple[int, ...]:
        columns = zip(*map(self._cells, self._steps), strict=True)
        return tuple(max(map(len, column)) for column in columns)

    def _option(self, cursor: int, line: str) -> Option:
        here = HERE if cursor == self._current else " "
        content = Content(f"{here} {line}")
        return Option(content.stylize("dim") if cursor > self._current else content, id=f"at-{cursor}")

    def _saved_line(self, cursor: int) -> Iterator[Option]:
        """What stands above the state that the file was written in."""
        if cursor == self._saved:
            yield Option(Content("  ── the file was saved here ──"), disabled=True)

    def on_mount(self) -> None:
        """Begin at the state in force."""
        options = self.query_one(OptionList)
        options.highlighted = options.get_option_index(f"at-{self._current}")
        options.focus()

    def action_cursor(self, where: str) -> None:
        """Move the cursor: `down`, `up`, `first` or `last`."""
        options = self.query_one(OptionList)
        move = {
            "down": options.action_cursor_down,
            "up": options.action_cursor_up,
            "first": options.action_first,
            "last": options.action_last,
        }
        move[where]()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell the command of the step under the cursor."""
        command = self._command_of(event.option_id)
        self._command.update(
            Content(one_line(command, COMMAND_CELLS) if command else self._no_command(event.option_id))
        )

    def _command_of(self, option_id: str | None) -> str:
        cursor = str(option_id).removeprefix("at-")
        return self._telling.command(int(cursor)) if self._telling is not None and cursor.isdecimal() else ""

    def _no_command(self, option_id: str | None) -> str:
        return NO_COMMAND if any(option_id == f"at-{step.cursor}" for step in self._steps) else NO_STEP

    def action_copy(self) -> None:
        """Copy the command of the step under the cursor."""
        option = self.query_one(OptionList).highlighted_option
        command = self._command_of(option.id if option else None)
        if self._telling is not None and command:
            self._telling.copy(command)
        elif self._telling is not None:
            self.notify(self._no_command(option.id if option else None), markup=False)

    def action_as_recipe(self) -> None:
        """Write the steps in force as a recipe."""
        if self._telling is not None:
            self._telling.as_recipe()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the state under the cursor."""
        self.dismiss(int(str(event.option_id).removeprefix("at-")))
