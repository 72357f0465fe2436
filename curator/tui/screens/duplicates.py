"""Duplicates and contradictions: groups of records, the largest first, and ways to settle them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.analysis.prints import By, Likeness
from curator.session import Session
from curator.session.cluster_members import preview_of
from curator.session.duplicates import Cluster, Clusters, Keep, clusters
from curator.session.editor import Selection
from curator.session.groups import Groups as ListedGroups
from curator.tui.background import SECONDS_BETWEEN_REPORTS, Background
from curator.tui.figures import meter, plural
from curator.tui.groups import Groups, Settling, longest
from curator.tui.scopes import Scope
from curator.tui.screens.confirm import Choice, Confirm
from curator.tui.screens.help import Help
from curator.tui.status import cost_segments, totals_segments
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.long_list import Line, LongList
from curator.tui.widgets.screen_keys import ScreenKeys

METER_CELLS = 20
TEXT_CELLS = 200
TITLE = f"{'records':>9}  {'kind':<13}  text"


class Way(NamedTuple):
    """What is compared."""

    words: str
    by: By = "record"
    contradictions: bool = False


WAYS = (
    Way("whole records"),
    Way("prompts", "prompt"),
    Way("answers", "answer"),
    Way("same prompt, different answers", "prompt", contradictions=True),
)


class DuplicatesScreen(Screen[ListedGroups | None]):
    """Looks for groups behind the screen, and lists them; dismisses with those that are to be listed, or None."""

    AUTO_FOCUS = "LongList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,D", "dismiss(None)", "back", key_display="Esc"),
        Binding("enter", "open", "look", tooltip="look at the members of the group"),
        Binding("v", "list(False)", "list", tooltip="list the records of the group, with all keys of the list"),
        Binding("b", "compare", "by", tooltip="compare records, prompts or answers; or look for contradictions"),
        Binding("n", "near", "near", tooltip="near duplicates too, or exact ones alone"),
        Binding("w", "which", "which", tooltip="of which records: those of the filter, the marked ones, or all"),
        Binding("f", "keep('first')", "keep first", tooltip="keep the first of the group, drop the others"),
        Binding("l", "keep('longest')", "keep longest", tooltip="keep the longest of the group, drop the others"),
        Binding("a", "keep_all", "keep all", tooltip="leave the group as it is"),
        Binding("F", "keep_each('first')", "first of each", tooltip="keep the first of each group, after asking"),
        Binding("L", "keep_each('longest')", "longest of each", tooltip="keep the longest of each group, after asking"),
        Binding("u", "undo", "undo", tooltip="take back what was done last from here"),
        Binding("V", "list(True)", "list all", tooltip="list the records of all groups, next to each other"),
        Binding("m", "mark", "mark", tooltip="mark the records of the group"),
        Binding("M", "mark_each", "mark all", tooltip="mark the records of all groups"),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(self, session: Session, background: Background, settling: Settling, scopes: Sequence[Scope]) -> None:
        """`scopes` are the records that can be meant, at first those of the first."""
        super().__init__()
        self._scopes = deque(scopes)
        self.session = session
        self._background = background
        self._settling = settling
        self._way = 0
        self._near = True
        self._groups: Groups | None = None
        self._share = 0.0
        self._failed = False
        self._search = 0
        """The number of the search that runs or is done; what older ones find is of no use."""
        self._title = Bar(id="title")
        self._list = LongList()
        self._notes = Label(id="notes", markup=False)
        self._totals = Bar(id="totals")

    def compose(self) -> ComposeResult:
        """Title, groups, what they add up to, totals, keys."""
        yield self._title
        yield self._list
        yield self._notes
        yield self._totals
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Begin to look."""
        self._look()

    def on_unmount(self) -> None:
        """What is looked for is of no use any more."""
        self._search += 1

    # The search

    @property
    def likeness(self) -> Likeness:
        """What is compared now."""
        near = self._near and not WAYS[self._way].contradictions
        return Likeness(WAYS[self._way].by, self.session.settings.near_percent / 100 if near else 0.0)

    def _look(self) -> None:
        self._search += 1
        self._groups, self._share, self._failed = None, 0.0, False
        self._draw()
        search = self._search
        self._background.run(
            partial(self._find, search, self.likeness, self._scopes[0].records), partial(self._fail, search)
        )

    def _find(self, search: int, likeness: Likeness, among: Selection | None) -> Callable[[], object]:
        """Runs in a thread, where it waits for the workers."""
        executor, workers = self._background.executor
        told, found = 0.0, None
        opposed = WAYS[self._way].contradictions
        steps = clusters(self.session, likeness, executor, workers, contradictions=opposed, among=among)
        for share, found in steps:  # noqa: B007 - the last one is what is found
            if search != self._search:
                return lambda: None
            if time.monotonic() - told >= SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._background.tell(partial(self._take, search, None, share))
        return partial(self._take, search, found, 1.0)

    def _take(self, search: int, found: Clusters | None, share: float) -> None:
        if search == self._search:
            of_all = self._scopes[0].records is None
            self._groups = None if found is None else Groups(self.session, found, self._settling, of_all=of_all)
            self._share = share
            self._draw()

    def _fail(self, search: int) -> None:
        if search == self._search:
            self._failed = True
            self._draw()

    # What stands on the screen

    def _draw(self) -> None:
        groups = self._groups
        way = WAYS[self._way]
        alike = "" if way.contradictions else f"near, {self.likeness.threshold:.0%} alike" if self._near else "exact"
        progress = "" if groups is not None else f"{meter(self._share, METER_CELLS)} {self._share:.0%}"
        if self._failed:
            progress = "could not be looked for"
        self._title.left = (
            Segment("duplicates", "duplicates", "strong"),
            Segment(way.words, way.words),
            Segment(alike, alike, "quiet"),
            self._scopes[0].segment,
        )
        self._title.right = (Segment(progress, progress),)
        self._totals.left = totals_segments(self.session)
        self._totals.right = cost_segments(self.session)
        self._list.show(TITLE, 0 if groups is None else len(groups), self._line)
        self._notes.update(Content(self._summary()))

    def _summary(self) -> str:
        if self._groups is None:
            return "Looking …"
        found = self._groups.found
        if not len(found):
            what = "same prompt with different answers" if found.contradictions else "duplicates of this kind"
            others = "" if len(self._scopes) == 1 else ", w looks at other records"
            return f"No {what}. b compares something else{others}."
        if found.contradictions:
            return f"{plural(len(found), 'prompt')} with different answers, in {found.records:,} records."
        near = f" ({found.exact:,} exact, {found.spare - found.exact:,} near)" if self._near else ""
        return f"{plural(len(found), 'group')} of {found.records:,} records: {found.spare:,} too many{near}."

    def _line(self, number: int) -> Line:
        assert self._groups is not None
        found, done = self._groups.found, self._groups.done(number)
        text = preview_of(self.session, *found.first(number))
        words = f"{done}: " if done else ""
        text = f"{found.size(number):>9,}  {found.kind(number):<13}  {words}{one_line(text, TEXT_CELLS)}"
        return Line(text, quiet=bool(done))

    # What is done

    def action_compare(self) -> None:
        """Compare by something else."""
        self._way = (self._way + 1) % len(WAYS)
        self._look()

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help((("groups", (LongList,)), ("this screen", (DuplicatesScreen,))), ()))

    def action_which(self) -> None:
        """Look at other records: all, or those of the filter, or the marked ones."""
        if len(self._scopes) == 1:
            self.notify("All records are looked at: no filter is in force, and none is marked.", markup=False)
            return
        self._scopes.rotate(-1)
        self._look()

    def action_list(self, every: bool) -> None:
        """Close the screen and list the records of the group under the cursor, or of all groups."""
        groups = self._groups
        if groups is None or not len(groups):
            self.notify("There is no group to list.", markup=False)
        else:
            self.dismiss(groups.found.groups(None if every else [self._list.cursor]))

    def action_near(self) -> None:
        """Near duplicates too, or exact ones alone."""
        self._near = not self._near
        self._look()

    def _here(self) -> tuple[Groups, Cluster] | None:
        groups = self._groups
        return (groups, groups[self._list.cursor]) if groups is not None and len(groups) else None

    def on_long_list_chosen(self, event: LongList.Chosen) -> None:
        """Enter on a group, from the list."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Show the members of the group under the cursor, and go from group to group there."""
        from curator.tui.screens.cluster import ClusterScreen

        if (here := self._here()) is None:
            return

        def answered(number: int | None) -> None:
            self._draw()
            if number is not None:
                self._list.action_move(number - self._list.cursor)

        self.app.push_screen(ClusterScreen(self.session, here[0], self._list.cursor, self.likeness), answered)

    def action_keep(self, keep: Keep) -> None:
        """Keep one record of the group under the cursor."""
        if (here := self._here()) is None:
            return
        groups, cluster = here
        if groups.done(self._list.cursor):
            self.notify("This group is settled already; u takes back what was done last.", markup=False)
        elif groups.keep(self._list.cursor, cluster, longest(cluster) if keep == "longest" else 0):
            self._go_on()

    def action_keep_all(self) -> None:
        """Leave the group under the cursor as it is."""
        if (here := self._here()) is not None:
            here[0].keep_all(self._list.cursor)
            self._go_on()

    def _go_on(self) -> None:
        self._draw()
        self._list.action_move(1)

    def action_undo(self) -> None:
        """Take back what was done last from here."""
        numbers = [] if self._groups is None else self._groups.take_back()
        if not numbers:
            self.notify("Nothing was done from here.", markup=False)
            return
        self._draw()
        self._list.action_move(numbers[0] - self._list.cursor)

    def action_keep_each(self, keep: Keep) -> None:
        """Keep one record of each group that is not settled, after asking."""
        groups = self._groups
        if groups is None or not len(groups):
            return
        numbers, dropped = groups.to_drop(keep)

        def answered(answer: str | None) -> None:
            if answer and groups.keep_each(keep):
                self._draw()

        records = plural(sum(map(len, dropped.values())), "record")
        lines = [f"{records} of {plural(len(numbers), 'group')} are dropped, in one step that u undoes."]
        choices = [Choice("y", f"keep the {keep} of each group", "yes")]
        self.app.push_screen(Confirm("Duplicates", lines, choices), answered)

    def action_mark(self) -> None:
        """Mark the records of the group under the cursor."""
        if (here := self._here()) is not None:
            here[0].mark(here[1])
            self.notify(f"{plural(len(here[1].records), 'record')} marked.", markup=False)

    def action_mark_each(self) -> None:
        """Mark the records of all groups."""
        groups = self._groups
        if groups is not None and len(groups):
            groups.mark_each()
            self.notify(f"{plural(groups.found.records, 'record')} marked.", markup=False)
