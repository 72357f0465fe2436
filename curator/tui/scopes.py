"""Which records an action or a screen is about: those of the filter, the marked ones, or all, in numbers."""

from __future__ import annotations

from typing import NamedTuple

from curator.session import Session
from curator.session.editor import Selection
from curator.tui.figures import plural
from curator.tui.widgets.bars import Segment


class Scope(NamedTuple):
    """Records that can be meant."""

    words: str
    """As in "the 340 records of the filter"."""
    records: Selection | None
    """By source; None for all."""

    @property
    def segment(self) -> Segment:
        """For the title of a screen; short where there is little room."""
        return Segment(f"of {self.words}", self.words.removeprefix("the ").replace("records of the", "of the"))


def scopes_of(session: Session, marked: Selection, filtered: Selection) -> list[Scope]:
    """What can be meant: what is listed first, where that is not all; always all records."""
    found = []
    for records, words in ((filtered, "{} of the filter"), (marked, "{}")):
        number = sum(map(len, records.values()))
        what = plural(number, "record" if records is filtered else "marked record")
        if number:
            found.append(Scope(f"the {words.format(what)}", records))
    return [*found, Scope(f"all {plural(session.listing.number_of_all, 'record')}", None)]
