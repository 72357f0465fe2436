"""Going from problem to problem: over all of them, or over those of one group until none is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.session import Place
from curator.session.editor import Done
from curator.tui.desk.viewing import Viewing
from curator.tui.scopes import scopes_of
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Segment

if TYPE_CHECKING:
    from curator.session.problem_group import ProblemGroup

LONGEST_TITLE = 60


class Walking(Viewing):
    """`p` shows the problems in groups; `]` and `[` go from one to the next, within the group that is walked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "problems", "problems by rule and cause"),
        Binding("right_square_bracket", "problem(1)", "next problem", key_display="]"),
        Binding("left_square_bracket", "problem(-1)", "previous problem", key_display="["),
    ]

    group: ProblemGroup | None = None
    """The problems that are walked; None for all."""
    _at_first = 0
    """How many there were when the walk began."""
    _looking = 0
    """The direction in which a problem is being looked for while the audit has not reached one; else 0."""
    _met: Place | None = None
    """The record of the group that was gone to last."""
    _mending: Place | None = None
    """The same once it was changed, until it is known whether it is mended."""
    _only_group = False
    """Whether only the records of a group are listed."""

    def action_problems(self) -> None:
        """Show the problems in groups."""
        from curator.tui.screens.problems import Ask, ProblemsScreen, Wish

        filtered = self.filtered
        scopes = scopes_of(self.session, self.marked, filtered)

        def answered(ask: Ask | None) -> None:
            if ask is None:
                return
            if ask.wish is Wish.LIST:
                self._list_only(ask.group, within=bool(filtered) and ask.scope.records is filtered)
            else:
                self.walk_group(ask.group)
            if ask.wish is Wish.MEND:
                self.mend_group(ask.group)

        self.app.push_screen(ProblemsScreen(self.session, self.background, scopes, self.group), answered)

    def mend_group(self, group: ProblemGroup) -> None:
        """Offer the fixes of a group."""

    # A group

    def walk_group(self, group: ProblemGroup) -> None:
        """Walk a group from the record under the cursor on."""
        self.group, self._at_first = group, group.left(self.session)
        here = self.records.cursor
        found = self._next(here - 1, 1)
        self._arrive(self._next(here, -1) if found is None else found)
        self.update_bars()

    def leave_group(self) -> bool:
        """Walk all problems again, and list all records. Whether there was a group to leave."""
        if self.group is None and not self._only_group:
            return False
        self.group = self._met = self._mending = None
        if self._only_group:
            self._only_group = False
            self.step_back()
        self.update_bars()
        return True

    def _list_only(self, group: ProblemGroup, *, within: bool) -> None:
        """List the records of a group, `within` what the filter lists or of all records."""
        from curator.analysis.predicates.parsing import parse
        from curator.session.viewing import filtered_view, joined

        condition, before = f"code:{group.rule.code}", self.session.listing.view.title
        title = joined(before, condition) if within else condition
        predicate = parse(title, self.session.settings.named_filters)
        self._only_group = True
        self.step_to(filtered_view(self.session, title, predicate, group.selection(self.session)))
        self.walk_group(group)

    def _next(self, position: int, step: int) -> int | None:
        group, session = self.group, self.session
        if group is None:
            return session.next_problem(position, step)
        return session.walk.within(position, step, lambda source: group.records(session, source))

    def _arrive(self, position: int | None) -> None:
        if position is not None:
            self.records.go_to(position)
            source, record = self.session.listing.locate(position)
            self._met = Place(source.number, record)

    # Keys

    def action_problem(self, step: int) -> None:
        """Go to the nearest record with a finding; one that the audit has not reached yet is waited for."""
        self._looking = step
        self._look(say=True)

    def _look(self, *, say: bool = False) -> None:
        session, step = self.session, self._looking
        cursor = self.records.cursor
        found = self._next(cursor, step)
        if not session.complete and (found is None if step > 0 else self.number_here() - 1 > session.audited):
            if say:
                self.say(f"The audit has looked as far as line {session.audited:,}. Waiting; Esc stops.")
            return
        if found is None and session.complete and not session.file_findings.known:
            return
        self._looking = 0
        if found is not None:
            self._arrive(found)
            return
        of_group = "" if self.group is None else f" {self.group.rule.code}"
        self.say(f"No{of_group or ''} problem {'after' if step > 0 else 'before'} this line.")

    # What was mended

    def changed(self, done: Done | None, *, follow: bool = False, item: int | None = None) -> str:
        """Show what a change has made; a walk waits for the figures of its record, and then goes on."""
        said = super().changed(done, follow=follow, item=item)
        if self.group is not None and self.record is not None and self.record.place == self._met:
            self._mending = self._met
        return said

    def go_on_when_mended(self) -> None:
        """Go to the next record of the group if the one under the cursor has just been mended."""
        group, place = self.group, self._mending
        if group is None or place is None:
            return
        source = self.session.sources[place.source]
        if source.find(place.id) is None or not source.figures.settled or self._editing_now():
            return
        self._mending = None
        here = self.record is not None and self.record.place == place
        if place.id in group.records(self.session, source) or not here:
            return
        left = group.left(self.session)
        if not left:
            self.say(f"No {group.title} is left.")
            self.leave_group()
            return
        cursor = self.records.cursor
        found = self._next(cursor, 1)
        self._arrive(self._next(cursor, -1) if found is None else found)
        self.say(f"Mended; {left:,} left.")

    def _editing_now(self) -> bool:
        return self.editor.display

    def update_bars(self) -> None:
        """The title tells which problems are walked, and how many are left."""
        super().update_bars()
        group = self.group
        if group is None:
            return
        left = group.left(self.session)
        self._at_first = max(self._at_first, left)
        title = one_line(group.title, LONGEST_TITLE)
        self.title_bar.left = (
            *self.title_bar.left,
            Segment(
                f"walking {title}, {left:,} of {self._at_first:,} left",
                f"{group.rule.code} {left:,}/{self._at_first:,}",
                "strong",
            ),
        )
