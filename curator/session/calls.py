"""How the data say that a model is called, with a long system prompt and with a short one in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curator.analysis.counting import counting_of
from curator.analysis.prompts_seen import PromptsSeen, SystemPrompt, prompt_key
from curator.analysis.recitation import recitation_warning

if TYPE_CHECKING:
    from curator.analysis.break_even import Call
    from curator.analysis.prices import ModelPrice
    from curator.analysis.report import AuditSpec
    from curator.analysis.scenario import Scenario, Shortening


def without_line_end(text: str) -> str:
    """A text as it stands in a file, without the line end that closes it."""
    return text.removesuffix("\n").removesuffix("\r")


def prompt_in_data(prompts: PromptsSeen, text: str) -> SystemPrompt | None:
    """The system prompt of the data that is a text to the letter, but for a line end at its end; else None."""
    return prompts.find(prompt_key(text)) or prompts.find(prompt_key(without_line_end(text)))


def prompt_outside(text: str, tokens: int) -> SystemPrompt:
    """A system prompt that no record begins with."""
    bare = without_line_end(text)
    return SystemPrompt(prompt_key(bare), tokens, records=0, calls=0, characters=len(bare), text=bare)


def is_outside(prompt: SystemPrompt) -> bool:
    """Whether no record begins with a prompt, so that it is taken to stand before every call."""
    return not prompt.records


def shortening_of(prompt: SystemPrompt, short: str | int) -> Shortening:
    """The long prompt with what is put in its place, a text or a number of tokens."""
    from curator.analysis.scenario import Shortening

    return Shortening(prompt.key, short, prompt.text if is_outside(prompt) else "")


def call_of(base: ModelPrice, tuned: ModelPrice, before: Scenario, after: Scenario) -> Call:
    """A call before and after; `before` is by the base model's encoding, `after` by the tuned one's.

    Raises UsageError where the data hold no trained answer.
    """
    return after.call() if counting_of(base) == counting_of(tuned) else before.call(after)


def warnings_of(prompts: PromptsSeen, prompt: SystemPrompt | None, after: Scenario, epochs: int) -> list[str]:
    """What to know before the figures are relied on, a sentence each."""
    others = after.examples - after.shortened
    found = [recitation_warning(epochs, after.answers.most)]
    if prompt is not None and is_outside(prompt):
        found.append(
            "No record begins with this system prompt: it is taken to stand before every call, in place of the"
            " record's own."
        )
    elif prompt is not None and others:
        one = others == 1
        found.append(
            f"{others:,} of {after.examples:,} records {'has' if one else 'have'} another system prompt, or none,"
            f" and {'stays as it is' if one else 'stay as they are'}."
        )
    if not prompts.complete:
        found.append("There are more distinct system prompts than are told apart; counts of each may be too low.")
    return [one for one in found if one]


def count_text(text: str, spec: AuditSpec) -> int:
    """Tokens of a text. Runs in a worker, which is where the vocabulary is loaded."""
    from curator.analysis.analyst import analyst_for

    return analyst_for(spec).count(text)
