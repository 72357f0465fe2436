"""All that is found, in groups: by rule, and what is to be said of files as such. It grows while the audit runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pyroaring import BitMap64
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.session import Session
from curator.session.problem_group import ProblemGroup
from curator.tui.background import Background
from curator.tui.figure_table import Heading
from curator.tui.problem_causes import CauseSearch
from curator.tui.problem_rows import Row, cells, notes_of, problem_rows
from curator.tui.scopes import Scope
from curator.tui.status import cost_segments, progress_segment, totals_segments
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.figure_list import FigureList
from curator.tui.widgets.screen_keys import ScreenKeys

SECONDS_BETWEEN_LOOKS = 0.5
HEADINGS = (
    Heading("rule", left=True),
    Heading("what is found", 3, left=True),
    Heading("records", 2),
    Heading("", 1, left=True),
)


class Wish(StrEnum):
    """What is to be done with a group."""

    WALK = "walk"
    LIST = "list"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Ask:
    """What the user wants of a group of problems."""

    wish: Wish
    group: ProblemGroup
    scope: Scope
    """The records that were meant."""


class ProblemsScreen(Screen[Ask | None]):
    """Problems by rule; dismisses with what is to be done with a group, or None."""

    AUTO_FOCUS = "FigureList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,p", "dismiss(None)", "back", key_display="Esc"),
        Binding("enter", "ask('walk')", "walk", tooltip="walk the records of the group", key_display="Enter"),
        Binding("f", "ask('list')", "list", tooltip="list the records of the group"),
        Binding(
            "exclamation_mark",
            "ask('mend')",
            "fix, excuse",
            tooltip="fix what is found, or excuse the records",
            key_display="!",
        ),
        Binding("x", "turn_off", "off or on"),
        Binding("w", "which", "which", tooltip="of which records: those of the filter, the marked ones, or all"),
    ]

    def __init__(
        self, session: Session, background: Background, scopes: Sequence[Scope], walked: ProblemGroup | None = None
    ) -> None:
        """`scopes` are the records that can be meant, at first those of the first; `walked` is the group in force."""
        super().__init__()
        self._scopes = deque(scopes)
        self.session = session
        self._background = background
        self._walked = walked
        self._rows: list[Row] = []
        self._causes = CauseSearch(session, background, self._draw)
        self._ready = False
        self._title = Bar(id="title")
        self._table = FigureList(HEADINGS)
        self._notes = Label(id="notes", markup=False)
        self._totals = Bar(id="totals")

    def compose(self) -> ComposeResult:
        """Title, groups, what is to be known of the one under the cursor, totals, keys."""
        yield self._title
        yield self._table
        yield self._notes
        yield self._totals
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Sort out behind the screen what was found so far, then show it."""

        def work() -> Callable[[], object]:
            self.session.by_rule.follow()
            return self._begin

        self._draw_bars()
        self._background.run(work)

    def _begin(self) -> None:
        if self.is_mounted:
            self._ready = True
            self._draw()
            self.set_interval(SECONDS_BETWEEN_LOOKS, self._draw)

    def on_unmount(self) -> None:
        """What is looked for for this screen is of no use any more."""
        self._causes.stop()

    # What stands on the screen

    def _draw(self) -> None:
        before = self._row
        self._causes.follow()
        rows = problem_rows(self.session, self._causes.groups, self._among)
        if not self.is_current or (rows == self._rows and self._rows):
            self._draw_bars()
            return
        wanted = before.key if before else (self._walked.rule.code if self._walked else "")
        self._rows = rows
        place = next((number for number, one in enumerate(rows) if one.key == wanted), 0)
        most = max((one.count for one in rows), default=0)
        width = self.size.width
        quiet = frozenset(number for number, one in enumerate(rows) if one.off)
        self._table.show([cells(one, most, width) for one in rows], quiet=quiet, cursor=place)
        self._draw_bars()
        self._draw_notes()

    def _draw_bars(self) -> None:
        session = self.session
        kinds = sum(not one.off and one.of_rule for one in self._rows)
        found = f"{kinds:,} kinds" if kinds != 1 else "1 kind"
        self._title.left = (Segment("problems", "problems", "strong"), Segment(found, found), self._scopes[0].segment)
        self._title.right = (progress_segment(session, self._background.audit_started),)
        self._totals.left = totals_segments(session)
        self._totals.right = cost_segments(session)

    @property
    def _among(self) -> dict[int, BitMap64] | None:
        records = self._scopes[0].records
        return None if records is None else {source.number: some for source, some in records.items()}

    @property
    def _row(self) -> Row | None:
        return self._rows[self._table.cursor] if self._rows else None

    def _draw_notes(self) -> None:
        row = self._row
        if row is not None:
            lines = notes_of(self.session, row)
        elif self._ready and self.session.complete:
            lines = [f"Nothing is found in {self._scopes[0].words}."]
        else:
            lines = ["Nothing is found so far."] if self._ready else ["Sorting out what was found."]
        self._notes.update(Content("\n".join(one_line(line, 400) for line in lines)))

    def on_figure_list_moved(self) -> None:
        """The notes are those of the row under the cursor."""
        self._draw_notes()

    def on_resize(self) -> None:
        """The titles have another room."""
        self._rows = []
        if self._ready:
            self._draw()

    # Keys

    def on_figure_list_chosen(self) -> None:
        """Enter on a row."""
        self.action_ask("walk")

    def action_ask(self, wish: str) -> None:
        """Have something done with the group under the cursor."""
        row = self._row
        if row is None:
            return
        if row.group is None or not row.count:
            said = "It is off; x asks it again." if row.off else "That is said of the file as a whole, not of records."
            self.notify(said, markup=False)
            return
        self.dismiss(Ask(Wish(wish), row.group, self._scopes[0]))

    def action_which(self) -> None:
        """Show the problems of other records: all, or those of the filter, or the marked ones."""
        if len(self._scopes) == 1:
            self.notify("These are those of all records: no filter is in force, and none is marked.", markup=False)
            return
        self._scopes.rotate(-1)
        self._draw()

    def action_turn_off(self) -> None:
        """Do not ask the rule any more as long as the program runs, or ask it again; the audit begins anew."""
        row = self._row
        if row is not None and row.rule is not None:
            self.session.turn_rule(row.rule.number, on=row.off)
            self._background.audit_anew()
            self._draw()
