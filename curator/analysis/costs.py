"""What training on a data set costs, in exact decimals."""

from decimal import Decimal

from curator.analysis.prices import ModelPrice

_TARGET_EPOCHS = 3
_MIN_TARGET_EXAMPLES = 100
_MAX_TARGET_EXAMPLES = 25_000
_MIN_DEFAULT_EPOCHS = 1
_MAX_DEFAULT_EPOCHS = 25

_MILLION = 1_000_000


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


def training_cost(billed_tokens: int, epochs: int, price: ModelPrice) -> Decimal | None:
    """US dollars for training: billed tokens of one epoch x epochs x the training price of a million tokens.

    None where the model has no training price, or is trained by the hour, which tokens do not tell. The price of a
    base model stands on its fine-tuned row: pass `PriceBook.training_row(model)`. The result is not rounded to cents.
    """
    if price.training is None or price.training_unit != "1M tokens":
        return None
    return billed_tokens * epochs * price.training / _MILLION
