"""What files and journal should hold, worked out without the program: a list of states, and how far undo went."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

SOURCE = "data.jsonl"
LONG_ANSWER = 90_000
"""Characters of some answers, so that a save has stretches that the system copies."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of one question and one answer, with what is said of it."""

    number: int
    """The record that it was at first; copies have numbers of their own."""
    question: str
    answer: str
    dropped: bool = False
    tags: frozenset[str] = frozenset()
    verdict: str = ""

    @property
    def line(self) -> bytes:
        """The record's line."""
        messages = [{"role": "user", "content": self.question}, {"role": "assistant", "content": self.answer}]
        return json.dumps({"messages": messages}).encode() + b"\n"


State = tuple[Entry, ...]
"""All records in their order, dropped ones too."""


@dataclass(frozen=True, slots=True)
class World:
    """All that must be there again after a kill."""

    history: tuple[State, ...]
    """The state before the first change, and after each."""
    cursor: int
    """How many changes are in force."""
    saved: State
    """The records that the source consists of."""
    marked: int = 0
    """How many records are marked."""
    draft: str = ""
    """The unfinished text that is offered on opening."""
    others: tuple[tuple[str, bytes], ...] = ()
    """Names and contents of the other files in the folder."""

    @property
    def now(self) -> State:
        """The state in force."""
        return self.history[self.cursor]

    @property
    def seen(self) -> State:
        """The records that are not dropped."""
        return tuple(one for one in self.now if not one.dropped)

    @property
    def source(self) -> bytes:
        """The source's bytes."""
        return content_of(self.saved)

    @property
    def edited(self) -> int:
        """How many records are to be seen that the source does not hold as they are."""
        held = {(one.number, one.line) for one in self.saved}
        return sum((one.number, one.line) not in held for one in self.seen)

    @property
    def dropped(self) -> int:
        """How many records of the source are dropped."""
        held = {one.number for one in self.saved}
        return sum(one.dropped and one.number in held for one in self.now)

    @property
    def reviewed(self) -> int:
        """How many records have a verdict."""
        return sum(bool(one.verdict) for one in self.now)

    def done(self, state: State) -> World:
        """The world after a change: what was undone before cannot be done again."""
        return replace(self, history=(*self.history[: self.cursor + 1], state), cursor=self.cursor + 1)

    def changed(self, entry: Entry) -> World:
        """The world with another form of a record."""
        return self.done(tuple(entry if one.number == entry.number else one for one in self.now))

    def with_file(self, name: str, content: bytes) -> World:
        """The world with another content of a file that is not the source."""
        return replace(self, others=tuple(sorted({**dict(self.others), name: content}.items())))


def content_of(state: State) -> bytes:
    """What a file of these records holds."""
    return b"".join(one.line for one in state)


def first_world(records: int) -> World:
    """A file that was never changed."""
    state = tuple(
        Entry(number, f"alpha {number}", "y" * LONG_ANSWER if number % 40 == 20 else f"Answer {number}.")
        for number in range(records)
    )
    return World((state,), 0, state)
