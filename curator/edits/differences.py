"""What differs between a source as it is saved and its records as they are now, in the order of the new file."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.edits.edited_source import EditedSource
from curator.edits.segments import all_records, maybe_changed
from curator.edits.versions import ORIGINAL


@dataclass(frozen=True, slots=True)
class Changed:
    """A line whose record has another text now."""

    line: int
    """Counted from 0."""
    record: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines [first, end) that do not stand here any more, and the records that stand in their place."""

    first: int
    end: int
    put: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Records that follow on one another, as their lines in the source do."""

    line: int | None
    """The line of the first; None for a single record that the source does not hold."""
    record: int
    count: int


class Differences:
    """The differences of one source, at the moment of asking. Goes over all of its lines, in runs."""

    def __init__(self, edited: EditedSource) -> None:
        self.edited = edited
        self._stretches = list(_stretches(edited))
        self._kept = _rising(self._stretches)
        self.moved = {
            stretch.record + step: stretch.line + step
            for number, stretch in enumerate(self._stretches)
            if stretch.line is not None and number not in self._kept
            for step in range(stretch.count)
        }
        """The records that stand elsewhere among the others, with their lines in the source."""
        self._left = set(self.moved.values())

    def __iter__(self) -> Iterator[Changed | Gap]:
        at, put = 0, list[int]()
        for number, stretch in enumerate(self._stretches):
            if number not in self._kept or stretch.line is None:
                put.extend(range(stretch.record, stretch.record + stretch.count))
                continue
            if put or stretch.line > at:
                yield Gap(at, stretch.line, tuple(put))
            for record in maybe_changed(self.edited, stretch.record, stretch.count):
                line = stretch.line + record - stretch.record
                if self.is_changed(record, line):
                    yield Changed(line, record)
            at, put = stretch.line + stretch.count, []
        if put or at < len(self.edited.index):
            yield Gap(at, len(self.edited.index), tuple(put))

    def __len__(self) -> int:
        """How many records differ: changed, gone, new or moved."""
        return sum(1 if isinstance(one, Changed) else len(one.put) + len(self.gone(one)) for one in self)

    def gone(self, gap: Gap) -> list[int]:
        """The lines of a gap whose records are not there any more."""
        return [line for line in range(gap.first, gap.end) if line not in self._left]

    def is_changed(self, record: int, line: int) -> bool:
        """Whether a record that stands on a line of the source has another text now."""
        if self.edited.content.line_number(record) is not None:
            return False
        versions = self.edited.overlay.versions
        number = versions.of(record)
        if number == ORIGINAL or versions.sweep_numbered(number) is not None:
            return True
        return self.after(record) != self.before(line)

    def before(self, line: int) -> bytes:
        """A line of the source, its line end included."""
        start, end = self.edited.content.span(line)
        return self.edited.source.read(start, end - start)

    def after(self, record: int) -> bytes:
        """A record's line as it is now."""
        return self.edited.content.line(record)

    def record_on(self, line: int) -> int:
        """The record that a line of the source was read or written for."""
        return self.edited.content.saved.lines.at(line)

    def line_of(self, record: int) -> int | None:
        """The line of the source that a record stands on; None where it does not."""
        return self.edited.content.saved.lines.place_of(record)

    def gave_way(self, record: int) -> list[int]:
        """For a piece, the lines of the source that are not there any more because it was made of them."""
        overlay = self.edited.overlay
        if record not in overlay.derived:
            return []
        lines = [self.line_of(root) for root in overlay.roots(record) if root in overlay.replaced]
        return sorted(line for line in lines if line is not None)


def _stretches(edited: EditedSource) -> Iterator[_Stretch]:
    lines = edited.content.saved.lines
    for first, count in all_records(edited):
        at, end = first, first + count
        while at < end:
            number = lines.run_of(at)
            if number is None:
                yield _Stretch(None, at, 1)
                at += 1
                continue
            start, length = lines.runs[number]
            last = min(end, start + length)
            yield _Stretch(lines.starts[number] + at - start, at, last - at)
            at = last


def _rising(stretches: Sequence[_Stretch]) -> set[int]:
    """Numbers of stretches whose lines rise, chosen so that as few lines as possible are left out: these moved."""
    lines, totals, numbers = list[int](), list[int](), list[int]()
    before: dict[int, int] = {}
    for number, stretch in enumerate(stretches):
        if stretch.line is None:
            continue
        place = bisect_left(lines, stretch.line)
        if place:
            before[number] = numbers[place - 1]
        total = stretch.count + (totals[place - 1] if place else 0)
        beaten = place
        while beaten < len(totals) and totals[beaten] <= total:
            beaten += 1
        lines[place:beaten], totals[place:beaten], numbers[place:beaten] = [stretch.line], [total], [number]
    kept: set[int] = set()
    last = numbers[-1] if numbers else None
    while last is not None:
        kept.add(last)
        last = before.get(last)
    return kept
