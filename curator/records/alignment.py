"""Which item of a list before is which item of the list after: kept, edited, copied or new."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from curator.records.sameness import Sameness, scalar_mark

_COMPARED = 16
"""Among how many items before an edited one is looked for."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """For each item after, the number of an item before, or -1."""

    stays: list[int]
    """The item that it is, perhaps edited, in rising order: what stays where it is."""
    copies: list[int]
    """The item elsewhere that it is the same as."""


def align(old: Sequence[Any], new: Sequence[Any], sameness: Sameness) -> Alignment:
    """Find what stays, in about linear time: common ends first, then the same values, then edited ones by likeness."""
    before, after = _between_common_ends(old, new, plainly_same)
    if after and len(before) * len(after) != 1:
        before, after = _between_common_ends(old, new, sameness.same)
    stays = [*range(before.start), *[-1] * len(after), *range(before.stop, len(old))]
    found = Alignment(stays, [-1] * len(new))
    if len(before) == len(after) == 1:
        stays[after.start] = before.start
    elif after:
        _by_value(old, new, before, after, found, sameness)
        _by_likeness(old, new, before, after, found)
    return found


def _between_common_ends(
    old: Sequence[Any], new: Sequence[Any], same: Callable[[Any, Any], bool]
) -> tuple[range, range]:
    head = _common(old, new, same)
    tail = _common(old[head:][::-1], new[head:][::-1], same)
    return range(head, len(old) - tail), range(head, len(new) - tail)


def _common(one: Sequence[Any], other: Sequence[Any], same: Callable[[Any, Any], bool]) -> int:
    count = 0
    for first, second in zip(one, other, strict=False):
        if not same(first, second):
            break
        count += 1
    return count


def plainly_same(one: Any, other: Any) -> bool:
    """Whether two values are the same at first sight: identical, the same scalar, or a copy one level deep."""
    if one is other:
        return True
    if type(one) is str or type(other) is str:
        return type(one) is type(other) and bool(one == other)
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(other[key] is value for key, value in one.items())
        )
    if isinstance(one, list) or isinstance(other, dict | list):
        return False
    return scalar_mark(one) == scalar_mark(other)


def _by_value(
    old: Sequence[Any], new: Sequence[Any], before: range, after: range, found: Alignment, sameness: Sameness
) -> None:
    """Note what is the same as an item before: in place where the order is kept, else as a copy."""
    places: dict[Hashable, list[int]] = {}
    for place, item in enumerate(old):
        places.setdefault(sameness.mark(item), []).append(place)
    used = {*range(before.start), *range(before.stop, len(old))}
    chosen: list[tuple[int, int]] = []
    last = before.start - 1
    for place in after:
        candidates = places.get(sameness.mark(new[place]), [])
        if not candidates:
            continue
        free = _next_free(candidates, last, used)
        if free < 0:
            found.copies[place] = candidates[0]
        else:
            used.add(free)
            chosen.append((place, free))
            last = free
    rising = _longest_rising([free for _, free in chosen])
    for number, (place, free) in enumerate(chosen):
        (found.stays if number in rising else found.copies)[place] = free


def _next_free(candidates: list[int], last: int, used: set[int]) -> int:
    """The first candidate behind `last` that is not used yet, else any that is not, else -1."""
    middle = bisect_right(candidates, last)
    for part in (range(middle, len(candidates)), range(middle)):
        for number in part:
            if candidates[number] not in used:
                return candidates[number]
    return -1


def _longest_rising(numbers: list[int]) -> set[int]:
    """The places of a longest rising selection of the numbers, which differ."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
    chosen: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        chosen.add(place)
        place = before[place]
    return chosen


def _by_likeness(old: Sequence[Any], new: Sequence[Any], before: range, after: range, found: Alignment) -> None:
    """Pair items that are left over between two that stay."""
    taken = {place for place in (*found.stays, *found.copies) if place >= 0}
    opening, unpaired = before.start, list[int]()
    for place in (*after, after.stop):
        stay = before.stop if place == after.stop else found.stays[place]
        if stay >= 0:
            free = [number for number in range(opening, stay) if number not in taken]
            _pair(old, new, free, unpaired, found.stays)
            opening, unpaired = stay + 1, []
        elif found.copies[place] < 0:
            unpaired.append(place)


def _pair(old: Sequence[Any], new: Sequence[Any], free: list[int], unpaired: list[int], stays: list[int]) -> None:
    if len(free) == len(unpaired) == 1:
        stays[unpaired[0]] = free[0]
        return
    first = 0
    for place in unpaired:
        window = range(first, min(first + _COMPARED, len(free)))
        best = max(window, key=lambda number: _likeness(old[free[number]], new[place]), default=-1)
        if best >= 0 and _likeness(old[free[best]], new[place]):
            stays[place] = free[best]
            first = best + 1


def _likeness(one: Any, other: Any) -> int:
    """How much two items have in common; 0 for other kinds, and for keys in another order."""
    if isinstance(one, dict) and isinstance(other, dict):
        shared = [key for key in one if key in other]
        if shared != [key for key in other if key in one]:
            return 0
        return sum(1 + 2 * plainly_same(one[key], other[key]) for key in shared)
    return int(isinstance(one, list) == isinstance(other, list) and isinstance(one, dict) == isinstance(other, dict))
