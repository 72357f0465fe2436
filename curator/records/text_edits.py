"""How a text becomes another one: stretches that are kept, deleted and inserted, by words or by lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

LONGEST_BY_WORDS = 4_000
"""Characters of a stretch that is compared by words; a longer one is compared by lines."""
MOST_TOKENS = 1_000
"""Words or lines of a stretch that are compared one by one; of more of them only start and end are."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class EditKind(StrEnum):
    """What becomes of a stretch of text."""

    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True)
class TextEdit:
    """A stretch of text, and what becomes of it; a deleted one stands before what is inserted in its place."""

    kind: EditKind
    text: str


def text_edits(before: str, after: str) -> list[TextEdit]:
    """The stretches in order. Long texts are compared by lines, and lines that were replaced by words."""
    joined: list[TextEdit] = []
    for edit in _edits(before, after):
        if joined and joined[-1].kind is edit.kind:
            joined[-1] = TextEdit(edit.kind, joined[-1].text + edit.text)
        else:
            joined.append(edit)
    return joined


def _edits(before: str, after: str) -> Iterator[TextEdit]:
    if len(before) + len(after) <= 2 * LONGEST_BY_WORDS:
        yield from _by_words(before, after)
        return
    for old, new in _stretches(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        yield from _by_words(old, new) if len(old) + len(new) <= 2 * LONGEST_BY_WORDS else _whole(old, new)


def _by_words(before: str, after: str) -> Iterator[TextEdit]:
    for old, new in _stretches(_WORDS.findall(before), _WORDS.findall(after)):
        yield from _whole(old, new)


def _whole(before: str, after: str) -> Iterator[TextEdit]:
    """One stretch as it is: kept, or deleted and inserted."""
    if before == after:
        yield from (TextEdit(EditKind.KEPT, before),) if before else ()
        return
    if before:
        yield TextEdit(EditKind.DELETED, before)
    if after:
        yield TextEdit(EditKind.INSERTED, after)


def _stretches(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of stretches, before and after, equal and unequal ones in turn; time is bounded by `MOST_TOKENS`."""
    start, end = common_ends(before, after)
    head, tail = "".join(before[:start]), "".join(before[len(before) - end :])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    yield head, head
    if max(len(old), len(new)) > MOST_TOKENS:
        yield "".join(old), "".join(new)
    else:
        for _, i, j, k, m in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
            yield "".join(old[i:j]), "".join(new[k:m])
    yield tail, tail


def common_ends(before: Sequence[object], after: Sequence[object]) -> tuple[int, int]:
    """How many items two sequences share at their start, and how many of the others at their end."""
    shorter = min(len(before), len(after))
    start = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    most = shorter - start
    return start, next((place for place in range(most) if before[-1 - place] != after[-1 - place]), most)
