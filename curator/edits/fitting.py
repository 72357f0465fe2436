"""Fits a patch to a file: the one that it was made for, the one that it led to, or another with lines of the same."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from xxhash import xxh3_128

from curator.edits.edited_source import EditedSource
from curator.edits.patches import Anchor, Do, Entry, Header, Sum, line_hash
from curator.edits.segments import with_line_ends
from curator.storage.writer import Segment, Stretch

CHUNK_BYTES = 1 << 22
START = -1
"""The line before the first."""
MOST_ALIKE = 64
"""Equal lines that one is chosen from."""


class Target(StrEnum):
    """What a file is to a patch."""

    ORIGINAL = "original"
    """The file that it was made for."""
    RESULT = "result"
    """What it made of that."""
    OTHER = "other"
    """Another, in which lines are looked for by what they hold."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """What of a patch does not fit a file, and why."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """A patch on a file."""

    target: Target
    segments: tuple[Segment, ...]
    """The file with all that fits."""
    applied: int
    already: int
    """Entries whose outcome the file holds already."""
    unfit: tuple[Unfit, ...]


def fit(header: Header, entries: Sequence[Entry], edited: EditedSource) -> Fitted:
    """Find the places of all entries. Reads the file once, and some lines again."""
    lines = _Lines(edited, _wanted(entries))
    whole = Stretch(0, edited.source.size)
    if lines.sum == header.after:
        return Fitted(Target.RESULT, (whole,), 0, len(entries), ())
    fitting = _Fitting(lines, _became(entries), exact=lines.sum == header.before)
    for entry in entries:
        fitting.place(entry)
    parts = tuple(with_line_ends(edited.source, fitting.parts(len(edited.index))))
    return Fitted(
        Target.ORIGINAL if fitting.exact else Target.OTHER,
        parts,
        fitting.applied,
        fitting.already,
        tuple(fitting.unfit),
    )


def _wanted(entries: Iterable[Entry]) -> set[str]:
    """The hashes of all lines that are looked for."""
    wanted = {line_hash(line) for entry in entries for line in (*entry.lines[:1], *entry.lines[-1:])}
    for entry in entries:
        for anchor in (entry.at, entry.behind):
            if anchor is not None:
                wanted |= {anchor.hash, anchor.before, anchor.after}
    return wanted


def _became(entries: Iterable[Entry]) -> dict[str, str]:
    """By the hash of a line that gives way to others, that of the last of them: it stands there once that is done."""
    replaced = (entry for entry in entries if entry.do is Do.REPLACE and entry.at is not None and entry.lines)
    return {entry.at.hash: line_hash(entry.lines[-1]) for entry in replaced if entry.at is not None}


class _Lines:
    """The lines of a file by their hashes; only those that are looked for are remembered."""

    def __init__(self, edited: EditedSource, wanted: set[str]) -> None:
        self._edited = edited
        self.places: dict[str, list[int]] = {}
        """Numbers of lines from 0, rising."""
        edited.index.finish()
        digest = xxh3_128()
        for first, content in self._chunks():
            digest.update(content)
            start = edited.index.start(first)
            number = first
            at = edited.content.span(first)[0] - start
            while at < len(content):
                end = edited.index.span(number)[1] - start
                found = line_hash(content[at:end])
                if found in wanted:
                    self.places.setdefault(found, []).append(number)
                at, number = end, number + 1
        self.sum = Sum(edited.source.size, digest.hexdigest())

    def _chunks(self) -> Iterator[tuple[int, bytes]]:
        index, first = self._edited.index, 0
        while first < len(index):
            end = index.chunk_end(first, CHUNK_BYTES)
            start = index.start(first)
            yield first, self._edited.source.read(start, index.start(end) - start)
            first = end

    def hash_at(self, line: int) -> str:
        """The hash of a line; empty where there is none."""
        if not 0 <= line < len(self._edited.index):
            return ""
        span = self.span(line)
        return line_hash(self._edited.source.read(span.start, span.end - span.start))

    def span(self, first: int, last: int | None = None) -> Stretch:
        """The bytes of a line, or of lines first to last, without the file's byte order mark."""
        start, end = self._edited.content.span(first)
        return Stretch(start, end if last is None else self._edited.content.span(last)[1])

    def hold(self, first: int, lines: Sequence[bytes]) -> bool:
        """Whether these lines stand in the file from a line on."""
        return all(self.hash_at(first + step) == line_hash(line) for step, line in enumerate(lines))


