"""Marks, tags, verdicts and notes: what is said of records, by one key each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from pyroaring import BitMap64
from textual.binding import Binding, BindingType

from curator.edits.labels import Verdict
from curator.session.editor import Done, Selection
from curator.session.view import View
from curator.tui.desk.desk import Desk
from curator.tui.screens.ask import Ask
from curator.tui.screens.confirm import Choice, Confirm

GIVEN = (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.NEEDS_WORK)
MOST_NOTES = 10_000
"""Records that take one note together: each is kept for itself."""


class Labelling(Desk):
    """The keys that say something of records and leave them as they are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("V", "mark_range", "begin a range, and mark it"),
        Binding("asterisk", "mark_all", "mark all records, or none", key_display="*"),
        Binding("t", "tag", "tags; then a digit: one of your own"),
        Binding("N", "note", "a note"),
        Binding("comma", "review_all", "a verdict for the marked ones, or those of the filter", key_display=","),
        Binding("a", "review('accepted')", "accept, and go on"),
        Binding("r", "review('rejected')", "reject, and go on"),
        Binding("w", "review('needs work')", "needs work, and go on"),
        Binding("right_curly_bracket", "unreviewed(1)", "next unreviewed record", key_display="}"),
        Binding("left_curly_bracket", "unreviewed(-1)", "previous unreviewed record", key_display="{"),
    ]

    _told_in: View | None = None
    """The filter in which it was told how all that it lists gets a verdict."""
    range_start = -1
    """The position at which a range was begun; -1 while there is none."""

    # Marks

    def on_record_list_mark(self) -> None:
        """Mark the record under the cursor, or take the mark off, and go on."""
        position = self.records.cursor
        if position < len(self.session):
            source, record = self.session.listing.locate(position)
            self._mark(source.number, BitMap64([record]), on=record not in source.marked)
            self.records.go_to(position + 1)

    def action_mark_range(self) -> None:
        """Begin a range at the cursor; the second time, mark all from there to the cursor."""
        if self.range_start < 0:
            self.range_start = self.records.cursor
            self.say("The range begins here. Move, then V marks it; Esc gives it up.")
        else:
            first, last = sorted((self.range_start, self.records.cursor))
            self.range_start = -1
            self._mark_stretch(first, last + 1, on=True)
        self.update_bars()

    def action_mark_all(self) -> None:
        """Mark all records that are to be seen; or none, if any is marked."""
        on = not self.number_marked
        self._mark_stretch(0, len(self.session), on=on)
        if not on:
            for source in self.session.sources:
                self._mark(source.number, source.marked, on=False)

    def _mark_stretch(self, start: int, end: int, *, on: bool) -> None:
        found: dict[int, BitMap64] = {}
        for source, (first, count) in self.session.listing.stretch(start, end):
            found.setdefault(source.number, BitMap64()).add_range(first, first + count)
        for number, records in found.items():
            self._mark(number, records, on=on)

    def _mark(self, number: int, records: BitMap64, *, on: bool) -> None:
        source = self.session.sources[number]
        source.marked = source.marked | records if on else source.marked - records
        self.attempt(lambda: self.session.editor.keep_marks(source))
        self.records.forget()
        self.update_bars()

    # Tags

    @property
    def own_tags(self) -> list[str]:
        """The tags with a digit: those of the settings, then those of the files that most records have."""
        own = [tag.strip() for tag in self.session.settings.tags.split(",") if tag.strip()]
        counts: dict[str, int] = {}
        for source in self.session.sources:
            for tag, records in source.edited.overlay.labels.tags.items():
                counts[tag] = counts.get(tag, 0) + len(records)
        return [*own, *(tag for tag in sorted(counts, key=lambda one: (-counts[one], one)) if tag not in own)]

    def action_tag(self) -> None:
        """Put a tag on, or take it off: on the message under the reader's cursor, else on records."""
        item = self.item_here() if self.reader.has_focus else None
        message = item.message if item is not None and item.kind == "message" else None
        if message is not None and self.record is not None:
            record, name = self.record, f"message {message + 1:,} of #{self.record.number:,}"
            held = self.session.standing(record.position).message_tags.get(message, frozenset())

            def tag_message(tag: str) -> None:
                title = f"{'untag' if tag in held else 'tag'} {name}: {tag}"
                self.changed(self.session.editor.tag_message(record, message, tag, title, on=tag not in held))

            self._ask_tag(name, tuple(sorted(held)), tag_message)
            return
        self.on_selection("Tag", self._tag)

    def _tag(self, selection: Selection, name: str) -> None:
        held = [
            tag
            for tag in self.own_tags
            if all(
                records <= source.edited.overlay.labels.tags.get(tag, BitMap64())
                for source, records in selection.items()
            )
        ]

        def tag_records(tag: str) -> None:
            from curator.session.asking import asked_for

            on = tag not in held
            title = f"{'tag' if on else 'untag'} {name}: {tag}"
            self.changed(self.session.editor.tag(selection, tag, title, asked_for(self.session, selection), on=on))

        self._ask_tag(name, tuple(held), tag_records)

    def _ask_tag(self, name: str, held: Sequence[str], take: Callable[[str], object]) -> None:
        from curator.tui.screens.tag import ChooseTag

        def chosen(tag: str | None) -> None:
            if tag:
                self.attempt(lambda: take(tag))

        self.app.push_screen(ChooseTag(name, self.own_tags, held), chosen)

    # Notes and verdicts

    def action_note(self) -> None:
        """Ask for the note of a record, or for one of several."""
        self.on_selection("Note on", self._ask_note)

    def _ask_note(self, selection: Selection, name: str) -> None:
        number = sum(map(len, selection.values()))
        if number > MOST_NOTES:
            self.say(
                f"{number:,} records are more than take a note at a time, {MOST_NOTES:,}; a tag goes on any number."
            )
            return
        held = {
            source.edited.overlay.labels.notes.get(record, "")
            for source, records in selection.items()
            for record in records
        }

        def written(note: str | None) -> None:
            if note is not None:
                title = f"{'note on' if note else 'no note on'} {name}"
                self.attempt(lambda: self.changed(self.session.editor.note(selection, note, title)))

        before = held.pop() if len(held) == 1 else ""
        others = " (several have one, which this replaces)" if held else ""
        self.app.push_screen(Ask(f"Note on {name}{others}", before), written)

    def action_review(self, verdict: str) -> None:
        """Give a verdict, and go on to the next record without one; the same one again takes it back."""

        def review(selection: Selection, name: str) -> Done:
            from curator.session.asking import asked_for

            given = Verdict(verdict)
            single = sum(map(len, selection.values())) == 1
            again = single and all(
                records <= source.edited.overlay.labels.verdicts[given] for source, records in selection.items()
            )
            title = f"{'no verdict on' if again else given.value} {name}"
            done = self.session.editor.review(
                selection, None if again else given, title, asked_for(self.session, selection)
            )
            self.changed(done)
            if single and not again:
                self._tell_of_many()
                self._go_to_unreviewed(1, quiet=True)
            return done

        self.on_selection(verdict.capitalize(), review, one_by_one=True)

    def _tell_of_many(self) -> None:
        """Say once in a filter how a verdict is given to all that it lists."""
        view = self.session.listing.view
        if self.number_filtered > 1 and view is not self._told_in:
            self._told_in = view
            self.say(f"The comma gives a verdict to all {self.number_filtered:,} records of the filter.")

    def action_review_all(self) -> None:
        """Give a verdict to the marked records, to those of the filter, or to one, and stay there."""
        self.on_selection("A verdict on", self._ask_verdict)

    def _ask_verdict(self, selection: Selection, name: str) -> None:
        given = sum(
            source.edited.overlay.labels.reviewed.intersection_cardinality(records)
            for source, records in selection.items()
        )
        number = sum(map(len, selection.values()))
        lines = [f"{given:,} of {number:,} have a verdict, which this replaces."] if given else []

        def chosen(answer: str | None) -> None:
            if answer is not None:
                verdict = Verdict(answer) if answer else None
                title = f"{verdict.value if verdict else 'no verdict on'} {name}"
                self.attempt(lambda: self.changed(self.session.editor.review(selection, verdict, title)))

        choices = [Choice(key, verdict.value, verdict.value) for key, verdict in zip("arw", GIVEN, strict=True)]
        choices += [Choice("n", "no verdict", "")] if given else []
        self.app.push_screen(Confirm(f"A verdict on {name}", lines, choices), chosen)

    def action_unreviewed(self, step: int) -> None:
        """Go to the nearest record without a verdict."""
        self._go_to_unreviewed(step, quiet=False)

    def _go_to_unreviewed(self, step: int, *, quiet: bool) -> None:
        found = self.session.walk.without(
            self.records.cursor, step, lambda source: source.edited.overlay.labels.reviewed
        )
        if found is not None:
            self.records.go_to(found)
        elif not quiet:
            self.say(f"All records {'after' if step > 0 else 'before'} this one have a verdict.")
        else:
            self.say("All records from here on have a verdict.")
