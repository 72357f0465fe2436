"""Undo, redo and history; save, save as and export; what opening the journals came to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.edits.opening import Opened
from curator.errors import UsageError
from curator.session.editor import Done
from curator.session.naming import proposed_beside
from curator.session.working_source import WorkingSource
from curator.storage.source import STDIN
from curator.tui.desk.desk import Desk
from curator.tui.figures import size
from curator.tui.screens.ask import Ask
from curator.tui.screens.confirm import Choice, Confirm

if TYPE_CHECKING:
    from curator.edits.carrying import CarryPlan
    from curator.edits.saving import SavePlan, SaveReport

SHOWN_LEFT = 10


class Saving(Desk):
    """The keys that go back and forth between states, and write them to files."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "undo"),
        Binding("ctrl+r", "redo", "redo"),
        Binding("ctrl+s", "save", "save"),
    ]

    # Back and forth

    def action_undo(self) -> None:
        """Take back what was done last."""
        self._step(self.session.editor.undo, "Undone", "There is nothing to undo.")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._step(self.session.editor.redo, "Done again", "There is nothing to redo.")

    def _step(self, step: Callable[[], Done | None], word: str, nothing: str) -> None:
        def go() -> None:
            done = step()
            if done is None:
                self.say(nothing)
            else:
                unlisted = self.changed(done, follow=True)
                self.say(f"{word}: {done.title}.{unlisted}")

        self.attempt(go)

    # Save

    def action_save(self) -> None:
        """Say what a save will do, in numbers, and then do it."""
        self.follow()
        source = self.source

        def work() -> Callable[[], object]:
            from curator.edits.saving import plan_save, why_not
            from curator.session.sweeping import swept_lines

            plan = plan_save(source.edited, lines=swept_lines(source.edited, *self.background.executor))
            reason = why_not(source.edited, source.growth)
            return lambda: self._offer_save(source, plan, reason)

        self.background.run(work)

    def _offer_save(self, source: WorkingSource, plan: SavePlan, reason: str) -> None:
        name = "standard input" if source.opened.path == STDIN else source.opened.path.name
        if plan.same and not reason:
            self.say(f"{name} holds all of it already: there is nothing to save.")
            return
        lines = plan_lines(plan)
        copy = Choice("a", "save under another name …", "as")
        if reason:
            choices = [copy]
            lines = [f"It cannot be saved in place. {reason}", "", *lines]
        else:
            backup = f"save, and keep the old content as {name}~"
            choices = [Choice("s", "save", "save"), copy, Choice("b", backup, "backup")]

        def chosen(answer: str | None) -> None:
            if answer == "as":
                self._ask_path(source, plan)
            elif answer:
                path = source.opened.path.resolve()
                backup = path.with_name(f"{path.name}~") if answer == "backup" else None
                self.write(lambda: self._save(source, plan, backup))

        self.app.push_screen(Confirm(f"Save {name}?", lines, choices), chosen)

    def _save(self, source: WorkingSource, plan: SavePlan, backup: Path | None) -> Callable[[], object]:
        from curator.session.saving import save

        report = save(self.session, source, plan, backup)
        return lambda: self._saved(report)

    def _saved(self, report: SaveReport) -> None:
        self.changed(None)
        self.background.go_on()
        self._tell(report)

    def _tell(self, report: SaveReport) -> None:
        plan = report.plan
        told = f"{report.path.name}: {plan.changed + plan.added:,} changed, {plan.identical:,} identical"
        self.say(f"{told}; read back and proved (XXH3 {report.proof.digest[:16]}). {' '.join(report.notes)}".strip())

    def write(self, work: Callable[[], Callable[[], object]], title: str = "Writing …") -> None:
        """Write a file behind the screen; nothing else can be done until it is there."""
        from curator.tui.screens.waiting import Waiting

        waiting = Waiting(title, "It is read back and compared when it is written.")

        def write() -> Callable[[], object]:
            then = work()

            def end() -> None:
                self.leave(waiting, None)
                then()

            return end

        self.app.push_screen(waiting)
        self.background.run(write, lambda: self.leave(waiting, None))

    def _ask_path(self, source: WorkingSource, plan: SavePlan) -> None:
        own = source.opened.path

        def chosen(text: str | None) -> None:
            if text:
                target = Path(text).expanduser()

                def write() -> Callable[[], object]:
                    from curator.edits.saving import write_copy

                    report = write_copy(source.edited, plan, target)
                    return lambda: self._tell(report)

                self.write(write)

        proposed = str(proposed_beside(own, "edited"))
        self.app.push_screen(Ask("Save as", proposed, check=lambda text: wrong_target(text, own)), chosen)

    # Opening

    def tell_of_journals(self, outcomes: list[tuple[WorkingSource, Opened]]) -> None:
        """Say what came of opening the journals; ask where something has to be decided."""
        for source, outcome in outcomes:
            if outcome is Opened.CHANGED:
                self.background.run(partial(self._plan_carrying, source))
            elif outcome is Opened.HELD:
                self._on_held(source)

    def _on_held(self, source: WorkingSource) -> None:
        edited = source.edited
        if edited.holder is None or edited.holder_is_here:
            self.say(edited.read_only, severity="warning")
            return

        def chosen(answer: str | None) -> None:
            if answer:
                self.attempt(lambda: self._take_over(source))

        lines = (edited.read_only, "Take it over only if that program is gone: its changes would be refused.")
        choices = [Choice("t", "take it over, and change it here", "take")]
        self.app.push_screen(Confirm("Somebody else holds the journal.", lines, choices), chosen)

    def _take_over(self, source: WorkingSource) -> None:
        self.session.editor.open_anew(source, force=True)
        self.changed(None)

    def _plan_carrying(self, source: WorkingSource) -> Callable[[], object]:
        journal = source.edited.journal
        if journal is None:
            return lambda: None
        from curator.edits.carrying import plan_carrying

        plan = plan_carrying(source.edited, journal)
        return lambda: self._offer_carrying(source, plan)

    def _offer_carrying(self, source: WorkingSource, plan: CarryPlan) -> None:
        name = source.opened.path.name
        lines = [
            f"{name} is not the file that its journal was written for, so nothing of it is applied yet.",
            "",
            f"{len(plan.fitting):>6,} of the changes fit lines that are still there, and would move with them",
            f"{len(plan.left):>6,} do not fit, or not wholly; they stay in the journal as a list:",
            *(f"  {batch.title}: {reason}" for batch, reason in plan.left[:SHOWN_LEFT]),
        ]
        if plan.marked or plan.unmarked:
            lines.append(f"{len(plan.marked):>6,} of the marks move with their records, {plan.unmarked:,} do not")

        def chosen(answer: str | None) -> None:
            if answer:
                self.attempt(lambda: self._carry(source, plan))
            else:
                self.say("Nothing was applied; the journal is as it was, and the file is opened for reading only.")

        words = "carry over what fits" if plan.fitting else "keep all of it as a list, and go on with the file as it is"
        choices = [Choice("c", words, "carry")]
        self.app.push_screen(Confirm("The file has changed.", lines, choices), chosen)

    def _carry(self, source: WorkingSource, plan: CarryPlan) -> None:
        journal = source.edited.journal
        if journal is None:
            raise UsageError("The journal is not there any more.")
        from curator.edits.carrying import carry

        carry(source.edited, journal, plan)
        self.session.editor.open_anew(source)
        self.changed(None)
        many = "1 change is" if len(plan.fitting) == 1 else f"{len(plan.fitting):,} changes are"
        self.say(f"{many} carried over{'; h lists what is not' if plan.left else ''}.")


