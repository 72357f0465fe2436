"""What changes between two texts, laid out in lines: `-` before, `+` after, what stays cut short. Pure.

Lines are compared first, then the words of a line that takes another one's place, so that a change of one word in a
long paragraph is seen at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from curator.tui.visible import visible
from curator.tui.wrapping import spans

CONTEXT_LINES = 2
CONTEXT_CHARACTERS = 60
MOST_LINES_COMPARED = 2_000
MOST_WORDS_COMPARED = 600
LONGEST_CHANGED_PIECE = 2_000
MOST_LINES_SHOWN = 400
GAP = " … "
BLANK = "·"

_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Piece = tuple[str, bool]
"""A piece of a line, and whether it is part of the change."""

Opcode = tuple[str, int, int, int, int]
"""As `difflib` gives them: what is done, and where before and after."""


class Difference(NamedTuple):
    """One change that is about to be made."""

    title: str
    before: str
    after: str


class DifferenceLine(NamedTuple):
    """A line on screen: pieces of visible text with the names of their styles."""

    spans: tuple[tuple[str, str], ...]

    @property
    def changed(self) -> bool:
        """Whether it shows something that changes."""
        return any(style.startswith(("removed", "added")) for _, style in self.spans)


def lay_out_difference(difference: Difference, width: int) -> list[DifferenceLine]:
    """The lines of one difference: its title, the change, a blank; a change of very many lines is cut short."""
    lines = [DifferenceLine(((visible(difference.title).replace("\n", "⏎"), "title"),))]
    for line in _changes(lines_in(difference.before), lines_in(difference.after), width):
        if len(lines) > MOST_LINES_SHOWN:
            lines.append(DifferenceLine((("  … and more of it", "quiet"),)))
            break
        lines.append(line)
    return [*lines, DifferenceLine(())]


def lines_in(text: str) -> list[str]:
    """The lines of a text; none of an empty one."""
    return text.split("\n") if text else []


def _changes(before: Sequence[str], after: Sequence[str], width: int) -> Iterator[DifferenceLine]:
    opcodes = opcodes_of(before, after, MOST_LINES_COMPARED)
    for number, (kind, start, end, new_start, new_end) in enumerate(opcodes):
        if kind == "equal":
            first, last = number == 0, number == len(opcodes) - 1
            yield from context_lines(before[start:end], width, at_start=first, at_end=last)
        else:
            yield from _replaced(before[start:end], after[new_start:new_end], width)


def opcodes_of(before: Sequence[str], after: Sequence[str], most: int) -> list[Opcode]:
    """How to get from one sequence to the other; what is longer than `most`, ends that are alike apart, as one step."""
    start = _alike(before, after)
    ending = _alike(before[start:][::-1], after[start:][::-1])
    end, new_end = len(before) - ending, len(after) - ending
    opcodes: list[Opcode] = [("equal", 0, start, 0, start)] if start else []
    middle, new_middle = before[start:end], after[start:new_end]
    if len(middle) + len(new_middle) > most:
        opcodes.append(("replace", start, end, start, new_end))
    elif middle or new_middle:
        matcher = SequenceMatcher(None, middle, new_middle, autojunk=False)
        opcodes += [(kind, a + start, b + start, c + start, d + start) for kind, a, b, c, d in matcher.get_opcodes()]
    if ending:
        opcodes.append(("equal", end, len(before), new_end, len(after)))
    return opcodes


def _alike(before: Sequence[str], after: Sequence[str]) -> int:
    """How many items at the start are the same."""
    for number, (one, other) in enumerate(zip(before, after, strict=False)):
        if one != other:
            return number
    return min(len(before), len(after))


def context_lines(lines: Sequence[str], width: int, *, at_start: bool, at_end: bool) -> Iterator[DifferenceLine]:
    """Lines that stay: those next to a change, and how many more there are; all where there is no change."""
    head = 0 if at_start else CONTEXT_LINES
    tail = 0 if at_end else CONTEXT_LINES
    folded = len(lines) - head - tail
    if folded <= 1 or (at_start and at_end):
        head, tail, folded = len(lines), 0, 0
    for line in lines[:head]:
        yield from signed_line("  ", [(line, False)], "quiet", width)
    if folded:
        yield DifferenceLine(((f"  … {folded:,} lines stay", "quiet"),))
    for line in lines[len(lines) - tail :]:
        yield from signed_line("  ", [(line, False)], "quiet", width)


def _replaced(before: Sequence[str], after: Sequence[str], width: int) -> Iterator[DifferenceLine]:
    """Lines and what takes their place, each next to its own where there are as many of both."""
    if len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            yield from _pair(old, new, width)
        return
    for line in before:
        yield from signed_line("- ", [(line, True)], "removed", width)
    for line in after:
        yield from signed_line("+ ", [(line, True)], "added", width)


def _pair(old: str, new: str, width: int) -> Iterator[DifferenceLine]:
    before, after = words_changed(old, new)
    yield from signed_line("- ", before, "removed", width)
    yield from signed_line("+ ", after, "added", width)


def words_changed(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Two lines in pieces that stay and pieces that change."""
    words, new_words = _WORD.findall(old), _WORD.findall(new)
    before: list[Piece] = []
    after: list[Piece] = []
    for kind, start, end, new_start, new_end in opcodes_of(words, new_words, MOST_WORDS_COMPARED):
        before.append(("".join(words[start:end]), kind != "equal"))
        after.append(("".join(new_words[new_start:new_end]), kind != "equal"))
    return _joined(before), _joined(after)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without empty ones, neighbours of a kind as one."""
    joined: list[Piece] = []
    for text, changed in pieces:
        if joined and joined[-1][1] == changed:
            joined[-1] = (joined[-1][0] + text, changed)
        elif text:
            joined.append((text, changed))
    return joined


def signed_line(sign: str, pieces: Sequence[Piece], style: str, width: int) -> Iterator[DifferenceLine]:
    """A line over as many lines as it takes, its sign before each; what changes has the style `STYLE-part`."""
    last = len(pieces) - 1
    styled = [
        (
            _seen(_cut_short(text, changed, first=number == 0, last=number == last), changed and number in (0, last)),
            style + ("-part" * changed),
        )
        for number, (text, changed) in enumerate(pieces)
    ]
    if len(pieces) == 1:
        styled = [(styled[0][0], style)]
    whole = "".join(text for text, _ in styled)
    for start, end in spans(whole, max(1, width - len(sign))):
        yield DifferenceLine(((sign, style), *_between(styled, start, end)))


def _seen(text: str, outer_change: bool) -> str:
    """A piece as it is shown: blanks that change at the ends of a line are dots, as they would not be seen there."""
    return visible(text.replace(" ", BLANK) if outer_change and not text.strip(" ") else text)


def _cut_short(text: str, changed: bool, *, first: bool, last: bool) -> str:
    """What is read of a piece: next to a change only so much of what stays."""
    if changed or (first and last):
        most = LONGEST_CHANGED_PIECE
        return text if len(text) <= most else f"{text[: most // 2]}{GAP}{text[-most // 2 :]}"
    head = "" if first else text[:CONTEXT_CHARACTERS]
    tail = "" if last else text[-CONTEXT_CHARACTERS:]
    if len(text) <= len(head) + len(tail) + len(GAP):
        return text
    return f"{head}{GAP[first : len(GAP) - last]}{tail}"


def _between(styled: Sequence[tuple[str, str]], start: int, end: int) -> Iterator[tuple[str, str]]:
    """The pieces of a part of the line."""
    at = 0
    for text, style in styled:
        piece = text[max(0, start - at) : max(0, end - at)]
        if piece:
            yield piece, style
        at += len(text)
