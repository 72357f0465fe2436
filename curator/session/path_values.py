"""What records have under a key, by its path, read by workers: to sort by it, and to count it."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import chain, pairwise
from math import inf, isnan
from typing import TYPE_CHECKING, Any

from curator.analysis.predicates.paths import items_at, path_keys
from curator.engine.scan import in_order
from curator.session.current_records import Portion, lines_of, portions_with_ids
from curator.session.facade import Session

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

Value = float | str | None
"""What is sorted by: numbers before texts, None where the key is missing."""

PORTIONS_A_WORKER = 3
LONGEST_TEXT = 200
"""Characters of a text that count."""
TEXTS_FROM = 1 << 48
"""Ranks of texts begin here; those of numbers at 1. 0 is for records without the key."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Places in an order, for some records of a source."""

    ids: NDArray[uint64]
    ranks: NDArray[uint64]


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """Some records of a source, and the path of a key."""

    portion: Portion
    keys: tuple[str, ...]


def path_ranks(
    session: Session, path: str, executor: Executor, workers: int
) -> Iterator[tuple[float, dict[int, Ranks]]]:
    """The places of all records by what they have under a key, by the number of the source, behind the last share.

    Yields the share of the records that was read, from 0 to 1, with what is known at last.
    """
    ids: dict[int, array[int]] = {}
    values: dict[int, list[Value]] = {}
    total, seen = max(1, session.listing.number_of_all), 0
    for source in session.sources:
        waiting: deque[Sequence[int]] = deque()

        def questions(source: Any = source, waiting: deque[Sequence[int]] = waiting) -> Iterator[PathQuestion]:
            for portion, some in portions_with_ids(source, session.spec(source.opened)):
                waiting.append(some)
                yield PathQuestion(portion, path_keys(path))

        for _, found in in_order(executor, values_of, questions(), window=PORTIONS_A_WORKER * workers):
            some = waiting.popleft()
            ids.setdefault(source.number, array("Q")).extend(some)
            values.setdefault(source.number, []).extend(found)
            seen += len(some)
            yield min(seen / total, 1.0), {}
    yield 1.0, _ranked(ids, values)


def values_of(question: PathQuestion) -> list[Value]:
    """What the records of a portion have under a key. Runs in a worker."""
    return [value_in(line, question.keys) for line in lines_of(question.portion)]


def value_in(line: bytes, keys: Sequence[str]) -> Value:
    """What the record in a line has under a key, the first of several, as something that can be sorted."""
    from curator.records.codec import BYTE_ORDER_MARK, decode, line_body

    value = decode(line_body(line).removeprefix(BYTE_ORDER_MARK))
    found = items_at(value, keys) if isinstance(value, dict) else []
    return sortable(found[0]) if found else None


def sortable(value: Any) -> Value:
    """A JSON value as a number or a text."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = inf if value > 0 else -inf
        return "NaN" if isnan(number) else number
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    from curator.records.codec import encode

    return encode(value).decode("utf-8", "replace")[:LONGEST_TEXT]


def _ranked(ids: Mapping[int, array[int]], values: Mapping[int, Sequence[Value]]) -> dict[int, Ranks]:
    import numpy

    flat = list(chain.from_iterable(values.values()))
    ranks = numpy.zeros(len(flat), dtype=numpy.uint64)
    at = [place for place, one in enumerate(flat) if isinstance(one, float)]
    if at:
        ranks[at] = numpy.unique([flat[place] for place in at], return_inverse=True)[1] + 1
    order = sorted(
        (place for place, one in enumerate(flat) if isinstance(one, str)), key=lambda place: str(flat[place])
    )
    if order:
        new = numpy.fromiter((flat[one] != flat[other] for one, other in pairwise(order)), dtype=numpy.uint64)
        ranks[order[0]] = TEXTS_FROM
        ranks[order[1:]] = numpy.cumsum(new, dtype=numpy.uint64) + numpy.uint64(TEXTS_FROM)
    found, start = {}, 0
    for number, some in ids.items():
        found[number] = Ranks(numpy.frombuffer(some, dtype=numpy.uint64), ranks[start : start + len(some)])
        start += len(some)
    return found