def plan_lines(plan: SavePlan) -> list[str]:
    """What a save will do, in numbers."""
    lines = [
        f"{plan.changed:>12,} changed",
        f"{plan.added:>12,} new",
        f"{plan.left_out:>12,} left out (dropped, split or joined)",
        f"{plan.identical:>12,} identical, copied byte for byte",
        f"{('≈ ' if plan.estimated else '') + size(plan.bytes):>12} in all",
    ]
    if plan.cuts_undo:
        lines += ["", "Undo will end at this save: what it takes to undo beyond it is more than the journal keeps."]
    return lines


def wrong_target(text: str, own: Path) -> str:
    """What is wrong with the name of a file to write, or nothing."""
    if not text.strip():
        return "It takes the name of a file."
    try:
        return _wrong_path(Path(text).expanduser(), own)
    except OSError as error:
        return f"Nothing can be written there: {error.strerror}."
    except RuntimeError:  # of `expanduser`
        return "There is no such user."


def _wrong_path(target: Path, own: Path) -> str:
    if not target.parent.is_dir():
        return f"There is no folder {target.parent}."
    if target.is_dir():
        return f"{target} is a folder."
    if target.exists() and own.exists() and target.samefile(own):
        return "That is the file that is open; save it in place with s."
    return f"{target} is there already; give another name." if target.exists() else ""
