"""A patch: what was done to a file's lines, as a file of its own that says of every line what it held before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xxhash import xxh3_128, xxh3_128_hexdigest

from curator.edits.differences import Changed, Differences, Gap
from curator.edits.edited_source import EditedSource
from curator.edits.segments import all_records, segments
from curator.errors import UnreadableError
from curator.records.codec import decode_exactly, encode, line_body
from curator.storage.source import Source
from curator.storage.writer import Segment, Stretch

VERSION = 1
BLOCK_BYTES = 1 << 20


class Do(StrEnum):
    """What an entry of a patch does."""

    REPLACE = "replace"
    """A line gives way to others: none, one or several."""
    INSERT = "insert"
    """New lines stand behind a line."""
    MOVE = "move"
    """A line stands behind another one, with a new text perhaps."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A line by what it holds."""

    line: int
    """Counted from 1; 0 for the start of the file."""
    hash: str
    """xxh3_128 in hex of the line without its line end; empty at the start."""
    before: str = ""
    """The hash of the line before it; empty where there is none."""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a patch does."""

    do: Do
    at: Anchor | None
    """The line that is replaced or moved; None for new ones."""
    behind: Anchor | None
    """The line that others are put behind; what is put behind one line stands there in the order of the patch."""
    lines: tuple[bytes, ...]
    """Whole lines, their line ends included. For a line that is moved as it is, none."""


@dataclass(frozen=True, slots=True)
class Sum:
    """By what a whole file is known again."""

    bytes: int
    hash: str
    """xxh3_128 in hex of all of it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a patch says of itself."""

    file: str
    """The name of the file that it was made for."""
    before: Sum
    after: Sum


def line_hash(line: bytes) -> str:
    """By what a line is known again, whatever its line end."""
    return xxh3_128_hexdigest(line_body(line))


def sum_of(source: Source, parts: Iterable[Segment]) -> Sum:
    """The sum of a file that consists of these segments."""
    digest, size = xxh3_128(), 0
    for part in parts:
        if isinstance(part, bytes):
            digest.update(part)
            size += len(part)
            continue
        for at in range(part.start, part.end, BLOCK_BYTES):
            digest.update(source.read(at, min(BLOCK_BYTES, part.end - at)))
        size += part.end - part.start
    return Sum(size, digest.hexdigest())


def header_of(edited: EditedSource) -> Header:
    """The header of the patch that leads from a source to its records as they are now. Reads all of both."""
    source = edited.source
    before = sum_of(source, [Stretch(0, source.size)])
    return Header(source.path.name, before, sum_of(source, segments(edited, all_records(edited))))


def entries(differences: Differences) -> Iterator[Entry]:
    """What leads from a source to its records as they are now, in the order of its lines."""
    for one in differences:
        if isinstance(one, Changed):
            anchor = _anchor(differences, one.line)
            yield Entry(Do.REPLACE, anchor, None, (differences.after(one.record),))
        else:
            yield from _of_gap(differences, one)


def _of_gap(differences: Differences, gap: Gap) -> Iterator[Entry]:
    """What is put behind the line before a gap; then for each line that is gone its pieces, and what follows them."""
    put: dict[int, list[int]] = {}
    at = gap.first - 1
    for record in gap.put:
        at = next((line for line in differences.gave_way(record) if max(at, gap.first) <= line < gap.end), at)
        put.setdefault(at, []).append(record)
    yield from _put_behind(differences, gap.first - 1, put.get(gap.first - 1, []))
    for line in differences.gone(gap):
        records = put.get(line, [])
        pieces = next((place for place, record in enumerate(records) if record in differences.moved), len(records))
        yield Entry(Do.REPLACE, _anchor(differences, line), None, tuple(map(differences.after, records[:pieces])))
        yield from _put_behind(differences, line, records[pieces:])


def _put_behind(differences: Differences, line: int, records: list[int]) -> Iterator[Entry]:
    behind, new = _anchor(differences, line), list[bytes]()
    for record in records:
        left = differences.moved.get(record)
        if left is None:
            new.append(differences.after(record))
            continue
        if new:
            yield Entry(Do.INSERT, None, behind, tuple(new))
            new = []
        text = (differences.after(record),) if differences.is_changed(record, left) else ()
        yield Entry(Do.MOVE, _anchor(differences, left), behind, text)
    if new:
        yield Entry(Do.INSERT, None, behind, tuple(new))


def _anchor(differences: Differences, line: int) -> Anchor:
    hashes = [
        line_hash(differences.before(one)) if 0 <= one < len(differences.edited.index) else ""
        for one in (line, line - 1, line + 1)
    ]
    return Anchor(line + 1, *hashes)


def written(header: Header, all_entries: Iterable[Entry]) -> Iterator[bytes]:
    """A patch as JSON Lines. Bytes of lines that are not UTF-8 are written as lone surrogates."""
    head = {
        "curator_patch": VERSION,
        "file": header.file.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
        "fingerprint": {"bytes": header.before.bytes, "xxh3_128": header.before.hash},
        "result": {"bytes": header.after.bytes, "xxh3_128": header.after.hash},
    }
    yield encode(head) + b"\n"
    for entry in all_entries:
        value: dict[str, Any] = {"do": entry.do.value}
        for name, anchor in (("at", entry.at), ("behind", entry.behind)):
            if anchor is not None:
                value[name] = {
                    "line": anchor.line,
                    "hash": anchor.hash or None,
                    "before": anchor.before or None,
                    "after": anchor.after or None,
                }
        value["lines"] = [line.decode("utf-8", "surrogateescape") for line in entry.lines]
        yield encode(value) + b"\n"


def read_patch(content: bytes, name: str) -> tuple[Header, list[Entry]]:
    """The patch that `written` wrote. Raises UnreadableError for anything else, with the line at fault."""
    lines = content.split(b"\n")
    head = decode_exactly(lines[0])
    if not isinstance(head, dict) or "curator_patch" not in head:
        raise UnreadableError(f"{name}: is no patch of curator; `curator diff FILE --patch` writes one.")
    if head["curator_patch"] != VERSION:
        raise UnreadableError(f"{name}: is a patch of another version of curator ({head['curator_patch']!r}).")
    number = 1
    try:
        header = Header(head["file"], _sum(head["fingerprint"]), _sum(head["result"]))
        found: list[Entry] = []
        for line in filter(None, lines[1:]):
            number += 1
            found.append(_entry(decode_exactly(line)))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnreadableError(f"{name}:{number}: is not as a patch should be; write it anew.") from error
    return header, found


def _sum(value: dict[str, Any]) -> Sum:
    return Sum(int(value["bytes"]), str(value["xxh3_128"]))


def _entry(value: Any) -> Entry:
    do = Do(value["do"])
    at, behind = (_read_anchor(value[name]) if name in value else None for name in ("at", "behind"))
    if (at is None) != (do is Do.INSERT) or (behind is None) != (do is Do.REPLACE):
        raise ValueError(do)
    lines = tuple(line.encode("utf-8", "surrogateescape") for line in value["lines"])
    if any(b"\n" in line[:-1] for line in lines):
        raise ValueError("a record is one line")
    return Entry(do, at, behind, lines)


def _read_anchor(value: dict[str, Any]) -> Anchor:
    return Anchor(int(value["line"]), *(str(value[name] or "") for name in ("hash", "before", "after")))
