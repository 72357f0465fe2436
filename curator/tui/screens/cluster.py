"""The members of a group of duplicates, side by side: figures, labels, and what they differ in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.analysis.prints import Likeness
from curator.session import Session
from curator.session.cluster_members import likeness_of, member, said_in
from curator.session.working_source import WorkingSource
from curator.tui.difference_layout import Difference
from curator.tui.figure_table import Heading
from curator.tui.figures import plural
from curator.tui.groups import Groups, longest
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
WORDS = {
    ("record", "exact"): "say the same",
    ("record", "near"): "are nearly the same",
    ("prompt", "exact"): "have the same prompt",
    ("prompt", "near"): "have nearly the same prompt",
    ("prompt", "contradiction"): "answer the same prompt",
    ("answer", "exact"): "give the same answer",
    ("answer", "near"): "give nearly the same answer",
}
"""What the members have in common, by what was compared and the kind of the group."""
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
    """Shows the members of one group after the other; dismisses with the number of the last one shown."""

    AUTO_FOCUS = "FigureList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "keep this one"),
        Binding("f", "keep_first", "first", tooltip="keep the first, drop the others"),
        Binding("l", "keep_longest", "longest", tooltip="keep the longest, drop the others"),
        Binding("a", "keep_all", "all", tooltip="keep all: leave the group as it is"),
        Binding("u", "undo", "undo", tooltip="take back what was done last from here"),
        Binding("greater_than_sign", "go(1)", "next", key_display=">", tooltip="the next group"),
        Binding("less_than_sign", "go(-1)", "previous", key_display="<", tooltip="the previous group"),
        Binding("n", "part(1)", "change", tooltip="the next place in which both differ"),
        Binding("N", "part(-1)", "previous change", show=False, tooltip="the previous place in which both differ"),
        Binding("m", "mark", "mark", tooltip="mark all of them"),
        Binding("ctrl+d,space,pagedown", "scroll_both(0.5)", "scroll", key_display="Space", tooltip="scroll both"),
        Binding("ctrl+u,pageup", "scroll_both(-0.5)", "scroll back", show=False, key_display="PgUp"),
        Binding("tab", "other_pane", "line by line", show=False, tooltip="scroll both line by line, or back"),
        Binding("escape", "leave", "back", key_display="Esc"),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(self, session: Session, groups: Groups, number: int, likeness: Likeness) -> None:
        super().__init__()
        self.session = session
        self._groups = groups
        self._number = number
        self._cluster = groups[number]
        self._likeness = likeness
        self._title = Bar(id="title")
        self._table = FigureList(HEADINGS)
        self._against = Label(id="against", markup=False)
        self._differences = DifferenceList(side_by_side=True)

    def compose(self) -> ComposeResult:
        """Title, members, what the one under the cursor differs in, keys."""
        yield self._title
        yield self._table
        yield self._against
        yield self._differences
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Show the members."""
        self._show(self._number)

    def on_resize(self) -> None:
        """What is said of both follows from whether they stand beside each other."""
        self.call_after_refresh(self._compare)

    def _show(self, number: int) -> None:
        """Another group; its second member is compared with the first."""
        self._number, self._cluster = number, self._groups[number]
        self._table.styles.height = min(MOST_SHOWN, len(self._cluster.records)) + 1
        self._draw(1)

    def _draw(self, cursor: int) -> None:
        number = len(self._cluster.records)
        sentence = f"{plural(number, 'record')} {WORDS[self._likeness.by, self._cluster.kind]}"
        done = self._groups.done(self._number)
        place = f"group {self._number + 1:,} of {len(self._groups):,}"
        more = f"the first {MOST_SHOWN:,} are shown" if number > MOST_SHOWN else ""
        self._title.left = (Segment(sentence, sentence, "strong"), Segment(done, done))
        self._title.right = (Segment(more, more, "quiet"), Segment(place, place, "quiet"))
        shown = range(min(MOST_SHOWN, number))
        self._table.show([self._cells(one) for one in shown], cursor=cursor)
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
        where = ("on the left", "on the right") if self._differences.side_by_side else ("-", "+")
        self._against.update(
            Content(f"{names[0]} ({where[0]}) and {names[1]} ({where[1]}) are {share:.0%} alike, word by word.")
        )
        self._differences.show([Difference(f"from {names[0]} to {names[1]}", texts[0], texts[1])])
        if self._differences.size.width:
            self._differences.go_to_part(1)

    def _two(self, one: int, other: int) -> Sequence[tuple[WorkingSource, int]]:
        return self._cluster.records[one], self._cluster.records[other]

    # What is done

    def on_figure_list_chosen(self, event: FigureList.Chosen) -> None:
        """Enter on a member, from the table."""
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        """Keep the member under the cursor and drop the others."""
        self._keep(self._table.cursor)

    def action_keep_first(self) -> None:
        """Keep the first."""
        self._keep(0)

    def action_keep_longest(self) -> None:
        """Keep the longest."""
        self._keep(longest(self._cluster))

    def _keep(self, place: int) -> None:
        if self._groups.done(self._number):
            self.notify("This group is settled already; u takes back what was done last.", markup=False)
        elif self._groups.keep(self._number, self._cluster, place):
            self._go_on()

    def action_keep_all(self) -> None:
        """Leave the group as it is."""
        self._groups.keep_all(self._number)
        self._go_on()

    def _go_on(self) -> None:
        """Show the next open group; where none is left, go back to the list."""
        number = self._groups.next_open(self._number)
        if number is None:
            self.dismiss(self._number)
        else:
            self._show(number)

    def action_undo(self) -> None:
        """Take back what was done last, and show the group that it was done with."""
        numbers = self._groups.take_back()
        if numbers:
            self._show(numbers[0])
        else:
            self.notify("Nothing was done from here.", markup=False)

    def action_go(self, step: int) -> None:
        """Show the next group or the previous one, settled or not."""
        number = self._number + step
        if 0 <= number < len(self._groups):
            self._show(number)
        else:
            self.notify("This is the last group." if step > 0 else "This is the first group.", markup=False)

    def action_part(self, step: int) -> None:
        """Go to the next place in which both differ, or the previous one."""
        if not self._differences.go_to_part(step):
            self.notify("They differ in no other place from here on." if step > 0 else "None before.", markup=False)

    def action_scroll_both(self, pages: float) -> None:
        """Scroll what both say, from the table too."""
        self._differences.action_page(pages)

    def action_leave(self) -> None:
        """Back to the list, at this group."""
        self.dismiss(self._number)

    def action_help(self) -> None:
        """Show the keys."""
        places = (("members", (FigureList,)), ("differences", (DifferenceList,)), ("this screen", (ClusterScreen,)))
        self.app.push_screen(Help(places, ()))

    def action_mark(self) -> None:
        """Mark all of them."""
        self._groups.mark(self._cluster)
        self._draw(self._table.cursor)

    def action_other_pane(self) -> None:
        """Give the keys to the differences, or back."""
        (self._differences if self._table.has_focus else self._table).focus()
