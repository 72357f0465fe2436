"""What the records cost with every model of an edition, side by side; rows fill in as their tokens are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.analysis.costs import default_epochs
from curator.analysis.model_choice import also_called, notes_on, origin_of
from curator.analysis.prices import ModelPrice
from curator.errors import CuratorError
from curator.session import Session
from curator.session.costing import FORMS, Terms, models_of, write_table
from curator.session.current_records import columns_now
from curator.session.editor import Selection
from curator.tui.background import Background
from curator.tui.cost_counting import CostCounting
from curator.tui.cost_plots import BY_ROLE, NUMBER, Plots, Spread, spread_of
from curator.tui.cost_rows import CostColumn, CostRow, cells, columns, epochs_phrase, in_order, usage_phrase
from curator.tui.desk.saving import wrong_target
from curator.tui.money_fields import usage_fields, usage_of, whole, wrong_whole
from curator.tui.screens.ask import Answers, Ask, AskSeveral
from curator.tui.screens.help import Help
from curator.tui.status import cost_segments, totals_segments
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.figure_list import FigureList
from curator.tui.widgets.plot import Plot
from curator.tui.widgets.screen_keys import ScreenKeys

SIGNS = (
    ("▲ ▼", "sorted by this column, rising or falling"),
    ("≈", "an estimate: something in the records has no token rule"),
    ("dimmed", "the model is retired"),
)
NO_CALLS = "No record has a trained answer, so the data tell nothing of how a model is called."


class CostScreen(Screen[None]):
    """All models of an edition. It counts behind the screen, and leaves off when it is closed.

    `marked` are the records that may be reckoned alone, `words` what they are; `split` is called with those that
    are, None for all.
    """

    AUTO_FOCUS = "FigureList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c", "dismiss(None)", "back", key_display="Esc"),
        Binding("right,l", "sort(1)", "sort", tooltip="sort by the next column, or the one before", key_display="← →"),
        Binding("left,h", "sort(-1)", "sort by the column before", show=False, key_display="←"),
        Binding("o", "turn", "turn round", tooltip="turn the order round"),
        Binding("e", "epochs", "epochs", tooltip="how many epochs are reckoned with"),
        Binding("n", "usage", "calls", tooltip="calls a month, share of the cache, batches, hours"),
        Binding("E", "edition", "edition", tooltip="the next edition of the price book"),
        Binding(
            "m", "marked", "marked or all", tooltip="the marked records, or those of the filter, alone; or all again"
        ),
        Binding("s", "split", "whole or pieces", tooltip="what each way to split would make of it"),
        Binding("X", "export", "export", tooltip="write the table to a file: .csv, .json or .md"),
        Binding("tab", "pane(1)", "plots", tooltip="the next plot, then the table again", key_display="Tab"),
        Binding("shift+tab", "pane(-1)", "the plot before", show=False),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(
        self,
        session: Session,
        background: Background,
        marked: Selection,
        words: str,
        split: Callable[[Selection | None], object] | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self._background = background
        self._marked = marked
        self._words = words
        self._split = split
        names = [one.name for one in session.book.editions]
        self._edition = session.model.edition if session.model.edition in names else names[-1]
        self._selection: Selection | None = None
        self._terms = Terms(epochs=session.settings.epochs)
        self._counting = CostCounting(session, background, self._draw)
        self._key: str | None = None
        self._falling = False
        self._rows: list[CostRow] = []
        self._title = Bar(id="title")
        self._table = FigureList(())
        self._plot = Plot()
        self._plot.display = False
        self._pane = 0
        self._spread: Spread | None = None
        self._roles_asked = False
        self._notes = Label(id="notes", markup=False)
        self._totals = Bar(id="totals")

    def compose(self) -> ComposeResult:
        """Title, table, what is to be known of the row under the cursor, totals, keys."""
        yield self._title
        yield self._table
        yield self._plot
        yield self._notes
        yield self._totals
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Begin to count."""
        self._count()

    def on_unmount(self) -> None:
        """What is counted for this screen is of no use any more."""
        self._counting.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Marked records are offered only where there are any."""
        return {"marked": bool(self._marked), "split": self._split is not None}.get(action, True)

    @property
    def _models(self) -> list[ModelPrice]:
        return models_of(self.session, self._edition)

    @property
    def _columns(self) -> tuple[CostColumn, ...]:
        return columns(months=self._terms.use is not None)

    def _count(self) -> None:
        self._counting.begin(self._models, calls=self._terms.use is not None)
        self._draw()

    # What stands on the screen

    def _draw(self) -> None:
        """Show what is known."""
        shown = self._columns
        here = self._rows[self._table.cursor].model.id if self._rows else self.session.model.id
        place = next((number for number, one in enumerate(shown) if one.heading.title == self._key), -1)
        column = shown[place] if place >= 0 else None
        rows = self._counting.rows(self._models, self._terms)
        self._rows = in_order(rows, column, falling=self._falling)
        self._table.show(
            [cells(one, shown) for one in self._rows],
            headings=[one.heading for one in shown],
            quiet=frozenset(number for number, one in enumerate(self._rows) if one.model.status == "retired"),
            sorted_by=place,
            falling=self._falling,
            cursor=next((number for number, one in enumerate(self._rows) if one.model.id == here), 0),
        )
        self._draw_bars()
        self._draw_notes()
        self._draw_plot()

    def _draw_bars(self) -> None:
        known = next((one.cost for one in self._rows if one.cost is not None), None)
        records = "" if known is None else f"{known.records:,} "
        which = self._words if self._selection is not None else "records"
        epochs = "" if known is None else epochs_phrase(self._terms.epochs, known.epochs)
        usage = usage_phrase(self._terms.use)
        self._title.left = (
            Segment("what it costs", "cost", "strong"),
            Segment(f"{records}{which}", f"{records}{which}"),
            Segment(epochs, epochs),
            Segment(usage, usage),
        )
        self._title.right = (Segment(f"prices of edition {self._edition}", self._edition, "quiet"),)
        self._totals.left = totals_segments(self.session)
        self._totals.right = cost_segments(self.session)

    def _draw_notes(self) -> None:
        row = self._rows[self._table.cursor]
        notes = list(notes_on(row.model))
        cost = row.cost
        if cost is not None and cost.over_context:
            lost = cost.tokens - cost.billed
            records = f"{cost.over_context:,} record{'s are' if cost.over_context != 1 else ' is'}"
            notes.append(f"{records} longer than {row.model.limit:,} tokens; {lost:,} tokens behind that are cut off.")
        if cost is not None and cost.training is None:
            by_hour = row.model.training_unit == "hour"
            notes.append(
                "Its training is paid by the hour: give the hours with n."
                if by_hour
                else f"It has no training price in edition {row.model.edition}."
            )
        if self._terms.use is not None:
            calls = self._counting.calls_of(row.model)
            if calls is None:
                notes.append("The calls that the data hold are being counted.")
            elif not calls.calls:
                notes.append(NO_CALLS)
            else:
                average = f"{calls.prompt // calls.calls:,} tokens in, {calls.completion // calls.calls:,} out"
                notes.append(f"A call is a trained answer with what stands before it: {average} on average.")
        origin = origin_of(row.model)
        about = (also_called(row.model), f"{origin[:1].upper()}{origin[1:]}")
        notes.append(" ".join(filter(None, about)))
        self._notes.update(Content("\n".join(one_line(note, 400) for note in filter(None, notes))))

    def on_figure_list_moved(self) -> None:
        """The notes are those of the row under the cursor."""
        self._draw_notes()

    # Plots

    def action_pane(self, step: int) -> None:
        """Show the next plot, or the table again after the last one; they are about the records and the row's model."""
        self._pane = (self._pane + step) % (1 + NUMBER)
        self._table.display, self._plot.display = not self._pane, bool(self._pane)
        if not self._pane:
            self._table.focus()
            return
        self._plot.clear()
        if self._pane == BY_ROLE and not self._roles_asked:
            self._roles_asked = True
            self._counting.begin_roles()
        if self._spread is None:
            self._look()
        else:
            self._draw_plot()

    def _look(self) -> None:
        """Gather the figures of the records that are reckoned with."""
        chosen = self._selection
        wanted = [(one, None) for one in self.session.sources] if chosen is None else list(chosen.items())

        def work() -> Callable[[], object]:
            spread = spread_of(columns_now(*one) for one in wanted)
            return lambda: self._spread_found(spread, chosen)

        self._background.run(work)

    def _spread_found(self, spread: Spread, chosen: Selection | None) -> None:
        if self.is_mounted and chosen is self._selection:
            self._spread = spread
            self._draw_plot()

    def _draw_plot(self) -> None:
        if not self._pane or self._spread is None:
            return
        row = self._rows[self._table.cursor]
        epochs = self._terms.epochs or default_epochs(len(self._spread.tokens))
        counting = self._counting
        plots = Plots(self._spread, row.model, epochs, counting.roles, counting.roles_share)
        self._plot.draw(plots.all[self._pane - 1])

    # Keys

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help(PLACES, SIGNS))

    def action_sort(self, step: int) -> None:
        """Sort by the next column, or the one before; it rises until it is turned."""
        titles = [one.heading.title for one in self._columns]
        place = titles.index(self._key) if self._key in titles else -1 if step > 0 else 0
        self._key = titles[(place + step) % len(titles)]
        self._falling = False
        self._draw()

    def action_turn(self) -> None:
        """Turn the order round."""
        self._key = self._key or "training"
        self._falling = not self._falling
        self._draw()

    def action_epochs(self) -> None:
        """Ask how many epochs are reckoned with."""

        def answered(text: str | None) -> None:
            if text is not None:
                self._terms = replace(self._terms, epochs=whole(text) or 0)
                self._draw()

        now = f"{self._terms.epochs:,}" if self._terms.epochs else ""
        self.app.push_screen(Ask("Epochs (empty: the service's default rule)", now, check=wrong_whole), answered)

    def action_usage(self) -> None:
        """Ask how a model will be called."""

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                use, hours = usage_of(answers.texts)
                self._terms = replace(self._terms, use=use, hours=hours)
                self._count()

        self.app.push_screen(AskSeveral("How it is called, and trained", usage_fields(self._terms)), answered)

    def action_edition(self) -> None:
        """Go to the next edition of the price book."""
        names = [one.name for one in self.session.book.editions]
        self._edition = names[(names.index(self._edition) + 1) % len(names)]
        self._rows = []
        self._count()

    def action_marked(self) -> None:
        """Reckon with the marked records alone, or with all again."""
        self._selection = self._marked if self._selection is None else None
        self._spread, self._roles_asked = None, False
        self._counting.choose(self._selection)
        if self._pane:
            self._pane -= 1
            self.action_pane(1)
        self._count()

    def action_split(self) -> None:
        """Compare what the ways to split would cost."""
        if self._split is not None:
            self._split(self._selection)

    def action_export(self) -> None:
        """Write the table to a file."""
        table = [one.cost for one in self._rows if one.cost is not None]
        if len(table) < len(self._rows):
            self.notify("Tokens are still being counted; export when all rows are there.", markup=False)
            return
        own = self.session.sources[0].opened.path

        def check(text: str) -> str:
            if Path(text.strip()).suffix.lower() not in FORMS:
                return f"End the name in {', '.join(FORMS)}: that is the form it is written in."
            return wrong_target(text, own)

        def answered(text: str | None) -> None:
            if text is None:
                return
            target = Path(text).expanduser()
            try:
                notes = write_table(target, table)
            except CuratorError as error:
                self.notify(one_line(str(error), 400), severity="error", markup=False)
                return
            self.notify(one_line(" ".join([f"{target}: {len(table):,} models written.", *notes]), 400), markup=False)

        proposed = str(own.with_name(f"{own.stem}.cost.csv"))
        self.app.push_screen(Ask("Write the table to (.csv, .json or .md)", proposed, check=check), answered)


PLACES = (("cost", (CostScreen,)), ("table", (FigureList,)), ("everywhere", ()))
"""Where keys work, and what they belong to, as the help shows it."""
