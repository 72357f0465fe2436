"""The numbers of a break-even, taken from files: calls, the system prompt to be shortened, training tokens."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from curator.analysis.break_even import Call
from curator.analysis.costs import default_epochs
from curator.analysis.counting import counting_of
from curator.analysis.prices import ModelPrice
from curator.analysis.prompts_seen import PromptsSeen, SystemPrompt
from curator.cli.audit_run import in_worker, over_records
from curator.cli.edited_file import bring_edits
from curator.cli.opening import opened_session
from curator.cli.shapes import tell_shapes
from curator.cli.text_files import text_of, whole_text_of
from curator.errors import UsageError
from curator.session import Session
from curator.session.calls import (
    call_of,
    count_text,
    is_outside,
    prompt_in_data,
    prompt_outside,
    shortening_of,
    warnings_of,
    without_line_end,
)
from curator.session.costing import called
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
    """Go through the records twice: for their system prompts, and with the chosen one shortened.

    They are counted as they are now, with what their journals hold. Raises UsageError where there is no prompt to
    shorten, or no trained answer.
    """
    short = _short_prompt(arguments)
    with opened_session(arguments, replace(settings, model=DEFAULT_MODEL, edition="")) as session:
        tell_shapes(session)
        bring_edits(session)
        counting, other = counting_of(base), counting_of(tuned)
        before = over_records(session, partial(called, session, counting))
        prompts = before.prompts
        prompt = _long_prompt(arguments.prompt_file, prompts, session, base)
        asked = shortening_of(prompt, short)
        limit = settings.context_length or tuned.limit or 0
        after = over_records(session, partial(called, session, other, shortening=asked, limit=limit))
        if is_outside(prompt) and counting != other:
            before = over_records(session, partial(called, session, counting, shortening=asked))
    epochs = settings.epochs or default_epochs(after.examples)
    return Found(
        call=call_of(base, tuned, before, after),
        training_tokens=after.short_billed,
        epochs=epochs,
        prompt=prompt,
        warnings=tuple(warnings_of(prompts, prompt, after, epochs)),
    )


def _long_prompt(path: Path | None, prompts: PromptsSeen, session: Session, base: ModelPrice) -> SystemPrompt:
    """The system prompt of a text file, which may end in a line end of its own, or else the costliest of the data."""
    if path is None:
        ranked = prompts.ranked(1)
        if not ranked:
            raise UsageError(
                "No record begins with a system prompt, so there is none to shorten; give the one that you use with"
                " --prompt-file, or type the numbers instead."
            )
        return ranked[0]
    text = whole_text_of(path)
    found = prompt_in_data(prompts, text)
    if found is not None:
        return found
    bare = without_line_end(text)
    if not bare:
        raise UsageError(f"{path}: is empty; it has to hold the long system prompt.")
    spec = replace(session.spec(session.sources[0].opened), counting=counting_of(base), accelerate=False)
    return prompt_outside(bare, in_worker(session, partial(count_text, bare, spec)))


def _short_prompt(arguments: argparse.Namespace) -> str | int:
    if arguments.short_prompt_file is None:
        tokens: int = arguments.short_prompt
        return tokens
    return text_of(arguments.short_prompt_file)
