"""What training on a data set costs, and what calls to a model do, in exact decimals."""

from __future__ import annotations

from decimal import Decimal

from curator.analysis.prices import ModelPrice
from curator.errors import UsageError

_TARGET_EPOCHS = 3
_MIN_TARGET_EXAMPLES = 100
_MAX_TARGET_EXAMPLES = 25_000
_MIN_DEFAULT_EPOCHS = 1
_MAX_DEFAULT_EPOCHS = 25

MILLION = 1_000_000


class PriceNotKnownError(UsageError):
    """A price that is needed stands neither in the price book nor in the user's own prices."""


def default_epochs(examples: int) -> int:
    """The epochs that OpenAI's service chooses for a number of examples: 3, more for few and fewer for many.

    The rule is that of the OpenAI cookbook's "Data preparation and analysis for chat model fine-tuning", which
    divides by zero without examples; here none get what a single one gets, 25. Raises ValueError below 0.
    """
    if examples < 0:
        raise ValueError(f"the number of examples cannot be negative: {examples}")
    if examples == 0:
        return _MAX_DEFAULT_EPOCHS
    if examples * _TARGET_EPOCHS < _MIN_TARGET_EXAMPLES:
        return min(_MAX_DEFAULT_EPOCHS, _MIN_TARGET_EXAMPLES // examples)
    if examples * _TARGET_EPOCHS > _MAX_TARGET_EXAMPLES:
        return max(_MIN_DEFAULT_EPOCHS, _MAX_TARGET_EXAMPLES // examples)
    return _TARGET_EPOCHS


def billed_tokens(tokens: int, limit: int | None) -> int:
    """The tokens of one example that are billed in one epoch: those up to the limit, all where none is known.

    So the same notebook counts; assistant messages of weight 0 are billed like any other.
    """
    return tokens if limit is None else min(limit, tokens)


def training_cost(billed_tokens: int, epochs: int, price: ModelPrice, hours: Decimal | None = None) -> Decimal | None:
    """US dollars for training: billed tokens of one epoch x epochs x the training price of a million tokens.

    A model that is trained by the hour costs its `hours`, all epochs together, x the price of one. None where the model
    has no training price, or the hours are not known. The price of a base model stands on its fine-tuned row: pass
    `PriceBook.training_row(model)`. The result is not rounded to cents.
    """
    if price.training is None:
        return None
    if price.training_unit == "hour":
        return None if hours is None else hours * price.training
    return billed_tokens * epochs * price.training / MILLION


def reading_cost(tokens: int, price: ModelPrice, cached: Decimal = Decimal(0)) -> Decimal:
    """US dollars for the input of calls, of which `cached` tokens come from the cache.

    Models without a cached price are paid in full. Raises PriceNotKnownError.
    """
    full = _known(price.input, "input", price)
    kept = full if price.cached_input is None else price.cached_input
    return ((tokens - cached) * full + cached * kept) / MILLION


def writing_cost(tokens: int, price: ModelPrice) -> Decimal:
    """US dollars for the output of calls. Raises PriceNotKnownError."""
    return tokens * _known(price.output, "output", price) / MILLION


def _known(amount: Decimal | None, what: str, price: ModelPrice) -> Decimal:
    if amount is None:
        raise PriceNotKnownError(f"{price.id} has no {what} price in edition {price.edition}; set your own.")
    return amount
