"""The order of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.tui.desk.viewing import Viewing

if TYPE_CHECKING:
    from curator.session.sorting import SortKey


class Ordering(Viewing):
    """`o`: in which order records are listed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "sort", "sort: in which order records are listed"),
    ]

    def action_sort(self) -> None:
        """Ask by what, and sort what is listed."""
        from curator.analysis.predicates.paths import paths_of
        from curator.session.sorting import sort_keys
        from curator.tui.screens.sorting import Sorting

        self.follow()
        view = self.session.listing.view

        def chosen(keys: tuple[SortKey, ...] | None) -> None:
            if keys is None:
                return
            if keys or view.title:
                self.attempt(lambda: self.sort_by(keys))
            else:
                self.action_original_order()

        known = paths_of(self.record.value) if self.record and isinstance(self.record.value, dict) else []
        self.app.push_screen(Sorting(sort_keys(view.order_title), known), chosen)

    def sort_by(self, keys: tuple[SortKey, ...]) -> None:
        """Put what is listed in an order; those of the filter stay the same."""
        view = self.session.listing.view
        self.list_by(view.title, keys, start=view)
