"""What users do to the records of a session, each as one batch that is committed before anything is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from threading import RLock
from typing import TypeAlias

from pyroaring import BitMap64

from curator.edits.asked import Asked
from curator.edits.batch import Batch
from curator.edits.change import Change
from curator.edits.companions import commit_together, settle_pending, step_together
from curator.edits.labels import Verdict
from curator.edits.marks import keep_marks, kept_marks
from curator.edits.opening import Opened, open_journal
from curator.edits.operations import Annotate, Drop, Operation, Places, Review, Tag, TagMessage
from curator.edits.rule import Bulk, Rule
from curator.errors import UsageError
from curator.session.drafts import Draft
from curator.session.listing import Listing
from curator.session.values import Place, Record
from curator.session.working_source import WorkingSource
from curator.storage.pieces import START

Selection = Mapping[WorkingSource, BitMap64]
"""Records by source."""


RuleOf: TypeAlias = Callable[[WorkingSource, Bulk], Rule]
"""What is done to many records of a source, as they are read now."""


Piece = tuple[bytes, Places | None]
"""A record's line without its end, and where its messages stood in what it was made of."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, undone or redone."""

    title: str
    records: int
    """How many records it is about."""
    at: Place | None
    """The first of them that is to be seen."""


class Editor:
    """Changes the records of some sources. Everything raises ReadOnlyError where nothing can be changed."""

    def __init__(self, sources: Sequence[WorkingSource], listing: Listing, lock: RLock, rule_of: RuleOf) -> None:
        self._sources = sources
        self._listing = listing
        self._rule_of = rule_of
        self._lock = lock
        """Held while records change, so that figures are never taken of one that is on its way out."""
        self.notices: list[str] = []
        """What the user should know of how the journals were opened."""

    # Opening

    def open_journals(self, *, read_only: bool = False) -> list[tuple[WorkingSource, Opened]]:
        """Put into force what the journals of the sources hold. Returns what came of each."""
        return [(source, self.open_journal(source, read_only=read_only)) for source in self._sources]

    def open_journal(self, source: WorkingSource, *, read_only: bool = False, force: bool = False) -> Opened:
        """Put into force what the journal of a source holds; `force` takes it from the program that holds it."""
        outcome = open_journal(source.edited, read_only=read_only, force=force)
        if sentence := settle_pending(source.edited):
            self.notices.append(sentence)
        source.marked = BitMap64() if outcome is Opened.CHANGED else kept_marks(source.edited.journal)
        self._follow(source, source.edited.touched)
        source.since_opening.begin()
        return outcome

    def open_anew(self, source: WorkingSource, *, force: bool = False) -> Opened:
        """Forget what was put into force of a source, and open its journal again."""
        source.edited.reset()
        source.figures.begin_anew()
        return self.open_journal(source, force=force)

    def _follow(self, source: WorkingSource, touched: BitMap64) -> None:
        """Have figures follow what has changed."""
        source.figures.touched(touched)
        source.figures.ask_for(touched & source.edited.with_own_text)

    # Changes

    def _commit(self, title: str, changes: Sequence[tuple[WorkingSource, Change]], asked: Asked | None = None) -> Done:
        """Commit a batch a source; `asked` is told with each, where what was asked for can be said again."""
        if asked is not None:
            for _, change in changes:
                change.add(asked)
        with self._lock:
            batches = commit_together(title, [(source.edited, change) for source, change in changes])
            pairs = [(source, batch) for (source, _), batch in zip(changes, batches, strict=True)]
            return self._done(title, pairs)

    def _done(self, title: str, pairs: Sequence[tuple[WorkingSource, Batch]]) -> Done:
        records = 0
        at: Place | None = None
        for source, batch in pairs:
            self._follow(source, batch.touched())
            concerns = batch.concerns()
            records += len(concerns)
            seen = None if at else self._listing.first_seen(source, concerns)
            if seen is not None:
                at = Place(source.number, seen)
        return Done(title, records, at)

    def _on_one(self, place: Place, title: str, change: Callable[[Change], object], asked: Asked | None = None) -> Done:
        source = self._sources[place.source]
        new = source.edited.begin()
        change(new)
        return self._commit(title, [(source, new)], asked)

    def _on_all(
        self, selection: Selection, title: str, operation: Callable[[BitMap64], Operation], asked: Asked | None = None
    ) -> Done:
        changes = []
        for source, records in selection.items():
            if records:
                change = source.edited.begin()
                change.add(operation(records))
                changes.append((source, change))
        if not changes:
            raise UsageError("No record is marked.")
        return self._commit(title, changes, asked)

    def rewrite(
        self, record: Record, body: bytes, title: str, places: Places | None = None, draft: Draft | None = None
    ) -> Done:
        """Give a record another line; its line end stays. The draft that it was typed as goes in the same step."""

        def change_one(change: Change) -> None:
            change.rewrite(record.place.id, body + record.line_end, places)
            if draft is not None:
                change.drafts.append(draft.name)

        return self._on_one(record.place, title, change_one)

    def duplicate(self, record: Record) -> Done:
        """Put a copy behind a record."""
        line = record.body + (record.line_end or b"\n")
        behind = self._sources[record.place.source].edited.overlay.order.place(record.place.id)
        return self._on_one(
            record.place, f"duplicate #{record.number:,}", lambda one: one.insert([line], behind, record.place.id)
        )

    def insert(self, source: WorkingSource, body: bytes, behind: Record | None) -> Done:
        """Put a new record behind another one, or at the start."""
        order = source.edited.overlay.order
        place = START if behind is None else order.place(behind.place.id)
        end = (behind.line_end if behind else b"") or b"\n"
        change = source.edited.begin()
        (new,) = change.insert([body + end], place)
        done = self._commit("new record", [(source, change)])
        return Done(done.title, 1, Place(source.number, new))

    def replace_each(
        self, splits: Sequence[tuple[Sequence[Record], Sequence[Piece]]], title: str, asked: Asked | None = None
    ) -> Done:
        """Put pieces in place of records of one source, for several such groups in one batch."""

        def change_all(change: Change) -> None:
            for records, pieces in splits:
                lengths = [len(one.conversation.messages) for one in records]
                starts = [0, *accumulate(lengths)]
                end = records[0].line_end or b"\n"
                originals = {one.place.id: start for one, start in zip(records, starts, strict=False)}
                change.replace(originals, [(body + end, places) for body, places in pieces])

        return self._on_one(splits[0][0][0].place, title, change_all, asked)

    def move(self, position: int, step: int) -> Done | None:
        """Move a record before its neighbour in its file (`step` -1) or behind it (1); None where there is none."""
        source, record = self._listing.locate(position)
        order, shown = source.edited.overlay.order, self._listing.unfiltered(source)
        here = shown.position_of(record)
        length = source.edited.length(with_dropped=self._listing.with_dropped)
        if here is None or not 0 <= here + step < length:
            return None
        before = here + 1 if step > 0 else here - 2
        behind = START if before < 0 else order.place(shown.at(before))
        place = Place(source.number, record)
        title = f"move #{self._listing.number_of(source, record):,}"
        return self._on_one(place, title, lambda change: change.move(record, behind))

    def drop(self, selection: Selection, title: str, asked: Asked | None = None, *, on: bool = True) -> Done:
        """Drop records, or take them back in."""
        return self._on_all(selection, title, lambda records: Drop(records, on), asked)

    def sweep(self, selection: Selection, bulk: Bulk, title: str, asked: Asked | None = None) -> Done:
        """Change records by one rule, which is stored in place of what it gives."""
        return self.mend([(selection, bulk)], {}, title, asked)

    def mend(
        self, parts: Sequence[tuple[Selection, Bulk]], dropped: Selection, title: str, asked: Asked | None = None
    ) -> Done:
        """Change records by several rules, none of them by two, and drop others."""
        changes: dict[WorkingSource, Change] = {}
        for source, records in dropped.items():
            changes.setdefault(source, source.edited.begin()).add(Drop(records))
        for selection, bulk in parts:
            for source, records in selection.items():
                if records:
                    change, rule = changes.setdefault(source, source.edited.begin()), self._rule_of(source, bulk)
                    if swept := records - self._rewritten(source, change, records, rule):
                        change.sweep(swept, rule)
        return self._commit(title, list(changes.items()), asked)

    def _rewritten(self, source: WorkingSource, change: Change, records: BitMap64, rule: Rule) -> BitMap64:
        """Have the rule's outcome stored for those records whose tagged messages it moves; the tags follow them."""
        apart = BitMap64()
        for record in records & BitMap64(source.edited.overlay.labels.message_tags):
            line = source.edited.content.line(record)
            places, after = rule.moved(line), rule.changed(line)
            if places is not None and after is not None:
                change.rewrite(record, after, places)
                apart.add(record)
        return apart

    # Labels

    def tag(self, selection: Selection, tag: str, title: str, asked: Asked | None = None, *, on: bool = True) -> Done:
        """Put a tag on records, or take it off."""
        return self._on_all(selection, title, lambda records: Tag(records, tag, on), asked)

    def tag_message(self, record: Record, message: int, tag: str, title: str, *, on: bool = True) -> Done:
        """Put a tag on one message, or take it off."""
        place = record.place
        return self._on_one(place, title, lambda change: change.add(TagMessage(place.id, message, tag, on)))

    def review(self, selection: Selection, verdict: Verdict | None, title: str, asked: Asked | None = None) -> Done:
        """Give records a verdict, or none."""
        return self._on_all(selection, title, lambda records: Review(records, verdict), asked)

    def note(self, selection: Selection, note: str, title: str) -> Done:
        """Put one note on several records, in place of what they have; an empty one takes theirs off."""
        changes = []
        for source, records in selection.items():
            change = source.edited.begin()
            for record in records:
                change.add(Annotate(record, note))
            changes.append((source, change))
        return self._commit(title, changes)

    # What undo does not touch

    def keep_marks(self, source: WorkingSource) -> None:
        """Write down which records are marked."""
        keep_marks(source.edited.writable_journal(), source.marked)

    def keep_draft(self, place: Place, draft: Draft) -> None:
        """Keep what is being typed, in place of what was kept of the same text before."""
        journal = self._sources[place.source].edited.writable_journal()
        journal.put_draft(draft.name, draft.packed())

    def drop_draft(self, place: Place, draft: Draft) -> None:
        """What was typed is committed or given up."""
        journal = self._sources[place.source].edited.journal
        if journal is not None:
            journal.drop_draft(draft.name)

    def drafts(self) -> list[tuple[WorkingSource, float, Draft]]:
        """What was being typed when the program ended before its time: source, seconds since 1970, draft."""
        return [
            (source, at, Draft.unpacked(payload))
            for source in self._sources
            if source.edited.journal is not None and not source.edited.read_only
            for _, at, payload in source.edited.journal.drafts()
        ]

    # Undo and redo

    @property
    def changed_last(self) -> WorkingSource | None:
        """The source in which the last of what is in force was done; None where nothing is."""
        done = [(batch.at, one) for one in self._sources if (batch := one.edited.undoable)]
        return max(done, key=lambda pair: pair[0])[1] if done else None

    def undo(self) -> Done | None:
        """Take back what was done last, in whichever sources it was done."""
        batches = [(batch, one) for one in self._sources if (batch := one.edited.undoable)]
        return self._step(max(batches, key=lambda found: found[0].at, default=None), batches, back=True)

    def redo(self) -> Done | None:
        """Do again what was undone last."""
        batches = [(batch, one) for one in self._sources if (batch := one.edited.redoable)]
        return self._step(min(batches, key=lambda found: found[0].at, default=None), batches, back=False)

    def _step(
        self, first: tuple[Batch, WorkingSource] | None, batches: Sequence[tuple[Batch, WorkingSource]], *, back: bool
    ) -> Done | None:
        """Undo or redo a batch, in all the sources that it was done in."""
        if first is None:
            return None
        group = first[0].group
        sources = [one for batch, one in batches if one is first[1] or (group and batch.group == group)]
        with self._lock:
            done = step_together([one.edited for one in sources], back=back)
            return self._done(first[0].title, list(zip(sources, done, strict=True)))

    def go_to(self, source: WorkingSource, cursor: int) -> int:
        """Undo or redo the batches of a source up to a cursor. Returns how many were passed."""
        with self._lock:
            passed = source.edited.go_to(cursor)
            self._follow(source, BitMap64().union(*(batch.touched() for batch in passed)))
        return len(passed)
