"""Duplicates: a screen that covers the main one, and what is done to records from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.edits.asked import Option
from curator.session.editor import Selection
from curator.tui.desk.labelling import Labelling
from curator.tui.desk.viewing import Viewing
from curator.tui.scopes import scopes_of

if TYPE_CHECKING:
    from curator.session.groups import Groups


class Deduping(Labelling, Viewing):
    """`D`: look for duplicates and contradictions."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("D", "duplicates", "duplicates and contradictions")]

    def action_duplicates(self) -> None:
        """Show groups of records that are alike, or contradict each other; those that are chosen there are listed."""
        from curator.tui.groups import Settling
        from curator.tui.screens.duplicates import DuplicatesScreen

        self.follow()
        settling = Settling(self._drop_all, self._mark_all_of, self._undo_last)
        scopes = scopes_of(self.session, self.marked, self.filtered)
        self.app.push_screen(DuplicatesScreen(self.session, self.background, settling, scopes), self._list_groups)

    def _list_groups(self, groups: Groups | None) -> None:
        from curator.session.sorting import SortKey

        if groups is not None:
            self.session.groups = groups
            self.attempt(lambda: self.list_by("alike", (SortKey("group"),)))

    def _drop_all(self, selection: Selection, title: str, step: Mapping[str, Option] | None) -> bool:
        """Drop records; `step` has the options of the step of a recipe that does the same, if there is one."""
        from curator.session.asking import asked_of_all

        asked = None if step is None else asked_of_all(self.session, do="dedupe", options=step)
        return self.attempt(lambda: self.changed(self.session.editor.drop(selection, title, asked)))

    def _mark_all_of(self, selection: Selection) -> None:
        for source, records in selection.items():
            self._mark(source.number, records, on=True)

    def _undo_last(self) -> None:
        self.attempt(lambda: self.changed(self.session.editor.undo()))
