"""The main screen: the list of records, the reader, and what they add up to."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.timer import Timer

from curator.errors import CuratorError
from curator.session import Record, Session
from curator.tui.background import Background
from curator.tui.entries import entry_of
from curator.tui.messages import AuditFailed, DataGrew, RecordAnalysed
from curator.tui.pacing import FramePacer
from curator.tui.screens.choose_dialect import ChooseDialect
from curator.tui.screens.choose_model import ChooseModel, Choice
from curator.tui.screens.go_to import GoTo
from curator.tui.screens.help import Help
from curator.tui.status import cost_segments, file_segment, position_segment, progress_segment, totals_segments
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.conversation_view import ConversationView
from curator.tui.widgets.key_bar import KeyBar
from curator.tui.widgets.record_header import RecordHeader
from curator.tui.widgets.record_list import Entry, RecordList

READER_DELAY = 0.08
"""Seconds after the last movement until the reader follows."""

LONGEST_PATH = 60


class MainScreen(Screen[None]):
    """Routes between the list, the reader and the bars."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    AUTO_FOCUS = "#records"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "problem(1)", "next problem", key_display="]"),
        Binding("left_square_bracket", "problem(-1)", "previous problem", key_display="["),
        Binding("greater_than_sign", "record(1)", "next record, from the reader too", key_display=">"),
        Binding("less_than_sign", "record(-1)", "previous record, from the reader too", key_display="<"),
        Binding("colon,ctrl+g", "go_to", "go to a record", key_display=":"),
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
        self._shown = -1
        self._following: Timer | None = None
        self._audited = 0
        self._looking = 0
        self.title_bar = Bar(id="title")
        self.records = RecordList(self._entry, pacer)
        self.header = RecordHeader()
        self.reader = ConversationView()
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
        self._show(0)

    # What the background work says

    def on_data_grew(self) -> None:
        """More lines are known, or more of them audited."""
        self._grow()

    def on_audit_failed(self, message: AuditFailed) -> None:
        """Say why figures stop."""
        self.notify(one_line(message.reason, 300), severity="error", markup=False)

    def on_record_analysed(self, message: RecordAnalysed) -> None:
        """The shown record's figures."""
        if message.position == self._shown:
            self.header.findings = message.report.findings
            self.header.summary = self._summary(self._session.record(message.position), message.report.tokens)
            self.reader.set_report(message.report)

    def _grow(self) -> None:
        session = self._session
        self.records.set_rows(len(session.data), final=session.data.indexed)
        audited = session.audited
        first = self._audited if audited >= self._audited else 0
        self.records.forget(first, max(audited, self._audited))
        self._audited = audited
        self._update_bars()
        if self._looking:
            self._look()
        if session.notice:
            self.notify(session.notice, severity="warning", markup=False)
            session.notice = ""

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
        """The reader follows when the cursor has come to rest."""
        if self._following is not None:
            self._following.stop()
        self._following = self.set_timer(READER_DELAY, self._follow)

    def _follow(self) -> None:
        self._following = None
        if self.records.cursor != self._shown:
            self._show(self.records.cursor)
            self._update_bars()

    def _show(self, position: int) -> None:
        session = self._session
        self._shown = position
        self.header.findings = ()
        if position >= len(session.data):
            self.header.summary = " no records in this file"
            self.reader.show(None, 0, "")
            return
        try:
            record = session.record(position)
        except CuratorError as error:
            self.notify(one_line(str(error), 300), severity="error", markup=False)
            return
        row = session.row(position)
        self.header.summary = self._summary(record, row.tokens if row else None)
        self.reader.show(record, session.limit, session.model.id)
        opened, _ = session.data.locate(position)
        self._background.analyse(position, record.line, session.spec(opened, explain=True))

    def _summary(self, record: Record, tokens: int | None) -> str:
        several = len(self._session.data.sources) > 1
        place = f"{one_line(record.path.name, LONGEST_PATH)}:{record.line_number:,}" if several else f"#{record.position + 1:,}"
        messages = len(record.conversation.messages)
        counted = "" if tokens is None else f"   {tokens:,} token{'' if tokens == 1 else 's'}"
        if not messages:
            return f"{place}   not a conversation{counted}"
        return f"{place}   {record.dialect.name}   {messages:,} message{'' if messages == 1 else 's'}{counted}"

    # Actions

    def action_problem(self, step: int) -> None:
        """Go to the nearest record with a finding; one that the audit has not reached yet is waited for."""
        self._looking = step
        self._look(say=True)

    def _look(self, *, say: bool = False) -> None:
        session, step = self._session, self._looking
        found = session.next_problem(self.records.cursor, step)
        if found is not None:
            self._looking = 0
            self.records.go_to(found)
        elif session.complete or step < 0:
            self._looking = 0
            where = "after" if step > 0 else "before"
            self.notify(f"No problem {where} this record.", markup=False)
        elif say:
            self.notify(
                f"No problem up to record {session.audited:,}, which is as far as the audit has looked. Looking on; Esc stops.",
                markup=False,
            )

    def action_record(self, step: int) -> None:
        """Go to the next or previous record, whichever pane has the focus."""
        self._looking = 0
        self.records.go_to(self.records.cursor + step)

    def action_go_to(self) -> None:
        """Ask for a record's number and go there."""
        self.app.push_screen(GoTo(len(self._session.data)), self._gone_to)

    def _gone_to(self, number: int | None) -> None:
        if number is not None:
            self.records.go_to(number - 1)

    def action_other_pane(self) -> None:
        """Give the keys to the other pane."""
        if self.has_class("-reading"):
            return
        (self.records if self.reader.has_focus else self.reader).focus()

    def on_record_list_read(self) -> None:
        """Give the reader the keys, and on a narrow screen all of the room."""
        if self._following is not None:
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
        if choice is None:
            return
        if self._session.choose_model(choice.name, choice.edition):
            self._background.audit_anew()
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
        self._show(self.records.cursor)
        self._grow()

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help((("list", self.records), ("reader", self.reader), ("everywhere", self))))
