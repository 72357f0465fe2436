"""Two texts side by side, each line beside the one that it differs from, word by word. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from curator.tui.difference_layout import (
    MOST_LINES_COMPARED,
    MOST_LINES_SHOWN,
    Difference,
    DifferenceLine,
    Opcode,
    context_lines,
    lines_in,
    opcodes_of,
    signed_line,
    words_changed,
)

FROM_CELLS = 110
"""From this width on two texts are read more easily beside each other than one under the other."""
MIDDLE = " │ "

Column = Iterable[DifferenceLine]


def lay_out_side_by_side(difference: Difference, width: int) -> list[DifferenceLine]:
    """The lines of a difference, before on the left and after on the right; very many lines are cut short."""
    half = (width - len(MIDDLE)) // 2
    lines: list[DifferenceLine] = []
    before, after = lines_in(difference.before), lines_in(difference.after)
    opcodes = opcodes_of(before, after, MOST_LINES_COMPARED)
    for number, opcode in enumerate(opcodes):
        ends = number == 0, number == len(opcodes) - 1
        for left, right in _columns(opcode, before, after, half, ends):
            lines += _beside(left, right, half)
            if len(lines) > MOST_LINES_SHOWN:
                return [*lines, DifferenceLine((("  … and more of it", "quiet"),))]
    return lines


def _columns(
    opcode: Opcode, before: Sequence[str], after: Sequence[str], half: int, ends: tuple[bool, bool]
) -> Iterator[tuple[Column, Column]]:
    """What stands beside each other, line by line."""
    kind, start, end, new_start, new_end = opcode
    if kind == "equal":
        for line in context_lines(before[start:end], half, at_start=ends[0], at_end=ends[1]):
            yield (line,), (line,)
        return
    same_number = end - start == new_end - new_start
    for old, new in zip_longest(before[start:end], after[new_start:new_end]):
        if same_number and old is not None and new is not None:
            pieces, new_pieces = words_changed(old, new)
            yield signed_line("- ", pieces, "removed", half), signed_line("+ ", new_pieces, "added", half)
        else:
            yield (
                signed_line("- ", [(old, True)], "removed", half) if old is not None else (),
                signed_line("+ ", [(new, True)], "added", half) if new is not None else (),
            )


def _beside(left: Column, right: Column, half: int) -> Iterator[DifferenceLine]:
    for one, other in zip_longest(left, right, fillvalue=DifferenceLine(())):
        used = sum(cell_len(text) for text, _ in one.spans)
        yield DifferenceLine((*one.spans, (" " * (half - used) + MIDDLE, "quiet"), *other.spans))
