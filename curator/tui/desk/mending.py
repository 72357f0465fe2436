"""Findings mended by fixes: which one, in which records, a preview of what changes, and then all as one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pyroaring import BitMap64
from textual.binding import Binding, BindingType

from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rules import BY_NUMBER, OVER_CONTEXT
from curator.analysis.report import RecordReport
from curator.records.codec import Malformed
from curator.session.editor import Selection
from curator.session.ignoring import judged_row, tag_to_excuse
from curator.session.listing import ALL
from curator.tui.desk.long_search import LongSearch
from curator.tui.desk.repairing import Repairing
from curator.tui.desk.walking import Walking
from curator.tui.screens.choose import Choose

if TYPE_CHECKING:
    from curator.edits.asked import Asked
    from curator.records.fixing import Fix
    from curator.session.fixing import FixPreview, Sample
    from curator.session.problem_group import ProblemGroup
    from curator.tui.difference_layout import Difference
    from curator.tui.screens.splitting import Apply


@dataclass(frozen=True, slots=True)
class _Offer:
    """A line of the list of what can be done about findings."""

    words: str
    do: Callable[[], object]
    careful: bool = False
    """Whether it is never to be what Enter does at first."""


class Mending(Walking, Repairing):
    """`!`: repair a line that is no JSON; mend what is found in a record, a group, listed or marked records, or all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("exclamation_mark", "mend", "fix what is found, repair the line, or excuse it", key_display="!"),
    ]

    apply_split: Apply | None = None
    """Splits records in a way, after a preview; None where that cannot be done."""

    _to_mend = True
    """Whether something is found in the record that is shown."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key is there where something is found, or where it is not known yet."""
        return self._something_found() if action == "mend" else super().check_action(action, parameters)

    def _something_found(self) -> bool:
        position = self.records.cursor
        if position >= len(self.session):
            return False
        source, record = self.session.listing.locate(position)
        row = judged_row(source, record, self.session.limit)
        return row is None or bool(row.findings or row.over_context) or record in source.file_wide.any

    def draw_record(self, report: RecordReport | None) -> None:
        """Offer the key with a record in which something is found."""
        super().draw_record(report)
        if (found := self._something_found()) is not self._to_mend:
            self._to_mend = found
            self.refresh_bindings()

    def action_mend(self) -> None:
        """Offer the fixes of what is found in the record under the cursor; a line that is not JSON is repaired."""
        here = self.here
        record = self.record
        if record is None:
            return
        if isinstance(record.value, Malformed):
            self.repair_line()
            return
        source = self.source
        rules = [rule for rule in BY_NUMBER.values() if record.place.id in self.session.by_rule.of(source, rule.number)]
        if not rules:
            known = source.find(record.place.id) is not None
            said = "Nothing is found in" if known else "The audit has not reached"
            self.say(f"{said} #{record.number:,}.")
            return
        self._offer_fixes(rules, here, f"#{record.number:,}")

    def mend_group(self, group: ProblemGroup) -> None:
        """Offer the fixes of a group, for all of its records first."""
        self._offer_fixes([group.rule], group.selection(self.session), group.title, of_group=True)

    def _offer_fixes(self, rules: list[Rule], records: Selection, name: str, *, of_group: bool = False) -> None:
        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
            return
        offers = list(self._offers(rules, records, name, of_group=of_group))
        first = next((place for place, one in enumerate(offers) if not one.careful), 0)

        def chosen(number: int | None) -> None:
            if number is not None:
                self.attempt(offers[number].do)

        title = f"What is found in {name}" if not of_group else name
        self.app.push_screen(Choose(title, [one.words for one in offers], range(len(offers)), first), chosen)

    def _offers(self, rules: list[Rule], records: Selection, name: str, *, of_group: bool) -> Iterator[_Offer]:
        from curator.records.fixing import fixes_of

        fixes = fixes_of([rule.number for rule in rules])
        safe = tuple(fix for fix in fixes if fix.safe)
        if len(safe) > 1:
            yield _Offer(
                f"fix all that is safe to fix: {', '.join(fix.name for fix in safe)}", self._where(safe, records)
            )
        for fix in sorted(fixes, key=lambda one: not one.safe):
            codes = " ".join(rule.code for rule in rules if rule.number in fix.rules)
            look = " (look first)" if fix.risk else ""
            yield _Offer(f"{codes} {fix.title}{look}", self._where((fix,), records), careful=not fix.safe)
        if OVER_CONTEXT in rules and self.apply_split is not None:
            yield _Offer(f"{OVER_CONTEXT.code} split so that each piece fits", lambda: self._fit(records), careful=True)
        for rule in rules:
            what = "all of them" if of_group else name
            yield _Offer(f"{rule.code} excuse {what} from “{rule.title}”", self._excusing(rule, records, name))

    def _fit(self, records: Selection) -> None:
        from curator.records.transforms import Way

        over = {source: some & self.session.by_rule.of(source, OVER_CONTEXT.number) for source, some in records.items()}
        if self.apply_split is not None:
            self.apply_split(over, Way("fit", budget=self.session.limit), "split to fit")

    def _excusing(self, rule: Rule, records: Selection, name: str) -> Callable[[], object]:
        def excuse() -> None:
            number = sum(map(len, records.values()))
            whom = name if number == 1 else f"{number:,} records"
            tag, title = tag_to_excuse(rule), f"excuse {whom} from {rule.code}"
            self.changed(self.session.editor.tag(records, tag, title))
            self.say(f"{whom} excused from {rule.code} by the tag {tag}; u takes it back.")

        return excuse

    # Where

    def _where(self, fixes: tuple[Fix, ...], records: Selection) -> Callable[[], object]:
        """Ask in which records, those that the fixes were offered for first; then look at what they would do."""

        def ask() -> None:
            scopes = list(self._scopes(fixes, records))

            def chosen(number: int | None) -> None:
                if number is not None:
                    self._look_ahead(fixes, scopes[number][1])

            if len(scopes) == 1:
                self._look_ahead(fixes, scopes[0][1])
                return
            names = ", ".join(fix.name for fix in fixes)
            self.app.push_screen(Choose(f"Fix in: ({names})", [one for one, _ in scopes], range(len(scopes))), chosen)

        return ask

    def _scopes(self, fixes: tuple[Fix, ...], records: Selection) -> Iterator[tuple[str, Selection]]:
        """The sets of records that differ, each with its number of records that have such a finding."""
        candidates: list[tuple[str, Selection]] = []
        asked_of = sum(map(len, records.values()))
        candidates.append(("this record" if asked_of == 1 else "the records of the group", records))
        if self.group is not None:
            candidates.append(("the group that is walked", self.group.selection(self.session)))
        if self.number_marked:
            candidates.append(("the marked records", self.marked))
        if self.session.listing.view is not ALL:
            candidates.append(("the listed records", self._listed))
        found = {source: self._with_findings(source.number, fixes) for source in self.session.sources}
        candidates.append(("all records", found))
        seen: list[Selection] = []
        for words, some in candidates:
            here = {source: some[source] & found[source] for source in some if some[source] & found[source]}
            if here and here not in seen:
                seen.append(here)
                number = sum(map(len, here.values()))
                yield (words if words == "this record" else f"{words}: {number:,} with such a finding"), here

    def _with_findings(self, source: int, fixes: tuple[Fix, ...]) -> BitMap64:
        of = self.session.by_rule.of
        one = self.session.sources[source]
        return BitMap64().union(*(of(one, number) for fix in fixes for number in fix.rules))

    @property
    def _listed(self) -> Selection:
        found: dict[int, BitMap64] = {}
        for source, (first, count) in self.session.listing.stretch(0, len(self.session)):
            found.setdefault(source.number, BitMap64()).add_range(first, first + count)
        return {self.session.sources[number]: records for number, records in found.items()}

    # The preview

    def _look_ahead(self, fixes: tuple[Fix, ...], records: Selection) -> None:
        """Work out behind the screen what the fixes would do."""

        def steps() -> Iterator[tuple[float, tuple[FixPreview, list[Sample]]]]:
            from curator.session.fixing import FixPreview, preview, samples

            session, found = self.session, FixPreview(fixes)
            for share, found in preview(session, fixes, *self.background.executor, records):
                yield share, (found, [])
            yield 1.0, (found, samples(session, found))

        asked = self._asked_for_fixes(fixes, records)
        LongSearch(self, "Looking at what the fixes would do", steps, lambda one: self._show(one, asked)).begin()

    def _asked_for_fixes(self, fixes: tuple[Fix, ...], records: Selection) -> Asked | None:
        """What is told of the fixes: records without such a finding make no difference."""
        from curator.session.as_steps import mending
        from curator.session.asking import asked_for

        every = {source: self._with_findings(source.number, fixes) for source in self.session.sources}
        among = {source: some for source, some in every.items() if some}
        return asked_for(self.session, records, do="fix", options=mending(fixes), among=among)

    def _show(self, answer: tuple[FixPreview, list[Sample]], asked: Asked | None) -> None:
        from curator.session.fixing import commit, sentences
        from curator.tui.screens.diff_view import DiffView

        found, shown = answer
        if not found.changed:
            names = ", ".join(fix.name for fix in found.fixes)
            self.say(f"Here is nothing that {names} can mend: look at the record, and edit it by hand.")
            return
        records = "1 record changes" if found.changed == 1 else f"{found.changed:,} records change"
        waits = "" if self.session.complete else f" The audit has looked at {self.session.audited:,} lines so far."
        lines = [f"{records}. Enter does it, u takes it back.{waits}", *sentences(found)]

        def apply(yes: bool | None) -> None:
            if yes:
                self.attempt(lambda: self.changed(commit(self.session, found, asked)))

        self.app.push_screen(DiffView("\n".join(lines), self._differences(shown)), apply)

    def _differences(self, shown: list[Sample]) -> Iterator[Difference]:
        from curator.tui.record_differences import record_differences

        for one in shown:
            number = self.session.listing.number_of(one.source, one.record)
            before = self.session.decoded(one.source, one.record, one.before)
            after = None if one.after is None else self.session.decoded(one.source, one.record, one.after)
            yield from record_differences(f"#{number:,}", before, after)
