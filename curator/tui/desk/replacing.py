"""Find and replace, with a preview of every change before any is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from pyroaring import BitMap64
from textual.binding import Binding, BindingType

from curator.errors import CuratorError
from curator.records.codec import decode_exactly, line_body
from curator.session import Record
from curator.session.working_source import WorkingSource
from curator.tui.desk.desk import Desk
from curator.tui.screens.ask import Answers, AskSeveral, Field, Toggle
from curator.tui.screens.choose import Choose

if TYPE_CHECKING:
    from curator.edits.asked import Asked
    from curator.records.conversation import Conversation
    from curator.records.find_replace import Change, Replacement
    from curator.tui.difference_layout import Difference

SECONDS_BETWEEN_NEWS = 0.3


class Replacing(Desk):
    """`%`: replace text in a message, a record, the marked records, or all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("percent_sign", "replace", "find and replace", key_display="%"),
    ]

    last_replacement = ("", "")
    last_toggles = (False, False)
    """Whether what was looked for last was a regular expression, and whether upper case mattered."""

    def action_replace(self) -> None:
        """Ask where, then what by what."""
        item = self.item_here()
        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
            return
        record = self.record
        scopes: list[tuple[str, Callable[[Replacement], object]]] = []
        if record is not None and record.conversation.messages:
            if item is not None and item.kind == "message":
                scopes.append(
                    (f"message {item.message + 1:,}", lambda one: self._in_record(one, record, [item.message]))
                )
            scopes.append((f"this record, #{record.number:,}", lambda one: self._in_record(one, record, None)))
        if self.number_marked:
            marked = {source.number: source.marked for source in self.marked}
            scopes.append((f"the {self.number_marked:,} marked records", lambda one: self._in_many(one, marked)))
        if self.number_filtered:
            filtered = {source.number: records for source, records in self.filtered.items()}
            words = f"the {self.number_filtered:,} records of the filter"
            scopes.append((words, lambda one: self._in_many(one, filtered)))
        every = self.session.listing.number_of_all
        scopes.append((f"all {every:,} records", lambda one: self._in_many(one, None)))

        def chosen(number: int | None) -> None:
            if number is not None:
                self._ask(scopes[number][0], scopes[number][1])

        self.app.push_screen(Choose("Find and replace in", [words for words, _ in scopes], range(len(scopes))), chosen)

    def _ask(self, where: str, then: Callable[[Replacement], object]) -> None:
        find, put = self.last_replacement

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                self.last_replacement = answers.texts[0], answers.texts[1]
                self.attempt(lambda: then(replacement_of(answers)))

        entries: list[Field | Toggle] = [
            Field("Find:", find),
            Field("Replace by:", put),
            Toggle("regular expression (\\1 and \\g<name> stand for its groups)", self.last_toggles[0]),
            Toggle("upper case matters (else only if the text has some)", self.last_toggles[1]),
        ]
        self.app.push_screen(AskSeveral(f"Find and replace in {where}", entries, check=fault_of), answered)

    def _in_record(self, replacement: Replacement, record: Record, messages: Sequence[int] | None) -> None:
        """Look through a record behind the screen, as a pattern may take its time, and show what would change."""

        def look() -> Callable[[], object]:
            from curator.records.find_replace import replace_in

            conversation, changes = replace_in(record.conversation, replacement, messages)
            return lambda: self._offer_changes(replacement, record, conversation, changes)

        self.background.run(look)

    def _offer_changes(
        self, replacement: Replacement, record: Record, conversation: Conversation, changes: Sequence[Change]
    ) -> None:
        from curator.records.editing.edited import in_place
        from curator.session.editable import edited_line
        from curator.tui.difference_layout import Difference
        from curator.tui.screens.diff_view import DiffView

        if record is not self.record:
            self.say("The record was left or changed meanwhile, so nothing was replaced.")
            return
        if not changes:
            self.say("Nothing matches.")
            return
        differences = [
            Difference(f"message {one.message + 1:,}, {one.label}", one.before, one.after) for one in changes
        ]

        def apply(yes: bool | None) -> None:
            if yes:
                self.attempt(make)

        def make() -> None:
            body, places = edited_line(record, lambda _: in_place(conversation))
            title = f"replace “{replacement.search.pattern}” in #{record.number:,}"
            self.changed(self.session.editor.rewrite(record, body, title, places))

        times = sum(len(one.spans) for one in changes)
        found = "1 match" if times == 1 else f"{times:,} matches"
        self.app.push_screen(
            DiffView(f"{found} in #{record.number:,}. Enter replaces, Esc does not.", differences), apply
        )

    def _in_many(self, replacement: Replacement, within: dict[int, BitMap64] | None) -> None:
        """Look through all records behind the screen, and show changes as they are found."""
        search = _Search(self, replacement, within)
        self.app.push_screen(search.view, search.answered)
        self.background.run(search.look, search.fail)


