"""What a short system prompt would do, in figures and sentences that the screen and the headless command share."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from curator.analysis.break_even import BreakEven, Training, Usage, break_even
from curator.analysis.costs import PriceNotKnownError, default_epochs, training_cost
from curator.records.prompt_template import names_in
from curator.records.short_prompt import Stay
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.values import a_call, dollars

if TYPE_CHECKING:
    from curator.session.shortening import Preview

Row = tuple[str, str, str]
"""What a figure is, and the figure before and after."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a preview in money."""

    epochs: int
    training: tuple[Decimal | None, Decimal | None]
    """US dollars before and after, not rounded; None where the model's training price is not one by tokens."""
    calls: BreakEven | None
    """A call as now and of the tuned model with the short prompt; None where the data or the prices do not tell."""


def figures_of(session: Session, preview: Preview, selection: Selection | None = None) -> Figures:
    """The money of a preview with the session's model; of some records, for the epochs that all are trained."""
    sums, model = preview.sums, session.model
    examples = sums.examples if selection is None else session.totals.examples
    epochs = session.settings.epochs or default_epochs(examples)
    before, after = (training_cost(tokens, epochs, model) for tokens in (sums.billed, sums.short_billed))
    return Figures(epochs, (before, after), _calls(session, preview, epochs))


def _calls(session: Session, preview: Preview, epochs: int) -> BreakEven | None:
    sums, tuned = preview.sums, session.book.tuned(session.model)
    if tuned is None or not sums.calls or not preview.changed:
        return None
    try:
        return break_even(session.model, tuned, Usage(sums.call()), Training(sums.short_billed, epochs))
    except PriceNotKnownError:
        return None


def told_of(session: Session, preview: Preview, figures: Figures) -> list[str]:
    """All that is told of a preview, line by line: what changes, the figures before and after, and what stays."""
    if not preview.changed:
        return [_headline(preview), *_stay_lines(preview)]
    table = _table(_rows(session, preview, figures))
    return [_headline(preview), *table, *_about_calls(session, figures), *_stay_lines(preview)]


def _rows(session: Session, preview: Preview, figures: Figures) -> list[Row]:
    """The figures before and after, of all records that were looked at."""
    sums, turns, limit = preview.sums, preview.turns, session.limit
    found = [
        ("tokens", f"{sums.tokens:,}", f"{sums.short_tokens:,}"),
        (f"training, {figures.epochs:,} epochs", dollars(figures.training[0]), dollars(figures.training[1])),
    ]
    if figures.calls is not None:
        calls = figures.calls
        found.append(("a call, on average", a_call(calls.base_per_call), a_call(calls.tuned_per_call)))
    if limit and turns.turns:
        found.append((f"turns that fit, of {turns.turns:,}", f"{turns.fit:,}", f"{turns.short_fit:,}"))
    if limit and (room := turns.room(limit)):
        found.append((f"room for turns in {limit:,}", f"{room[0]:,}", f"{room[1]:,}"))
    return found


def _about_calls(session: Session, figures: Figures) -> list[str]:
    """Which models a call before and after is one to, and from which call on the training is paid for."""
    calls, tuned = figures.calls, session.book.tuned(session.model)
    if calls is None or tuned is None:
        return []
    outcome = "it never pays" if not calls.pays else "when it pays is not known"
    if calls.calls is not None:
        outcome = f"the training is paid for from {calls.calls:,} calls on"
    return [f"A call is one to {session.model.id} before and to {tuned.id} after; {outcome}."]


def _stay_lines(preview: Preview) -> list[str]:
    """Which records stay as they are, and why."""
    names = ", ".join(f"{{{name}}}" for name in names_in(preview.prompt.short))
    return [
        f"{count:,} stay{'s as it is' if count == 1 else ' as they are'}: {reason}"
        f"{f' ({names})' if reason == Stay.LACKS else ''}."
        for reason, count in preview.stay.most_common()
    ]


def _headline(preview: Preview) -> str:
    """How many records change, and in what way."""
    changed, looked = preview.changed, preview.sums.examples
    if not changed:
        return f"No record changes: {_records(looked)} stay as they are."
    done = "give way to the short one" if preview.prompt.short else "are removed"
    if changed == 1:
        done = "gives way to the short one" if preview.prompt.short else "is removed"
    return (
        f"{changed:,} of {_records(looked)}: {'its system prompt' if changed == 1 else 'their system prompts'} {done}."
    )


def _table(found: list[Row]) -> list[str]:
    """Rows as aligned lines."""
    whole = [("", "before", "after"), *found]
    name, before, after = (max(len(row[column]) for row in whole) for column in range(3))
    return [f"{one:<{name}}  {two:>{before}}  {three:>{after}}" for one, two, three in whole]


def title_of(preview: Preview) -> str:
    """How the change is called in the history."""
    what = "remove" if not preview.prompt.short else "shorten"
    return f"{what} the system prompt in {_records(preview.changed)}"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
