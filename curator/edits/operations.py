"""The operations: what users do to records, as values that can be stored, applied and taken back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from pyroaring import BitMap64

from curator.edits.labels import Undo, Verdict
from curator.edits.overlay import Origin, Overlay
from curator.edits.rule import FixingRule, Rule, ShorteningRule
from curator.edits.versions import Sweep
from curator.storage.pieces import START

Places = tuple[int | None, ...]
"""For each message the place at which it stood before, counted from 0; None for a new one."""


class Operation(ABC):
    """What one operation does. Subclasses are frozen dataclasses; `curator.edits.stored` knows them all."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    @abstractmethod
    def apply(self, overlay: Overlay) -> Undo:
        """Change the overlay; what comes back takes the change back, as long as it is the last one."""

    @abstractmethod
    def concerns(self) -> BitMap64:
        """The records that it is about."""

    def touched(self) -> BitMap64:
        """The records whose text, place or being there it changes."""
        return self.concerns()

    def leans_on(self) -> BitMap64:
        """The records that have to be found again for it to be made on a changed file."""
        return self.concerns()


class Labelling(Operation):
    """An operation that says something of records and leaves them as they are."""

    def touched(self) -> BitMap64:
        """None."""
        return BitMap64()


def together(undone: Sequence[Undo]) -> Undo:
    """Several changes taken back as one, the last first."""

    def undo() -> None:
        for one in reversed(undone):
            one()

    return undo


@dataclass(frozen=True, slots=True)
class Rewrite(Operation):
    """One record has another line."""

    kind: ClassVar[str] = "rewrite"
    record: int
    text: int
    """The number of the line in the journal."""
    places: Places | None = None
    """None where all messages stayed where they were."""

    def apply(self, overlay: Overlay) -> Undo:
        """Put the text into force; tags follow their messages."""
        overlay.versions.add(self.record, self.text)
        undone: list[Undo] = [lambda: overlay.versions.take_back(self.record)]
        if self.places is not None:
            undone.append(overlay.labels.messages_moved(self.record, self.places))
        return together(undone)

    def concerns(self) -> BitMap64:
        """The record."""
        return BitMap64([self.record])


@dataclass(frozen=True, slots=True)
class Made:
    """A derived record with its line."""

    record: int
    text: int
    places: Places | None = None
    """Where its messages stood in what it was made of; None for the same places."""


@dataclass(frozen=True, slots=True)
class Insert(Operation):
    """New records behind a place."""

    kind: ClassVar[str] = "insert"
    made: tuple[Made, ...]
    behind: int
    like: int | None = None
    """The record that they are duplicates of; None for new ones."""

    def apply(self, overlay: Overlay) -> Undo:
        """Put them into the order; duplicates have the tags of their original."""
        models = {} if self.like is None else {self.like: 0}
        return _derive(overlay, self.made, self.behind, models, pieces=False)

    def concerns(self) -> BitMap64:
        """The new records."""
        return BitMap64([one.record for one in self.made])

    def leans_on(self) -> BitMap64:
        """Their original, and what they stand behind."""
        return BitMap64([one for one in (self.behind, self.like) if one is not None and one != START])


@dataclass(frozen=True, slots=True)
class Replace(Operation):
    """Pieces in place of the records that they were made of: a split or a join."""

    kind: ClassVar[str] = "replace"
    originals: tuple[int, ...]
    made: tuple[Made, ...]
    starts: tuple[int, ...] = (0,)
    """For each original, how many messages those before it have: the places of pieces count on over all of them."""

    def apply(self, overlay: Overlay) -> Undo:
        """The pieces stand where the first original stood."""
        originals = BitMap64(self.originals)
        place = overlay.order.place(self.originals[0])
        overlay.order.vacate(self.originals)
        overlay.replaced = overlay.replaced | originals

        def bring_back() -> None:
            overlay.order.refill(self.originals)
            overlay.replaced = overlay.replaced - originals

        return together(
            [
                bring_back,
                _derive(overlay, self.made, place, dict(zip(self.originals, self.starts, strict=True)), pieces=True),
            ]
        )

    def concerns(self) -> BitMap64:
        """Originals and pieces."""
        return BitMap64([*self.originals, *(one.record for one in self.made)])


