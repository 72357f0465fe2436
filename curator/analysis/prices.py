"""The price book: dated editions of what models cost and how much they read, one TOML file each."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Protocol

from curator.errors import UsageError

Status = Literal["active", "retired"]
TrainingUnit = Literal["1M tokens", "hour"]

_TUNED = "ft:"
_PRICE_FIELDS = ("input", "cached_input", "output", "training")
_LIST_FIELDS = ("aliases", "uncertain")


class UnknownModelError(UsageError):
    """No row of the price book, or of the edition asked for, has this id or alias."""


class UnknownEditionError(UsageError):
    """The price book has no edition of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """One model in one edition of the price book.

    `input`, `cached_input` and `output` are US dollars per million tokens, `training` is US dollars per
    `training_unit`; `context` and `longest_example` are tokens. None means that the figure is not known or that
    there is none. `base` is the id of the base model and set on fine-tuned rows only. `uncertain` names the fields
    whose figures were not confirmed by their source.
    """

    id: str
    edition: str
    encoding: str
    aliases: tuple[str, ...] = ()
    base: str | None = None
    input: Decimal | None = None
    cached_input: Decimal | None = None
    output: Decimal | None = None
    training: Decimal | None = None
    training_unit: TrainingUnit | None = None
    context: int | None = None
    longest_example: int | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    status: Status = "active"
    shutdown: date | None = None
    source: str | None = None
    checked_on: date | None = None
    uncertain: tuple[str, ...] = ()

    @property
    def limit(self) -> int | None:
        """Tokens that an example may have before it is cut: the longest example, else the context, else None."""
        return self.context if self.longest_example is None else self.longest_example

    @property
    def names(self) -> tuple[str, ...]:
        """The id and the aliases."""
        return (self.id, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The prices of one time; `currency` is an ISO 4217 code, `note` what a reader of these prices should know."""

    name: str
    title: str
    currency: str
    models: tuple[ModelPrice, ...]
    checked_on: date | None = None
    note: str | None = None

    def find(self, name: str) -> ModelPrice | None:
        """The row whose id or alias is exactly `name`, or None.

        The name of a trained model, `ft:base:organisation:suffix:id`, finds the fine-tuned row of its base model.
        """
        exact = self._exact(name)
        if exact is not None or not name.startswith(_TUNED):
            return exact
        base = self._exact(name.split(":")[1])
        return None if base is None else self.tuned(base)

    def tuned(self, model: ModelPrice) -> ModelPrice | None:
        """The fine-tuned row of a base model, or None; a fine-tuned row answers itself."""
        if model.base is not None:
            return model
        return next((row for row in self.models if row.base == model.id), None)

    def _exact(self, name: str) -> ModelPrice | None:
        return next((row for row in self.models if name in row.names), None)


class OtherPrices(Protocol):
    """Where the prices of models come from that no edition holds."""

    edition: Edition
    """What is said of them; it holds no models of its own."""

    def find(self, name: str) -> ModelPrice | None:
        """The row of a model, or None."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All editions, oldest to newest, and what to ask for models that none of them holds."""

    editions: tuple[Edition, ...]
    others: OtherPrices | None = None

    def edition(self, name: str) -> Edition:
        """The edition of this name; raises UnknownEditionError."""
        found = self.others.edition if self.others and name == self.others.edition.name else self._edition(name)
        if found is None:
            known = ", ".join(edition.name for edition in self.editions)
            raise UnknownEditionError(f"The price book has no edition {name!r}. Choose one of its editions: {known}.")
        return found

    def resolve(self, name: str, edition: str | None = None) -> ModelPrice:
        """The row for a model's id, alias or trained name, matched exactly.

        The newest edition that holds the name answers, or else the other prices; with `edition`, that one only.
        Raises UnknownModelError or UnknownEditionError, whose text names the nearest names.
        """
        if self.others and edition == self.others.edition.name and (other := self.others.find(name)):
            return other
        searched = tuple(reversed(self.editions)) if edition is None else (self.edition(edition),)
        for candidate in searched:
            model = candidate.find(name)
            if model is not None:
                return model
        if self.others and edition is None and (other := self.others.find(name)):
            return other
        raise UnknownModelError(self._unknown_model(name, searched, edition))

    def tuned(self, model: ModelPrice) -> ModelPrice | None:
        """The fine-tuned row of a base model in the same edition, or None; a fine-tuned row answers itself."""
        if model.base is not None:
            return model
        edition = self._edition(model.edition)
        return None if edition is None else edition.tuned(model)

    def training_row(self, model: ModelPrice) -> ModelPrice:
        """The model with the training price and the longest example of its fine-tuned row where it has none itself.

        Figures that the model has, overrides of the user included, stay as they are.
        """
        tuned = self.tuned(model)
        if tuned is None:
            return model
        changes: dict[str, Any] = {}
        if model.training is None:
            changes |= {"training": tuned.training, "training_unit": tuned.training_unit}
        if model.longest_example is None:
            changes |= {"longest_example": tuned.longest_example}
        uncertain = tuple(field for field in tuned.uncertain if field in changes and field not in model.uncertain)
        return replace(model, **changes, uncertain=model.uncertain + uncertain)

    def _edition(self, name: str) -> Edition | None:
        return next((edition for edition in self.editions if edition.name == name), None)

    def _unknown_model(self, name: str, searched: tuple[Edition, ...], edition: str | None) -> str:
        where = "The price book" if edition is None else f"Edition {edition} of the price book"
        text = f"{where} has no model {name!r}."
        holders = [other.name for other in reversed(self.editions) if other.find(name) is not None]
        if holders:
            text += f" Edition {holders[0]} has it: choose that edition, or another model."
        near = _nearest(name, searched)
        if near:
            return f"{text} Nearest names: {', '.join(near)}."
        choice = ", ".join(_base_ids(searched))
        return text if holders or not choice else f"{text} Choose one of: {choice}."


@cache
def load_price_book() -> PriceBook:
    """The price book that comes with the program, read once."""
    folder = files("curator.analysis") / "price_book"
    texts = (entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return PriceBook(tuple(sorted(map(_read_edition, texts), key=lambda edition: edition.name)))


def _read_edition(text: str) -> Edition:
    table = tomllib.loads(text, parse_float=Decimal)
    name = table.pop("edition")
    models = tuple(_read_model(name, row) for row in table.pop("models"))
    return Edition(name=name, models=models, **table)


def _read_model(edition: str, row: dict[str, Any]) -> ModelPrice:
    prices = {field: Decimal(row[field]) for field in _PRICE_FIELDS if field in row}
    lists = {field: tuple(row[field]) for field in _LIST_FIELDS if field in row}
    return ModelPrice(edition=edition, **(row | prices | lists))


def _nearest(name: str, editions: Iterable[Edition]) -> list[str]:
    """Up to three known names that look most like `name`; of a trained name only its base model counts."""
    wanted = ":".join(name.split(":")[:2]) if name.startswith(_TUNED) else name
    known = {
        known_name.casefold(): known_name for edition in editions for row in edition.models for known_name in row.names
    }
    return [known[folded] for folded in get_close_matches(wanted.casefold(), known)]


def _base_ids(editions: Iterable[Edition]) -> Iterator[str]:
    return (row.id for edition in editions for row in edition.models if row.base is None)
