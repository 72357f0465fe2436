"""Views made of what a filter found."""

from __future__ import annotations

from collections.abc import Mapping

from pyroaring import BitMap64

from curator.analysis.predicates import Predicate
from curator.session.facade import Session
from curator.session.filtering import there
from curator.session.view import View
from curator.session.working_source import WorkingSource


def filtered_view(
    session: Session, title: str, predicate: Predicate, found: Mapping[WorkingSource, BitMap64]
) -> View:
    """The records that were found to satisfy a predicate, in the order of the files; `title` is the filter as typed."""
    outside, known = {}, {}
    for source in session.sources:
        outside[source.number] = there(source) - found.get(source, BitMap64())
        known[source.number] = source.edited.known_lines
    return View(title, predicate, outside, known)


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
