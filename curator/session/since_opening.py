"""What edits have changed in the sums of a source since it was opened."""

from __future__ import annotations

from curator.analysis.totals import Totals
from curator.edits.edited_source import EditedSource
from curator.engine.data_set import OpenSource
from curator.session.edited_figures import EditedFigures


class SinceOpening:
    """Measures from the records as they were at opening: what the journal held then belongs to them, and so does what
    is done before its figures are known. Saves and appended lines are no change.

    Another model or dialect counts otherwise: from then on it is measured anew, unless the file itself is what was
    opened.
    """

    def __init__(self, opened: OpenSource, edited: EditedSource, figures: EditedFigures) -> None:
        self._opened = opened
        self._edited = edited
        self._figures = figures
        self._held: Totals | None = Totals()
        """What the journal made of the file's sums at opening; None until that is known."""
        self._saved = Totals()
        """What saves have brought into the file's sums since then."""
        self._as_opened = True
        """Whether the file itself is what it is measured from, so that it can be counted by any rule."""
        self._before: Totals | None = None
        """After a save, until the new file is audited: the sums that it is measured from."""
        self._last: Totals | None = None

    def begin(self) -> None:
        """The journal was opened: measure from here."""
        self._as_opened = not self._edited.touched
        self._held = Totals() if self._as_opened else None
        self._saved, self._before, self._last = Totals(), None, None

    def counted_anew(self) -> None:
        """All records are counted by another rule."""
        if not self._as_opened:
            self._held, self._saved, self._before = None, Totals(), None
        self._last = None

    def saved(self) -> None:
        """The file is about to be exchanged for one that holds what was done."""
        self._as_opened = False
        if self._held is None or not self._audited:
            self._held, self._saved, self._before = None, Totals(), None
            return
        self._settle_save()
        before = Totals()
        before.merge(self._opened.totals)
        before.merge(self._held)
        before.subtract(self._saved)
        self._held, self._saved, self._before = Totals(), Totals(), before

    def exchanged(self) -> None:
        """The new file is there; where all of its figures are known already, so is what the save brought in."""
        if self._audited:
            self._settle_save()

    def grown(self) -> None:
        """Lines were appended: what a save brought in cannot be told from them while it is not known."""
        if self._before is not None:
            self._held, self._before = None, None

    @property
    def change(self) -> Totals | None:
        """What the records have more than at opening, or less; None while that is not known.

        While figures are on their way it is what was known last.
        """
        if not self._audited or not self._figures.known:
            return self._last
        difference = self._figures.difference
        if self._held is None:
            self._held = Totals()
            self._held.merge(difference)
        self._settle_save()
        self._last = Totals()
        self._last.merge(self._saved)
        self._last.merge(difference)
        self._last.subtract(self._held)
        return self._last

    def _settle_save(self) -> None:
        if self._before is not None:
            self._saved = Totals()
            self._saved.merge(self._opened.totals)
            self._saved.subtract(self._before)
            self._before = None

    @property
    def _audited(self) -> bool:
        index = self._opened.index
        return index.complete and len(self._opened.columns) == len(index)
