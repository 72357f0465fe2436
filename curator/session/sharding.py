"""Cuts a file into shards: new files that together are the old one, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curator.engine.data_set import OpenSource
from curator.errors import UsageError
from curator.session.naming import TABLE
from curator.storage.new_files import new_files
from curator.storage.packing import Table, packing_of_name
from curator.storage.source import Source, is_stream
from curator.storage.writer import Stretch

READ_BYTES = 1 << 22
MOST_SHARDS = 100_000
DIGITS = 5


@dataclass(slots=True)
class Cut:
    """Where a file is cut."""

    ends: list[int] = field(default_factory=list)
    """The offset behind each shard."""
    too_long: list[int] = field(default_factory=list)
    """Lines, counted from 1, that alone are more than a shard may hold; each has a shard of its own."""


def sizes_in_records(opened: OpenSource) -> Iterator[int]:
    """For each line of a file 1, or 0 where it is blank."""
    index, line = opened.index, 0
    while (end := index.chunk_end(line, READ_BYTES)) > line:
        start = index.start(line)
        content = opened.source.read(start, index.start(end) - start)
        for number in range(line, end):
            first, last = index.span(number)
            yield int(not content[first - start : last - start].isspace())
        line = end


def sizes_in_bytes(opened: OpenSource) -> Iterator[int]:
    """For each line of a file its bytes, line end included."""
    opened.index.finish()
    spans = map(opened.index.span, range(len(opened.index)))
    return (end - start for start, end in spans)


def cut(opened: OpenSource, sizes: Iterable[int], most: int) -> Cut:
    """Where shards end that hold at most `most` of what `sizes` gives for each line, and as many lines as that allows.

    Raises UsageError for more shards than anybody wants.
    """
    found = Cut()
    held = 0
    for number, size in enumerate(sizes):
        if size > most:
            found.too_long.append(number + 1)
        start = opened.index.start(number)
        if held and size and held + size > most:
            found.ends.append(start)
            held = 0
        held += size
        if len(found.ends) >= MOST_SHARDS:
            raise UsageError(f"That would make more than {MOST_SHARDS:,} files; let each hold more.")
    if opened.source.size:
        found.ends.append(opened.source.size)
    return found


def names(output: Path, source: Path, count: int) -> list[str]:
    """The names of the shards: of a pattern with `#` in its place the number, else the source's, numbered."""
    if "#" in output.name:
        marks = output.name.count("#")
        first = output.name.index("#")
        if output.name[first : first + marks] != "#" * marks:
            raise UsageError(f"{output.name}: the number of a shard has one place: write the `#` one after the other.")
        head, tail = output.name[:first], output.name[first + marks :]
        width = max(marks, len(str(count)))
        return [f"{head}{number:0{width}}{tail}" for number in range(1, count + 1)]
    if is_stream(source):
        source = Path("input.jsonl")
    elif isinstance(packing := packing_of_name(source), Table):
        source = source.with_suffix(TABLE)
    elif packing:
        source = source.with_suffix("")
    return [f"{source.stem}-{number:0{DIGITS}}-of-{count:0{DIGITS}}{source.suffix}" for number in range(1, count + 1)]


def folder_of(output: Path) -> Path:
    """The folder that the shards go to."""
    return output.parent if "#" in output.name else output


def write_shards(source: Source, ends: Iterable[int], folder: Path, named: Sequence[str]) -> list[str]:
    """Write all shards, packed as their names ask for, read each back, and let them appear together.

    Returns what is to be told. Raises UsageError where a name is taken, UnwritableError when the disk fails; nothing
    new is there then.
    """
    start = 0
    with new_files(folder, source, size=source.size) as new:
        notes = new.share_columns(named, [(source, [Stretch(0, source.size)])])
        for end, name in zip(ends, named, strict=True):
            notes += new.write(name, [(source, [Stretch(start, end)])]).notes
            start = end
        new.commit()
    return notes