def _derive(overlay: Overlay, made: Sequence[Made], behind: int, models: dict[int, int], *, pieces: bool) -> Undo:
    """Put derived records into the order, with the tags of what they were made of: ids, and where messages begin."""
    records = [one.record for one in made]
    roots = tuple(root for one in models for root in overlay.roots(one))
    overlay.order.insert(records, behind)
    overlay.derived = overlay.derived | BitMap64(records)
    undone: list[Undo] = []
    for part, one in enumerate(made, 1):
        overlay.versions.add(one.record, one.text)
        overlay.origins[one.record] = Origin(roots, part, len(made)) if pieces else Origin(roots, 1, 1)
        undone += overlay.labels.inherit(models, one.record, one.places)

    def take_away() -> None:
        for record in records:
            overlay.versions.take_back(record)
            del overlay.origins[record]
        overlay.derived = overlay.derived - BitMap64(records)
        overlay.order.remove(records)

    return together([take_away, *undone])


@dataclass(frozen=True, slots=True)
class Move(Operation):
    """One record stands behind another place."""

    kind: ClassVar[str] = "move"
    record: int
    place: int
    """The number of its new place, which nothing else has."""
    behind: int

    def apply(self, overlay: Overlay) -> Undo:
        """Move it."""
        left = overlay.order.move(self.record, self.place, self.behind)
        return lambda: overlay.order.move_back(self.record, left)

    def concerns(self) -> BitMap64:
        """The record."""
        return BitMap64([self.record])

    def leans_on(self) -> BitMap64:
        """The record, and what it stands behind."""
        return BitMap64([one for one in (self.record, self.behind) if one != START])


@dataclass(frozen=True, slots=True)
class Drop(Operation):
    """Records are left out, or taken back in."""

    kind: ClassVar[str] = "drop"
    records: BitMap64
    on: bool = True

    def apply(self, overlay: Overlay) -> Undo:
        """Hide or show them."""
        changed = self.records - overlay.dropped if self.on else self.records & overlay.dropped
        overlay.drop(changed, on=self.on)
        return lambda: overlay.drop(changed, on=not self.on)

    def concerns(self) -> BitMap64:
        """The records."""
        return self.records


@dataclass(frozen=True, slots=True)
class Sweeping(Operation):
    """Text is replaced in many records by one rule, stored as the rule."""

    kind: ClassVar[str] = "sweep"
    records: BitMap64
    number: int
    """Its place among the texts."""
    rule: Rule

    def apply(self, overlay: Overlay) -> Undo:
        """Put the rule into force."""
        overlay.versions.sweep(Sweep(self.number, self.records, self.rule))
        return overlay.versions.take_back_sweep

    def concerns(self) -> BitMap64:
        """The records."""
        return self.records


@dataclass(frozen=True, slots=True)
class Shortening(Sweeping):
    """A system prompt gives way to a shorter one in many records, by one rule."""

    kind: ClassVar[str] = "shorten"


@dataclass(frozen=True, slots=True)
class Fixing(Sweeping):
    """Findings of many records are mended, by one rule."""

    kind: ClassVar[str] = "fix"


def sweeping(rule: Rule) -> type[Sweeping]:
    """The operation that changes many records by a rule."""
    return {ShorteningRule: Shortening, FixingRule: Fixing}.get(type(rule), Sweeping)


@dataclass(frozen=True, slots=True)
class Tag(Labelling):
    """A tag on records, or off."""

    kind: ClassVar[str] = "tag"
    records: BitMap64
    tag: str
    on: bool = True

    def apply(self, overlay: Overlay) -> Undo:
        """Put it on, or take it off."""
        return overlay.labels.tag(self.records, self.tag, self.on)

    def concerns(self) -> BitMap64:
        """The records."""
        return self.records


@dataclass(frozen=True, slots=True)
class TagMessage(Labelling):
    """A tag on one message, or off."""

    kind: ClassVar[str] = "tag-message"
    record: int
    message: int
    tag: str
    on: bool = True

    def apply(self, overlay: Overlay) -> Undo:
        """Put it on, or take it off."""
        return overlay.labels.tag_message(self.record, self.message, self.tag, self.on)

    def concerns(self) -> BitMap64:
        """The record."""
        return BitMap64([self.record])


@dataclass(frozen=True, slots=True)
class Review(Labelling):
    """A verdict on records."""

    kind: ClassVar[str] = "review"
    records: BitMap64
    verdict: Verdict | None = field(default=None)
    """None takes it back."""

    def apply(self, overlay: Overlay) -> Undo:
        """Give it."""
        return overlay.labels.review(self.records, self.verdict)

    def concerns(self) -> BitMap64:
        """The records."""
        return self.records


@dataclass(frozen=True, slots=True)
class Annotate(Labelling):
    """A note on a record; an empty one takes it off."""

    kind: ClassVar[str] = "note"
    record: int
    note: str

    def apply(self, overlay: Overlay) -> Undo:
        """Put it on."""
        return overlay.labels.note(self.record, self.note)

    def concerns(self) -> BitMap64:
        """The record."""
        return BitMap64([self.record])
