"""Draws records of the opened files at random: some of them, all in another order, or a mixture of several files."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from curator.edits.segments import all_records
from curator.errors import UsageError
from curator.records.codec import line_body
from curator.session.picking import RecordRun
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from curator.analysis.drawing import Rows
    from curator.session.strata import Strata

READ_AT_ONCE = 1 << 20
"""Bytes of lines that are read together."""


def records_in(source: WorkingSource, key: str = "") -> Iterator[tuple[int, str]]:
    """The records of a file that are no blank lines, each with its value of a key, empty for none.

    As they are now, where the journal is in force; else by their lines, counted from 0.
    """
    if source.edited.journal is None:
        yield from _lines_in(source, key)
        return
    for first, count in all_records(source.edited):
        for record in range(first, first + count):
            line = source.edited.content.line(record)
            if line and not line.isspace():
                yield record, _value(line_body(line), key)


def _lines_in(source: WorkingSource, key: str) -> Iterator[tuple[int, str]]:
    from curator.analysis.chunk import cut_lines

    index, first = source.opened.index, 0
    while (end := index.chunk_end(first, READ_AT_ONCE)) > first:
        at = index.start(first)
        data = source.opened.source.read(at, index.span(end - 1)[1] - at)
        for number, line in enumerate(cut_lines(data, at_start=not at), first):
            if line and not line.isspace():
                yield number, _value(line, key)
        first = end


def _value(line: bytes, key: str) -> str:
    from curator.records.codec import decode
    from curator.records.prompt_template import value_at

    value = decode(line) if key else None
    return (value_at(value, key) or "") if isinstance(value, dict) else ""


def sampled(
    sources: Sequence[WorkingSource], count: int | Fraction, seed: int, key: str = "", strata: Strata | None = None
) -> tuple[list[RecordRun], int, bool]:
    """That many records, or such a share of all, in the order of the files; of each value of a key, or stratum, alike.

    Returns the runs, of how many they are, and whether any has the key. Raises UsageError where there are fewer.
    """
    import numpy as np

    from curator.analysis.drawing import sample
    from curator.session.picking import runs_of

    lines, starts = array("Q"), [0]
    groups: dict[str | int, array[int]] = {}
    for source in sources:
        for line, value in records_in(source, key):
            if strata is None:
                groups.setdefault(value, array("Q")).append(len(lines))
            lines.append(line)
        if strata is not None:
            own = np.array(lines[starts[-1] :], dtype=np.uint64)
            for row, number in enumerate(strata.of(source, own).tolist(), starts[-1]):
                groups.setdefault(number, array("Q")).append(row)
        starts.append(len(lines))
    if isinstance(count, Fraction):
        count = max(1, round(count * len(lines)))
    if count > len(lines):
        raise UsageError(f"There are {len(lines):,} records, fewer than the {count:,} that are asked for.")
    rows = sample([np.array(one, dtype=np.int64) for one in groups.values()], count, seed)
    runs: list[RecordRun] = []
    for number, source in enumerate(sources):
        mine = rows[(rows >= starts[number]) & (rows < starts[number + 1])]
        runs += runs_of(source, (lines[row] for row in mine.tolist()))
    return runs, len(lines), any(groups)


def shuffled(sources: Sequence[WorkingSource], seed: int) -> tuple[Iterator[RecordRun], int]:
    """All records in random order, and how many there are. Memory is taken for their places alone."""
    from curator.analysis import drawing

    lines, starts = array("Q"), [0]
    for source in sources:
        lines.extend(line for line, _ in records_in(source))
        starts.append(len(lines))
    return _single(sources, lines, starts, drawing.shuffled(len(lines), seed)), len(lines)


def mixed(
    shares: Sequence[tuple[Sequence[WorkingSource], Fraction]], count: int, seed: int, *, repeat: bool
) -> tuple[Iterator[RecordRun], list[tuple[int, int]]]:
    """That many records, of each group of files its share, in random order; 0 for as many as go without one twice.

    Returns the runs, and of each group how many are taken of how many. Raises UsageError where one has too few.
    """
    import numpy as np

    from curator.analysis import drawing

    weights = [weight for _, weight in shares]
    lines, starts, firsts = array("Q"), [0], [0]
    for group, _ in shares:
        for source in group:
            lines.extend(line for line, _ in records_in(source))
            starts.append(len(lines))
        firsts.append(len(lines))
    held = [end - start for start, end in pairwise(firsts)]
    if not count:
        count = min(int(number * sum(weights) / weight) for number, weight in zip(held, weights, strict=True))
    wanted = drawing.shares(count, weights)
    chosen: list[Rows] = []
    for number, (group, _) in enumerate(shares):
        if wanted[number] > held[number] and not (repeat and held[number]):
            names = ", ".join(str(source.opened.path) for source in group)
            raise UsageError(
                f"{names}: has {held[number]:,} records, and {wanted[number]:,} are asked for;"
                " ask for fewer with -n, or let records occur more than once with --repeat."
            )
        order = drawing.shuffled(held[number], seed + number)
        chosen.append(np.resize(order, wanted[number]) + firsts[number])
    rows = np.concatenate(chosen)
    rows = rows[drawing.shuffled(len(rows), seed)]
    sources = [source for group, _ in shares for source in group]
    return _single(sources, lines, starts, rows), list(zip(wanted, held, strict=True))


def _single(
    sources: Sequence[WorkingSource], lines: array[int], starts: Sequence[int], rows: Rows
) -> Iterator[RecordRun]:
    """Each row as a run of its own."""
    import numpy as np

    numbers = np.searchsorted(np.array(starts[1:]), rows, side="right")
    for row, number in zip(rows, numbers, strict=True):
        yield sources[number], lines[row], 1
