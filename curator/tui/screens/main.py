"""The main screen: the list of records, the reader, and what they add up to."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.timer import Timer

from curator.analysis.report import RecordReport
from curator.errors import CuratorError
from curator.session import Record, Session
from curator.tui.background import Background
from curator.tui.entries import entry_of
from curator.tui.figures import size
from curator.tui.messages import AuditFailed, RecordAnalysed, RecordRead
from curator.tui.pacing import FramePacer
from curator.tui.screens.choose_dialect import ChooseDialect
from curator.tui.screens.choose_model import Choice, ChooseModel
from curator.tui.screens.go_to import GoTo
from curator.tui.screens.help import Help
from curator.tui.status import cost_segments, file_segment, position_segment, progress_segment, summary, totals_segments
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.conversation_view import ConversationView
from curator.tui.widgets.key_bar import KeyBar
from curator.tui.widgets.record_list import Entry, RecordList

READER_DELAY = 0.08
"""Seconds after the last movement until the reader follows."""

LONG_LINE = 4 << 20
"""Bytes of a line from which reading it takes longer than a key should wait."""

FIGURES_DELAY = 0.05
"""Seconds that a record waits for its figures, so that it is drawn once and not twice."""


class MainScreen(Screen[None]):
    """Routes between the list, the reader and the bars."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - an instance variable in Textual
    AUTO_FOCUS = "#records"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "problem(1)", "next problem", key_display="]"),
        Binding("left_square_bracket", "problem(-1)", "previous problem", key_display="["),
        Binding("greater_than_sign", "record(1)", "next record, from the reader too", key_display=">"),
        Binding("less_than_sign", "record(-1)", "previous record, from the reader too", key_display="<"),
        Binding("colon,ctrl+g", "go_to", "go to a line", key_display=":"),
        Binding("tab,shift+tab", "other_pane", "the other pane", priority=True, key_display="Tab"),
        Binding("escape", "back", "one step back", key_display="Esc"),
        Binding("L", "choose_model", "choose the model"),
        Binding("T", "choose_dialect", "choose the dialect"),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(self, session: Session, background: Background, pacer: FramePacer) -> None:
        super().__init__()
        self._session = session
        self._background = background
        self._record: Record | None = None
        self._wanted = -1
        """The position that is read or shown; -1 while there is none."""
        self._following: Timer | None = None
        self._figures: Timer | None = None
        self._audit = self._audited = 0
        self._looking = 0
        self._told = False
        self.title_bar = Bar(id="title")
        self.records = RecordList(self._entry, pacer)
        self.header = Bar(id="record")
        self.reader = ConversationView(pacer)
        self.totals_bar = Bar(id="totals")

    def compose(self) -> ComposeResult:
        """Title, panes, totals, keys."""
        yield self.title_bar
        with Container(id="panes"):
            yield self.records
            with Vertical(id="reading"):
                yield self.header
                yield self.reader
        yield self.totals_bar
        yield KeyBar()

    def on_mount(self) -> None:
        """The first page is there before the file has been read."""
        self._session.data.advance()
        self._grow()
        self._draw_record(None)
        for opened in self._session.data.sources:
            if not (opened.detection.sure or self._session.settings.dialect):
                self.notify(one_line(f"{opened.path.name}: {opened.detection.reason}.", 300), markup=False)

    # What the background work says

    def on_data_grew(self) -> None:
        """More lines are known, or more of them audited."""
        self._grow()

    def on_audit_failed(self, message: AuditFailed) -> None:
        """Say why figures stop."""
        self.notify(one_line(message.reason, 300), severity="error", markup=False)

    def on_record_analysed(self, message: RecordAnalysed) -> None:
        """The figures of the record under the cursor."""
        if message.record is self._record:
            self._draw_record(message.report)

    def on_record_read(self, message: RecordRead) -> None:
        """A long record is there; it is shown if the cursor is still on it."""
        if message.record.position == self._wanted:
            self._take(message.record)

    def _grow(self) -> None:
        session = self._session
        self.records.set_rows(len(session.data), final=session.data.indexed)
        audit, audited = session.audits, session.audited
        first = self._audited if audit == self._audit and audited >= self._audited else 0
        self.records.forget(first, max(audited, self._audited))
        self._audit, self._audited = audit, audited
        if self._wanted < 0:
            self._read(self.records.cursor)
        self._update_bars()
        if self._looking:
            self._look()
        self._tell_of_mixture()
        if session.notice:
            self.notify(one_line(session.notice, 300), severity="warning", markup=False)
            session.notice = ""

    def _tell_of_mixture(self) -> None:
        """Say once, when all is audited, that records of several dialects stand in the data."""
        if self._session.complete and not self._told:
            self._told = True
            dialects = self._session.totals.dialects
            if len(dialects) > 1:
                mixture = ", ".join(f"{count:,} {name}" for name, count in dialects.most_common())
                self.notify(f"Several formats are mixed: {mixture}.", severity="warning", markup=False)

    def _update_bars(self) -> None:
        session = self._session
        self.title_bar.left = (Segment("curator", "", "quiet"), file_segment(session))
        self.title_bar.right = (
            position_segment(session, self.records.cursor),
            progress_segment(session, self._background.audit_started),
        )
        self.totals_bar.left = totals_segments(session)
        self.totals_bar.right = cost_segments(session)

    def _entry(self, position: int) -> Entry:
        return entry_of(self._session, position)

    # The record under the cursor

    def on_record_list_moved(self) -> None:
        """The reader follows when the cursor has come to rest; whoever moves is no longer looking for a problem."""
        self._looking = 0
        if self._following is not None:
            self._following.stop()
        self._following = self.set_timer(READER_DELAY, self._follow)

    def _follow(self) -> None:
        """Show the record under the cursor, if another one is shown."""
        if self.records.cursor != self._wanted:
            self._read(self.records.cursor)
            self._update_bars()

    def _read(self, position: int) -> None:
        """Read a record and have it analysed; it is drawn with its figures, or without if they take long."""
        session = self._session
        self._record = None
        if position >= len(session.data):
            self._draw_record(None)
            return
        self._wanted = position
        length = session.line_length(position)
        if length > LONG_LINE:
            self._draw_record(None)
            self.header.left = (Segment(f"reading {size(length)}", f"reading {size(length)}", "quiet"),)
            self._background.read(position)
            return
        try:
            self._take(session.record(position))
        except CuratorError as error:
            self._draw_record(None)
            self.header.left = (Segment("cannot be read any more", "unreadable", "error"),)
            self.notify(one_line(str(error), 300), severity="error", markup=False)

    def _take(self, record: Record) -> None:
        """Have a record analysed, and show it."""
        self._record = record
        if self._figures is not None:
            self._figures.stop()
        opened, _ = self._session.data.locate(record.position)
        self._background.analyse(record, self._session.spec(opened, explain=True))
        self._figures = self.set_timer(FIGURES_DELAY, lambda: self._draw_record(None))

    def _draw_record(self, report: RecordReport | None) -> None:
        if self._figures is not None:
            self._figures.stop()
            self._figures = None
        record = self._record
        known = record is not None or self._session.data.indexed
        self.header.left = summary(record, report, several=len(self._session.data.sources) > 1) if known else ()
        self.reader.show(record, report, self._session.limit, self._session.model.id)

    # Actions

    def action_problem(self, step: int) -> None:
        """Go to the nearest record with a finding; one that the audit has not reached yet is waited for."""
        self._looking = step
        self._look(say=True)

    def _look(self, *, say: bool = False) -> None:
        session, step = self._session, self._looking
        cursor = self.records.cursor
        found = session.next_problem(cursor, step)
        if not session.complete and (found is None if step > 0 else cursor > session.audited):
            if say:
                self.notify(
                    f"The audit has looked as far as line {session.audited:,}. Waiting; Esc stops.", markup=False
                )
            return
        self._looking = 0
        if found is not None:
            self.records.go_to(found)
        else:
            self.notify(f"No problem {'after' if step > 0 else 'before'} this line.", markup=False)

    def action_record(self, step: int) -> None:
        """Go to the next or previous record, whichever pane has the focus."""
        self._looking = 0
        self.records.go_to(self.records.cursor + step)

    def action_go_to(self) -> None:
        """Ask for a line's number and go there."""
        self.app.push_screen(GoTo(len(self._session.data)), self._gone_to)

    def _gone_to(self, number: int | None) -> None:
        if number is not None:
            self.records.go_to(number - 1)

    def action_other_pane(self) -> None:
        """Give the keys to the other pane."""
        if self.has_class("-reading") and self.has_class("-narrow"):
            return
        (self.records if self.reader.has_focus else self.reader).focus()

    def on_record_list_read(self) -> None:
        """Give the reader the keys, and on a narrow screen all of the room."""
        self._follow()
        self.set_class(self.has_class("-narrow"), "-reading")
        self.reader.focus()

    def action_back(self) -> None:
        """Stop looking for a problem, or go back from the reader to the list."""
        if self._looking:
            self._looking = 0
            return
        self.remove_class("-reading")
        self.records.focus()

    def action_choose_model(self) -> None:
        """Choose the model that counts, prices and limits."""
        self.app.push_screen(ChooseModel(self._session), self._model_chosen)

    def _model_chosen(self, choice: Choice | None) -> None:
        if choice is not None:
            self._background.choose_model(choice.name, choice.edition)

    def on_model_chosen(self) -> None:
        """Totals, flags and costs are those of another model."""
        self._everything_changed()

    def action_choose_dialect(self) -> None:
        """Choose how records are read."""
        self.app.push_screen(ChooseDialect(self._session), self._dialect_chosen)

    def _dialect_chosen(self, name: str | None) -> None:
        if name is None or name == self._session.settings.dialect:
            return
        self._session.choose_dialect(name)
        self._background.audit_anew()
        self._everything_changed()

    def _everything_changed(self) -> None:
        self.records.forget()
        self._read(self.records.cursor)
        self._grow()

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help((("list", self.records), ("reader", self.reader), ("everywhere", self))))
