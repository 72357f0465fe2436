"""What the parts of the main screen share: the record under the cursor, and what happens after a change."""

from __future__ import annotations

from collections.abc import Callable

from pyroaring import BitMap64
from textual.timer import Timer

from curator.analysis.report import RecordReport
from curator.session import Record, Session
from curator.session.editor import Done, Selection
from curator.session.ignoring import as_judged
from curator.session.working_source import WorkingSource
from curator.tui.background import Background
from curator.tui.context_cut import Trainer
from curator.tui.conversation_layout import Item
from curator.tui.desk.telling import Telling
from curator.tui.entries import entry_of
from curator.tui.figures import size
from curator.tui.pacing import FramePacer
from curator.tui.screens.confirm import Choice, Confirm
from curator.tui.status import (
    cost_segments,
    edits_segments,
    file_segment,
    none_matches,
    position_segment,
    progress_segment,
    summary,
    totals_segments,
    view_segments,
)
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.filter_bar import FilterBar
from curator.tui.widgets.record_list import Entry, RecordList
from curator.tui.widgets.searched_view import SearchedView
from curator.tui.widgets.text_editor import TextEditor

READER_DELAY = 0.08
"""Seconds after the last movement until the reader follows."""

LONG_LINE = 4 << 20
"""Bytes of a line from which reading it takes longer than a key should wait."""

FIGURES_DELAY = 0.05
"""Seconds that a record waits for its figures, so that it is drawn once and not twice."""

BLOCKS_BETWEEN_KEYS = 2
"""Blocks of records whose totals follow a change at once; those of more records follow behind the screen."""


