"""The line in which a filter is typed: what could come next above it, what is wrong or found under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Label

from curator.tui.editable_text import shown
from curator.tui.visible import one_line
from curator.tui.widgets.earlier import Earlier
from curator.tui.widgets.line_editor import LineEditor
from curator.tui.widgets.strips import Span, strip_of

if TYPE_CHECKING:
    from curator.analysis.predicates.parsing import FilterError

LABEL = " filter: "
LONGEST_WORD = 40
GAP = "  "


class Words(Widget):
    """Words that may come next, the chosen one with its meaning."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"words--chosen", "words--quiet"}

    words: Sequence[str] = ()
    chosen = -1
    about = ""

    def show(self, words: Sequence[str], chosen: int, about: str) -> None:
        """Show other words; `about` says what the chosen one, or the first one, means."""
        self.words, self.chosen, self.about = words, chosen, about
        self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - Textual's signature
        """The words, and what one of them means, as far as there is room."""
        quiet = self.get_visual_style("words--quiet").rich_style
        strong = self.get_visual_style("words--chosen").rich_style
        about = one_line(self.about, max(10, self.size.width // 2)) if self.words else ""
        room = self.size.width - cell_len(about) - 3
        first = max(0, self.chosen - 3)
        spans: list[Span] = [(" ", Style())]
        for number, word in enumerate(self.words[first:], first):
            text = one_line(word, LONGEST_WORD)
            room -= cell_len(text) + len(GAP)
            if room < 0:
                break
            spans += [(text, strong if number == max(0, self.chosen) else quiet), (GAP, Style())]
        return strip_of(spans, self.size.width, self.rich_style, [(about, quiet), (" ", Style())])


class FilterBar(Vertical):
    """Three lines at the bottom. Tab takes a word, or the next one; Up and Down go through earlier filters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", "apply the filter; an empty one lists all", key_display="Enter"),
        Binding("tab", "complete(1)", "take the word above, or the next one", key_display="Tab"),
        Binding("shift+tab", "complete(-1)", "the word before", key_display="shift+Tab"),
        Binding("up", "earlier(1)", "the filter before", key_display="↑"),
        Binding("down", "earlier(-1)", "the filter after", key_display="↓"),
        Binding("ctrl+s", "keep", "save the filter under a name"),
        Binding("escape", "leave_filter", "leave the list as it is", key_display="Esc"),
    ]

    class Typed(Message):
        """Another text stands in the line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Applied(Typed):
        """The filter is to be applied."""

    class Kept(Typed):
        """The filter is to be saved under a name."""

    class Left(Message):
        """The line is to be closed."""

    def __init__(self) -> None:
        super().__init__(id="filter")
        self.editor = LineEditor(id="filter-text")
        self._words = Words(id="filter-words")
        self._below = Label(id="filter-below", markup=False)
        self._known: dict[str, Sequence[str]] = {}
        self._saved: Mapping[str, str] = {}
        self._earlier = Earlier(self.editor)
        self._cycle: tuple[int, tuple[str, ...], int, str] | None = None
        """Where the word begins that is gone through, its candidates, the one taken, and the text with it."""
        self.display = False

    def compose(self) -> ComposeResult:
        """Words, the line, and what is to be said of it."""
        yield self._words
        with Horizontal(id="filter-line"):
            yield Label(Content(LABEL))
            yield self.editor
        yield self._below

    def open(self, text: str, earlier: Sequence[str], saved: Mapping[str, str]) -> None:
        """Show the line with a text in it."""
        self._earlier.begin(earlier)
        self._saved = saved
        self._known["@"] = list(saved)
        self.display = True
        self.editor.set_text(text)
        self.editor.focus()
        self._offer()
        self.post_message(self.Typed(self.text))

    def close(self) -> None:
        """Take the line away."""
        self.display = False

    @property
    def _width(self) -> int:
        """In cells; that of the screen as long as the bar was never laid out."""
        return self.size.width or self.app.size.width

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self.editor.text_stored

    def learn(self, known: Mapping[str, Sequence[str]]) -> None:
        """Values that occur in the data, by the kind that they are of."""
        self._known = {**self._known, **known}
        self._offer()

    def saved(self, saved: Mapping[str, str]) -> None:
        """There are other saved filters."""
        self._saved = saved
        self._known["@"] = list(saved)

    def say(self, sentence: str) -> None:
        """Say something of the filter."""
        self._below.remove_class("fault")
        self._below.update(Content(f" {one_line(sentence, max(10, self._width - 1))}"))

    def complain(self, fault: FilterError) -> None:
        """Say what is wrong, under its place."""
        before = cell_len(shown(self.text[: fault.place])) - int(self.editor.scroll_offset.x)
        self._below.add_class("fault")
        self._below.update(Content(under(len(LABEL) + max(0, before), fault.reason, self._width)))

    # Keys

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what may come next."""
        event.stop()
        if not self.display:
            return
        if self._cycle is not None and self._cycle[3] != self.editor.value:
            self._cycle = None
        if self._cycle is None:
            self._offer()
        self.post_message(self.Typed(self.text))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the line."""
        event.stop()
        self.action_apply()

    def _offer(self) -> None:
        from curator.analysis.predicates.completing import complete, meaning

        cursor = self.editor.cursor_position
        words = complete(self.editor.value, cursor, self._known).words if self.display else ()
        self._words.show(words, -1, meaning(words[0], self._saved) if words else "")

    def action_apply(self) -> None:
        """Have the filter applied."""
        self.post_message(self.Applied(self.text))

    def action_keep(self) -> None:
        """Have the filter saved."""
        self.post_message(self.Kept(self.text))

    def action_leave_filter(self) -> None:
        """Leave the line."""
        self.post_message(self.Left())

    def action_complete(self, step: int) -> None:
        """Put a word in place of the one before the cursor: the first one, then the next ones in turn."""
        from curator.analysis.predicates.completing import complete, meaning

        editor = self.editor
        if self._cycle is None:
            found = complete(editor.value, editor.cursor_position, self._known)
            if not found.words:
                return
            start, words, number = found.start, found.words, 0 if step > 0 else len(found.words) - 1
            end = editor.cursor_position
        else:
            start, words, number, _ = self._cycle
            end = start + len(words[number])
            number = (number + step) % len(words)
        text = editor.value[:start] + words[number] + editor.value[end:]
        self._cycle = start, words, number, text
        editor.value = text
        editor.cursor_position = start + len(words[number])
        self._words.show(words, number, meaning(words[number], self._saved))
        if len(words) == 1:
            self._cycle = None

    def action_earlier(self, step: int) -> None:
        """Put an earlier filter into the line, or what was typed before again."""
        self._earlier.step(step)


def under(column: int, reason: str, width: int) -> str:
    """A fault with a sign under its place, before or behind it as there is room."""
    words = one_line(reason, max(10, width - 3))
    if column + 2 + cell_len(words) <= width:
        return f"{' ' * column}^ {words}"
    left = column - cell_len(words) - 1
    return f"{' ' * left}{words} ^" if left >= 0 else f" {words}"
