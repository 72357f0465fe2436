"""Turns lines into the hashes by which records are compared. For workers, which is where numpy is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from xxhash import xxh3_64_intdigest

from curator.analysis.hashes import put_hashes
from curator.analysis.lint.view import RecordView
from curator.analysis.prints import By, Likeness, Prints, Wanted
from curator.analysis.reading import Reading
from curator.analysis.record_counting import hash_of_tools
from curator.analysis.report import AuditSpec, Columns
from curator.analysis.roles import SEPARATOR, SYSTEM_ROLES
from curator.analysis.shingles import Bands, band_keys, bands_for, jaccard, shingles, words_in
from curator.analysis.texts import Texts, TokenRule, add_messages, add_plain
from curator.records.codec import Malformed, decode, line_body
from curator.records.conversation import Message
from curator.records.prompt_template import value_at

LONGEST = (1 << 32) - 1
"""Characters from which on lengths are not told apart."""

if TYPE_CHECKING:
    from curator.analysis.shingles import Numbers

TURN_LETTERS = 48
"""Letters of a question with its answer from which on no other conversation has the same by chance."""
OPENING_LETTERS = 8
"""Letters that the beginning of a conversation has to have to tell it from others: more than `Hi`, `Hello`."""


@lru_cache(maxsize=2)
def reader_for(spec: AuditSpec) -> RecordReader:
    """The reader of a spec, kept from call to call."""
    return RecordReader(spec)


class RecordReader:
    """Reads records for the sake of comparing them; tokens are not counted. Not for several threads at once."""

    def __init__(self, spec: AuditSpec) -> None:
        self._reading = Reading(spec)
        self._rule = TokenRule(spec.counting, lambda _: 0, spec.mask.key)

    def prints(self, lines: Iterable[bytes], wanted: Wanted) -> Prints:
        """The hashes of lines, a row each."""
        prints = Prints()
        bands = bands_for(wanted.likeness.threshold) if wanted.likeness.near else None
        keys: list[Numbers] = []
        for line in lines:
            found = self._add(prints, line_body(line), wanted, bands)
            if bands is not None:
                keys.append(np.zeros(bands.number, dtype=np.uint64) if found is None else found)
        if keys:
            prints.bands = np.ascontiguousarray(np.stack(keys).T).tobytes()
        return prints

    def compared(self, line: bytes, by: By) -> Numbers:
        """The shingles of what is compared of a line."""
        value = decode(line_body(line))
        if isinstance(value, Malformed) or not isinstance(value, dict):
            return shingles("")
        return shingles(said_by(self._reading.dialect_of(value).read(value).messages, by))

    def _add(self, prints: Prints, body: bytes, wanted: Wanted, bands: Bands | None) -> Numbers | None:
        """Add a row; returns the keys of its bands, if it has any."""
        blank = not body or body.isspace()
        prints.lines.append(0 if blank else xxh3_64_intdigest(body) or 1)
        value = None if blank else decode(body)
        if not isinstance(value, dict):
            _add(prints, wanted)
            return None
        view = RecordView.of(value, self._reading.dialect_of(value), self._rule.patterns)
        texts, columns = self._texts(view), Columns.blank(1)
        said = view.heard = view.said or SEPARATOR.join(texts.said)
        view.octets = said.encode("utf-8", "surrogatepass")
        put_hashes(columns, 0, view, texts)
        same = getattr(columns, f"{_COLUMN[wanted.likeness.by]}_hash")[0]
        messages = view.dialect.read(value).messages if wanted.opening or bands is not None else ()
        opening, turns = (_opening(messages), _turns(messages)) if wanted.opening else (0, [])
        group = (value_at(value, wanted.group) or "") if wanted.group else ""
        _add(
            prints,
            wanted,
            same,
            columns.answer_hash[0],
            len(said),
            opening,
            turns,
            _hash_at(value, wanted.together),
            group,
        )
        if bands is None or not same:
            return None
        return band_keys(shingles(said_by(messages, wanted.likeness.by)), bands)

    def _texts(self, view: RecordView) -> Texts:
        """The same texts as the audit hashes, without what is only counted."""
        texts = Texts()
        if view.dialect.plain_tokens:
            add_plain(texts, view.messages)
            return texts
        add_messages(texts, view, self._rule)
        if tools := view.dialect.tools(view.value):
            texts.beside ^= hash_of_tools(tools)
        return texts


def _add(
    prints: Prints,
    wanted: Wanted,
    same: int = 0,
    answer: int = 0,
    length: int = 0,
    opening: int = 0,
    turns: Sequence[int] = (),
    together: int = 0,
    group: str = "",
) -> None:
    """Add a row to the columns that are asked for."""
    prints.same.append(same)
    prints.lengths.append(min(length, LONGEST))
    if wanted.likeness.by == "prompt":
        prints.answers.append(answer)
    if wanted.opening:
        prints.openings.append(opening)
        prints.turns.extend(turns)
        prints.turn_counts.append(len(turns))
    if wanted.together:
        prints.together.append(together)
    if wanted.group:
        prints.groups.append(group)


_COLUMN = {"record": "content", "prompt": "prompt", "answer": "answer"}


def said_by(messages: Sequence[Message], by: By) -> str:
    """What is compared for near duplicates. System prompts are left out: many records share them."""
    end = max((place for place, one in enumerate(messages) if one.role == "assistant"), default=-1)
    if by == "answer":
        return _spoken(messages[end]) if end >= 0 else ""
    asked = messages if by == "record" else messages[: max(0, end)]
    return "\n".join(_spoken(one) for one in asked if one.role not in SYSTEM_ROLES)


def alike(first: tuple[AuditSpec, bytes], second: tuple[AuditSpec, bytes], likeness: Likeness) -> float:
    """How alike two lines are, 0 to 1, each given with the spec that it is read by."""
    one, other = (reader_for(spec).compared(line, likeness.by) for spec, line in (first, second))
    return jaccard(one, other)


def _spoken(message: Message) -> str:
    if not message.tool_calls:
        return message.text
    return "\n".join((message.text, *(f"{call.name} {call.arguments}" for call in message.tool_calls)))


def _opening(messages: Sequence[Message]) -> int:
    """A hash of the words that a conversation begins with, up to enough letters, but not of its last answer.

    So pieces of a conversation that begin where it does have the same, and so have answers to the same prompt.
    """
    spoken = [one for one in messages if one.role not in SYSTEM_ROLES]
    answers = [place for place, one in enumerate(spoken) if one.role == "assistant"]
    words: list[str] = []
    for one in spoken[: answers[-1] or 1] if answers else spoken:
        words += words_in(_spoken(one))
        if sum(map(len, words)) >= OPENING_LETTERS:
            break
    return xxh3_64_intdigest(" ".join(words).encode("utf-8", "surrogatepass")) if words else 0


def _turns(messages: Sequence[Message]) -> list[int]:
    """Hashes of the turns, each a user message and all up to the next, where they are long enough."""
    spoken = [one for one in messages if one.role not in SYSTEM_ROLES]
    starts = [place for place, one in enumerate(spoken) if one.role == "user"]
    found = []
    for start, end in zip(starts, [*starts[1:], len(spoken)], strict=True):
        words = [word for one in spoken[start:end] for word in words_in(_spoken(one))]
        if end - start > 1 and sum(map(len, words)) >= TURN_LETTERS:
            found.append(xxh3_64_intdigest(" ".join(words).encode("utf-8", "surrogatepass")))
    return found


def _hash_at(value: dict[str, Any], path: str) -> int:
    found = value_at(value, path) if path else None
    return 0 if found is None else xxh3_64_intdigest(found.encode("utf-8", "surrogatepass"), len(path)) or 1
