"""Whole or pieces: what each way to split would make of the records, side by side, and a way to do it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from pyroaring import BitMap64
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.analysis.totals import Totals
from curator.edits.segments import all_records
from curator.records.transforms import Way
from curator.session import Cost, Session, dollars
from curator.session.editor import Selection
from curator.session.splitting_choices import Tried, tried, ways_for
from curator.tui.background import SECONDS_BETWEEN_REPORTS, Background
from curator.tui.figure_table import Heading
from curator.tui.figures import meter, plural
from curator.tui.screens.help import Help
from curator.tui.status import cost_segments, totals_segments
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.figure_list import FigureList
from curator.tui.widgets.screen_keys import ScreenKeys

Apply = Callable[[Selection, Way, str], object]
"""Splits records in a way, after a preview; the text is how that is called in the history."""

MOST_AT_ONCE = 5_000
"""Records that are split from the screen at most."""
METER_CELLS = 20
HEADINGS = (
    Heading("", left=True),
    Heading("records", 6),
    Heading("tokens", 7),
    Heading("trained", 5),
    Heading("over", 4),
    Heading("epochs", 1),
    Heading("training", 9),
)
WHOLE = "Every conversation is one example, with all that was said before each answer. Long ones may be cut off."
SENTENCES = {
    "turn": "One example for each turn with its whole history, of which nothing is trained. Keeps all context;"
    " the history is paid for again with each turn.",
    "pair": "One example for each question with its answer. The cheapest; loses what a follow-up question refers to.",
    "window": "One example for each turn with the turns just before it, only the last trained. Keeps near context,"
    " loses what was said earlier.",
    "fit": "Only conversations over the longest example are split, into as few pieces as hold them. Nothing is cut"
    " off; a later piece does not know the earlier ones.",
}


class SplittingScreen(Screen[None]):
    """The ways to split. It works them out behind the screen; Enter does one through `apply`, where that is given.

    `selection` are the records that it is about, None for all; `which` says what they are.
    """

    AUTO_FOCUS = "FigureList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,s", "dismiss(None)", "back", key_display="Esc"),
        Binding("enter", "apply", "split so", tooltip="split in the way under the cursor, after a preview"),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(
        self,
        session: Session,
        background: Background,
        selection: Selection | None,
        which: str,
        apply: Apply | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self._background = background
        self._selection = selection
        self._which = which
        self._apply = apply
        self._ways = ways_for(session.limit)
        self._tried: Tried | None = None
        self._share = 0.0
        self._failed = False
        self._stopped = False
        self._title = Bar(id="title")
        self._table = FigureList(HEADINGS)
        self._notes = Label(id="notes", markup=False)
        self._totals = Bar(id="totals")

    def compose(self) -> ComposeResult:
        """Title, table, what the way under the cursor keeps and loses, totals, keys."""
        yield self._title
        yield self._table
        yield self._notes
        yield self._totals
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Begin to try them out."""
        self._background.run(self._try, self._fail)
        self._draw()

    def on_unmount(self) -> None:
        """What is worked out for this screen is of no use any more."""
        self._stopped = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Splitting is offered where it can be done."""
        return action != "apply" or self._apply is not None

    def _try(self) -> Callable[[], object]:
        """Runs in a thread, where it waits for the workers."""
        executor, workers = self._background.executor
        told = 0.0
        found = Tried()
        for share, so_far in tried(self.session, self._ways, executor, workers, self._selection):
            if self._stopped:
                break
            found = so_far
            if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._background.tell(partial(self._take, None, share))
        return partial(self._take, found, 1.0)

    def _fail(self) -> None:
        if not self._stopped:
            self._failed = True
            self._draw()

    def _take(self, found: Tried | None, share: float) -> None:
        if not self._stopped:
            self._tried, self._share = found, share
            self._draw()

    # What stands on the screen

    def _draw(self) -> None:
        known = self._tried
        names = ["whole", *(words(way) for way in self._ways)]
        sums = [None] * len(names) if known is None else [known.whole, *known.after]
        self._table.show([self._cells(name, one) for name, one in zip(names, sums, strict=True)])
        progress = "" if known is not None else f"{meter(self._share, METER_CELLS)} {self._share:.0%}"
        if self._failed:
            progress = "could not be tried out"
        self._title.left = (Segment("whole or pieces", "pieces", "strong"), Segment(self._which, self._which))
        model = self.session.model.id
        self._title.right = (Segment(progress, progress), Segment(model, model, "quiet"))
        self._totals.left = totals_segments(self.session)
        self._totals.right = cost_segments(self.session)
        self._draw_notes()

    def _cells(self, name: str, sums: Totals | None) -> list[str]:
        if sums is None:
            return [name, *[""] * (len(HEADINGS) - 1)]
        cost = self._cost(sums)
        figures = (sums.records, sums.tokens, sums.trained_tokens, sums.over_context, cost.epochs)
        about = "≈" if sums.estimated else ""
        records, tokens, trained, over, epochs = (f"{one:,}" for one in figures)
        return [name, records, about + tokens, about + trained, over, epochs, dollars(cost.training)]

    def _cost(self, sums: Totals) -> Cost:
        """What they cost; some records are trained with all others, for as many epochs as those."""
        if self._selection is None:
            return self.session.cost(sums)
        return Cost(self.session.cost(self.session.totals).epochs, self.session.cost_beside(sums))

    def _draw_notes(self) -> None:
        place = self._table.cursor
        sentence = SENTENCES[self._ways[place - 1].by] if place else WHOLE
        if place and self._tried is not None:
            number = self._tried.split[place - 1]
            others = self._tried.whole.records - number
            rest = "; the others stay as they are" if others else ""
            sentence += f"\nIt takes {number:,} of {plural(number + others, 'record')} apart{rest}."
        self._notes.update(Content(sentence))

    def on_figure_list_moved(self) -> None:
        """The sentence is that of the way under the cursor."""
        self._draw_notes()

    # Keys

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help(PLACES, ()))

    def on_figure_list_chosen(self, event: FigureList.Chosen) -> None:
        """Enter on a way, from the table."""
        event.stop()
        self.action_apply()

    def action_apply(self) -> None:
        """Go back, and split in the way under the cursor after a preview."""
        place = self._table.cursor
        if self._apply is None:
            return
        if not place:
            self.notify("Whole is as the records are; go to a way to split them.", markup=False)
            return
        selection = self._selection if self._selection is not None else everything(self.session)
        number = sum(map(len, selection.values()))
        if number > MOST_AT_ONCE:
            self.notify(
                f"{number:,} records are too many to split at once: mark some, or let `curator split` do the file.",
                severity="warning",
                markup=False,
            )
            return
        way = self._ways[place - 1]
        apply, title = self._apply, f"split {self._which} {words(way)}"
        self.dismiss(None)
        self._background.tell(lambda: apply(selection, way, title))


PLACES = (("ways to split", (SplittingScreen,)), ("table", (FigureList,)), ("everywhere", ()))
"""Where keys work, and what they belong to, as the help shows it."""


def words(way: Way) -> str:
    """A way of splitting as people say it."""
    match way.by:
        case "window":
            return f"by window of {way.turns:,}"
        case "fit":
            return f"to fit {way.budget:,}"
    return f"by {way.by}"


def everything(session: Session) -> Selection:
    """All records that are there."""
    found = {}
    for source in session.sources:
        chosen = BitMap64()
        for first, count in all_records(source.edited):
            chosen.add_range(first, first + count)
        if chosen:
            found[source] = chosen
    return found
