"""What is almost JSON Lines is offered as records: a single line as an edit, a whole file as another one beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from curator.session.working_source import WorkingSource
from curator.tui.desk.saving import Saving
from curator.tui.screens.confirm import Choice, Confirm

if TYPE_CHECKING:
    from curator.records.repair import Repair
    from curator.session.repairing import Survey

MOST_SHOWN = 12
"""Kinds of repairs that a dialog names."""


class Repairing(Saving):
    """Repairs the line, as what is found in it; and the file, from the palette or where it is not JSON Lines."""

    _offered = False
    """Whether the user knows that something can be repaired."""

    # One line

    def repair_line(self) -> None:
        """Show what can be made of the line, and do it as an edit that can be undone."""
        self.follow()
        record = self.record
        if record is None:
            return
        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
            return
        from curator.session.repairing import repaired_line
        from curator.tui.difference_layout import Difference
        from curator.tui.screens.diff_view import DiffView

        found = repaired_line(record.line)
        if not found.body:
            self.say(found.reason)
            return

        def make() -> None:
            if record is self.record:
                self.changed(self.session.editor.rewrite(record, found.body, f"repair #{record.position + 1:,}"))

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(make)

        sure = "This is a guess: look at it." if found.guess else "Only one reading is left."
        sentence = f"#{record.position + 1:,} can be repaired. {sure} Enter does it, Esc does not."
        change = Difference(_named(found.repairs), _text(record.body), _text(found.body))
        self.app.push_screen(DiffView(sentence, [change]), answered)

    # A file

    def offer_repair(self) -> None:
        """Offer to show a file that is not JSON Lines as records; of several files, the first of them."""
        odd = next((one for one in self.session.sources if one.opened.shape), None)
        if odd is not None:
            self._offered = True
            self._look_through(odd)

    def tell_of_malformed(self) -> None:
        """Say once, when all is audited, that lines are not JSON and what can be done."""
        lines = self.session.totals.malformed if self.session.complete and not self._offered else 0
        if not lines:
            return
        self._offered = True
        if 2 * lines > len(self.session) and len(self.session.sources) == 1:
            self._look_through(self.session.sources[0])
        else:
            are = "line is" if lines == 1 else "lines are"
            what = "! repairs one, “repair this file” in the palette all that can be."
            self.say(f"{lines:,} {are} not JSON: {what}", severity="warning")

    def action_repair_file(self) -> None:
        """Say what can be repaired in the file under the cursor, and do it."""
        self.follow()
        self.say("Looking through the file …")
        self._look_through(self.source)

    def _look_through(self, source: WorkingSource) -> None:
        executor, _ = self.background.executor

        def work() -> Callable[[], object]:
            from curator.session.repairing import survey

            found = executor.submit(survey, source.opened.source.place).result()
            return lambda: self._offer(source, found)

        self.background.run(work)

    def _offer(self, source: WorkingSource, found: Survey) -> None:
        """Say in numbers what the file is, and ask."""
        from curator.session.repairing import DONE, DOUBTFUL, repaired_paths

        path = source.opened.path
        if not found.of(DONE, DOUBTFUL):
            self.say(f"{path.name}: there is nothing that can be repaired.")
            return
        target, there = repaired_paths(path)
        guesses = found.times(DOUBTFUL)
        choices = [Choice("r", "show it as records, in a new file", "repair")]
        if guesses:
            at = len(choices) if found.records else 0
            words = f"look at the {guesses:,} guess{'' if guesses == 1 else 'es'}, and decide"
            choices.insert(at, Choice("g", words, "guess"))
        if there:
            choices.insert(0, Choice("o", "open the repaired file that is there already", "open"))

        def chosen(answer: str | None) -> None:
            if answer == "open":
                self._open(source, there or target)
            elif answer == "guess":
                self._show_guesses(source, found, target)
            elif answer:
                self._repair(source, target, guess=False)

        lines = survey_lines(path, target, found)
        if source.edited.touched:
            lines.append(f"What you changed in {path.name} is in its journal, and not in the new file.")
        if there:
            lines.append(f"{there.name} is there already.")
        self.app.push_screen(Confirm("Repair this file?", lines, choices), chosen)

    def _show_guesses(self, source: WorkingSource, found: Survey, target: Path) -> None:
        """Show the lines that would be guessed, before and after."""
        from curator.session.repairing import DOUBTFUL
        from curator.tui.difference_layout import Difference
        from curator.tui.screens.diff_view import DiffView

        def answered(yes: bool | None) -> None:
            if yes:
                self._repair(source, target, guess=True)
            else:
                self._offer(source, found)

        times = found.times(DOUBTFUL)
        sentence = f"{times:,} guesses. Enter writes {target.name} with them, Esc goes back."
        changes = [
            Difference(f"line {repairs[0].line:,}: {_named(repairs)}", _text(kept), _text(guessed))
            for kept, guessed, repairs in found.shown
        ]
        self.app.push_screen(DiffView(sentence, changes), answered)

    def _repair(self, source: WorkingSource, target: Path, *, guess: bool) -> None:
        def work() -> Callable[[], object]:
            from curator.session.repairing import repair

            repair(source.opened.source.place, target, guess=guess)
            return lambda: self._open(source, target)

        self.write(work)

    def _open(self, source: WorkingSource, target: Path) -> None:
        from curator.tui.app import CuratorApp

        if isinstance(self.app, CuratorApp):
            paths = [target if one is source else one.opened.path for one in self.session.sources]
            self.app.open_others(paths)


def survey_lines(path: Path, target: Path, found: Survey) -> list[str]:
    """What a file is, and what would be done to it, in numbers."""
    from curator.session.repairing import DONE, DOUBTFUL, LEFT

    titles = ((DONE, "Sure:"), (DOUBTFUL, "Guesses, which you may look at first:"), (LEFT, "Left as they are:"))
    lines = [f"{path.name} is {found.sentence}.", ""]
    for outcome, title in titles:
        rows = list(found.of(outcome).items())
        if rows:
            lines += [title, *(f"{tally.times:>12,}  {kind.value}" for kind, tally in rows[:MOST_SHOWN])]
    return [*lines, "", f"The records go to {target.name}, beside it; {path.name} itself stays as it is."]


def _named(repairs: tuple[Repair, ...]) -> str:
    """The repairs of a line, each kind once."""
    first: dict[str, str] = {}
    for one in repairs:
        detail = f" ({one.detail})" if one.detail else ""
        first.setdefault(one.kind.value, f"{one.kind.value}{detail}")
    return "; ".join(first.values())


def _text(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
