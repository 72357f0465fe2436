"""Inference prices of all other models, from the library genai-prices where it is installed; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from curator.analysis.prices import Edition, ModelPrice

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

EDITION = Edition(
    name="genai-prices",
    title="Other models, as of today",
    currency="USD",
    models=(),
    note="From the library genai-prices: prices of inference only, in their lowest tier where they have several.",
)
ENCODINGS = {
    "o200k_base": ("gpt-4o", "gpt-4.1", "gpt-5", "o1", "o3", "o4"),
    "cl100k_base": ("gpt-3.5", "gpt-4", "babbage-002", "davinci-002"),
    "p50k_base": ("text-davinci-003",),
}
"""Beginnings of the names of OpenAI's models."""
SUPPOSED_ENCODING = "o200k_base"
"""By which the tokens of models are estimated whose own encoding is not known."""


class GenaiPrices:
    """The models of genai-prices, which is imported when it is asked for the first time."""

    edition = EDITION

    @property
    def installed(self) -> bool:
        """Whether the library is there to be asked."""
        return find_spec("genai_prices") is not None

    def find(self, name: str) -> ModelPrice | None:
        """The row of a model by its whole name, or `PROVIDER/NAME`; None where there is none.

        The library itself takes beginnings of names too, which would price a model as its namesake.
        """
        if not self.installed:
            return None
        from genai_prices.data_snapshot import get_snapshot

        snapshot = get_snapshot()
        if found := _exact(snapshot.providers, name):
            return _row(*found, name)
        try:
            provider = snapshot.find_provider(name, None, None)
        except LookupError:
            providers = snapshot.providers
        else:
            providers = [provider, *snapshot.providers]
        found = next(((one, model) for one in providers for model in one.models if _is_named(model, name)), None)
        return _row(*found, name) if found else None

    def all(self) -> Iterator[ModelPrice]:
        """All models whose text has a price, by provider; ids are `PROVIDER/NAME`."""
        from genai_prices.data_snapshot import get_snapshot

        for provider in get_snapshot().providers:
            for model in provider.models:
                row = _row(provider, model, f"{provider.id}/{model.id}")
                if row is not None:
                    yield row


def _exact(providers: list[Provider], name: str) -> tuple[Provider, ModelInfo] | None:
    """The model that `PROVIDER/NAME` is."""
    provider_id, slash, own_name = name.partition("/")
    provider = next((one for one in providers if slash and one.id == provider_id), None)
    model = next((one for one in provider.models if _is_named(one, own_name)), None) if provider else None
    return (provider, model) if provider and model else None


def _is_named(model: ModelInfo, name: str) -> bool:
    return model.id == name or name in _whole_names(model.match)


def _whole_names(clause: Any) -> Iterator[str]:
    """The names that a clause accepts as a whole."""
    if isinstance(equals := getattr(clause, "equals", None), str):
        yield equals
    for one in getattr(clause, "or_", ()):
        yield from _whole_names(one)


def _row(provider: Provider, model: ModelInfo, name: str) -> ModelPrice | None:
    prices = model.get_prices(datetime.now(UTC))
    read, written = _amount(prices.input_mtok), _amount(prices.output_mtok)
    if read is None or written is None:
        return None
    encoding = _encoding(provider.id, model.id)
    return ModelPrice(
        id=name,
        edition=EDITION.name,
        encoding=encoding or SUPPOSED_ENCODING,
        input=read,
        cached_input=_amount(prices.cache_read_mtok),
        output=written,
        context=model.context_window,
        status="retired" if model.deprecated else "active",
        source=f"genai-prices, {provider.name}",
        uncertain=() if encoding else ("encoding",),
    )


def _amount(price: Any) -> Decimal | None:
    """A price as it is up to the first tier."""
    amount = getattr(price, "base", price)
    return amount if isinstance(amount, Decimal) else None


def _encoding(provider: str, model: str) -> str | None:
    """The encoding of a model of OpenAI's; None where it is not known."""
    if provider not in ("openai", "azure"):
        return None
    known = ((name, encoding) for encoding, names in ENCODINGS.items() for name in names)
    return next((encoding for name, encoding in known if model.startswith(name)), None)
