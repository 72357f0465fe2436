"""The reader, with the matches of a search marked, and gone to one by one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from curator.records.conversation import Message
from curator.records.said import KEYS, TOOLS, is_asked, texts_of
from curator.records.searching import Search, SlowPatternError, compiled, matches
from curator.tui.item_cursor import Place
from curator.tui.layout_lines import Line
from curator.tui.match_marks import LONGEST_WAIT, marked, match_count, with_match_here
from curator.tui.pacing import FramePacer
from curator.tui.widgets.conversation_view import ConversationView


class _Match(NamedTuple):
    """A match in the lines that are laid out."""

    line: int
    number: int
    """Which of those that begin on the line, from 0."""


class SearchedView(ConversationView):
    """Marks all matches in what is laid out; the one that was gone to stands out."""

    def __init__(self, pacer: FramePacer) -> None:
        super().__init__(pacer)
        self._search: Search | None = None
        self._matches: list[_Match] = []
        self._known: list[Line] = []
        """The lines whose matches are known; another list where they were laid out anew."""
        self._counted = 0
        self._here: int | None = None
        """Which match was gone to last, in the order of the record."""
        self._shown: object = None
        self._walking: tuple[int, Callable[[bool], object]] | None = None

    def look_for(self, search: Search | None) -> None:
        """Mark what a search matches from now on; None marks nothing."""
        self._search = search
        self._here, self._walking = None, None
        self._lay_out()

    @property
    def match_number(self) -> int:
        """Which match of the record was gone to last, from 1; 0 where none was."""
        return 0 if self._here is None else self._here + 1

    def walk(self, step: int, then: Callable[[bool], object]) -> None:
        """Go to the next (`step` 1) or previous match in the record, from the last one or the first line on screen.

        `then` gets whether there is one, once enough is laid out to know.
        """
        self._walking = step, then
        self._go_on()

    def from_end(self) -> None:
        """Let `walk` begin behind the record's last match."""
        self._here = 1 << 60

    def _marked(self, lines: Iterator[Line]) -> Iterator[Line]:
        record, search = self._record, self._search
        if record is not self._shown:
            self._shown, self._here, self._walking = record, None, None
        if search is None or record is None:
            return lines
        messages, tools = record.conversation.messages, record.conversation.tools

        def searched(item: int) -> bool:
            if self.raw or not messages:
                return True
            if item >= len(messages):
                return is_asked(TOOLS if tools and item == len(messages) else KEYS, search.roles)
            return item >= 0 and is_asked(messages[item].role, search.roles)

        return marked(lines, search, searched, lambda item: _matches_in(messages[item], search))

    def _spans(self, number: int) -> tuple[tuple[str, str], ...]:
        line = self._lines[number]
        if self._here is not None:
            self._count_matches()
        if self._here is not None and self._here < len(self._matches):
            here = self._matches[self._here]
            if here.line == number:
                return with_match_here(line, here.number)
        return line.spans

    def _fill(self, wanted: int, item: int = -1) -> None:
        super()._fill(wanted, item)
        if self._walking is not None:
            self.call_next(self._go_on)

    def _count_matches(self) -> None:
        if self._known is not self._lines:
            self._known, self._counted, self._matches = self._lines, 0, []
        for number in range(self._counted, len(self._lines)):
            self._matches += [_Match(number, one) for one in range(match_count(self._lines[number]))]
        self._counted = len(self._lines)

    def _go_on(self) -> None:
        """Go to the match that is wanted, if it is laid out by now."""
        if self._walking is None:
            return
        step, then = self._walking
        self._count_matches()
        wanted = self._wanted(step)
        if not self._done and (wanted >= len(self._matches) or (step < 0 and (self._here or 0) > len(self._matches))):
            self._fill(len(self._lines) + 1)
            return
        self._walking = None
        found = 0 <= wanted < len(self._matches)
        if found and self._lines[self._matches[wanted].line].folded:
            self._open |= {self._lines[self._matches[wanted].line].item}
            self._lay_out()
            self._here, self._walking = wanted - step, (step, then)
            self._go_on()
            return
        if found:
            self._here = wanted
            self._show_match(self._matches[wanted])
        then(found)

    def _wanted(self, step: int) -> int:
        if self._here is not None:
            return min(self._here, len(self._matches)) + step
        if step > 0:
            return bisect_left(self._matches, self.top, key=lambda one: one.line)
        return bisect_right(self._matches, self.top - 1, key=lambda one: one.line) - 1

    def _show_match(self, match: _Match) -> None:
        """Bring a match into sight, the cursor on its message."""
        height = max(1, self.size.height)
        self._ahead(match.line)
        item = self._lines[match.line].item
        inside = self.top <= match.line < self.top + height - 1
        top = self.top if inside else match.line - height // 3
        place = Place(self.top, item if item >= 0 else self._place.item)
        self._go(self._items.scrolled_to(place, top, height))
        self.refresh()


def _matches_in(message: Message, search: Search) -> int:
    """How many matches a message holds; 0 where that takes too long to be told."""
    try:
        return sum(1 for text in texts_of(message) for one in matches(compiled(search), text, LONGEST_WAIT) if one[0])
    except SlowPatternError:
        return 0
