"""On what it depends whether a shorter prompt pays, as a sentence in the user's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from curator.analysis.prices import ModelPrice

_MOST_PLACES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a call gains and loses. Tokens are averages a call; money is US dollars, exact."""

    prompt: Fraction
    short_prompt: Fraction
    completion: Fraction
    input_saving: Fraction
    """What the shorter input saves a call; below 0 where it costs more."""
    dearer_output: Fraction
    """What a token of the answer costs more; below 0 where it costs less."""
    pays: bool


def condition(base: ModelPrice, tuned: ModelPrice, balance: Balance, *, training_known: bool) -> str:
    """When the prompt's shortening pays, or why it never does; and what is missing to say from which call on."""
    return " ".join([f"{_prompt(balance)} {_when(base, tuned, balance)}", *_missing(tuned, balance, training_known)])


def _when(base: ModelPrice, tuned: ModelPrice, balance: Balance) -> str:
    saved, dearer = balance.input_saving, balance.dearer_output
    if dearer > 0 and saved > 0:
        return f"pays only while answers stay under {_verdict(balance, saved / dearer)}"
    if dearer < 0 and saved <= 0:
        return f"pays only once answers are longer than {_verdict(balance, saved / dearer)}"
    if saved > 0:
        return "pays whatever the length of the answers."
    dearer_too = ", and its answers cost no less" if dearer >= 0 else ""
    return (
        f"never pays: {tuned.id} reads {_figure(balance.short_prompt)} tokens for no less than"
        f" {base.id} reads {_figure(balance.prompt)}{dearer_too}."
    )


def _verdict(balance: Balance, threshold: Fraction) -> str:
    """The threshold, and the user's own answers beside it."""
    own = balance.completion
    if own.denominator == 1:
        whole = ceil(threshold) if balance.dearer_output > 0 else floor(threshold)
        bound, yours = f"{whole:,}", f"{int(own):,}"
    else:
        bound, yours = _apart(threshold, own)
    return f"{bound} tokens; yours have {yours}{'.' if balance.pays else ', so it never pays.'}"


def _prompt(balance: Balance) -> str:
    long, short = _figure(balance.prompt), _figure(balance.short_prompt)
    if balance.prompt == balance.short_prompt:
        return f"A prompt of {long} tokens that stays as it is"
    return f"A prompt of {long} tokens {'cut' if balance.short_prompt < balance.prompt else 'grown'} to {short}"


def _missing(tuned: ModelPrice, balance: Balance, training_known: bool) -> list[str]:
    if training_known or not balance.pays:
        return []
    if tuned.training_unit == "hour":
        return ["The training price is by the hour; give --training-hours."]
    return [f"The training price of {tuned.id} is not known."]


def _apart(one: Fraction, other: Fraction) -> tuple[str, str]:
    """Two figures with as many decimals as it takes to tell them apart, one at least."""
    places = next((places for places in range(1, _MOST_PLACES) if round(one, places) != round(other, places)), 1)
    return _rounded(one, places), _rounded(other, places)


def _figure(amount: Fraction) -> str:
    return f"{int(amount):,}" if amount.denominator == 1 else _rounded(amount, 1)


def _rounded(amount: Fraction, places: int) -> str:
    """A figure from 0 on with so many decimals."""
    whole, rest = divmod(round(amount * 10**places), 10**places)
    return f"{whole:,}.{rest:0{places}}"
