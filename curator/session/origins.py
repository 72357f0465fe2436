"""Which records come from one conversation, as the journals know it: its pieces need not have a word in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curator.edits.edited_source import EditedSource
from curator.edits.opening import Opened, open_journal
from curator.errors import CuratorError
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from curator.analysis.duplicates import Rows
    from curator.session.prints import Gathered

Origins = dict[int, tuple[int, ...]]
"""Records that come from others, with the lines that these were at first; those lines stand for themselves."""


def origins_of(source: WorkingSource) -> Origins:
    """The origins of a source's records as it is read: with its journal in force, or as it stands on the disk.

    Of a file whose journal is not in force, records are its lines. A journal that does not go with it tells nothing.
    """
    edited = source.edited
    if edited.journal is not None:
        return _with_roots({record: origin.records for record, origin in edited.overlay.origins.items()})
    if not edited.journal_path.exists():
        return {}
    beside = EditedSource(source.opened.source, source.opened.index, edited.journal_path)
    try:
        return {} if open_journal(beside, read_only=True) is Opened.CHANGED else _on_lines(beside)
    except CuratorError:
        return {}
    finally:
        beside.close()


def _with_roots(origins: Origins) -> Origins:
    roots = {root for some in origins.values() for root in some}
    return {root: (root,) for root in roots} | origins


def _on_lines(edited: EditedSource) -> Origins:
    """The origins of the records that stand on lines of the file, by line."""
    lines = edited.content.saved.lines
    known = _with_roots({record: origin.records for record, origin in edited.overlay.origins.items()})
    places = ((lines.place_of(record), roots) for record, roots in known.items())
    return {line: roots for line, roots in places if line is not None}


def pieces_in(gathered: Gathered) -> tuple[Rows, Rows]:
    """Rows of records that come from one conversation: each beside the first of those that come from it."""
    import numpy as np

    ones: list[int] = []
    others: list[int] = []
    ids = np.frombuffer(gathered.ids, dtype=np.uint64)
    for source, start, end in zip(gathered.sources, gathered.starts, gathered.starts[1:], strict=False):
        origins = origins_of(source)
        firsts: dict[int, int] = {}
        known = np.fromiter(origins, np.uint64, count=len(origins))
        for row in (np.flatnonzero(np.isin(ids[start:end], known)) + start).tolist():
            for root in origins[gathered.ids[row]]:
                first = firsts.setdefault(root, row)
                if first != row:
                    ones.append(first)
                    others.append(row)
    return np.array(ones, dtype=np.int64), np.array(others, dtype=np.int64)
