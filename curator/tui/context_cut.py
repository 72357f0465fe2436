"""Where the longest example ends in a record, and what becomes of records that are longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate, islice
from typing import NamedTuple

from curator.analysis.limits import OverLong
from curator.analysis.report import RecordReport
from curator.tui.json_layout import pretty
from curator.tui.layout_lines import Line, body
from curator.tui.wrapping import cluster_start, wrap

CUT, LOST = "cut", "lost"
"""Styles: of the line across the conversation, and of all that comes behind it."""


class Trainer(NamedTuple):
    """What the trainer makes of records."""

    limit: int = 0
    """Tokens of the longest example; 0 for none."""
    limit_of: str = ""
    """What that is, in words."""
    title: str = ""
    """The trainer's name, where one is chosen."""
    over_long: OverLong = OverLong.CUT
    learnt: tuple[bool, ...] | None = None
    """For each message of the record whether it is learnt from; None where that is not to be shown."""
    estimated: bool = False
    """Whether all tokens are counted by an encoding that is not known to be the model's."""

    def learns(self, message: int) -> bool:
        """Whether a message is to be shown as one that is learnt from."""
        return self.learnt is None or self.learnt[message : message + 1] != (False,)


class Cut(NamedTuple):
    """Where the model's longest example ends."""

    message: int
    lost: int
    """Trained tokens that come after it."""
    limit: int
    piece: int = -1
    """The part of the message, counted on over its calls; -1 for before all of them."""
    character: int = 0
    """The first character of that part's text, or of that call's arguments, that is cut off."""


def cut_of(report: RecordReport, limit: int) -> Cut | None:
    """Where the limit falls, or None if the record fits or its messages are not counted."""
    if not limit or report.tokens <= limit or not report.message_tokens:
        return None
    ends = accumulate(report.message_tokens, initial=report.overhead)
    for place, end in enumerate(islice(ends, 1, None)):
        if end > limit:
            lost = min(report.trained_message_tokens[place], end - limit)
            lost += sum(report.trained_message_tokens[place + 1 :])
            exact = report.cut if report.cut is not None and report.cut.message == place else None
            return Cut(place, lost, limit, *(exact[1:] if exact else ()))
    return None


def cut_line(cut: Cut, limit_of: str, width: int) -> Iterator[Line]:
    """The line across the conversation, with what is lost behind it."""
    lost = f": {cut.lost:,} trained token{'' if cut.lost == 1 else 's'} lost" if cut.lost else ""
    text = f"╌╌ {limit_of} ends here ({cut.limit:,}){lost} ╌╌"
    yield from (Line(((line, CUT),)) for line in wrap(text, width))


def not_taken(trainer: Trainer, tokens: int, width: int) -> Iterator[Line]:
    """That a record is too long for a trainer that does not cut, and what it does instead."""
    does = "rejects the file for this record" if trainer.over_long is OverLong.REJECTED else "leaves this record out"
    text = f"╌╌ {trainer.title} {does}: {tokens:,} tokens, over {trainer.limit:,} ╌╌"
    yield from (Line(((line, CUT),)) for line in wrap(text, width))
    yield Line(())


class Divided(NamedTuple):
    """How a piece is laid out that the cut falls into: its lines, and the line across, where it belongs."""

    across: Callable[[], Iterator[Line]]
    character: int

    def text(self, text: str, style: str, width: int, before: str = "") -> Iterator[Line]:
        """A text, whose end is lost; `before` stands before it."""
        at = cluster_start(text, min(self.character, len(text)))
        if at or before:
            yield from body(before + text[:at], style, width)
        yield from self.across()
        if at < len(text):
            yield from body(text[at:], LOST, width)

    def json(self, text: str, style: str, width: int) -> Iterator[Line]:
        """JSON text, laid out: it is found in it by what is not blank, which layout leaves as it is."""
        left = _solid(text[: self.character])
        across = False
        for line in pretty(text):
            solid = _solid(line)
            if across or 0 < left >= solid:
                yield from body(line, LOST if across else style, width, escaped=True)
                left -= solid
                continue
            at = _after(line, left)
            across = True
            if line[:at].strip():
                yield from body(line[:at], style, width, escaped=True)
            yield from self.across()
            if line[at:].strip():
                yield from body(" " * _indent(line, at) + line[at:], LOST, width, escaped=True)
        if not across:
            yield from self.across()


def _solid(text: str) -> int:
    return sum(map(len, text.split()))


def _after(line: str, number: int) -> int:
    """The place in a line behind some characters that are not blank."""
    for place, character in enumerate(line):
        if not number:
            return place
        number -= not character.isspace()
    return len(line)


def _indent(line: str, at: int) -> int:
    """Blanks that put what is left of a broken line under its start."""
    return len(line) - len(line.lstrip()) if line[:at].strip() else 0