class Desk(Telling):
    """The list, the reader and the bars, with the record under the cursor. The parts of the main screen build on it."""

    def __init__(self, session: Session, background: Background, pacer: FramePacer) -> None:
        super().__init__()
        self.session = session
        self.background = background
        self.record: Record | None = None
        """The record under the cursor, once it has been read."""
        self.report: RecordReport | None = None
        """Its figures, once they are known."""
        self.wanted = -1
        """The position that is read or shown; -1 while there is none."""
        self._following: Timer | None = None
        self._figures: Timer | None = None
        self._wanted_item: int | None = None
        self._filtered: tuple[object, Selection] = None, {}
        """For a state of the list the records that the filter lists."""
        self.title_bar = Bar(id="title")
        self.records = RecordList(self._entry, pacer, self.place_of)
        self.header = Bar(id="record")
        self.reader = SearchedView(pacer)
        self.filter_bar = FilterBar()
        self.editor = TextEditor(id="editor")
        self.editor.display = False
        self.totals_bar = Bar(id="totals")

    def _entry(self, position: int) -> Entry:
        return entry_of(self.session, position)

    def place_of(self, number: int) -> int:
        """The position of the record with a number; that of the cursor where it is not listed, which is told."""
        listing = self.session.listing
        found = listing.numbered(max(1, min(number, listing.number_of_all)))
        position = listing.position_of(*found) if found else None
        if position is None and found:
            self.say(f"#{listing.number_of(*found):,} is not in this filter.")
        return self.records.cursor if position is None else position

    def number_here(self) -> int:
        """The number of the record under the list's cursor, counted from 1 over all records; 0 where there is none."""
        cursor, listing = self.records.cursor, self.session.listing
        return listing.number_of(*listing.locate(cursor)) if cursor < len(self.session) else 0

    def update_rows(self) -> None:
        """The list has as many rows as records are listed."""
        session = self.session
        final = session.data.indexed and session.data.whole
        self.records.set_rows(len(session), final=final, highest=session.listing.number_of_all)

    # The record under the cursor

    def follow(self) -> None:
        """Show the record under the cursor, if another one is shown."""
        if self.records.cursor != self.wanted:
            self.read(self.records.cursor)
            self.update_bars()

    def read(self, position: int, item: int | None = None) -> None:
        """Read a record and have it analysed; it is drawn with its figures, or without if they take long."""
        self.record, self.report, self._wanted_item = None, None, item
        if position >= len(self.session):
            self.wanted = -1
            self.draw_record(None)
            return
        self.wanted = position
        length = self.session.line_length(position)
        if length > LONG_LINE:
            self.draw_record(None)
            self.header.left = (Segment(f"reading {size(length)}", f"reading {size(length)}", "quiet"),)
            self._read_long(position)
        elif not self.attempt(lambda: self.take(self.session.record(position))):
            self._unreadable(position)

    def _read_long(self, position: int) -> None:
        """Read a record behind the screen; it is shown if the cursor is still on it then."""

        def work() -> Callable[[], object]:
            record = self.session.record(position)
            return lambda: self.take(record) if position == self.wanted else None

        self.background.run(work, lambda: self._unreadable(position))

    def _unreadable(self, position: int) -> None:
        if position == self.wanted:
            self.draw_record(None)
            self.header.left = (Segment("cannot be read any more", "unreadable", "error"),)

    def take(self, record: Record) -> None:
        """Have a record analysed, and show it."""
        self.record = record
        if self._figures is not None:
            self._figures.stop()
        opened = self.session.sources[record.place.source].opened
        self.background.analyse(record, self.session.spec(opened, explain=True))
        self._figures = self.set_timer(FIGURES_DELAY, lambda: self.draw_record(None))

    def draw_record(self, report: RecordReport | None) -> None:
        """Draw the record that was read, with its figures if they are known."""
        if self._figures is not None:
            self._figures.stop()
            self._figures = None
        if report is not None and self.record is not None:
            report = self.session.file_findings.added_to(report, self.record.place)
        record, item = self.record, self._wanted_item
        if report is not None and record is not None:
            source = self.session.sources[record.place.source]
            report = as_judged(report, source, record.place.id, self.session.rules)
        self.report = report
        self._wanted_item = None
        known = record is not None or self.session.data.indexed
        standing = self.session.standing(record.position) if record is not None else None
        self.header.left = (
            summary(record, report, standing, several=len(self.session.sources) > 1, estimated=self.session.estimated)
            if known
            else ()
        )
        if record is None and session_filter(self.session):
            self.header.left = (none_matches(self.session),)
        tags = {} if standing is None else {one: tuple(sorted(names)) for one, names in standing.message_tags.items()}
        self.reader.show(record, report, self._trainer(record), item=item, tags=tags)

    def _trainer(self, record: Record | None) -> Trainer:
        """What the trainer makes of a record: which messages are learnt is shown where a target was chosen."""
        session = self.session
        target = session.aim.target
        learnt = session.learnt(record) if record is not None and target is not None else None
        title = target.title if target is not None else ""
        return Trainer(session.limit, session.limit_of, title, session.aim.over_long, learnt, session.estimated)

    def item_here(self) -> Item | None:
        """What the reader's cursor is on, in the record under the list's cursor, however quickly that was gone to."""
        self.follow()
        if self._figures is not None:
            self.draw_record(None)
        return self.reader.item

    def update_bars(self) -> None:
        """What the title and the totals say follows the session."""
        session = self.session
        self.title_bar.left = (
            Segment("curator", "", "quiet"),
            file_segment(session),
            *view_segments(session),
            *edits_segments(session),
        )
        self.title_bar.right = (
            position_segment(session, self.records.cursor),
            progress_segment(session, self.background.audit_started),
        )
        session.chosen.choose("marked" if self.marked else "in this filter", self.marked or self.filtered)
        if not session.chosen.settle(BLOCKS_BETWEEN_KEYS):
            self.background.edited()
        self.totals_bar.left = totals_segments(session)
        self.totals_bar.right = cost_segments(session)

    # Changes

    @property
    def source(self) -> WorkingSource:
        """The source of the record under the cursor, else the one that was changed last, else the first."""
        if self.record is not None:
            return self.session.sources[self.record.place.source]
        return self.session.editor.changed_last or self.session.sources[0]

    @property
    def marked(self) -> Selection:
        """The records that are marked, by source."""
        return {source: source.marked for source in self.session.sources if source.marked}

    @property
    def number_marked(self) -> int:
        """How many records are marked."""
        return sum(len(source.marked) for source in self.session.sources)

    @property
    def here(self) -> Selection:
        """The record under the cursor as a selection; none where there is none."""
        self.follow()
        return {} if self.record is None else {self.source: BitMap64([self.record.place.id])}

    @property
    def filtered(self) -> Selection:
        """The records that the filter lists, by source; none where no filter is in force. Not to be changed."""
        from curator.session.viewing import records_of

        session = self.session
        listing = session.listing
        revisions = [source.edited.overlay.revision for source in session.sources]
        state = listing.view, listing.with_dropped, len(session), revisions
        if state != self._filtered[0]:
            self._filtered = state, records_of(session) if session_filter(session) else {}
        return self._filtered[1]

    @property
    def number_filtered(self) -> int:
        """How many records the filter lists; 0 where no filter is in force."""
        return len(self.session) if session_filter(self.session) else 0

    def on_selection(self, what: str, do: Callable[[Selection, str], object], *, one_by_one: bool = False) -> None:
        """Do something with the record under the cursor, or ask whether marked ones, or those of the filter, are meant.

        `do` gets the records and how they are called in the history. With `one_by_one` a filter alone is no reason to
        ask: what is done over and over to single records takes one key.
        """
        here = self.here
        name = f"#{self.record.number:,}" if self.record else ""
        marked, filtered = self.number_marked, self.number_filtered
        several: dict[str, tuple[Choice, Callable[[], Selection], str]] = {}
        if marked:
            words = f"the {marked:,} marked records"
            several["marked"] = Choice("m", words, "marked"), lambda: self.marked, f"{marked:,} marked records"
        if filtered > 1 and (marked or not one_by_one):
            title = f"{filtered:,} records where {session_filter(self.session)}"
            words = f"the {filtered:,} records of the filter"
            several["filter"] = Choice("f", words, "filter"), lambda: self.filtered, title
        if not several:
            if here:
                self.attempt(lambda: do(here, name))
            return

        def chosen(answer: str | None) -> None:
            if answer in several:
                _, records, title = several[answer]
                self.attempt(lambda: do(records(), title))
            elif answer == "here" and here:
                self.attempt(lambda: do(here, name))

        single = Choice("t", f"this record, {name}", "here")
        choices = [choice for choice, _, _ in several.values()]
        choices = [*choices, single] if marked else [single, *choices]
        self.app.push_screen(Confirm(f"{what}:", (), choices), chosen)

    def changed(self, done: Done | None, *, follow: bool = False, item: int | None = None) -> str:
        """Show what a change has made of list, reader and totals; `follow` goes to the record that it is about.

        Returns a sentence where that record is not listed, with a space before it; else nothing.
        """
        unlisted = ""
        self.session.recount.settle(BLOCKS_BETWEEN_KEYS)
        self.update_rows()
        self.records.forget()
        if done is not None and done.at is not None and follow:
            source = self.session.sources[done.at.source]
            position = self.session.listing.position_of(source, done.at.id)
            number = self.session.listing.number_of(source, done.at.id)
            if position is not None:
                self.records.go_to(position)
            elif number:
                unlisted = f" #{number:,} is not in this filter."
        self.read(self.records.cursor, item)
        self.update_bars()
        self.background.edited()
        return unlisted


def session_filter(session: Session) -> str:
    """The filter in force, as typed; empty where there is none."""
    return session.listing.view.title
