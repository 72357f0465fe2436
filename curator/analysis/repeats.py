"""Which records of whole files repeat or contradict each other, by the hashes of what they say.

Records are taken apart by ranges of their hashes, so that memory does
not grow with their number but by 9 bytes a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap64

from curator.analysis.comparing_records import Answers, Hashed, Marked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Rows = NDArray[np.int64]
    Bits = NDArray[np.bool_]

SORTED_AT_ONCE = 1 << 20
"""Records that are sorted together."""
LARGEST_HASH = (1 << 64) - 1


def copies(hashed: Hashed) -> Marked:
    """Content: records that say what an earlier one says; the first that does, and how many more do."""
    (content,) = _columns(hashed)
    return _marked(_copies(group) for group in _groups(content))


def near_copies(hashed: Hashed) -> Marked:
    """Words and content: records with the words of an earlier one that says something else; how many more have them."""
    words, content = _columns(hashed)
    return _marked(_near_copies(group, content) for group in _groups(words))


def contradictions(hashed: Hashed) -> Marked:
    """Prompts and answers: records whose prompt has another answer elsewhere; the first such, and how many it has."""
    prompts, answers = _columns(hashed)
    prompts[answers == 0] = 0
    return _marked(_contradictions(group, answers) for group in _groups(prompts))


def strays(hashed: Hashed, percent: int) -> Marked:
    """System prompts and content: records without the prompt of nearly all; the first with it, and how many percent."""
    systems, content = _columns(hashed)
    examples = np.flatnonzero(content)
    values, counts = np.unique(systems[examples], return_counts=True)
    if len(values) < 2 or counts.max() * 100 < percent * len(examples):
        return Marked()
    common = values[counts.argmax()]
    rows = examples[systems[examples] != common]
    first = examples[np.flatnonzero(systems[examples] == common)[0]]
    share = int(counts.max()) * 100 // len(examples)
    return _packed(rows, np.full(len(rows), first), np.full(len(rows), share))


def recited(hashed: Hashed, most: int) -> Answers:
    """Answers: those that stand in `most` records or more."""
    (answers,) = _columns(hashed)
    found = Answers()
    for group in _groups(answers):
        often = group.sizes >= most
        if not often.any():
            continue
        place = int(group.sizes.argmax())
        size, first = int(group.sizes[place]), int(group.rows[group.starts[place]])
        known = (found.copies, -found.first) >= (size, -first)
        best = (found.copies, found.first) if known else (size, first)
        found = Answers(found.different + int(often.sum()), *best)
    return found


def shared(files: Sequence[Hashed]) -> Marked:
    """Content: records that say what one of an earlier file says; rows are counted on from file to file."""
    columns = [_columns(one)[0] for one in files]
    ends = np.cumsum([len(one) for one in columns])
    content = np.concatenate(columns)
    return _marked(_shared(group, ends) for group in _groups(content))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows with equal hashes, group after group, each ascending."""

    rows: Rows
    starts: Rows
    """Where each group begins."""
    sizes: Rows

    def of_each(self, values: Rows) -> Rows:
        """A value of each group, for each of its rows."""
        return np.repeat(values, self.sizes)

    @property
    def firsts(self) -> Rows:
        """The first row of the group, for each row."""
        return self.of_each(self.rows[self.starts])


Found = tuple["Rows", "Rows", "Rows"]


def _copies(group: _Groups) -> Found:
    firsts, sizes = group.firsts, group.of_each(group.sizes)
    later = group.rows != firsts
    return group.rows[later], firsts[later], sizes[later] - 1


def _near_copies(group: _Groups, content: Numbers) -> Found:
    firsts, sizes = group.firsts, group.of_each(group.sizes)
    other = content[group.rows] != content[firsts]
    return group.rows[other], firsts[other], sizes[other] - 1


def _contradictions(group: _Groups, answers: Numbers) -> Found:
    rows, firsts = group.rows, group.firsts
    differs = answers[rows] != answers[firsts]
    places = np.where(differs, np.arange(len(rows)), len(rows))
    first_other = np.minimum.reduceat(places, group.starts)
    mixed = group.of_each(first_other) < len(rows)
    other = rows[np.minimum(group.of_each(first_other), len(rows) - 1)]
    number = group.of_each(np.arange(len(group.sizes)))
    order = np.lexsort((answers[rows], number))
    new = np.ones(len(rows), dtype=np.int64)
    new[1:] = (number[order][1:] != number[order][:-1]) | (answers[rows][order][1:] != answers[rows][order][:-1])
    different = group.of_each(np.add.reduceat(new, group.starts))
    return rows[mixed], np.where(differs, firsts, other)[mixed], different[mixed]


def _shared(group: _Groups, ends: Rows) -> Found:
    firsts, sizes = group.firsts, group.of_each(group.sizes)
    other = np.searchsorted(ends, group.rows, "right") != np.searchsorted(ends, firsts, "right")
    return group.rows[other], firsts[other], sizes[other] - 1


def _groups(hashes: Numbers) -> Iterator[_Groups]:
    """The rows whose hash occurs more than once; 0 is none."""
    parts = len(hashes) // SORTED_AT_ONCE + 1
    for part in range(parts):
        low, high = max(1, part * LARGEST_HASH // parts + 1), (part + 1) * LARGEST_HASH // parts
        rows = np.flatnonzero((hashes >= np.uint64(low)) & (hashes <= np.uint64(high)))
        order = rows[np.argsort(hashes[rows], kind="stable")]
        if not len(order):
            continue
        new = np.concatenate(([True], hashes[order][1:] != hashes[order][:-1]))
        sizes = np.diff(np.append(np.flatnonzero(new), len(order)))
        several = sizes > 1
        order, sizes = order[np.repeat(several, sizes)], sizes[several]
        if len(order):
            yield _Groups(order, np.cumsum(sizes) - sizes, sizes)


def _columns(hashed: Hashed) -> list[Numbers]:
    """The columns that are asked for, 0 in rows that do not count."""
    gone = np.array(BitMap64.deserialize(hashed.gone).to_array(), dtype=np.int64)
    return [
        _column(of_lines, hashed.lines, gone, of_others)
        for of_lines, of_others in zip(hashed.of_lines, hashed.of_others, strict=True)
    ]


def _column(of_lines: Path | bytes, lines: int, gone: Rows, of_others: bytes) -> Numbers:
    if isinstance(of_lines, bytes):
        known = np.frombuffer(of_lines, dtype=np.uint64)
    else:
        known = np.fromfile(of_lines, dtype=np.uint64, count=lines)
    column = (
        np.concatenate((known, np.frombuffer(of_others, dtype=np.uint64)))
        if of_others or isinstance(of_lines, bytes)
        else known
    )
    column[gone] = 0
    return column


def _marked(found: Iterator[Found]) -> Marked:
    parts = [part for part in found if len(part[0])]
    if not parts:
        return Marked()
    rows, others, numbers = (np.concatenate([part[place] for part in parts]) for place in range(3))
    order = np.argsort(rows)
    return _packed(rows[order], others[order], numbers[order])


def _packed(rows: Rows, others: Rows, numbers: Rows) -> Marked:
    return Marked(*(one.astype(np.uint32).tobytes() for one in (rows, others, numbers)))
