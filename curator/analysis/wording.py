"""A conversation as words, each message cut up once: how it begins, its turns, and what is compared of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from xxhash import xxh3_64_intdigest

from curator.analysis.lint.view import RecordView
from curator.analysis.prints import By
from curator.analysis.roles import SYSTEM_ROLES
from curator.analysis.shingles import words_in

TURN_LETTERS = 48
"""Letters of a question with its answer from which on no other conversation has the same by chance."""
OPENING_LETTERS = 8
"""Letters that the beginning of a conversation has to have to tell it from others: more than `Hi`, `Hello`."""


class Wording:
    """The words of a conversation's messages. System prompts are left out: many records share them."""

    def __init__(self, said: Iterable[tuple[str | None, str]]) -> None:
        spoken = [(role, text) for role, text in said if role not in SYSTEM_ROLES]
        self._roles = [role for role, _ in spoken]
        self._words = [words_in(text) for _, text in spoken]
        answers = [place for place, role in enumerate(self._roles) if role == "assistant"]
        self._last = answers[-1] if answers else -1
        """The place of the last answer; -1 without any."""

    def compared(self, by: By) -> list[str]:
        """What is compared for near duplicates."""
        if by == "answer":
            return self._words[self._last] if self._last >= 0 else []
        return list(chain.from_iterable(self._words if by == "record" else self._words[: max(0, self._last)]))

    def opening(self) -> int:
        """A hash of the words that it begins with, up to enough letters, but not of its last answer; 0 for none.

        So pieces of a conversation that begin where it does have the same, and so have answers to the same prompt.
        """
        words: list[str] = []
        for some in self._words if self._last < 0 else self._words[: self._last or 1]:
            words += some
            if sum(map(len, words)) >= OPENING_LETTERS:
                break
        return _hash(words) if words else 0

    def turns(self) -> list[int]:
        """Hashes of the turns, each a user message and all up to the next, where they are long enough."""
        starts = [place for place, role in enumerate(self._roles) if role == "user"]
        found = []
        for start, end in pairwise([*starts, len(self._roles)]):
            if end - start > 1:
                words = list(chain.from_iterable(self._words[start:end]))
                if sum(map(len, words)) >= TURN_LETTERS:
                    found.append(_hash(words))
        return found


def _hash(words: Sequence[str]) -> int:
    return xxh3_64_intdigest(" ".join(words).encode("utf-8", "surrogatepass"))


def said_in(view: RecordView) -> Iterator[tuple[str | None, str]]:
    """The role and the text of each message of a record, with the calls that it makes."""
    if view.texts and view.is_chat:
        yield from zip(view.roles, view.texts, strict=True)
        return
    for one in view.conversation.messages:
        yield one.role, "\n".join((one.text, *(f"{call.name} {call.arguments}" for call in one.tool_calls)))
