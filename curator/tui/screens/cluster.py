"""The members of a group of duplicates, side by side: figures, labels, and what they differ in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.analysis.prints import Likeness
from curator.session import Session
from curator.session.cluster_members import likeness_of, member, said_in
from curator.session.duplicates import Cluster
from curator.session.editor import Selection
from curator.session.working_source import WorkingSource
from curator.tui.difference_layout import Difference
from curator.tui.figure_table import Heading
from curator.tui.figures import plural
from curator.tui.screens.help import Help
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.difference_list import DifferenceList
from curator.tui.widgets.figure_list import FigureList
from curator.tui.widgets.screen_keys import ScreenKeys

MOST_SHOWN = 200
"""Members that are shown at most."""
LONGEST_COMPARED = 1 << 20
"""Bytes of a line up to which keys do not wait for its comparison."""
HEADINGS = (
    Heading("record", 9),
    Heading("file", 1, left=True),
    Heading("messages", 3),
    Heading("tokens", 7),
    Heading("characters", 4),
    Heading("verdict", 6, left=True),
    Heading("tags", 5, left=True),
    Heading("", 8, left=True),
)


class ClusterScreen(Screen[int | None]):
    """Shows the members; dismisses with the place of the one to keep, or None."""

    AUTO_FOCUS = "FigureList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "keep this one"),
        Binding("f", "keep_first", "keep first"),
        Binding("l", "keep_longest", "keep longest"),
        Binding("m", "mark", "mark them"),
        Binding("tab", "other_pane", "differences"),
        Binding("escape", "dismiss(None)", "back, all kept", key_display="Esc"),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(
        self, session: Session, cluster: Cluster, likeness: Likeness, mark: Callable[[Selection], object]
    ) -> None:
        super().__init__()
        self.session = session
        self._cluster = cluster
        self._likeness = likeness
        self._mark = mark
        self._title = Bar(id="title")
        self._table = FigureList(HEADINGS)
        self._against = Label(id="against", markup=False)
        self._differences = DifferenceList()

    def compose(self) -> ComposeResult:
        """Title, members, what the one under the cursor differs in, keys."""
        yield self._title
        yield self._table
        yield self._against
        yield self._differences
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Show the members; the second is compared with the first."""
        number = len(self._cluster.records)
        words = {"exact": "say the same", "near": "are nearly the same", "contradiction": "answer the same prompt"}
        sentence = f"{plural(number, 'record')} {words[self._cluster.kind]}"
        self._title.left = (Segment(sentence, sentence, "strong"),)
        if number > MOST_SHOWN:
            more = f"the first {MOST_SHOWN:,} are shown"
            self._title.right = (Segment(more, more, "quiet"),)
        self._table.styles.height = min(MOST_SHOWN, number) + 1
        self._draw(1)

    def _draw(self, cursor: int) -> None:
        shown = range(min(MOST_SHOWN, len(self._cluster.records)))
        self._table.show([self._cells(place) for place in shown], cursor=cursor)
        self._compare()

    def _cells(self, place: int) -> list[str]:
        one = member(self.session, self._cluster, place)
        row = one.row
        signs = " ".join(word for word, on in (("marked", one.marked), ("dropped", one.dropped)) if on)
        return [
            f"#{one.number:,}",
            self._cluster.records[place][0].opened.path.name if len(self.session.sources) > 1 else "",
            f"{row.messages:,}" if row is not None else "",
            f"{row.tokens:,}" if row is not None else "",
            f"{one.characters:,}",
            one.verdict.value if one.verdict is not None else "",
            one_line(", ".join(one.tags), 40),
            signs,
        ]

    def on_figure_list_moved(self) -> None:
        """What is compared follows the cursor."""
        self._compare()

    def _compare(self) -> None:
        """The member under the cursor beside the first; beside the second where it is the first itself."""
        place = self._table.cursor
        other = 0 if place else 1
        names = [f"#{member(self.session, self._cluster, one).number:,}" for one in (other, place)]
        if any(source.edited.content.length(record) > LONGEST_COMPARED for source, record in self._two(other, place)):
            self._against.update(Content(f"{names[0]} and {names[1]} are too long to be compared here."))
            self._differences.show(())
            return
        texts = [said_in(self.session, *one) for one in self._two(other, place)]
        if texts[0] == texts[1]:
            self._against.update(Content(f"{names[1]} says what {names[0]} says."))
            self._differences.show([Difference(f"both {names[0]} and {names[1]}", texts[0], texts[1])])
            return
        share = likeness_of(self.session, self._cluster, other, place, Likeness("record", self._likeness.threshold))
        self._against.update(Content(f"{names[1]} (+) beside {names[0]} (-): {share:.0%} alike."))
        self._differences.show([Difference(f"from {names[0]} to {names[1]}", texts[0], texts[1])])

    def _two(self, one: int, other: int) -> Sequence[tuple[WorkingSource, int]]:
        return self._cluster.records[one], self._cluster.records[other]

    # What is done

    def on_figure_list_chosen(self, event: FigureList.Chosen) -> None:
        """Enter on a member, from the table."""
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        """Keep the member under the cursor and drop the others."""
        self.dismiss(self._table.cursor)

    def action_help(self) -> None:
        """Show the keys."""
        places = (("members", (FigureList,)), ("differences", (DifferenceList,)), ("this screen", (ClusterScreen,)))
        self.app.push_screen(Help(places, ()))

    def action_keep_first(self) -> None:
        """Keep the first."""
        self.dismiss(0)

    def action_keep_longest(self) -> None:
        """Keep the longest."""
        lengths = self._cluster.lengths
        self.dismiss(lengths.index(max(lengths)))

    def action_mark(self) -> None:
        """Mark all of them."""
        from curator.tui.screens.duplicates import selected

        self._mark(selected(self._cluster))
        self._draw(self._table.cursor)

    def action_other_pane(self) -> None:
        """Give the keys to the differences, or back."""
        (self._differences if self._table.has_focus else self._table).focus()
