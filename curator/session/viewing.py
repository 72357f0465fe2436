"""Views made of what a filter found."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor

from pyroaring import BitMap64

from curator.analysis.predicates import Predicate
from curator.session.facade import Session
from curator.session.filtering import asks_figures, matching, needs_texts, there
from curator.session.listing import ALL
from curator.session.path_values import path_ranks
from curator.session.sorting import ByPath, SortKey, is_path, sort_keys, sorted_view
from curator.session.view import View
from curator.session.working_source import WorkingSource


def filtered_view(session: Session, title: str, predicate: Predicate, found: Mapping[WorkingSource, BitMap64]) -> View:
    """The records that were found to satisfy a predicate, in the order of the files; `title` is the filter as typed."""
    outside, known, cursors = {}, {}, {}
    for source in session.sources:
        outside[source.number] = there(source) - found.get(source, BitMap64())
        known[source.number] = source.edited.known_lines
        cursors[source.number] = source.edited.cursor
    return View(title, predicate, outside, known, cursors)


def joined(title: str, expression: str) -> str:
    """A filter with one more condition."""
    before = f"({title})" if " or " in f" {title} " else title
    return f"{before} and {expression}" if title else expression


def narrowed(
    session: Session, view: View, title: str, predicate: Predicate, found: Mapping[WorkingSource, BitMap64]
) -> View:
    """Those of the records of a view that were found too, in the order of the files; `title` asks for both."""
    inside = {}
    for source, records in found.items():
        known = source.edited.known_lines
        outside = BitMap64(view.outside.get(source.number, BitMap64()))
        outside.add_range(min(known, view.known.get(source.number, known)), known)
        inside[source] = records - outside
    return filtered_view(session, title, predicate, inside)


def number_listed(session: Session, found: Mapping[WorkingSource, BitMap64]) -> int:
    """How many of some records would be listed: dropped ones only where those are shown."""
    shown = session.listing.with_dropped
    return sum(len(some if shown else some - source.edited.overlay.dropped) for source, some in found.items())


def records_of(session: Session) -> dict[WorkingSource, BitMap64]:
    """The records that are listed now, by source; sources of which none is are left out."""
    found: dict[WorkingSource, BitMap64] = {}
    for source in session.sources:
        listing = session.listing
        records = BitMap64()
        for first, count in listing.shown(source).stretch(0, listing.length_of(source)):
            records.add_range(first, first + count)
        if records:
            found[source] = records
    return found


def reads_texts(predicate: Predicate, keys: Sequence[SortKey]) -> bool:
    """Whether records have to be read for a view, so that it takes its time."""
    return needs_texts(predicate) or any(is_path(key.column) for key in keys)


def follows_audit(view: View) -> bool:
    """Whether a view would be another one with more figures of the audit."""
    labels = ("verdict", "tags", "bytes", "group")
    keys = [key.column for key in sort_keys(view.order_title)]
    return asks_figures(view.predicate) or any(key not in labels and not is_path(key) for key in keys)


def views(
    session: Session,
    title: str,
    predicate: Predicate,
    keys: Sequence[SortKey],
    executor: Executor,
    workers: int,
    start: View | None = None,
) -> Iterator[tuple[float, View]]:
    """The records that a predicate is true of, or those of the view `start`, in an order; whole with the last share.

    Yields how far it is, from 0 to 1. Raises what `matching` raises.
    """
    view, shares = start or ALL, deque([0.0], maxlen=1)
    if title and start is None:
        found: dict[WorkingSource, BitMap64] = {}
        for so_far in matching(session, predicate, executor, workers, shares.append):
            found = so_far
            yield shares[-1], view
        view = filtered_view(session, title, predicate, found)
    ranks: dict[str, ByPath] = {}
    for path in {key.column for key in keys if is_path(key.column)}:
        for far, some in path_ranks(session, path, executor, workers):
            ranks[path] = some
            yield far, view
    yield 1.0, sorted_view(session, keys, view, ranks) if keys else view
