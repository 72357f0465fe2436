"""What `curator shorten` tells: the system prompts of a file, and what a short one would do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from curator.analysis.prompts_alike import alike
from curator.analysis.prompts_seen import PromptsSeen
from curator.cli import output
from curator.records.dialects import Dialect
from curator.records.dialects.prompt_completion import PromptCompletion
from curator.records.short_prompt import Stay
from curator.session import Session
from curator.session.shortening import Preview, samples
from curator.session.shortening_figures import figures_of, told_of

SHOWN_PROMPTS = 20
PROMPT_CHARACTERS = 60
SAMPLE_CHARACTERS = 200


def list_prompts(seen: PromptsSeen, dialect: Dialect) -> None:
    """The costliest prompts, and which of them begin alike; `dialect` is what the file was taken for."""
    ranked = seen.ranked()
    if not ranked:
        why = f"; {dialect.title} has no system prompts" if isinstance(dialect, PromptCompletion) else ""
        output.talk(f"No record begins with a system prompt{why}.")
        return
    header = ("number", "tokens", "records", "together", "prompt")
    table_rows = [
        (f"{number:,}", f"{one.tokens:,}", f"{one.records:,}", f"{one.all_tokens:,}", _cut(one.text))
        for number, one in enumerate(ranked[:SHOWN_PROMPTS], 1)
    ]
    output.table(header, table_rows, right=frozenset({0, 1, 2, 3}))
    if len(seen) > SHOWN_PROMPTS:
        output.talk(f"and {len(seen) - SHOWN_PROMPTS:,} more, each of which costs less.")
    for group in alike(ranked):
        begun = f"begin alike up to character {len(group.beginning):,}: {_cut(group.beginning)}"
        own = ranked[0].text.startswith(group.beginning)
        hint = f" (--prefix {len(group.beginning)})" if own else ""
        output.data(f"{group.prompts:,} prompts in {group.records:,} records {begun}{hint}")
    if not seen.complete:
        output.talk("There are more distinct system prompts than are told apart; counts of each may be too low.")


def prompts_as_object(seen: PromptsSeen) -> dict[str, Any]:
    """The same for programs."""
    ranked = seen.ranked()
    return {
        "prompts": [
            {
                "tokens": one.tokens,
                "records": one.records,
                "calls": one.calls,
                "characters": one.characters,
                "text": one.text,
            }
            for one in ranked
        ],
        "alike": [
            {"prompts": one.prompts, "records": one.records, "tokens": one.tokens, "beginning": one.beginning}
            for one in alike(ranked)
        ],
        "distinct": len(seen),
        "complete": seen.complete,
    }


def tell(session: Session, found: Preview, say: Callable[[str], object]) -> None:
    """What the short prompt would do, or does: how many records, and the figures before and after."""
    for line in told_of(session, found, figures_of(session, found)):
        say(line)


def show_samples(session: Session, found: Preview) -> None:
    """The system prompts of some records that change."""
    for one in samples(session, found):
        output.data(f"record {session.listing.number_of(one.source, one.record):,}")
        output.data(f"- {_cut(one.before, SAMPLE_CHARACTERS)}")
        if one.after:
            output.data(f"+ {_cut(one.after, SAMPLE_CHARACTERS)}")


def told_as_object(session: Session, found: Preview) -> dict[str, Any]:
    """The same for programs; money is exact, as text."""
    figures, sums, turns = figures_of(session, found), found.sums, found.turns
    calls = figures.calls
    room = turns.room(session.limit) if session.limit else None
    return {
        "records": sums.examples,
        "changed": found.changed,
        "stay": {Stay(reason).name.lower(): count for reason, count in found.stay.most_common()},
        "tokens": _both(sums.tokens, sums.short_tokens),
        "billed_tokens": _both(sums.billed, sums.short_billed),
        "epochs": figures.epochs,
        "training_cost": _both(*map(_exact, figures.training)),
        "cost_of_a_call": calls and _both(_exact(calls.base_per_call), _exact(calls.tuned_per_call)),
        "break_even_calls": calls and calls.calls,
        "turns": turns.turns,
        "turns_that_fit": _both(turns.fit, turns.short_fit),
        "room_for_turns": room and _both(*room),
        "context": session.limit or None,
        "model": session.model.id,
        "edition": session.model.edition,
        "samples": [
            {
                "record": session.listing.number_of(one.source, one.record),
                "before": one.before,
                "after": one.after,
            }
            for one in samples(session, found)
        ],
    }


def _both(before: object, after: object) -> dict[str, object]:
    return {"before": before, "after": after}


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def _cut(text: str, most: int = PROMPT_CHARACTERS) -> str:
    """The beginning of a text on one line, and how much more there is."""
    shown = output.printable(text[:most])
    return shown if len(text) <= most else f"{shown} … and {len(text) - most:,} more characters"
