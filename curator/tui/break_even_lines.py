"""What the break-even screen says: figures, tables and both cost lines; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from curator.analysis.break_even import BreakEven, Rows, Training, Usage, over_answers, over_epochs, over_prompts
from curator.analysis.prices import ModelPrice
from curator.analysis.prompts_seen import SystemPrompt
from curator.session import a_call, dollars
from curator.session.calls import is_outside
from curator.tui.figures import plural
from curator.tui.plots import Line, Span, lines
from curator.tui.visible import one_line

LABEL_CELLS = 12
SHORT_CELLS = 48
SHARES = (Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(2), Decimal(4))
"""How many times its length a prompt or an answer is tried out with."""
EPOCHS = (1, 2, 3, 4, 6)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a break-even is worked out from."""

    base: ModelPrice
    tuned: ModelPrice
    usage: Usage
    training: Training


def verdict(answer: BreakEven) -> str:
    """From which call on it pays, and after how many days."""
    if answer.calls is None:
        return "not known" if answer.pays else "never"
    days = "" if answer.days is None else f", after {round(answer.days, 1):,} days"
    return f"from {answer.calls:,} calls on{days}"


def figure_lines(case: Case, answer: BreakEven, counted_calls: int) -> list[str]:
    """The figures, a line each."""
    training = case.training
    data = f"{counted_calls:,} trained answers in the data" if counted_calls else "as typed"
    rows = [
        ("before", f"{a_call(answer.base_per_call)} a call", case.base.id),
        ("after", f"{a_call(answer.tuned_per_call)} a call", case.tuned.id),
        ("saving", f"{a_call(answer.saving_per_call)} a call", f"by {data}"),
        (
            "training",
            dollars(answer.training_cost),
            f"{training.tokens:,} tokens x {training.epochs:,} epoch{'s' * (training.epochs != 1)}",
        ),
    ]
    width = max(len(amount) for _, amount, _ in rows)
    told = [f"{name:<{LABEL_CELLS}}{amount:>{width}}   {about}" for name, amount, about in rows]
    return [*told, f"{'it pays':<{LABEL_CELLS}}{verdict(answer)}"]


def prompt_line(prompt: SystemPrompt | None, short: str | int, width: int) -> str:
    """Which prompt is cut to what, in so many cells behind its label; None where no record begins with one."""
    if prompt is None:
        return f"{'prompt':<{LABEL_CELLS}}no record begins with a system prompt, so none gets shorter"
    said = plural(short, "token") if isinstance(short, int) else one_line(short, SHORT_CELLS)
    where = "in no record" if is_outside(prompt) else f"in {plural(prompt.records, 'record')}"
    line = f"{plural(prompt.tokens, 'token')} {where} cut to {said}: {prompt.text}"
    return f"{'prompt':<{LABEL_CELLS}}{one_line(line, width)}"


def variations(case: Case) -> list[tuple[str, Rows]]:
    """How the break-even changes with prompt, answer and epochs; each with the case itself among them."""
    call = case.usage.call
    own = case.base, case.tuned, case.usage, case.training
    prompts = _lengths(call.prompt, call.count)
    answers = _lengths(call.completion, call.count)
    epochs = sorted({*EPOCHS, case.training.epochs})
    return [
        ("prompt", over_prompts(*own, prompts)),
        ("answer", over_answers(*own, answers)),
        ("epochs", over_epochs(*own, epochs)),
    ]


def _lengths(total: int, count: int) -> list[int]:
    """Lengths of a call around its average, rounded to whole tokens."""
    return sorted({max(1, int(share * total / count)) for share in SHARES})


def variation_lines(tables: Sequence[tuple[str, Rows]], width: int) -> list[str]:
    """Small tables beside each other where there is room, else one below the other."""
    blocks = [_block(name, rows) for name, rows in tables]
    cells = max((len(line) for block in blocks for line in block), default=0)
    aside = max(1, min(len(blocks), (width + 4) // (cells + 4)))
    found: list[str] = []
    for first in range(0, len(blocks), aside):
        some = blocks[first : first + aside]
        height = max(map(len, some))
        padded = [[*block, *[""] * (height - len(block))] for block in some]
        found += ["    ".join(f"{part:<{cells}}" for part in parts).rstrip() for parts in zip(*padded, strict=True)]
    return found


def _block(name: str, rows: Rows) -> list[str]:
    title = {"prompt": "prompt, tokens", "answer": "answer, tokens", "epochs": "epochs"}[name]
    told = [f"{title:>14}  {'pays from call':>16}"]
    for number, answer in rows:
        calls = f"{answer.calls:,}" if answer.calls is not None else "not known" if answer.pays else "never"
        told.append(f"{number:>14,}  {calls:>16}")
    return told


def calls_to_show(answer: BreakEven, calls_a_day: Decimal | None) -> int:
    """How many calls the plot of both costs reaches: twice the break-even, or a year, or so many that one sees it."""
    if answer.calls is not None:
        return max(10, 2 * answer.calls)
    if calls_a_day is not None:
        return max(10, int(calls_a_day * 365))
    if answer.training_cost and answer.tuned_per_call > 0:
        return max(10, int(2 * answer.training_cost / answer.tuned_per_call))
    return 10_000


def cost_lines(answer: BreakEven, calls_a_day: Decimal | None, width: int, height: int) -> list[list[Span]]:
    """Both costs over the number of calls, and a line that says which is which."""
    most = calls_to_show(answer, calls_a_day)
    ends = [answer.cost_after(calls) for calls in (0, most)]
    drawn = [Line((0, most), [float(base) for base, _ in ends], "first", "·")]
    tuned = [cost for _, cost in ends if cost is not None]
    if len(tuned) == len(ends):
        drawn.append(Line((0, most), [float(cost) for cost in tuned], "second"))
    legend: list[Span] = [
        ("  ··· ", "first"),
        ("as now", "plain"),
        ("   ⠒⠒⠒ ", "second"),
        ("tuned, with its training", "plain"),
    ]
    if answer.calls is not None:
        legend += [("   │ ", "mark"), (f"{answer.calls:,} calls: it has paid", "plain")]
    elif answer.training_cost is not None:
        legend += [("   the lines never cross", "mark")]
    plot = lines(drawn, width, height - 1, at=None if answer.calls is None else float(answer.calls))
    return [legend, *plot]
