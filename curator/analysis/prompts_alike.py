"""Which system prompts begin alike, as those do that are made of a fixed text and a changing one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from curator.analysis.prompts_seen import SystemPrompt

LONG_SHARED = 100
"""Characters of a beginning that make prompts alike, however long they are."""
SHORTEST_SHARED = 20
"""Characters that do so where they are half of the shorter prompt."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Prompts that share their beginning, of those that were compared."""

    beginning: str
    """Up to a blank, where they differ within a word."""
    prompts: int
    records: int
    tokens: int
    """What they make up in one epoch of training."""


def alike(prompts: Iterable[SystemPrompt]) -> list[Alike]:
    """The groups of two and more that begin alike, the costliest first; prompts without a known text are left out."""
    ordered = sorted((one for one in prompts if one.text), key=lambda one: one.text)
    found = [_group(group) for group in _groups(ordered) if len(group) > 1]
    return sorted(found, key=lambda one: -one.tokens)


def _groups(ordered: Sequence[SystemPrompt]) -> Iterator[list[SystemPrompt]]:
    group = list(ordered[:1])
    for before, here in pairwise(ordered):
        if not _begin_alike(before.text, here.text):
            yield group
            group = []
        group.append(here)
    yield group


def _begin_alike(one: str, other: str) -> bool:
    shared = _shared(one, other)
    return shared >= LONG_SHARED or shared >= max(SHORTEST_SHARED, min(len(one), len(other)) / 2)


def _group(group: Sequence[SystemPrompt]) -> Alike:
    first, last = group[0].text, group[-1].text
    shared = first[: _shared(first, last)]
    if shared != first:
        end = max(shared.rfind(" "), shared.rfind("\n")) + 1
        shared = shared[:end] or shared
    return Alike(shared, len(group), sum(one.records for one in group), sum(one.all_tokens for one in group))


def _shared(one: str, other: str) -> int:
    """How many characters two texts share at their beginning."""
    shared, most = 0, min(len(one), len(other))
    while shared < most:
        middle = (shared + most + 1) // 2
        if one[shared:middle] == other[shared:middle]:
            shared = middle
        else:
            most = middle - 1
    return shared
