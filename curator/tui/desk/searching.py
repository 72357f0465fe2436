"""Search: from the record under the cursor on, match by match, with all of them counted behind the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from curator.session.editor import Done
from curator.session.listing import ALL
from curator.tui.background import SECONDS_BETWEEN_REPORTS
from curator.tui.desk.replacing import Replacing
from curator.tui.desk.viewing import Viewing
from curator.tui.entries import entry_of
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.record_list import Entry
from curator.tui.widgets.search_line import SearchLine

if TYPE_CHECKING:
    from curator.records.searching import Search
    from curator.session.earlier_lines import EarlierLines
    from curator.session.finding import Finding, Tally
    from curator.session.view import View

SHOWN_CELLS = 60


class _Wanted(NamedTuple):
    """From where, and in which direction, the next record with a match is wanted."""

    position: int
    step: int
    wrapped: bool = False


class Searching(Viewing, Replacing):
    """`/` searches, `n` and `ctrl+n` go on, `&` lists only what was found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/"),
        Binding("n", "match(1)", "next match"),
        Binding("ctrl+n", "match(-1)", "previous match"),
        Binding("ampersand", "list_found", "list only what was found, or all again", key_display="&"),
    ]

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.search_line = SearchLine()
        self.search_bar = Bar(id="search")
        self.search_bar.display = False
        self._finding: Finding | None = None
        self._typed = ""
        self._previewed: Search | None = None
        """The search whose matches the list shows."""
        self._earlier_searches: EarlierLines | None = None
        self._wanted_match: _Wanted | None = None
        self._searching: object = None
        """What tells one run behind the screen from another; None while there is none."""
        self._asking = Lock()
        self._list_when_done = False
        self._found_in: tuple[str, View] = "", ALL
        """The title of the list of what was found, and the view that it was found in."""
        self._tally: Tally | None = None
        self._arrived_by: _Wanted | None = None

    def _entry(self, position: int) -> Entry:
        if self._previewed is None:
            return super()._entry(position)
        from curator.records.searching import SlowPatternError

        try:
            return entry_of(self.session, position, self._previewed)
        except SlowPatternError:
            self._previewed = None
            return super()._entry(position)

    # Typing

    def action_search(self) -> None:
        """Type what is to be found."""
        self.search_line.begin(self.earlier_searches.lines)

    @property
    def earlier_searches(self) -> EarlierLines:
        """What was searched for before, on other days too."""
        if self._earlier_searches is None:
            from curator.session.earlier_lines import EarlierLines

            self._earlier_searches = EarlierLines("searches")
        return self._earlier_searches

    def on_search_line_left(self) -> None:
        """Give the keys back."""
        self._leave_search_line()

    def _leave_search_line(self) -> None:
        (self.reader if self.has_class("-reading") else self.records).focus()

    def on_search_line_given(self, message: SearchLine.Given) -> None:
        """Search from the record under the cursor on."""
        self._leave_search_line()
        if message.typed:
            self.earlier_searches.add(message.typed)
            self.attempt(lambda: self._begin_search(message.typed))
        else:
            self.action_match(1)

    def _begin_last(self, step: int) -> None:
        """Search for what was searched last, if that was another day."""
        last = self.earlier_searches.lines[-1:]
        if not last:
            self.say("Nothing was searched for yet; / searches.")
        else:
            self.attempt(lambda: self._begin_search(last[0], step))

    def _begin_search(self, typed: str, step: int = 1) -> None:
        from curator.records.search_line import read_search
        from curator.session.finding import Finding

        search = read_search(typed)
        self._stop_looking()
        executor, workers = self.background.searchers
        self._finding = Finding(self.session, search, executor, workers)
        self._typed, self._tally = typed, None
        self.last_replacement = search.pattern, self.last_replacement[1]
        self.last_toggles = search.regex, search.ignore_case is False
        self._show_marks(on=True)
        self.action_match(step)

    def _show_marks(self, *, on: bool) -> None:
        self.search_bar.display = on
        self._previewed = self._finding.search if on and self._finding else None
        self.reader.look_for(self._previewed)
        self.records.forget()
        self._tell_search()

    # Going on

    def action_match(self, step: int) -> None:
        """Go to the next or previous match: in this record first, then in the next one."""
        if self._finding is None:
            self._begin_last(step)
            return
        if not self.search_bar.display:
            self._show_marks(on=True)
        self.follow()
        if self._figures is not None:
            self.draw_record(None)
        self._run_search()
        position = self.records.cursor
        if self.record is None:
            self._want_match(_Wanted(position, step))
            return
        self.reader.walk(
            step, lambda found: self._tell_search() if found else self._want_match(_Wanted(position, step))
        )

    def _want_match(self, wanted: _Wanted) -> None:
        if self._finding is not None:
            self._wanted_match = wanted
            self._finding.aim(wanted.position, wanted.step)
            self._answer_match()
            self._run_search()
            self._tell_search()

    def changed(self, done: Done | None, *, follow: bool = False, item: int | None = None) -> str:
        """What was changed is searched and counted anew."""
        unlisted = super().changed(done, follow=follow, item=item)
        if self.search_bar.display:
            self._run_search()
        return unlisted

    def _run_search(self) -> None:
        """Look through what has not been looked at, behind the screen."""
        if self._searching is None and self._finding is not None:
            run = self._searching = object()
            self.background.run(partial(self._search_on, self._finding, run), partial(self._search_ended, run))

    def _search_on(self, finding: Finding, run: object) -> Callable[[], object]:
        told = 0.0
        for _ in finding.steps():
            if self._searching is not run:
                return lambda: None
            self._answer_match()
            if time.monotonic() - told > SECONDS_BETWEEN_REPORTS:
                self.background.tell(partial(self._count_matches, finding, finding.tally()))
                told = time.monotonic()
        self._answer_match()
        tally = finding.tally()
        return lambda: self._search_finished(finding, run, tally)

    def _answer_match(self) -> None:
        """Where the match that is waited for is known by now, go there; from any thread."""
        with self._asking:
            self._answer_wanted()

    def _answer_wanted(self) -> None:
        wanted, finding = self._wanted_match, self._finding
        if wanted is None or finding is None:
            return
        answer = finding.nearest(wanted.position, wanted.step)
        if answer.sure and answer.position is None and not wanted.wrapped:
            wanted = _Wanted(-1 if wanted.step > 0 else len(self.session), wanted.step, wrapped=True)
            self._wanted_match = wanted
            answer = finding.nearest(wanted.position, wanted.step)
        if answer.sure:
            self._wanted_match = None
            self.background.tell(partial(self._arrive_at_match, finding, wanted, answer.position))

    def _arrive_at_match(self, finding: Finding, wanted: _Wanted, position: int | None) -> None:
        if finding is not self._finding:
            return
        if position is None:
            self.say(f"Nothing matches “{self._typed}”.")
            self._tell_search()
            return
        if wanted.wrapped:
            self.say("From the first record on." if wanted.step > 0 else "From the last record on.")
        self._arrived_by = wanted
        self.records.go_to(position)
        self.follow()
        if self.record is not None and self.record.position == position:
            self._enter_drawn_match(wanted.step)

    def draw_record(self, *arguments: object) -> None:
        """A record that is long to read is gone into when it is there."""
        super().draw_record(*arguments)  # type: ignore[arg-type]
        if self._arrived_by is not None and self.record is not None and self._figures is None:
            step, self._arrived_by = self._arrived_by.step, None
            self._enter_match(step)

    def _enter_drawn_match(self, step: int) -> None:
        if self._figures is not None:
            self.draw_record(None)
        elif self._arrived_by is not None:
            self._arrived_by = None
            self._enter_match(step)

    def _enter_match(self, step: int) -> None:
        """Go to the first match of a record, or coming from behind to its last one."""
        if step < 0:
            self.reader.from_end()
        self.reader.walk(step, self._entered)

    def _entered(self, found: bool) -> None:
        self._tell_search()
        if not found and self.record is not None and not self.reader.raw:
            self.say(
                f"What matches in #{self.record.number:,} is laid out otherwise than it is spelt; v shows its JSON."
            )

    # What is told

    def _count_matches(self, finding: Finding, tally: Tally) -> None:
        if finding is self._finding:
            self._tally = tally
            self._tell_search()

    def _search_finished(self, finding: Finding, run: object, tally: Tally) -> None:
        self._count_matches(finding, tally)
        self._search_ended(run)
        if self._list_when_done and self._searching is None:
            self._list_when_done = False
            self.action_list_found()

    def _search_ended(self, run: object) -> None:
        if self._searching is run:
            self._searching = None
            if self._wanted_match is not None:
                self._run_search()

    def _tell_search(self) -> None:
        typed = one_line(self._typed, SHOWN_CELLS)
        self.search_bar.left = (Segment(f"/{typed}", f"/{typed}", "strong"), *self._matches_counted())
        looking = self._wanted_match is not None
        keys = "n next   ctrl+n previous   & only these   Esc no marks"
        waits = Segment("looking for the next match   Esc stops", "Esc stops", "quiet")
        self.search_bar.right = (waits if looking else Segment(keys, "", "quiet"),)

    def _matches_counted(self) -> tuple[Segment, ...]:
        tally = self._tally
        if tally is None:
            return (Segment("searching", "searching", "quiet"),)
        here = self.reader.match_number
        place = f"{tally.before(self.records.cursor) + here:,} of " if here else ""
        times = "1 match" if tally.matches == 1 else f"{tally.matches:,} matches"
        where = "1 record" if tally.records == 1 else f"{tally.records:,} records"
        far = "" if tally.complete else f", {tally.share:.0%} searched"
        return (Segment(f"{place}{times} in {where}{far}", f"{place}{times}{far}"),)

    # Stopping, and filtering

    def _stop_looking(self) -> None:
        self._wanted_match, self._arrived_by, self._list_when_done = None, None, False
        self._searching = None

    def stop_search(self) -> bool:
        """Stop a search that runs, else take the marks off. Whether there was something to stop."""
        if self._wanted_match is not None or self._searching is not None:
            self._stop_looking()
            self._tell_search()
            self.say("The search was stopped; n goes on with it.")
            return True
        if self.search_bar.display:
            self._show_marks(on=False)
            return True
        return False

    def action_list_found(self) -> None:
        """Of what is listed, list only the records in which something was found; or what was listed before."""
        from curator.analysis.predicates.parsing import parse
        from curator.records.search_line import as_filter
        from curator.session.viewing import joined, narrowed, number_listed

        finding, view = self._finding, self.session.listing.view
        expression = "" if finding is None else as_filter(finding.search)
        if view.title and view.title in (self._found_in[0], expression):
            self._list_in_order(self._found_in[1] if view.title == self._found_in[0] else ALL)
        elif finding is None:
            self.say("Nothing was searched for yet; / searches.")
        elif not finding.complete:
            self._list_when_done = True
            self._run_search()
            self.say("Only what was found is listed once all records have been searched.")
        else:
            found = finding.records()
            title = joined(view.title, expression)
            there = narrowed(self.session, view, title, parse(title, self.session.settings.named_filters), found)
            if not number_listed(self.session, {one: some - there.outside[one.number] for one, some in found.items()}):
                self.say(f"Nothing matches “{self._typed}”.")
            else:
                self._found_in = title, view
                self._list_in_order(there)

    def _list_in_order(self, view: View) -> None:
        """Show other records, in the order in force; the cursor stays near its record."""
        order = self.session.listing.view.order_title
        if view.title or order:
            from curator.session.sorting import sort_keys

            self.list_by(view.title, sort_keys(order), self._run_search, start=view)
        else:
            self.step_to(ALL)
            self._run_search()
