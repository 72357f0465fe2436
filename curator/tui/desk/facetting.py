"""Facets of what is listed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from curator.tui.desk.filtering import Filtering
from curator.tui.desk.ordering import Ordering

FIRST = "dialect"


class Facetting(Filtering, Ordering):
    """`F`: which values records have."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("F", "facets", "facets: which values the listed records have"),
    ]

    _facet = FIRST
    """What was counted by last."""

    def action_facets(self) -> None:
        """Count the listed records by their values; what is chosen goes into the filter."""
        from curator.analysis.predicates.paths import paths_of
        from curator.session.viewing import joined
        from curator.tui.screens.facets import FacetsScreen

        self.follow()
        record = self.record
        keys = paths_of(record.value) if record is not None and isinstance(record.value, dict) else []
        screen = FacetsScreen(self.session, self.background, self._facet, keys)

        def chosen(expression: str | None) -> None:
            self._facet = screen.by
            if expression is not None:
                self.filter_by(joined(self.session.listing.view.title, expression))

        self.app.push_screen(screen, chosen)
