"""Whether a shorter prompt pays for the fine-tuning that allows it, and from how many calls on; in exact decimals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil

from curator.analysis.conditions import Balance, condition
from curator.analysis.costs import reading_cost, training_cost, writing_cost
from curator.analysis.prices import ModelPrice

CACHED_FROM = 1_024
"""Tokens of a prompt from which a service keeps it in its cache."""

_DIGITS = 60
"""More than any sum needs, so that only the division by the number of calls ever rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Tokens of a call before and after its prompt is shortened.

    They are sums over `count` calls, which keeps averages over a data set exact.
    """

    prompt: int
    """The whole input of a call: system prompt, history and question."""
    short_prompt: int
    """The same with the short prompt in place."""
    completion: int
    """The answers."""
    count: int = 1
    cachable: int | None = None
    """Of `short_prompt`, what stands in calls of 1,024 tokens or more; None to go by their average."""
    tuned_completion: int | None = None
    """The answers in the tuned model's own encoding, where that is another one; else None."""

    def __post_init__(self) -> None:
        if self.count < 1 or min(self.prompt, self.short_prompt, self.completion) < 0:
            raise ValueError(f"a call has no fewer than no tokens, and there is at least one: {self}")

    @property
    def short_cachable(self) -> int:
        """Of `short_prompt`, the tokens that a cache may hold."""
        if self.cachable is not None:
            return self.cachable
        return self.short_prompt if self.short_prompt >= CACHED_FROM * self.count else 0

    @property
    def tuned_answers(self) -> int:
        """The answers in the tuned model's encoding."""
        return self.completion if self.tuned_completion is None else self.tuned_completion


@dataclass(frozen=True, slots=True)
class Usage:
    """How a model is called."""

    call: Call
    cached_share: Decimal = Decimal(0)
    """Of the prompt, from 0 to 1, what is read from the cache; the short prompt has it only from 1,024 tokens on."""
    batch_discount: Decimal = Decimal(0)
    """Off the price of all calls, from 0 to less than 1."""
    calls_a_day: Decimal | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.cached_share <= 1 or not 0 <= self.batch_discount < 1:
            raise ValueError(f"a share is from 0 to 1, and a discount is less than 1: {self}")
        if self.calls_a_day is not None and self.calls_a_day <= 0:
            raise ValueError(f"calls a day are more than none: {self.calls_a_day}")


@dataclass(frozen=True, slots=True)
class Training:
    """What the fine-tuning takes."""

    tokens: int
    """Billed tokens of one epoch, counted with the short prompt in place."""
    epochs: int
    hours: Decimal | None = None
    """Of training, for models that are trained by the hour."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Money in US dollars, not rounded. `calls` is None where it never pays or the training cost is not known."""

    base_per_call: Decimal
    tuned_per_call: Decimal
    saving_per_call: Decimal
    training_cost: Decimal | None
    calls: int | None
    """From this many on the training is paid for."""
    condition: str
    """What it depends on, in the user's own numbers."""
    days: Decimal | None
    """Until then, where the calls a day are known."""

    @property
    def pays(self) -> bool:
        """Whether a call becomes cheaper at all."""
        return self.saving_per_call > 0

    def cost_after(self, calls: int) -> tuple[Decimal, Decimal | None]:
        """US dollars after so many calls with the base model, and with the tuned one, its training included."""
        tuned = None if self.training_cost is None else self.training_cost + calls * self.tuned_per_call
        return calls * self.base_per_call, tuned


def break_even(base: ModelPrice, tuned: ModelPrice, usage: Usage, training: Training) -> BreakEven:
    """Compare calls to a base model with calls to a fine-tuned one, whose row holds its training price.

    Raises PriceNotKnownError where a row lacks the price of input or output.
    """
    call = usage.call
    with localcontext() as exact:
        exact.prec = _DIGITS
        paid = 1 - usage.batch_discount
        before_in = paid * reading_cost(call.prompt, base, usage.cached_share * call.prompt)
        after_in = paid * reading_cost(call.short_prompt, tuned, usage.cached_share * call.short_cachable)
        before_out = paid * writing_cost(call.completion, base)
        after_out = paid * writing_cost(call.tuned_answers, tuned)
        before, after = before_in + before_out, after_in + after_out
        saving = before - after
        cost = training_cost(training.tokens, training.epochs, tuned, training.hours)
        calls = ceil(Fraction(cost) * call.count / Fraction(saving)) if cost is not None and saving > 0 else None
        answers = Fraction(call.tuned_answers, call.completion) if call.completion else Fraction(1)
        dearer = answers * Fraction(writing_cost(1, tuned) * paid) - Fraction(writing_cost(1, base) * paid)
    balance = Balance(
        prompt=Fraction(call.prompt, call.count),
        short_prompt=Fraction(call.short_prompt, call.count),
        completion=Fraction(call.completion, call.count),
        input_saving=Fraction(before_in - after_in) / call.count,
        dearer_output=dearer,
        pays=saving > 0,
    )
    return BreakEven(
        base_per_call=before / call.count,
        tuned_per_call=after / call.count,
        saving_per_call=saving / call.count,
        training_cost=cost,
        calls=calls,
        condition=condition(base, tuned, balance, training_known=cost is not None),
        days=None if calls is None or usage.calls_a_day is None else calls / usage.calls_a_day,
    )


Rows = list[tuple[int, BreakEven]]


def over_prompts(base: ModelPrice, tuned: ModelPrice, usage: Usage, training: Training, prompts: Iterable[int]) -> Rows:
    """The break-even for other lengths of the long prompt, in tokens of a call; the short one stays."""
    calls = ((length, replace(usage.call, prompt=length * usage.call.count)) for length in prompts)
    return [(length, break_even(base, tuned, replace(usage, call=call), training)) for length, call in calls]


def over_answers(base: ModelPrice, tuned: ModelPrice, usage: Usage, training: Training, answers: Iterable[int]) -> Rows:
    """The break-even for other lengths of the answer, in tokens that are alike for both models."""
    plain = replace(usage.call, tuned_completion=None)
    calls = ((length, replace(plain, completion=length * plain.count)) for length in answers)
    return [(length, break_even(base, tuned, replace(usage, call=call), training)) for length, call in calls]


def over_epochs(base: ModelPrice, tuned: ModelPrice, usage: Usage, training: Training, epochs: Iterable[int]) -> Rows:
    """The break-even for other numbers of epochs."""
    return [(number, break_even(base, tuned, usage, replace(training, epochs=number))) for number in epochs]
