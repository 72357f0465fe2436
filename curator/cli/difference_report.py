"""The differences of a file as lines of text: record by record, in the order of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pyroaring import BitMap64

from curator.cli import output
from curator.cli.difference_text import Ink, comparison_lines, edit_lines, message_lines
from curator.edits.differences import Changed, Differences, Gap
from curator.records.codec import line_body
from curator.records.comparing import ChangeKind, compare
from curator.records.conversation import Conversation
from curator.records.text_edits import text_edits
from curator.session import Record, Session
from curator.session.working_source import WorkingSource

EMPTY = Conversation()


@dataclass(slots=True)
class _Group:
    """Lines that gave way to records which were made of them."""

    lines: list[int] = field(default_factory=list)
    records: list[int] = field(default_factory=list)


class DifferenceReport:
    """The differences of a file as lines of text."""

    def __init__(self, session: Session, source: WorkingSource, differences: Differences, ink: Ink) -> None:
        self._session = session
        self._source = source
        self._differences = differences
        self._ink = ink
        self._counts: Counter[str] = Counter()
        self._labelled = 0
        self._told = BitMap64()
        self._groups = _groups(differences)

    @property
    def differs(self) -> bool:
        """Whether any record does."""
        return bool(self._counts)

    @property
    def summary(self) -> str:
        """A sentence on all of it."""
        path = self._source.opened.path
        labelled = f" {self._labelled:,} more only with tags, a review or a note." if self._labelled else ""
        if not self._counts:
            return f"{path}: holds all that was done to its records.{labelled}"
        counts = ", ".join(f"{count:,} {kind}" for kind, count in self._counts.items())
        return f"{path}: {counts}; not in the file yet.{labelled}"

    def lines(self) -> Iterator[str]:
        """All lines, record by record in the order of the file; at last the records that only have labels."""
        for one in self._differences:
            if isinstance(one, Changed):
                yield from self._changed(one)
            else:
                yield from self._gap(one)
        yield from self._only_labelled()

    def _head(self, line: int, kind: str, more: str = "") -> str:
        self._counts[kind] += 1
        return self._header(line, kind + more)

    def _header(self, line: int, text: str) -> str:
        return self._ink.header(f"{self._source.opened.path}:{line + 1}  {text}")

    def _changed(self, one: Changed) -> Iterator[str]:
        yield self._head(one.line, "edited")
        yield from self._compared(one.record, self._differences.before(one.line), self._differences.after(one.record))
        yield from self._labels(one.record)

    def _gap(self, gap: Gap) -> Iterator[str]:
        for record in gap.put:
            if record in self._differences.moved:
                yield from self._moved(record, gap)
            elif not self._differences.gave_way(record):
                back = record not in self._source.edited.overlay.derived
                yield self._head(max(gap.first - 1, 0), "brought back" if back else "new", _beside(gap))
                yield from self._compared(record, None, self._differences.after(record))
                yield from self._labels(record)
        for line in self._differences.gone(gap):
            group = self._groups.get(line)
            if group is None:
                record = self._differences.record_on(line)
                yield self._head(line, "dropped")
                yield from self._compared(record, self._differences.before(line), None)
                yield from self._labels(record)
            elif group.lines[0] == line:
                yield from self._group(group)

    def _moved(self, record: int, gap: Gap) -> Iterator[str]:
        line = self._differences.moved[record]
        edited = self._differences.is_changed(record, line)
        where = f" behind line {gap.first:,}" if gap.first else " to the start"
        yield self._head(line, "moved", f"{where}, and edited" if edited else where)
        if edited:
            yield from self._compared(record, self._differences.before(line), self._differences.after(record))
        yield from self._labels(record)

    def _compared(self, record: int, before: bytes | None, after: bytes | None) -> Iterator[str]:
        """How a record's line becomes another one; None for none."""
        old, new = (None if line is None else self._decoded(record, line) for line in (before, after))
        if any(one is not None and not isinstance(one.value, dict) for one in (old, new)):
            yield from (f"  {line}" for line in self._as_text(before, after))
            return
        was, now = (EMPTY if one is None else one.conversation for one in (old, new))
        comparison = compare(was, now)
        if comparison.differs:
            yield from comparison_lines(comparison, was, now, self._ink)
        elif old and new and old.value == new.value:
            yield "  " + self._ink.quiet("written otherwise; it means the same")
        else:
            yield from (f"  {line}" for line in self._as_text(before, after))

    def _decoded(self, record: int, line: bytes) -> Record:
        return self._session.decoded(self._source, record, line)

    def _as_text(self, before: bytes | None, after: bytes | None) -> Iterator[str]:
        old, new = (line_body(line or b"").decode("utf-8", "backslashreplace") for line in (before, after))
        return edit_lines(text_edits(old, new), self._ink, was=before is not None, now=after is not None)

    def _group(self, group: _Group) -> Iterator[str]:
        """What was split or joined: each piece beside all that it was made of."""
        olds = [
            self._decoded(self._differences.record_on(line), self._differences.before(line)) for line in group.lines
        ]
        whole = replace(olds[0].conversation, messages=tuple(one for old in olds for one in old.conversation.messages))
        kind, more = _regrouped(group)
        yield self._head(group.lines[0], kind, more)
        left = set(range(len(whole.messages)))
        for number, record in enumerate(group.records, 1):
            piece = self._decoded(record, self._differences.after(record)).conversation
            comparison = compare(whole, piece)
            stay = [one for one in comparison.messages if one.kind is not ChangeKind.REMOVED]
            left -= {one.place_before for one in stay if one.place_before is not None}
            if len(group.records) > 1:
                yield "  " + self._ink.label(f"piece {number}: {_messages(len(piece.messages))}")
            stay = [one for one in stay if one.kind is not ChangeKind.MOVED]
            yield from comparison_lines(replace(comparison, messages=tuple(stay)), whole, piece, self._ink)
            yield from self._labels(record)
        for one in compare(whole, EMPTY).messages:
            if one.place_before in left:
                yield from message_lines(one, whole, EMPTY, self._ink)

    def _labels(self, record: int) -> Iterator[str]:
        """What is said of a record, a line each."""
        labels, ink = self._source.edited.overlay.labels, self._ink
        self._told.add(record)
        if tags := labels.tags_of(record):
            yield "  " + ink.label("tags: ") + output.printable(", ".join(tags))
        if verdict := labels.verdict_of(record):
            yield "  " + ink.label("review: ") + verdict.value
        if note := labels.notes.get(record):
            yield "  " + ink.label("note: ") + output.printable(note)
        for message, names in sorted(labels.message_tags.get(record, {}).items()):
            yield "  " + ink.label(f"tags of message {message + 1}: ") + output.printable(", ".join(sorted(names)))

    def _only_labelled(self) -> Iterator[str]:
        labels = self._source.edited.overlay.labels
        known = BitMap64([*labels.notes, *labels.message_tags]).union(labels.reviewed, *labels.tags.values())
        lines = ((self._differences.line_of(record), record) for record in known - self._told)
        for line, record in sorted((line, record) for line, record in lines if line is not None):
            self._labelled += 1
            yield self._header(line, "labelled")
            yield from self._labels(record)


def _groups(differences: Differences) -> dict[int, _Group]:
    """The groups of lines and pieces, by line."""
    by_line: dict[int, _Group] = {}
    for one in differences:
        for record in one.put if isinstance(one, Gap) else ():
            lines = differences.gave_way(record)
            if not lines:
                continue
            merged = _Group()
            for group in {id(by_line[line]): by_line[line] for line in lines if line in by_line}.values():
                merged.lines += group.lines
                merged.records += group.records
            merged.lines = sorted({*merged.lines, *lines})
            merged.records.append(record)
            by_line.update(dict.fromkeys(merged.lines, merged))
    return by_line


def _regrouped(group: _Group) -> tuple[str, str]:
    if len(group.lines) == 1:
        return "split", f" into {len(group.records):,}"
    lines = ", ".join(f"{line + 1:,}" for line in group.lines[1:])
    return "joined", f" with line{'s' * (len(group.lines) > 2)} {lines}" + (
        f", into {len(group.records):,}" if len(group.records) > 1 else ""
    )


def _beside(gap: Gap) -> str:
    return ", behind this line" if gap.first else ", at the start"


def _messages(count: int) -> str:
    return f"{count:,} message{'s' * (count != 1)}"
