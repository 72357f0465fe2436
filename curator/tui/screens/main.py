"""The main screen: the list of records, the reader, and what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from curator.analysis.findings import Severity
from curator.analysis.report import RecordReport
from curator.edits.opening import Opened
from curator.errors import CuratorError
from curator.session import Session
from curator.session.access import kept_input
from curator.session.working_source import WorkingSource
from curator.tui.background import Background
from curator.tui.desk.aiming import Aiming
from curator.tui.desk.copying import Copying
from curator.tui.desk.deduping import Deduping
from curator.tui.desk.desk import READER_DELAY
from curator.tui.desk.drawing import Drawing
from curator.tui.desk.editing import Editing
from curator.tui.desk.exporting import Exporting
from curator.tui.desk.facetting import Facetting
from curator.tui.desk.filtering import Filtering
from curator.tui.desk.labelling import Labelling
from curator.tui.desk.mending import Mending
from curator.tui.desk.money import Money
from curator.tui.desk.ordering import Ordering
from curator.tui.desk.places import Places
from curator.tui.desk.replacing import Replacing
from curator.tui.desk.reshaping import Reshaping
from curator.tui.desk.saving import Saving
from curator.tui.desk.searching import Searching
from curator.tui.desk.shortening import Shortening
from curator.tui.desk.told import Told
from curator.tui.desk.viewing import Viewing
from curator.tui.desk.walking import Walking
from curator.tui.messages import AuditFailed, RecordAnalysed, WorkDone
from curator.tui.pacing import FramePacer
from curator.tui.widgets.conversation_view import ConversationView
from curator.tui.widgets.key_bar import KeyBar
from curator.tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from curator.tui.screens.choose_model import Choice

GROWTH_SECONDS = 1.0
"""Seconds between two looks at whether a file has grown."""

PLACE = "position"


class MainScreen(
    Facetting,
    Deduping,
    Drawing,
    Editing,
    Reshaping,
    Searching,
    Shortening,
    Mending,
    Exporting,
    Told,
    Money,
    Aiming,
):
    """Routes between the list, the reader and the bars."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - an instance variable in Textual
    AUTO_FOCUS = "#records"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("greater_than_sign", "record(1)", "next record, from the reader too", key_display=">"),
        Binding("less_than_sign", "record(-1)", "previous record, from the reader too", key_display="<"),
        Binding("tab,shift+tab", "other_pane", "the other pane", key_display="Tab"),
        Binding("escape", "back", "one step back", key_display="Esc"),
        Binding("L", "choose_model", "choose the model"),
        Binding("A", "choose_dialect", "choose the dialect that records are read as"),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(
        self,
        session: Session,
        background: Background,
        pacer: FramePacer,
        outcomes: list[tuple[WorkingSource, Opened]],
    ) -> None:
        super().__init__(session, background, pacer)
        self._outcomes = outcomes
        self._audit = self._audited = 0
        self._found = 0
        self._wide = [source.file_wide for source in session.sources]
        self._analysed: RecordReport | None = None
        """What the record that is shown is by itself, without what whole files tell of it."""
        self._told: set[tuple[int, str]] = set()
        self._growth_fault = ""
        """What was told last of a file that others have a hand in, so that it is told once."""
        self.apply_split = self._preview_selection
        self.apply_short = self.shorten_prompt
        self.compare_ways = self.compare_splits

    def compose(self) -> ComposeResult:
        """Title, panes, totals, keys."""
        yield self.title_bar
        with Container(id="panes"):
            yield self.records
            with Vertical(id="reading"):
                yield self.header
                yield self.reader
                yield self.editor
        yield self.filter_bar
        yield self.search_bar
        yield self.search_line
        yield self.totals_bar
        yield KeyBar()

    def on_mount(self) -> None:
        """The first page is there before the file has been read."""
        self.session.data.advance()
        self._grow()
        if self.record is not None:
            self.draw_record(None)
        guessed = [one for one in self.session.data.sources if not one.detection.sure and not one.shape]
        if guessed and not self.session.settings.dialect:
            self.say(" ".join(f"{one.path.name}: {one.detection.reason}." for one in guessed))
        self.set_interval(GROWTH_SECONDS, self._look_for_growth)

    def first_screen_drawn(self) -> None:
        """What may be asked once something is to be seen."""
        self._return_to_place()
        for notice in self.session.editor.notices:
            self.say(notice, severity="warning")
        self.tell_of_journals(self._outcomes)
        self.attempt(self.offer_drafts)
        self.offer_repair()
        self.background.edited()

    def _return_to_place(self) -> None:
        """Go on where the user was when the file was open last."""
        journal = self.session.sources[0].edited.journal
        place = journal.remembered(PLACE) if journal is not None else None
        if place and place.isdecimal() and int(place):
            self.records.go_to(int(place))

    def leaving(self) -> str:
        """Write down what is not yet: the text that is typed, and the place. Returns what the user has to know."""
        typed = self.editor.text_stored
        left = "" if self.editing is None or self.keep_draft(typed) else self._left_aside(typed)
        edited = self.session.sources[0].edited
        if edited.journal is not None and not edited.read_only:
            journal = edited.journal
            place = max(0, self.number_here() - 1)
            self.attempt(lambda: journal.remember(PLACE, str(place)))
        return "\n".join(filter(None, (left, kept_input(self.session.sources))))

    def _left_aside(self, text: str) -> str:
        """Keep a text that the journal does not take. Returns where it is."""
        from curator.tui.external_editor import kept_aside

        try:
            return f"curator: what was being typed could not be kept in the journal; it is in {kept_aside(text)}."
        except CuratorError as error:
            return f"curator: {error}"

    def _look_for_growth(self) -> None:
        """Take in what a program that still writes to a file has appended."""
        try:
            grown = [source for source in self.session.sources if source.grow(self.session.limit)]
        except CuratorError as error:
            if str(error) != self._growth_fault:
                self._growth_fault = str(error)
                self.say(self._growth_fault, severity="error")
            return
        self._growth_fault = ""
        for source in grown:
            listing = self.session.listing
            behind = listing.start_of(source) + listing.length_of(source)
            self.records.forget(behind, behind + 1)  # a last line that had no end goes on
        if grown:
            self.background.go_on()

    # What the background work says

    def on_data_grew(self) -> None:
        """More lines are known, or more of them audited."""
        self._grow()

    def on_work_done(self, message: WorkDone) -> None:
        """Work that was asked for is done."""
        self.attempt(message.then)

    def on_audit_failed(self, message: AuditFailed) -> None:
        """Say why figures stop."""
        self.say(message.reason, severity="error")

    def on_record_analysed(self, message: RecordAnalysed) -> None:
        """The figures of the record under the cursor."""
        if message.record is self.record and self.editing is None:
            self._analysed = message.report
            self.draw_record(message.report)

    def _grow(self) -> None:
        session = self.session
        self.update_rows()
        self._draw_news()
        if self.wanted < 0:
            self.read(self.records.cursor)
        self.update_bars()
        if self._looking:
            self._look()
        self.audit_grew()
        self.go_on_when_mended()
        self.tell_of_limits()
        self._show_found()
        self.tell_of_malformed()
        if session.notice:
            self.say(session.notice, severity="warning")
            session.notice = ""

    def _draw_news(self) -> None:
        """Draw rows anew whose figures have come; all of them where figures that were known are void."""
        session = self.session
        audit, audited = session.audits, session.audited
        if audit != self._audit or audited < self._audited:
            self.records.forget()
        else:
            self.records.forget_waiting(lambda position: session.row(position) is not None)
        self._audit, self._audited = audit, audited

    def _show_found(self) -> None:
        """What was found in whole files: in the list, with the record that is read, and said once of a file as such."""
        session = self.session
        revision = session.file_findings.revision
        if revision == self._found:
            return
        self._found = revision
        before, now = self._wide, [source.file_wide for source in session.sources]
        self._wide = now

        def changed(position: int) -> bool:
            source, record = session.listing.locate(position)
            return before[source.number].bits_of(record) != now[source.number].bits_of(record)

        self.records.forget_those(changed)
        if self.report is not None and self.editing is None:
            self.draw_record(self._analysed)
        for source in session.sources:
            for finding in source.file_wide.on_file:
                if finding.severity is Severity.ERROR and (source.number, finding.code) not in self._told:
                    self._told.add((source.number, finding.code))
                    self.say(f"{source.opened.path.name}: {finding.message} ({finding.code}).", severity="warning")

    # The record under the cursor

    def on_record_list_moved(self) -> None:
        """The reader follows when the cursor has come to rest; whoever moves is no longer looking for a problem."""
        self._looking = 0
        if self._following is not None:
            self._following.stop()
        self._following = self.set_timer(READER_DELAY, self.follow)

    # Actions

    def action_record(self, step: int) -> None:
        """Go to the next or previous record, whichever pane has the focus."""
        self._looking = 0
        self.records.go_to(self.records.cursor + step)

    def action_other_pane(self) -> None:
        """Give the keys to the other pane."""
        if self.has_class("-reading") and self.has_class("-narrow"):
            return
        (self.records if self.reader.has_focus else self.reader).focus()

    def on_record_list_read(self) -> None:
        """Give the reader the keys, and on a narrow screen all of the room."""
        self.follow()
        self.set_class(self.has_class("-narrow"), "-reading")
        self.reader.focus()

    def action_back(self) -> None:
        """Stop looking, give up a range, leave a group or a view, or go back from the reader to the list."""
        if self._looking or self.range_start >= 0:
            self._looking, self.range_start = 0, -1
            return
        if self.records.has_focus and (self.stop_search() or self.leave_group() or self.step_back()):
            return
        self.remove_class("-reading")
        self.records.focus()

    def action_choose_model(self) -> None:
        """Choose the model that counts, prices and limits."""
        from curator.tui.screens.choose_model import ChooseModel

        self.app.push_screen(ChooseModel(self.session), self._model_chosen)

    def _model_chosen(self, choice: Choice | None) -> None:
        if choice is not None:
            self.background.choose_model(choice.name, choice.edition)

    def on_model_chosen(self) -> None:
        """Totals, flags and costs are those of another model or target."""
        self._everything_changed()

    def action_choose_dialect(self) -> None:
        """Choose how records are read."""
        from curator.tui.screens.choose_dialect import ChooseDialect

        self.app.push_screen(ChooseDialect(self.session), self._dialect_chosen)

    def _dialect_chosen(self, name: str | None) -> None:
        if name is None or name == self.session.settings.dialect:
            return
        self.session.choose_dialect(name)
        self.background.audit_anew()
        self._everything_changed()

    def _everything_changed(self) -> None:
        self.records.forget()
        self.read(self.records.cursor)
        self._grow()

    def action_help(self) -> None:
        """Show the keys."""
        from curator.tui.screens.help import Help

        self.app.push_screen(Help(PLACES))


PLACES = (
    ("list", (RecordList,)),
    ("which records, in which order", (Filtering, Ordering, Facetting, Viewing)),
    ("marks, tags, verdicts", (Labelling,)),
    ("messages", (Editing,)),
    ("search and copy", (Searching, Copying)),
    ("problems", (Walking, Mending)),
    ("records", (Reshaping, Replacing, Shortening, Deduping)),
    ("history and files", (Saving, Told, Exporting)),
    ("reader", (ConversationView,)),
    ("money", (Money,)),
    ("target", (Aiming,)),
    ("everywhere", (Places, MainScreen)),
)
"""Where keys work, and what they belong to, as the help shows it."""
