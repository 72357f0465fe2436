"""Views made of what a filter found."""

from __future__ import annotations

from collections.abc import Mapping

from pyroaring import BitMap64

from curator.session.facade import Session
from curator.session.filtering import there
from curator.session.view import View
from curator.session.working_source import WorkingSource


def filtered_view(session: Session, title: str, found: Mapping[WorkingSource, BitMap64]) -> View:
    """The records that were found, in the order of the files."""
    outside, known = {}, {}
    for source in session.sources:
        outside[source.number] = there(source) - found.get(source, BitMap64())
        known[source.number] = source.edited.known_lines
    return View(title, outside, known)
