"""The filter line: typed with completions and a count, applied to the list, saved under a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer

from curator.analysis.predicates import Everything, Predicate
from curator.errors import CuratorError
from curator.filter_settings import NAME, SavedFilter
from curator.tui.desk.viewing import Viewing
from curator.tui.screens.ask import Ask
from curator.tui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from curator.session.earlier_lines import EarlierLines

COUNT_DELAY = 0.15
"""Seconds after the last key until what a filter finds is counted."""


class Filtering(Viewing):
    """`f`: which records are listed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "filter", "filter: which records are listed"),
    ]

    _counting: Timer | None = None
    _text_number = 0
    """The number of the text that was typed last; counts for older ones are not shown."""
    _earlier: EarlierLines | None = None

    @property
    def earlier(self) -> EarlierLines:
        """The filters that were used before."""
        if self._earlier is None:
            from curator.session.earlier_lines import EarlierLines

            self._earlier = EarlierLines("filters")
        return self._earlier

    def action_filter(self) -> None:
        """Open the filter line with the filter in force."""
        self.follow()
        title = self.session.listing.view.title
        earlier = [one for one in self.earlier.lines if one != title]
        self.filter_bar.open(title, earlier, self.session.settings.named_filters)

        def look() -> Callable[[], object]:
            from curator.session.known_values import known_values

            known = known_values(self.session)
            return lambda: self.filter_bar.learn(known)

        self.background.run(look)

    def on_filter_bar_typed(self, message: FilterBar.Typed) -> None:
        """Say what is wrong with the text, or what it finds once no key has come for a moment."""
        from curator.analysis.predicates.parsing import FilterError, parse
        from curator.session.filtering import needs_texts

        self._text_number += 1
        if self._counting is not None:
            self._counting.stop()
        try:
            predicate = parse(message.text, self.session.settings.named_filters)
        except FilterError as fault:
            self.filter_bar.complain(fault)
            return
        if isinstance(predicate, Everything):
            self.filter_bar.say(f"Enter lists all {self.session.listing.number_of_all:,} records.")
        elif needs_texts(predicate):
            self.filter_bar.say("Enter looks through the texts of the records.")
        else:
            self.filter_bar.say("…")
            typed = self._text_number
            self._counting = self.set_timer(COUNT_DELAY, lambda: self._count_found(typed, predicate))

    def _count_found(self, typed: int, predicate: Predicate) -> None:
        """Count behind the screen what a filter finds, and say it if nothing was typed meanwhile."""
        session = self.session

        def say(sentence: str) -> None:
            if typed == self._text_number:
                self.filter_bar.say(sentence)

        def work() -> Callable[[], object]:
            from curator.session.filtering import asks_figures, matching
            from curator.session.viewing import number_listed

            try:
                *_, found = matching(session, predicate)
            except CuratorError as error:
                sentence = str(error)
                return lambda: say(sentence)
            number = number_listed(session, found)
            far = "" if session.complete or not asks_figures(predicate) else " of those audited so far"
            of = session.listing.number_of_all
            records = "1 record matches" if number == 1 else f"{number:,} records match"
            return lambda: say(f"{records}{far}, of {of:,}.")

        self.background.run(work)

    def on_filter_bar_applied(self, message: FilterBar.Applied) -> None:
        """List what the filter finds."""
        self.filter_by(message.text)

    def filter_by(self, text: str) -> None:
        """List the records that a filter is true of, in the order in force; the line is closed once they are there."""
        from curator.analysis.predicates.parsing import FilterError
        from curator.session.sorting import sort_keys

        order = sort_keys(self.session.listing.view.order_title)
        title = " ".join(text.split())
        if not title and not order:
            self.action_original_order()
            self._close()
            return
        try:
            self.list_by(text.strip(), order, self._close)
        except FilterError as fault:
            if self.filter_bar.display:
                self.filter_bar.complain(fault)
            else:
                self.say(str(fault), severity="error")
            return
        self.earlier.add(text.strip())

    def on_filter_bar_left(self) -> None:
        """Close the line and leave the list as it is."""
        self._close()

    def _close(self) -> None:
        self._text_number += 1
        if self.filter_bar.display:
            self.filter_bar.close()
            self.records.focus()

    def on_filter_bar_kept(self, message: FilterBar.Kept) -> None:
        """Ask for a name, and save the filter under it."""
        from curator.analysis.predicates.parsing import FilterError, parse

        text = message.text.strip()
        try:
            parse(text, self.session.settings.named_filters)
        except FilterError as fault:
            self.filter_bar.complain(fault)
            return
        if not text:
            self.filter_bar.say("There is nothing to save yet.")
            return

        def wrong(name: str) -> str:
            fits = not name or NAME.fullmatch(name.strip())
            return "" if fits else "A name has letters, digits, `-` and `_`."

        def named(name: str | None) -> None:
            if name and name.strip():
                self.attempt(lambda: self._save_filter(name.strip(), text))

        known = list(self.session.settings.named_filters)
        self.app.push_screen(Ask("Save the filter as @", "", known, wrong), named)

    def _save_filter(self, name: str, text: str) -> None:
        from curator.analysis.predicates.parsing import parse
        from curator.session.saved_filters import save_filter
        from curator.settings import user_config

        settings = self.session.settings
        trial = {**settings.named_filters, name: text}
        parse(f"@{name}", trial)
        path = user_config()
        save_filter(path, name, text)
        saved = SavedFilter(name, text, str(path))
        self.session.settings = replace(settings, filters=(*settings.filters, saved))
        self.filter_bar.saved(self.session.settings.named_filters)
        self.say(f"@{name} stands for this filter from now on; it is saved in {path}.")
