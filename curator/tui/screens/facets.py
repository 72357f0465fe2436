"""Which values the listed records have, and how many have each; a value goes into the filter, or out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.errors import CuratorError
from curator.session import Session
from curator.session.facets import FACETS, LONGEST_VALUE, Facet, Value, check_facet, facet
from curator.session.sorting import NO_PATH, is_path, typed_path
from curator.session.viewing import records_of
from curator.tui.background import Background
from curator.tui.figure_table import Heading
from curator.tui.figures import plural
from curator.tui.screens.ask import Ask
from curator.tui.status import cost_segments, totals_segments
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.figure_list import FigureList
from curator.tui.widgets.screen_keys import ScreenKeys

BAR_CELLS = 24
SECONDS_BETWEEN_COUNTS = 2.0
FROM_AUDIT = frozenset(("dialect", "finding", "length"))
"""Facets that follow the audit."""
HEADINGS = (
    Heading("value", left=True),
    Heading("records", weight=3),
    Heading("share", weight=2),
    Heading("", weight=1, left=True),
)


class FacetsScreen(Screen[str | None]):
    """Counts of the records that are listed; dismisses with what is to be added to the filter, or None."""

    AUTO_FOCUS = "FigureList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,F", "dismiss(None)", "back", key_display="Esc"),
        Binding(
            "right,l,tab", "facet(1)", "facet", tooltip="count by the next thing, or the one before", key_display="← →"
        ),
        Binding("left,h,shift+tab", "facet(-1)", "the one before", show=False),
        Binding("enter", "only", "only these", tooltip="add the value under the cursor to the filter"),
        Binding("exclamation_mark", "without", "without these", tooltip="leave its records out", key_display="!"),
        Binding("o", "turn", "by name or count", tooltip="order by name, or by count again"),
        Binding("period", "key", "a key", tooltip="count by any key of the records", key_display="."),
    ]

    def __init__(self, session: Session, background: Background, first: str, keys: list[str]) -> None:
        """`first` is what is counted by first; `keys` are keys that records have."""
        super().__init__()
        self.session = session
        self._background = background
        self._keys = keys
        self._names = [*FACETS, *([first] if is_path(first) else [])]
        self.by = first
        """What is counted by."""
        self._known: dict[str, tuple[float, Facet]] = {}
        self._faults: dict[str, str] = {}
        self._asked: set[str] = set()
        self._left = False
        self._final = session.complete and session.file_findings.known
        """Whether what was counted of the audit's figures was counted when all of them were there."""
        self._by_name = False
        self._values: list[Value] = []
        self._title = Bar(id="title")
        self._facets = Bar(id="facets")
        self._table = FigureList(HEADINGS)
        self._notes = Label(id="notes", markup=False)
        self._totals = Bar(id="totals")

    def compose(self) -> ComposeResult:
        """Title, facets, values, what is to be known of them, totals, keys."""
        yield self._title
        yield self._facets
        yield self._table
        yield self._notes
        yield self._totals
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Begin to count, and count anew as the audit goes on."""
        self._count()
        self.set_interval(SECONDS_BETWEEN_COUNTS, self._follow)

    def on_unmount(self) -> None:
        """What is counted for this screen is of no use any more."""
        self._left = True

    def _count(self) -> None:
        """Count behind the screen, unless that was done."""
        by = self.by
        self._draw()
        if by in self._asked:
            return
        self._asked.add(by)

        def work() -> Callable[[], object]:
            try:
                for found in facet(self.session, by, records_of(self.session), *self._background.executor):
                    if self._left:
                        break
                    self._background.tell(partial(self._take, by, found))
            except CuratorError as error:
                return partial(self._fail, by, str(error))
            return lambda: None

        self._background.run(work)

    def _follow(self) -> None:
        """Figures are counted anew while the audit goes on, and once more at its end."""
        if self.by in FROM_AUDIT and not self._final:
            self._final = self.session.complete and self.session.file_findings.known
            self._asked -= FROM_AUDIT
            self._count()

    def _take(self, by: str, found: tuple[float, Facet]) -> None:
        self._known[by] = found
        if by == self.by and not self._left:
            self._draw()

    def _fail(self, by: str, sentence: str) -> None:
        self._faults[by] = sentence
        if not self._left:
            self._draw()

    # What stands on the screen

    def _draw(self) -> None:
        title = self.session.listing.view.title
        which = f"of the records where {one_line(title, LONGEST_VALUE)}" if title else "of all records"
        self._title.left = (Segment("facets", "facets", "strong"), Segment(which, which))
        self._facets.left = tuple(
            Segment(one_line(name, 20), one_line(name, 20), "strong" if name == self.by else "quiet")
            for name in self._names
        )
        self._totals.left = totals_segments(self.session)
        self._totals.right = cost_segments(self.session)
        share, found = self._known.get(self.by, (0.0, Facet((), 0)))
        values = sorted(found.values, key=lambda one: one.words) if self._by_name else list(found.values)
        here = self._values[self._table.cursor] if self._table.cursor < len(self._values) else None
        self._values = values
        most = max((one.count for one in values), default=1)
        self._table.show(
            [_row(one, found.records, most) for one in values],
            sorted_by=0 if self._by_name else 1,
            falling=not self._by_name,
            cursor=next((n for n, one in enumerate(values) if here and one.words == here.words), 0),
        )
        self._notes.update(Content(" ".join(self._words(share, found))))

    def _words(self, share: float, found: Facet) -> Iterator[str]:
        """What is to be known of the counts."""
        if fault := self._faults.get(self.by):
            yield one_line(fault, LONGEST_VALUE)
            return
        about = FACETS.get(self.by, f"what stands under {one_line(self.by, 40)}")
        end = "." if share >= 1 else f" so far ({share:.0%})."
        yield f"{about[:1].upper()}{about[1:]}, in {plural(found.records, 'record')}{end}"
        if found.others:
            yield f"{found.others:,} have other, rarer values."
        if self.by in FROM_AUDIT and not self.session.complete:
            yield "The audit has not reached all of them."

    # Keys

    def action_facet(self, step: int) -> None:
        """Count by the next thing."""
        self.by = self._names[(self._names.index(self.by) + step) % len(self._names)]
        self._values = []
        self._count()

    def action_turn(self) -> None:
        """Order by name, or by count."""
        self._by_name = not self._by_name
        self._draw()

    def action_key(self) -> None:
        """Ask for a key of the records."""

        def wrong(text: str) -> str:
            try:
                check_facet(typed_path(text))
            except CuratorError:
                return NO_PATH if text.strip() else ""
            return ""

        def named(text: str | None) -> None:
            if text and text.strip():
                self.by = typed_path(text)
                self._names = list(dict.fromkeys([*self._names, self.by]))
                self._values = []
                self._count()

        self.app.push_screen(Ask("Count by the key", "", self._keys, wrong), named)

    def on_figure_list_chosen(self, event: FigureList.Chosen) -> None:
        """Enter on a value."""
        event.stop()
        self.action_only()

    def action_only(self) -> None:
        """Only records with the value under the cursor."""
        self._leave(lambda expression: expression)

    def action_without(self) -> None:
        """All records but those with the value under the cursor."""
        self._leave(lambda expression: f"not ({expression})" if " " in expression else f"not {expression}")

    def _leave(self, condition: Callable[[str], str]) -> None:
        if self._table.cursor >= len(self._values):
            return
        value = self._values[self._table.cursor]
        if value.expression:
            self.dismiss(condition(value.expression))
        else:
            self.notify("There is no filter for this value.", markup=False)


def _row(value: Value, records: int, most: int) -> list[str]:
    share = value.count / max(1, records)
    bar = "█" * round(value.count / most * BAR_CELLS) or "▏"
    return [one_line(value.words, 60) or "(empty)", f"{value.count:,}", f"{share:.1%}", f"{bar:<{BAR_CELLS}}"]
