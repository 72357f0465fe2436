"""Which message of a conversation became which one of its later version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from curator.records.conversation import Message
from curator.records.text_edits import common_ends

MOST_PAIRS = 2_500
"""Pairs of messages whose texts are compared to find what became of which; of more the roles alone are."""
MOST_EXACTLY = 500
"""Messages of a stretch in which equal ones are found however often they stand there."""
LONGEST_COMPARED = 2_000
"""Characters of a text by which messages are told to be alike."""


def pairs_in_order(before: Sequence[Message], after: Sequence[Message]) -> Iterator[tuple[int, int]]:
    """Places before and after of messages that are equal, or that became one another, in order."""
    start, end = common_ends(before, after)
    last, last_after = len(before) - end, len(after) - end
    yield from ((place, place) for place in range(start))
    for one, two in _inner_pairs(before[start:last], after[start:last_after]):
        yield start + one, start + two
    yield from ((last + place, last_after + place) for place in range(end))


def _inner_pairs(before: Sequence[Message], after: Sequence[Message]) -> Iterator[tuple[int, int]]:
    """Of long stretches, messages that stand there many times over are not looked for: that would take too long."""
    matcher = SequenceMatcher(None, before, after, autojunk=len(after) > MOST_EXACTLY)
    for kind, start, end, start_after, end_after in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(range(start, end), range(start_after, end_after), strict=True)
        elif kind == "replace":
            for one, two in _alike(before[start:end], after[start_after:end_after]):
                yield start + one, start_after + two


def _alike(before: Sequence[Message], after: Sequence[Message]) -> list[tuple[int, int]]:
    """Pairs in order between two stretches without equal messages; one message for one is a pair in any case."""
    if len(before) == len(after) == 1 and before[0].section == after[0].section:
        return [(0, 0)]
    if len(before) * len(after) <= MOST_PAIRS:
        return _best(before, after)
    old, new = ([f"{one.section}/{one.role}" for one in side] for side in (before, after))
    blocks = SequenceMatcher(None, old, new).get_matching_blocks()
    return [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]


def _best(before: Sequence[Message], after: Sequence[Message]) -> list[tuple[int, int]]:
    """The pairs in order that are most alike in sum."""
    words_before, words_after = [_words(one) for one in before], [_words(one) for one in after]
    width = len(after) + 1
    best = [[0.0] * width for _ in range(len(before) + 1)]
    likeness = [
        [_likeness(one, two, words_before[i], words_after[j]) for j, two in enumerate(after)]
        for i, one in enumerate(before)
    ]
    for i in reversed(range(len(before))):
        for j in reversed(range(len(after))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(before) and j < len(after):
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _words(message: Message) -> Counter[str]:
    texts = [part.text for part in message.parts] + [f"{call.name} {call.arguments}" for call in message.tool_calls]
    return Counter(" ".join(texts)[:LONGEST_COMPARED].split())


def _likeness(one: Message, two: Message, words: Counter[str], other_words: Counter[str]) -> float:
    """From 0 (not alike at all) to 1.1: the share of words in common, and a little for the same role."""
    if one.section != two.section:
        return 0.0
    total = words.total() + other_words.total()
    shared = 2 * (words & other_words).total() / total if total else 1.0
    return shared + 0.1 * (one.role == two.role)
