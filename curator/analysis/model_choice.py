"""Which rows of the price book a comparison takes, and what to know of them."""

from __future__ import annotations

from collections.abc import Sequence

from curator.analysis.price_overrides import split_name
from curator.analysis.prices import ModelPrice, PriceBook
from curator.errors import UsageError


def resolve_together(book: PriceBook, names: Sequence[str], edition: str = "") -> list[ModelPrice]:
    """The rows of some models, in order, all from one edition: the newest that holds them all, or the one asked for.

    A name with an edition behind it, `gpt-4@2023-08`, and a model that no edition holds go by themselves.
    Raises UnknownModelError, UnknownEditionError, or UsageError where no edition holds all.
    """
    alone = {name: book.resolve(*split_name(name)) for name in names if split_name(name)[1]}
    rest = [name for name in names if name not in alone]
    if edition:
        return [alone.get(name) or book.resolve(name, edition) for name in names]
    alone |= {name: row for name in rest if _is_other(book, row := book.resolve(name))}
    rest = [name for name in rest if name not in alone]
    for one in reversed(book.editions):
        rows = {name: held for name in rest if (held := one.find(name))}
        if len(rows) == len(set(rest)):
            return [(alone | rows)[name] for name in names]
    where = ", ".join(f"{name} is in {book.resolve(name).edition}" for name in dict.fromkeys(rest))
    raise UsageError(f"No edition of the price book holds all of them: {where}. Say which with NAME@EDITION.")


def _is_other(book: PriceBook, row: ModelPrice) -> bool:
    return book.others is not None and row.edition == book.others.edition.name


def tuned_row(book: PriceBook, model: ModelPrice) -> ModelPrice:
    """The fine-tuned row of a base model; a fine-tuned row answers itself. Raises UsageError where there is none."""
    tuned = book.tuned(model)
    if tuned is None:
        known = [row.base for row in book.edition(model.edition).models if row.base]
        hint = f" Those that can: {', '.join(known)}." if known else ""
        raise UsageError(f"{model.id} cannot be fine-tuned, by edition {model.edition}.{hint}")
    return tuned


def notes_on(model: ModelPrice, *, own_tokenizer: bool = False) -> list[str]:
    """What to know of a row before its figures are relied on, a sentence each."""
    notes = []
    if model.status == "retired":
        notes.append(f"{model.id} is retired; its figures are by the prices of edition {model.edition}.")
    if "encoding" in model.uncertain and not own_tokenizer:
        notes.append(f"The encoding of {model.id} is not known; its tokens are estimated by {model.encoding}.")
    return notes


def also_called(model: ModelPrice) -> str:
    """The other names of a model, as a sentence; empty where there are none."""
    return f"{model.id} is also called {', '.join(model.aliases)}." if model.aliases else ""


def origin_of(model: ModelPrice) -> str:
    """From when and where the figures of a model are; empty where nothing of that is known."""
    since = f"in force since {model.effective_from}" if model.effective_from else ""
    until = f"until {model.effective_to}" if model.effective_to else ""
    facts = [
        " ".join(filter(None, (since, until))),
        f"shut down on {model.shutdown}" if model.shutdown else "",
        f"checked on {model.checked_on}" if model.checked_on else "",
        f"source: {model.source}" if model.source else "",
    ]
    return "; ".join(filter(None, facts))
