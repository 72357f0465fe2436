"""What is said of records without changing them: tags, reviews and notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from pyroaring import BitMap64

Undo = Callable[[], None]
MessageTags = dict[int, frozenset[str]]
"""Tags by message, counted from 0; messages without tags are left out."""


class Verdict(StrEnum):
    """What a reviewer says of a record."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NEEDS_WORK = "needs work"


class Labels:
    """Tags, verdicts and notes of a source's records. Each change returns what takes it back."""

    def __init__(self) -> None:
        self.tags: dict[str, BitMap64] = {}
        self.verdicts: dict[Verdict, BitMap64] = {verdict: BitMap64() for verdict in Verdict}
        self.notes: dict[int, str] = {}
        self.message_tags: dict[int, MessageTags] = {}

    @property
    def reviewed(self) -> BitMap64:
        """The records with a verdict."""
        return BitMap64().union(*self.verdicts.values())

    def tags_of(self, record: int) -> tuple[str, ...]:
        """The tags of a record, in alphabetical order."""
        return tuple(sorted(tag for tag, records in self.tags.items() if record in records))

    def verdict_of(self, record: int) -> Verdict | None:
        """The verdict on a record."""
        return next((verdict for verdict, records in self.verdicts.items() if record in records), None)

    def tag(self, records: BitMap64, tag: str, on: bool) -> Undo:
        """Put a tag on records, or take it off."""
        held = self.tags.get(tag, BitMap64())
        changed = records - held if on else records & held
        self._flip(tag, changed, on)
        return lambda: self._flip(tag, changed, not on)

    def _flip(self, tag: str, records: BitMap64, on: bool) -> None:
        before = self.tags.get(tag, BitMap64())
        held = before | records if on else before - records
        if held:
            self.tags[tag] = held
        else:
            self.tags.pop(tag, None)

    def review(self, records: BitMap64, verdict: Verdict | None) -> Undo:
        """Give records a verdict, or none."""
        before = {one: held & records for one, held in self.verdicts.items()}
        lost = {one: had for one, had in before.items() if had and one is not verdict}
        given = {verdict: records - before[verdict]} if verdict else {}
        self._judge(lost, given)
        return lambda: self._judge(given, lost)

    def _judge(self, lost: Mapping[Verdict, BitMap64], given: Mapping[Verdict, BitMap64]) -> None:
        for one, records in lost.items():
            self.verdicts[one] = self.verdicts[one] - records
        for one, records in given.items():
            self.verdicts[one] = self.verdicts[one] | records

    def note(self, record: int, text: str) -> Undo:
        """Put a note on a record; an empty one takes it off."""
        before = self.notes.get(record, "")
        self._set_note(record, text)
        return lambda: self._set_note(record, before)

    def _set_note(self, record: int, text: str) -> None:
        if text:
            self.notes[record] = text
        else:
            self.notes.pop(record, None)

    def tag_message(self, record: int, message: int, tag: str, on: bool) -> Undo:
        """Put a tag on one message, or take it off."""
        tags = dict(self.message_tags.get(record, {}))
        held = tags.get(message, frozenset())
        tags[message] = held | {tag} if on else held - {tag}
        return self.set_message_tags(record, {place: names for place, names in tags.items() if names})

    def set_message_tags(self, record: int, tags: MessageTags) -> Undo:
        """The tags on all messages of a record."""
        before = self.message_tags.get(record, {})
        self._set_message_tags(record, tags)
        return lambda: self._set_message_tags(record, before)

    def _set_message_tags(self, record: int, tags: MessageTags) -> None:
        if tags:
            self.message_tags[record] = tags
        else:
            self.message_tags.pop(record, None)

    def messages_moved(self, record: int, places: Sequence[int | None]) -> Undo:
        """Let tags follow their messages: `places` tells for each message where it stood before, None for a new one."""
        return self.set_message_tags(record, moved(self.message_tags.get(record, {}), places))

    def inherit(self, models: Mapping[int, int], heir: int, places: Sequence[int | None] | None) -> list[Undo]:
        """Give a record the tags of those that it was made of.

        `models` tells for each of them how many messages those before it have; `places` count on over all of them.
        """
        undone = [
            self.tag(BitMap64([heir]), tag, True)
            for tag, held in list(self.tags.items())
            if any(one in held for one in models)
        ]
        tags = {
            start + message: names
            for model, start in models.items()
            for message, names in self.message_tags.get(model, {}).items()
        }
        if tags:
            undone.append(self.set_message_tags(heir, tags if places is None else moved(tags, places)))
        return undone


def moved(tags: MessageTags, places: Sequence[int | None]) -> MessageTags:
    """Tags by the new places of their messages."""
    return {now: tags[before] for now, before in enumerate(places) if before is not None and before in tags}
