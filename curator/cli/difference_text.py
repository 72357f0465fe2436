"""Differences as lines of text: `-` before, `+` after, the changed words of a line marked, in colour where wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from curator.cli.output import printable
from curator.records.comparing import ChangeKind, Comparison, MessageChange, ValueChange
from curator.records.conversation import Conversation, Message
from curator.records.text_edits import EditKind, TextEdit

CONTEXT = 1
"""Lines of a text that stayed and are shown beside changed ones."""
LONGEST_KEPT = 120
"""Characters of a line that stayed and are shown before the middle is left out."""

Span = tuple[str, bool]
"""A stretch of a line, and whether it changed."""


def wants_colour(choice: str) -> bool:
    """Whether to colour, by what was typed, the terminal and NO_COLOR (no-color.org)."""
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True)
class Ink:
    """Writes stretches of text with the codes of a terminal, or with brackets round changed words."""

    coloured: bool

    def header(self, text: str) -> str:
        """The first line on a record."""
        return self._painted("1", printable(text))

    def label(self, text: str) -> str:
        """What the lines below are of."""
        return self._painted("36", printable(text))

    def quiet(self, text: str) -> str:
        """What is only there for orientation."""
        return self._painted("2", printable(text))

    def line(self, sign: str, spans: Iterable[Span]) -> str:
        """A line of a text: a changed word is marked where others of its line stayed."""
        known = list(spans)
        colour, opening, closing = {"-": ("31", "[-", "-]"), "+": ("32", "{+", "+}")}.get(sign, ("2", "", ""))
        partly = any(not changed and text.strip() for text, changed in known)
        written = []
        for text, changed in known:
            shown = printable(text)
            if changed and partly and text:
                shown = self._painted(f"{colour};7", shown) if self.coloured else f"{opening}{shown}{closing}"
                written.append(shown)
            else:
                written.append(self._painted(colour, shown))
        return f"{self._painted(colour, sign)} {''.join(written)}".rstrip()

    def _painted(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.coloured and text else text


def comparison_lines(comparison: Comparison, before: Conversation, after: Conversation, ink: Ink) -> Iterator[str]:
    """What differs between two versions of a record, by message."""
    for change in comparison.messages:
        yield from message_lines(change, before, after, ink)
    for name, changes in (("tool", comparison.tools), ("key", comparison.keys)):
        for one in changes:
            yield "  " + ink.label(f"{name} {one.label}")
            yield from _indented(value_lines(one, ink))


def message_lines(change: MessageChange, before: Conversation, after: Conversation, ink: Ink) -> Iterator[str]:
    """What became of one message; nothing for one that is the same."""
    if change.kind is ChangeKind.ADDED and change.place_after is not None:
        message = after.messages[change.place_after]
        yield "  " + ink.label(f"+ message {change.place_after + 1}, {message.role}")
        yield from _indented(_said("+", message, ink))
    elif change.kind is ChangeKind.REMOVED and change.place_before is not None:
        message = before.messages[change.place_before]
        yield "  " + ink.label(f"- message {change.place_before + 1}, {message.role}")
        yield from _indented(_said("-", message, ink))
    elif change.kind is ChangeKind.MOVED:
        yield "  " + ink.label(
            f"message {_place(change.place_after)}, {change.role_after}: was message {_place(change.place_before)}"
        )
    elif change.kind is ChangeKind.CHANGED:
        yield "  " + ink.label(f"message {_place(change.place_after)}, {change.role_after}")
        for one in change.fields:
            if one.label != "text":
                yield "    " + ink.label(one.label)
            yield from _indented(value_lines(one, ink))


def _place(place: int | None) -> str:
    return "" if place is None else f"{place + 1:,}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _said(sign: str, message: Message, ink: Ink) -> Iterator[str]:
    """All that a message says, as lines that are all there or all gone."""
    facts = [("name", message.name), ("answers the call", message.tool_call_id), ("side", message.section)]
    facts += [(part.kind if part.kind != "text" else "", part.text) for part in message.parts]
    facts += [(f"call {call.name}", call.arguments) for call in message.tool_calls]
    for label, text in facts:
        if text:
            shown = f"{label}: {text}" if label else text
            yield from (ink.line(sign, [(line, True)]) for line in shown.split("\n"))


def value_lines(change: ValueChange, ink: Ink) -> Iterator[str]:
    """How a value becomes another one."""
    return edit_lines(change.edits, ink, was=change.before is not None, now=change.after is not None)


def edit_lines(edits: Sequence[TextEdit], ink: Ink, *, was: bool = True, now: bool = True) -> Iterator[str]:
    """How a text becomes another one; with `was` or `now` false, one that was or is not there at all."""
    folding = _Folding(ink)
    blocks = _Blocks()
    for edit in edits:
        yield from folding.take(blocks.add(edit))
    yield from folding.take(blocks.end(was=was, now=now))
    yield from folding.end()


@dataclass(slots=True)
class _Blocks:
    """Puts stretches of text together to lines before and after."""

    before: list[list[Span]] = field(default_factory=lambda: [[]])
    after: list[list[Span]] = field(default_factory=lambda: [[]])

    def add(self, edit: TextEdit) -> list[tuple[str, list[Span]]]:
        """Take a stretch in. Returns the lines that it completes, with their signs."""
        done: list[tuple[str, list[Span]]] = []
        changed = edit.kind is not EditKind.KEPT
        for number, piece in enumerate(edit.text.split("\n")):
            if number:
                done += self._next(edit.kind)
            if edit.kind is not EditKind.INSERTED:
                self.before[-1].append((piece, changed))
            if edit.kind is not EditKind.DELETED:
                self.after[-1].append((piece, changed))
        return done

    def _next(self, kind: EditKind) -> list[tuple[str, list[Span]]]:
        if kind is EditKind.KEPT:
            return self.end()
        (self.before if kind is EditKind.DELETED else self.after).append([])
        return []

    def end(self, *, was: bool = True, now: bool = True) -> list[tuple[str, list[Span]]]:
        """The lines since those that stayed, those that stayed at either end apart."""
        before, after = self.before if was else [], self.after if now else []
        first = next((n for n, pair in enumerate(zip(before, after, strict=False)) if not _same(*pair)), None)
        first = min(len(before), len(after)) if first is None else first
        last = 0
        while last < min(len(before), len(after)) - first and _same(before[-1 - last], after[-1 - last]):
            last += 1
        lines = [(" ", one) for one in before[:first]]
        lines += [("-", one) for one in before[first : len(before) - last]]
        lines += [("+", one) for one in after[first : len(after) - last]]
        lines += [(" ", one) for one in before[len(before) - last :]]
        self.before, self.after = [[]], [[]]
        return lines


def _same(before: Sequence[Span], after: Sequence[Span]) -> bool:
    if any(changed and text for text, changed in (*before, *after)):
        return False
    return "".join(text for text, _ in before) == "".join(text for text, _ in after)


@dataclass(slots=True)
class _Folding:
    """Leaves out lines that stayed, but for those beside changed ones."""

    ink: Ink
    waiting: list[list[Span]] = field(default_factory=list)
    left_out: int = 0
    after_change: int = 0
    """Lines still to be shown behind the last change."""

    def take(self, lines: Iterable[tuple[str, list[Span]]]) -> Iterator[str]:
        """The lines to be shown."""
        for sign, spans in lines:
            if sign != " ":
                yield from self._caught_up()
                self.after_change = CONTEXT
                yield self.ink.line(sign, _cut(spans))
            elif self.after_change:
                self.after_change -= 1
                yield self.ink.line(sign, _cut(spans))
            else:
                self.waiting.append(spans)
                if len(self.waiting) > CONTEXT:
                    self.waiting.pop(0)
                    self.left_out += 1

    def _caught_up(self) -> Iterator[str]:
        if self.left_out:
            yield self.ink.quiet(f"  ... {self.left_out:,} line{'s' * (self.left_out > 1)} as before")
        yield from (self.ink.line(" ", _cut(spans)) for spans in self.waiting)
        self.waiting, self.left_out = [], 0

    def end(self) -> Iterator[str]:
        """What is to be said behind the last line."""
        self.left_out += len(self.waiting)
        self.waiting = []
        if self.left_out:
            yield from self._caught_up()


def _cut(spans: Sequence[Span]) -> Iterator[Span]:
    """A line without the middle of long stretches that stayed."""
    for text, changed in spans:
        if changed or len(text) <= LONGEST_KEPT:
            yield text, changed
        else:
            half = LONGEST_KEPT // 3
            yield f"{text[:half]} [... {len(text) - 2 * half:,} characters] {text[-half:]}", changed
