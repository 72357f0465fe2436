"""What comes from the terminal's keyboard: the Escape key is told from the sequences that begin with the same byte.

Textual waits a tenth of a second or more for what may follow an Escape, and takes a key that was typed behind it in
that time for one together with it. Here only what can be a sequence is waited for, and not for long.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterator

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key

ESCAPE = "\x1b"
PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
SEQUENCES = frozenset("[Obf\x7f")
"""What follows an Escape in sequences: two kinds of longer ones, and the keys of a Mac that go by words."""

ESCAPE_DELAY = 0.015
"""Seconds that an Escape waits for the rest of a sequence: terminals send it in one piece, and lines keep it so."""

LOOK_SECONDS = 0.1
"""Seconds between two looks at whether the program has ended."""

READ_BYTES = 4096


class EscapeKeys:
    """Splits what is typed into parts: text for Textual's parser, and None for each Escape that is the key."""

    def __init__(self) -> None:
        self.held = ""
        """The start of what may be a sequence."""
        self._pasting = False

    def parts(self, text: str) -> Iterator[str | None]:
        """What came, as far as its meaning is known."""
        text, self.held = _without_start_of_mark(self.held + text)
        while text:
            mark = PASTE_ENDS if self._pasting else PASTE_BEGINS
            typed, found, text = text.partition(mark)
            yield from (typed,) if self._pasting else _typed(typed)
            if found:
                self._pasting = not self._pasting
                yield found

    def nothing_more(self) -> Iterator[str | None]:
        """Nothing has come for a while: an Escape that was held is the key, and what came with it was typed."""
        if self.held and not self._pasting:
            typed, self.held = self.held[1:], ""
            yield None
            yield typed


def _without_start_of_mark(text: str) -> tuple[str, str]:
    """Keep back what may be the start of a mark around what is pasted; of an Escape, the key or a sequence."""
    for length in range(len(PASTE_BEGINS) - 1, 0, -1):
        end = text[-length:]
        if PASTE_BEGINS.startswith(end) or PASTE_ENDS.startswith(end):
            return text[:-length], end
    return text, ""


def _typed(text: str) -> Iterator[str | None]:
    """Text that was not pasted, its Escape keys apart."""
    start = 0
    while (at := text.find(ESCAPE, start)) >= 0:
        is_key = text[at + 1 : at + 2] not in SEQUENCES
        yield text[start:at]
        if is_key:
            yield None
            start = at + 1
        else:
            yield text[at : at + 2]
            start = at + 2
    yield text[start:]


class TerminalDriver(LinuxDriver):
    """Textual's driver, but for how keys are read."""

    def run_input_thread(self) -> None:
        """Read what comes from the terminal until the program ends."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        keys = EscapeKeys()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(ESCAPE_DELAY if keys.held else LOOK_SECONDS):
                    block = os.read(self.fileno, READ_BYTES)
                    if not block:
                        return
                    parts = keys.parts(decode(block))
                else:
                    parts = keys.nothing_more()
                for part in parts:
                    self._take(parser, part)
                for event in parser.tick():
                    self.process_message(event)

    def _take(self, parser: XTermParser, part: str | None) -> None:
        if part is None:
            self.process_message(Key("escape", ESCAPE))
        elif part:
            for event in parser.feed(part):
                self.process_message(event)