class _Fitting:
    """Collects what becomes of which line."""

    def __init__(self, lines: _Lines, became: Mapping[str, str], *, exact: bool) -> None:
        self.exact = exact
        self._became = became
        self.applied = 0
        self.already = 0
        self.unfit: list[Unfit] = []
        self._lines = lines
        self._shift = 0
        """How far the last line that was found stands from where the patch has it."""
        self._taken: dict[int, list[Segment]] = {}
        self._behind: dict[int, list[Segment]] = {}

    def place(self, entry: Entry) -> None:
        """Take an entry in, or note why it cannot be."""
        line = None if entry.at is None else self._find(entry.at)
        behind = None if entry.behind is None else self._find_behind(entry.behind)
        if not self.exact and self._is_done(entry, line, behind):
            self.already += 1
        elif entry.at is not None and line is None:
            self.unfit.append(Unfit(entry, "the line is not there any more, or says something else now"))
        elif entry.behind is not None and behind is None:
            self.unfit.append(Unfit(entry, "the lines that it would stand between are not there any more"))
        else:
            self._apply(entry, line, behind)

    def _apply(self, entry: Entry, line: int | None, behind: int | None) -> None:
        self.applied += 1
        content: list[Segment] = [*entry.lines]
        if line is not None:
            if entry.do is Do.MOVE and not content:
                content = [self._lines.span(line)]
            self._taken[line] = content if entry.do is Do.REPLACE else []
        if behind is not None:
            self._behind.setdefault(behind, []).extend(content)

    def _is_done(self, entry: Entry, line: int | None, behind: int | None) -> bool:
        """Whether the file holds already what an entry would make of it."""
        if entry.do is Do.REPLACE:
            return entry.at is not None and self._is_replaced(entry.at, line, entry.lines)
        if entry.do is Do.MOVE and not entry.lines:
            return line is not None and behind is not None and line == behind + 1
        if entry.do is Do.MOVE and line is not None:
            return False
        return behind is not None and entry.behind is not None and self._stand_beside(behind, entry.behind, entry.lines)

    def _is_replaced(self, at: Anchor, line: int | None, lines: Sequence[bytes]) -> bool:
        """Whether what a line gives way to stands where it stood, rather than the line that was found for it."""
        here = -1 if line is None else self._likeness(line, line, at)
        if lines:
            places = (one for one in self._near(line_hash(lines[0]), at) if self._lines.hold(one, lines))
        else:
            before = (*self._near(at.before, at), *self._near(self._became.get(at.before, ""), at))
            places = (one + 1 for one in (before if at.before else [START]) if self._is(one + 1, at.after))
        return any(self._likeness(one, one + len(lines) - 1, at) > here for one in places)

    def _stand_beside(self, behind: int, anchor: Anchor, lines: Sequence[bytes]) -> bool:
        """Whether new lines stand behind their line already, or before what followed it where it is gone.

        The line is one of several equal ones once it was duplicated; then they may stand behind another of these.
        """
        if self._lines.hold(behind + 1, lines):
            return True
        if behind == START:
            return False
        if not self._is(behind, anchor.hash):
            return behind + 1 >= len(lines) and self._lines.hold(behind + 1 - len(lines), lines)
        likeness = self._likeness(behind, behind, anchor)
        done = (one for one in self._near(anchor.hash, anchor) if self._lines.hold(one + 1, lines))
        return any(self._likeness(one, one + len(lines), anchor) >= likeness for one in done)

    def _near(self, digest: str, anchor: Anchor) -> Sequence[int]:
        """Lines of a hash; of very many only those near the place of an anchor."""
        places = self._lines.places.get(digest, [])
        if len(places) <= MOST_ALIKE:
            return places
        place = bisect_left(places, anchor.line - 1 + self._shift)
        return places[max(0, place - MOST_ALIKE // 2) : place + MOST_ALIKE // 2]

    def _find(self, anchor: Anchor, *, free: bool = True) -> int | None:
        """The line that an anchor names: of several equal ones that with the same neighbours, then the nearest."""
        wanted = anchor.line - 1
        if self.exact:
            return wanted if self._lines.hash_at(wanted) == anchor.hash else None
        places = [place for place in self._near(anchor.hash, anchor) if not (free and place in self._taken)]
        if len(places) > 1:
            places.sort(key=lambda one: (-self._likeness(one, one, anchor), abs(one - wanted - self._shift)))
        if not places:
            return None
        self._shift = places[0] - wanted
        return places[0]

    def _likeness(self, first: int, last: int, anchor: Anchor) -> int:
        """How many of an anchor's neighbours stand beside the lines first to last."""
        return self._is(first - 1, anchor.before) + self._is(last + 1, anchor.after)

    def _is(self, line: int, digest: str) -> bool:
        """Whether a line is the one of a hash, or what the patch makes of that."""
        found = self._lines.hash_at(line)
        return found == digest or (bool(found) and found == self._became.get(digest))

    def _find_behind(self, anchor: Anchor) -> int | None:
        """The line behind which something is put; where it is gone, the one before what followed it."""
        if not anchor.line:
            return START
        found = self._find(anchor, free=False)
        if found is None and anchor.hash in self._became:
            found = self._find(replace(anchor, hash=self._became[anchor.hash]), free=False)
        if found is not None or self.exact or not anchor.after:
            return found
        following = self._find(Anchor(anchor.line + 1, anchor.after, anchor.hash), free=False)
        return None if following is None else following - 1

    def parts(self, count: int) -> Iterator[Segment]:
        """The lines of a file of `count` lines with all that was taken in."""
        yield from self._behind.get(START, ())
        at = 0
        for line in sorted({*self._taken, *self._behind} - {START}):
            if line > at:
                yield self._lines.span(at, line - 1)
            yield from self._taken.get(line, (self._lines.span(line),))
            yield from self._behind.get(line, ())
            at = line + 1
        if at < count:
            yield self._lines.span(at, count - 1)
