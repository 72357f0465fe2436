"""Asks by what the records are sorted: columns in order, each largest or smallest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from curator.session.sorting import NO_PATH, SORTABLE, SortKey, is_path, typed_path
from curator.tui.screens.ask import Ask
from curator.tui.visible import one_line

SIGNS = {True: "▼ falling", False: "▲ rising"}
WORD_CELLS = 30


class Sorting(ModalScreen[tuple[SortKey, ...] | None]):
    """Keys of columns put them behind those chosen, then turn them round, then leave them out; Enter sorts."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "back", key_display="Esc"),
        Binding("enter", "sort", "sort"),
        Binding("minus", "turn", "turn round", key_display="-"),
        Binding("k", "key", "a key of the records"),
        Binding("O", "original", "order of the files"),
    ]

    def __init__(self, chosen: Sequence[SortKey], known: Sequence[str] = ()) -> None:
        """`chosen` is the order in force; `known` are keys that records have."""
        super().__init__()
        self._chosen = list(chosen)
        self._known = known
        self._columns = dict(zip("1234567890", SORTABLE, strict=False))
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """Title, columns, and the keys."""
        with Vertical(classes="dialog"):
            yield Label("Sort by", classes="dialog-title")
            yield self._text
            yield Label(
                Content(
                    "A digit chooses, again turns round, again leaves out.\n- turns the last one round. Enter sorts."
                ),
                classes="choices",
            )

    def on_mount(self) -> None:
        """Show what is in force."""
        self._draw()

    def on_key(self, event: Key) -> None:
        """The key of a column."""
        column = self._columns.get(event.character or "")
        if column is not None:
            event.stop()
            self._press(column)

    def _press(self, column: str) -> None:
        here = next((place for place, key in enumerate(self._chosen) if key.column == column), None)
        if here is None:
            self._chosen.append(SortKey(column, falling=not is_path(column)))
        elif self._chosen[here].falling == (not is_path(column)):
            self._chosen[here] = SortKey(column, not self._chosen[here].falling)
        else:
            del self._chosen[here]
        self._draw()

    def _draw(self) -> None:
        self._text.update(Content("\n".join(self._lines())))

    def _lines(self) -> Iterator[str]:
        places = {key.column: (number, key) for number, key in enumerate(self._chosen, 1)}
        for letter, column in self._columns.items():
            yield _line(letter, SORTABLE[column], places.get(column))
        for column in (key.column for key in self._chosen if is_path(key.column)):
            yield _line("k", column, places[column])
        if not any(is_path(key.column) for key in self._chosen):
            yield _line("k", "a key of the records, by its path …", None)
        yield _line("O", "nothing: the order of the files", None)

    def action_turn(self) -> None:
        """Turn the column round that was chosen last."""
        if self._chosen:
            last = self._chosen[-1]
            self._chosen[-1] = SortKey(last.column, not last.falling)
            self._draw()

    def action_key(self) -> None:
        """Ask for a key, or turn round the one that was asked for."""
        path = next((key.column for key in self._chosen if is_path(key.column)), None)
        if path is not None:
            self._press(path)
            return

        def wrong(text: str) -> str:
            return NO_PATH if text.strip() and not typed_path(text) else ""

        def named(text: str | None) -> None:
            if text and text.strip():
                self._press(typed_path(text))

        self.app.push_screen(Ask("Sort by the key", "", self._known, wrong), named)

    def action_original(self) -> None:
        """Sort by nothing."""
        self.dismiss(())

    def action_sort(self) -> None:
        """Answer."""
        self.dismiss(tuple(self._chosen))


def _line(letter: str, words: str, place: tuple[int, SortKey] | None) -> str:
    chosen = f"{place[0]}. {SIGNS[place[1].falling]}" if place else ""
    return f" {letter}  {one_line(words, WORD_CELLS + 8):<{WORD_CELLS}}  {chosen}".rstrip()
