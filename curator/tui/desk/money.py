"""What the records cost, and whether a shorter prompt pays: screens that cover the main one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.session.editor import Selection
from curator.tui.desk.desk import Desk
from curator.tui.figures import plural

if TYPE_CHECKING:
    from curator.analysis.prompts_seen import SystemPrompt
    from curator.records.transforms import Way
    from curator.tui.screens.break_even import Shorten
    from curator.tui.screens.splitting import Apply


class Money(Desk):
    """The keys that show money."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cost", "what it costs with each model"),
        Binding("b", "break_even", "whether a shorter prompt pays"),
    ]

    apply_split: Apply | None = None
    """Splits records in a way, after a preview; None where splits are compared only."""

    apply_short: Shorten | None = None
    """Puts a short system prompt in place of a long one, after a preview; None where they are compared only."""

    def action_cost(self) -> None:
        """Put the models side by side, for all records, the marked ones, or those of the filter."""
        from curator.tui.screens.cost import CostScreen

        def compare(selection: Selection | None) -> None:
            every = plural(self.session.listing.number_of_all, "record")
            self.compare_splits(selection, f"all {every}" if selection is None else chosen)

        marked = self.marked
        words = "marked records" if marked else "records of the filter"
        some = plural(self.number_marked, "marked record")
        chosen = some if marked else f"{plural(self.number_filtered, 'record')} of the filter"
        self.app.push_screen(CostScreen(self.session, self.background, marked or self.filtered, words, compare))

    def action_break_even(self) -> None:
        """Work out from how many calls on a shorter prompt pays for the training."""
        from curator.tui.screens.break_even import BreakEvenScreen

        def shorten(prompt: SystemPrompt, short: str) -> None:
            self._back()
            if self.apply_short is not None:
                self.apply_short(prompt, short)

        chosen = shorten if self.apply_short is not None else None
        self.app.push_screen(BreakEvenScreen(self.session, self.background, chosen))

    def _back(self) -> None:
        while self.app.screen is not self:
            self.app.pop_screen()

    def compare_splits(self, selection: Selection | None, which: str) -> None:
        """Put the ways to split side by side, for some records, or None for all; `which` says what they are."""
        from curator.tui.screens.splitting import SplittingScreen

        def apply(records: Selection, way: Way, title: str) -> None:
            self._back()
            if self.apply_split is not None:
                self.apply_split(records, way, title)

        chosen = apply if self.apply_split is not None else None
        self.app.push_screen(SplittingScreen(self.session, self.background, selection, which, chosen))
