"""Movement: where a cursor lands. Pure, knows no screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """A list as far as movement needs it: rows there are, rows on screen, the first one shown, the cursor's."""

    rows: int
    height: int
    top: int
    cursor: int

    def moved(self, to: int) -> View:
        """The view with its cursor at a row, kept within the list and on screen.

        A cursor that leaves the screen by a row takes the view half a page on, which costs a slow line far fewer
        bytes than a scroll a row; one that leaves by more is put in the middle.
        """
        cursor = max(0, min(to, self.rows - 1))
        top = self.top
        if not top <= cursor < top + self.height:
            near = cursor in (top - 1, top + self.height)
            half = self.height // 2
            top = (top + half if cursor > top else top - half) if near and self.height > 1 else cursor - half
        top = max(0, min(top, self.rows - self.height))
        return View(self.rows, self.height, top, cursor)

    def by(self, rows: int) -> View:
        """The view with its cursor so many rows further down."""
        return self.moved(self.cursor + rows)

    def by_page(self, pages: float) -> View:
        """The view and its cursor so many pages further down, a row at least, the cursor's place on screen kept."""
        rows = int(pages * max(1, self.height - 1)) or (1 if pages > 0 else -1)
        top = max(0, min(self.top + rows, self.rows - self.height))
        return View(self.rows, self.height, top, self.cursor).moved(self.cursor + rows)

    def resized(self, rows: int, height: int) -> View:
        """The view with another number of rows or height, its cursor still on screen."""
        cursor = max(0, min(self.cursor, rows - 1))
        top = max(0, min(max(self.top, cursor - height + 1), cursor, max(0, rows - height)))
        return View(rows, height, top, cursor)
