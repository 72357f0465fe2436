"""Chooses the model, with what each would mean for what is open."""

from __future__ import annotations

from typing import NamedTuple

from curator.analysis.prices import ModelPrice
from curator.session import Session
from curator.tui.screens.choose import Choose


class Choice(NamedTuple):
    """A model of an edition of the price book."""

    name: str
    edition: str


class ChooseModel(Choose[Choice]):
    """All base models of all editions, the newest edition first."""

    def __init__(self, session: Session) -> None:
        models = [
            session.book.training_row(model)
            for edition in reversed(session.book.editions)
            for model in edition.models
            if model.base is None
        ]
        answers = [Choice(model.id, model.edition) for model in models]
        current = Choice(session.model.id, session.model.edition)
        super().__init__(
            columns("model", "edition", "longest", "training, $/M", ""),
            [line(model) for model in models],
            answers,
            answers.index(current) if current in answers else 0,
        )


def line(model: ModelPrice) -> str:
    """What matters of a model, in columns."""
    limit = f"{model.limit:,}" if model.limit else "-"
    hourly = " an hour" if model.training_unit == "hour" else ""
    price = f"{model.training:,.2f}{hourly}" if model.training is not None else "-"
    return columns(model.id, model.edition, limit, price, model.status)


def columns(name: str, edition: str, limit: str, price: str, status: str) -> str:
    """The cells of a line, aligned."""
    return f"{name:<24}{edition:<8}{limit:>7}{price:>15}  {status:<7}"
