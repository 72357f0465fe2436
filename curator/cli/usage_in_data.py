"""The numbers of a break-even, taken from files: calls, the system prompt to be shortened, training tokens."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from curator.analysis.break_even import Call
from curator.analysis.costs import default_epochs
from curator.analysis.counting import counting_of
from curator.analysis.prices import ModelPrice
from curator.analysis.prompts_seen import PromptsSeen, SystemPrompt, prompt_key
from curator.analysis.recitation import recitation_warning
from curator.analysis.scenario import Scenario, Shortening
from curator.cli.audit_run import scenario
from curator.cli.edited_file import tell_unsaved
from curator.cli.shapes import tell_shapes
from curator.cli.text_files import text_of, whole_text_of
from curator.errors import UsageError
from curator.session import Session
from curator.settings import DEFAULT_MODEL, Settings


@dataclass(frozen=True, slots=True)
class Found:
    """What a break-even is worked out from."""

    call: Call
    training_tokens: int
    """Billed tokens of one epoch, with the short prompt in place."""
    epochs: int
    prompt: SystemPrompt | None = None
    """The system prompt that is shortened, by the base model's encoding; None where numbers were typed."""
    warnings: tuple[str, ...] = ()


def usage_in_data(arguments: argparse.Namespace, settings: Settings, base: ModelPrice, tuned: ModelPrice) -> Found:
    """Read the files twice: for their system prompts, and with the chosen one shortened.

    Raises UsageError where they hold no such prompt, or no trained answer.
    """
    session = Session(arguments.files, replace(settings, model=DEFAULT_MODEL, edition=""))
    try:
        session.model = base
        tell_shapes(session)
        before = scenario(session)
        prompt = _long_prompt(arguments.prompt_file, before.prompts)
        session.model = tuned
        shortening = Shortening(prompt.key, _short_prompt(arguments))
        after = scenario(session, settings.context_length or tuned.limit or 0, shortening)
        tell_unsaved(session)
    finally:
        session.close()
    alike = counting_of(base) == counting_of(tuned)
    epochs = settings.epochs or default_epochs(after.examples)
    return Found(
        call=after.call() if alike else before.call(after),
        training_tokens=after.short_billed,
        epochs=epochs,
        prompt=prompt,
        warnings=tuple(_warnings(before, after, epochs)),
    )


def _warnings(before: Scenario, after: Scenario, epochs: int) -> list[str]:
    recited = recitation_warning(epochs, after.answers.most)
    others = after.examples - after.shortened
    one = others == 1
    kept = (
        f"{others:,} of {after.examples:,} records {'has' if one else 'have'} another system prompt, or none,"
        f" and {'stays as it is' if one else 'stay as they are'}."
    )
    partial = "There are more distinct system prompts than are told apart; counts of each may be too low."
    return [
        *([recited] if recited else []),
        *([kept] if others else []),
        *([] if before.prompts.complete else [partial]),
    ]


def _long_prompt(path: Path | None, prompts: PromptsSeen) -> SystemPrompt:
    """The system prompt of a text file, which may end in a line end of its own, or else the costliest."""
    if path is None:
        ranked = prompts.ranked(1)
        if not ranked:
            raise UsageError(
                "No record begins with a system prompt, so there is none to shorten; type the numbers instead."
            )
        return ranked[0]
    found = prompts.find(prompt_key(whole_text_of(path))) or prompts.find(prompt_key(text_of(path)))
    if found is None:
        raise UsageError(f"{path}: no record begins with this system prompt; it has to be the same to the letter.")
    return found


def _short_prompt(arguments: argparse.Namespace) -> str | int:
    if arguments.short_prompt_file is None:
        tokens: int = arguments.short_prompt
        return tokens
    return text_of(arguments.short_prompt_file)
