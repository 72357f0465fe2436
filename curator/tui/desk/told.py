"""What was done to a file: its history, and the same as command lines and as a recipe."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from curator.edits.batch import Batch
from curator.session.working_source import WorkingSource
from curator.tui.desk.copying import Copying
from curator.tui.screens.ask import Ask

NOTHING = "Nothing has been done to this file yet."


class Told(Copying):
    """`h`; in the palette, what was done last as a command line, and all of it as a recipe."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "history", "history: go to any state; commands, a recipe"),
    ]

    def action_history(self) -> None:
        """Show what was done to the file under the cursor, and go to a state of it."""
        from curator.tui.screens.history import History, Step, Telling

        self.follow()
        source = self.source
        edited = source.edited
        steps = [Step(one.number, one.at, one.title, len(one.concerns())) for one in edited.batches]
        floor = edited.journal.floor if edited.journal else 0
        written = edited.journal.saved if edited.journal else None
        saved = written.cursor if written and (written.cursor or written.lines) else None
        left = edited.journal.unapplied() if edited.journal else []

        def chosen(cursor: int | None) -> None:
            if cursor is not None and cursor != edited.cursor:
                self.attempt(lambda: self._go_to(source, cursor))

        if not steps and not left:
            self.say(NOTHING)
            return
        unapplied = [f"{one.title} ({one.reason})" for one in left]
        batches = {one.number: one for one in edited.batches}
        telling = Telling(
            lambda cursor: _commands(source, batches[cursor]) if cursor in batches else "",
            lambda text: self._copy("The command", text),
            lambda: self._ask_for_recipe(source),
        )
        self.app.push_screen(
            History(steps, edited.cursor, floor, time.time(), saved=saved, unapplied=unapplied, telling=telling), chosen
        )

    def _go_to(self, source: WorkingSource, cursor: int) -> None:
        passed = self.session.editor.go_to(source, cursor)
        self.changed(None)
        self.say(f"{passed:,} step{'' if passed == 1 else 's'} taken.")

    def action_as_command(self) -> None:
        """Copy the command line of what was done last, and show it; of what has none, say how it is taken elsewhere."""
        self.follow()
        edited = self.source.edited
        last = next((one for one in reversed(edited.batches) if one.number <= edited.cursor), None)
        if last is None:
            self.say(NOTHING)
        elif text := _commands(self.source, last):
            self._copy(f"`{text.replace(chr(10), '; ')}`", text)
        else:
            self.say(f"No command does this: {last.title}. `curator diff FILE --patch` writes it for `curator apply`.")

    def action_as_recipe(self) -> None:
        """Write what was done to the file under the cursor as a recipe."""
        self.follow()
        if self.source.edited.cursor:
            self._ask_for_recipe(self.source)
        else:
            self.say(NOTHING)

    def _ask_for_recipe(self, source: WorkingSource) -> None:
        """Ask for a name, and write the steps in force behind the screen."""
        from curator.session.as_recipe import proposed_recipe

        def wrong(text: str) -> str:
            path = Path(text.strip()).expanduser()
            if not text.strip() or path.is_dir():
                return "Give the recipe a name, such as steps.toml."
            return f"{path}: is there already." if path.exists() else ""

        def named(text: str | None) -> None:
            if text and text.strip():
                self.background.run(lambda: self._written(source, Path(text.strip()).expanduser()))

        name = str(proposed_recipe(source.opened.path))
        self.app.push_screen(Ask("The steps in force as a recipe, to:", name, check=wrong), named)

    def _written(self, source: WorkingSource, path: Path) -> Callable[[], object]:
        from curator.session.as_recipe import number_of_steps, write_recipe

        write_recipe(source, path)
        told, of = number_of_steps(source.edited)
        rest = "" if told == of else f"; the others stand in it as comments: {of - told:,}"
        sentence = f"{told:,} of {of:,} steps written to {path}{rest}. `curator run {path.name} FILE -o OUT` does them."
        return lambda: self.say(sentence)


def _commands(source: WorkingSource, batch: Batch) -> str:
    """The command lines that do what a batch did, a line each; empty where none does."""
    from curator.session.as_steps import command_line, steps_of

    return "\n".join(command_line(step, source.edited.path) for step in steps_of(batch))
