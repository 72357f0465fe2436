"""Movement in a record that is laid out in lines: which item is meant, and which line is first on screen. Pure.

An item is a message, the declared tools, or a key beside the conversation. Records are laid out lazily, so the items
known at a time are the first ones, and the end of the last known one may still be to come.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where a reader is."""

    top: int
    """The first line on screen."""
    item: int
    """The item under the cursor."""


@dataclass(slots=True)
class ItemLines:
    """Which lines the items of a record take, as far as it is laid out."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """Behind the last line of each item; blank lines between items belong to none."""
    lines: int = 0
    complete: bool = False

    def take(self, items: Iterable[int]) -> None:
        """More lines are laid out: the item of each, or -1."""
        for number, item in enumerate(items, self.lines):
            self.lines = number + 1
            if item == len(self.starts):
                self.starts.append(number)
                self.ends.append(number + 1)
            elif item >= 0:
                self.ends[item] = number + 1

    def end(self, item: int) -> int:
        """Behind the last line of an item; of one that is still laid out, behind what there is and one more."""
        still_to_come = not self.complete and item == len(self.starts) - 1
        return self.lines + 1 if still_to_come else self.ends[item]

    def marked(self, place: Place) -> int:
        """The line that shows the cursor: the item's first one on or below the top; -1 if there are no items."""
        return max(self.starts[place.item], place.top) if place.item < len(self.starts) else -1

    # Motions; each returns the new place

    def scrolled_to(self, place: Place, top: int, height: int) -> Place:
        """Another first line on screen, the cursor the same even if that is not in sight."""
        return Place(max(0, min(top, self.lines - height)), place.item)

    def stepped(self, place: Place, step: int, height: int) -> Place:
        """A line further while the item goes on beyond the screen, else at the next item; `step` is 1 or -1."""
        top, item = place
        if item < len(self.starts):
            beyond = self.end(item) > top + height if step > 0 else self.starts[item] < top
            if not beyond and 0 <= item + step < len(self.starts):
                return self.at_item(place, item + step, height)
        return self.scrolled_to(place, top + step, height)

    def at_item(self, place: Place, item: int, height: int) -> Place:
        """The cursor on an item, its first line in sight, and as much of it as fits, by the shortest way."""
        start, end = self.starts[item], self.end(item)
        top = start if end - start >= height or start < place.top else max(place.top, end - height)
        return self.scrolled_to(Place(place.top, item), top, height)

    def paged(self, place: Place, rows: int, height: int) -> Place:
        """So many lines further, the cursor kept on screen; where there is no further, on the last item in sight."""
        moved = self.scrolled_to(place, place.top + rows, height)
        if not self.starts:
            return moved
        first, last = self._in_sight(moved.top, height)
        if moved.top == place.top:
            return Place(moved.top, last if rows > 0 else first)
        if not first <= moved.item <= last:
            headed = first if self.starts[first] >= moved.top else min(first + 1, last)
            return Place(moved.top, headed if moved.item < first else last)
        return moved

    def sees(self, place: Place, height: int) -> bool:
        """Whether any of the item is on screen."""
        first, last = self._in_sight(place.top, height)
        return first <= place.item <= last

    def _in_sight(self, top: int, height: int) -> tuple[int, int]:
        """The first and the last item with a line on screen; where there is none, the nearest one."""
        last = max(0, bisect_left(self.starts, top + height) - 1)
        return min(bisect_right(self.ends, top), last), last
