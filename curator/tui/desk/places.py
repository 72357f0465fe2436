"""Going to a record by its number, and back to a place."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from curator.tui.desk.desk import Desk


class Places(Desk):
    """`:` goes to a record, `m` remembers a place, `'` goes back to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon,ctrl+g", "go_to", "go to a record", key_display=":"),
        Binding("m", "mark_place", "remember this place"),
        Binding("apostrophe", "back_to_place", "back to the remembered place", key_display="'"),
    ]

    _place = 1
    """The number of the remembered record."""

    def action_go_to(self) -> None:
        """Ask for a record's number and go there."""
        from curator.tui.screens.go_to import GoTo

        self.app.push_screen(GoTo(self.session.listing.number_of_all), self._gone_to)

    def _gone_to(self, number: int | None) -> None:
        if number is not None:
            self.records.go_to(self.place_of(number))

    def action_mark_place(self) -> None:
        """Remember the record under the cursor."""
        self._place = self.number_here()
        self.say(f"Place #{self._place:,} is remembered; ' goes back to it.")

    def action_back_to_place(self) -> None:
        """Go to the remembered place; the one that is left is remembered instead."""
        self._place, there = self.number_here(), self._place
        self.records.go_to(self.place_of(there))