NOT_YET = "Not all records have been looked at yet, so nothing was replaced; wait for it, then Enter."


class _Search:
    """The records that a replacement changes, as they are found, and the screen that shows them."""

    def __init__(self, desk: Replacing, replacement: Replacement, within: dict[int, BitMap64] | None) -> None:
        from curator.tui.screens.diff_view import DiffView

        self._desk = desk
        self._replacement = replacement
        self._within = within
        self._asked = _asked_for(desk, within)
        self._found: dict[int, BitMap64] = {}
        self._done = self._left = False
        self.view = DiffView("Looking …")
        self.view.not_yet = NOT_YET

    def look(self) -> Callable[[], object]:
        """Runs behind the screen."""
        from curator.session.sweeping import find_changes

        session = self._desk.session
        executor, workers = self._desk.background.executor
        told = time.monotonic()
        new: list[tuple[WorkingSource, BitMap64]] = []
        for source, records in find_changes(session, self._replacement, executor, workers):
            if self._left:
                return lambda: None
            here = records if self._within is None else records & self._within.get(source.number, BitMap64())
            new.append((source, here))
            if time.monotonic() - told > SECONDS_BETWEEN_NEWS:
                told = time.monotonic()
                self._desk.background.tell(partial(self._show, new))
                new = []
        return lambda: self._finish(new)

    def fail(self) -> None:
        """The search ended before its time."""
        self._desk.leave(self.view, False)

    def _finish(self, new: Sequence[tuple[WorkingSource, BitMap64]]) -> None:
        self._done = True
        self.view.not_yet = ""
        self._show(new)
        if not self._number and not self._left:
            self._desk.say("Nothing matches.")
            self._desk.leave(self.view, False)

    @property
    def _number(self) -> int:
        return sum(map(len, self._found.values()))

    def _show(self, new: Sequence[tuple[WorkingSource, BitMap64]]) -> None:
        for source, records in new:
            self._found[source.number] = self._found.get(source.number, BitMap64()) | records
        change = "1 record changes" if self._number == 1 else f"{self._number:,} records change"
        sentence = f"{change} so far. Once all records have been looked at, Enter replaces in them."
        if self._done:
            sentence = f"{change}. Enter replaces in all of them, u takes it back."
        if not self._left:
            self.view.set_more(
                sentence, chain.from_iterable(self._differences(source, records) for source, records in new)
            )

    def _differences(self, source: WorkingSource, records: BitMap64) -> Iterator[Difference]:
        """Each change, made when it comes into sight."""
        from curator.records.find_replace import replace_in
        from curator.tui.difference_layout import Difference

        session = self._desk.session
        for record in records:
            value = decode_exactly(line_body(source.edited.content.line(record)))
            if isinstance(value, dict):
                conversation = session.dialect_of(source.opened, value).read(value)
                _, changes = replace_in(conversation, self._replacement)
                number = f"#{session.listing.number_of(source, record):,}, "
                for one in changes:
                    yield Difference(f"{number}message {one.message + 1:,}, {one.label}", one.before, one.after)

    def answered(self, yes: bool | None) -> None:
        """Replace in what was found, once all has been looked at."""
        self._left = True
        if not yes:
            return
        sources = self._desk.session.sources
        selection = {sources[number]: records for number, records in self._found.items() if records}
        title = f"replace “{self._replacement.search.pattern}” in {self._number:,} records"
        if selection:
            editor = self._desk.session.editor
            self._desk.attempt(
                lambda: self._desk.changed(editor.sweep(selection, self._replacement, title, self._asked))
            )


def _asked_for(desk: Desk, within: dict[int, BitMap64] | None) -> Asked | None:
    from curator.session.asking import asked_for, asked_of_all

    if within is None:
        return asked_of_all(desk.session)
    return asked_for(desk.session, {desk.session.sources[number]: records for number, records in within.items()})


def replacement_of(answers: Answers) -> Replacement:
    """What was asked for."""
    regular, exact = answers.toggles
    from curator.records.find_replace import Replacement, Search

    return Replacement(Search(answers.texts[0], regular, False if exact else None), answers.texts[1])


def fault_of(answers: Answers) -> str:
    """What is wrong with what was asked for, or nothing."""
    if not answers.texts[0]:
        return "There is nothing to find."
    from curator.records.find_replace import check_replacement

    try:
        check_replacement(replacement_of(answers))
    except CuratorError as error:
        return str(error)
    return ""
