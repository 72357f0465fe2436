"""Groups of records that are alike, and what was done with each. It knows no screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from pyroaring import BitMap64

from curator.edits.asked import Option
from curator.session import Session
from curator.session.duplicates import Cluster, Clusters, Keep
from curator.session.editor import Selection
from curator.tui.figures import plural


class Settling(NamedTuple):
    """What can be done to records from here."""

    drop: Callable[[Selection, str, Mapping[str, Option] | None], bool]
    """Drops records as one step with a title, and the options of `curator dedupe` that say the same; whether it was."""
    mark: Callable[[Selection], object]
    undo: Callable[[], object]
    """Takes back the last step."""


class Groups:
    """What was found, with what was done since."""

    def __init__(self, session: Session, found: Clusters, settling: Settling, *, of_all: bool = True) -> None:
        """`of_all` says whether all records were looked at."""
        self.found = found
        self._of_all = of_all
        self._session = session
        self._settling = settling
        self._words: dict[int, str] = {}
        """What was done with groups, by their numbers."""
        self._steps: list[tuple[list[int], bool]] = []
        """The groups of each step, and whether it dropped records."""

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, number: int) -> Cluster:
        return self.found[number]

    def done(self, number: int) -> str:
        """What was done with a group; empty while it is open."""
        return self._words.get(number, "")

    def next_open(self, number: int) -> int | None:
        """The first open group behind one, or else the first of all; None where all are settled."""
        return next((one for one in (*range(number, len(self)), *range(number)) if one not in self._words), None)

    def keep(self, number: int, cluster: Cluster, place: int) -> bool:
        """Keep one record of a group that is not settled, and drop the others. Whether that was done."""
        if number in self._words:
            return False
        source, record = cluster.records[place]
        name = f"#{self._session.listing.number_of(source, record):,}"
        title = f"keep {name}, drop {plural(len(cluster.records) - 1, 'duplicate')}"
        return self._settling.drop(selected(cluster, without=place), title, None) and self._note(
            [number], f"{name} kept", dropped=True
        )

    def keep_all(self, number: int) -> None:
        """Leave a group as it is."""
        if number not in self._words:
            self._note([number], "all kept", dropped=False)

    def to_drop(self, keep: Keep) -> tuple[list[int], Selection]:
        """The groups that are open, and what is dropped where one record of each is kept."""
        numbers = [number for number in range(len(self)) if number not in self._words]
        return numbers, self.found.dropped(keep, numbers)

    def keep_each(self, keep: Keep) -> bool:
        """Keep one record of each open group, in one step. Whether that was done."""
        numbers, dropped = self.to_drop(keep)
        title = f"keep the {keep} of {plural(len(numbers), 'group')}"
        return self._settling.drop(dropped, title, self._as_options(keep)) and self._note(
            numbers, f"{keep} kept", dropped=True
        )

    def _as_options(self, keep: Keep) -> Mapping[str, Option] | None:
        """What `curator dedupe` takes to do the same; None for some records alone, or some groups of them."""
        likeness = self.found.likeness
        if self.found.contradictions or self._words or not self._of_all:
            return None
        near = {"near": likeness.threshold} if likeness.near else {}
        return {"by": likeness.by, **near, **({} if keep == "first" else {"keep": keep})}

    def take_back(self) -> list[int]:
        """Take back what was done last from here: the groups that are open again; none where nothing was."""
        if not self._steps:
            return []
        numbers, dropped = self._steps.pop()
        if dropped:
            self._settling.undo()
        for number in numbers:
            del self._words[number]
        return numbers

    def mark(self, cluster: Cluster) -> None:
        """Mark the records of a group."""
        self._settling.mark(selected(cluster))

    def mark_each(self) -> None:
        """Mark the records of all groups."""
        self._settling.mark(self.found.selection())

    def _note(self, numbers: list[int], words: str, *, dropped: bool) -> bool:
        self._words.update(dict.fromkeys(numbers, words))
        self._steps.append((numbers, dropped))
        return True


def longest(cluster: Cluster) -> int:
    """The place of the longest record of a group; of equally long ones the first."""
    return cluster.lengths.index(max(cluster.lengths))


def selected(cluster: Cluster, without: int = -1) -> Selection:
    """The records of a group, but for one of them."""
    found: dict[object, BitMap64] = {}
    for place, (source, record) in enumerate(cluster.records):
        if place != without:
            found.setdefault(source, BitMap64()).add(record)
    return found  # type: ignore[return-value]
