"""curator break-even: whether a shorter prompt pays for the fine-tuning, and from how many calls on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from curator.analysis.break_even import BreakEven, Call, Training, Usage, break_even
from curator.analysis.model_choice import notes_on, resolve_together, tuned_row
from curator.analysis.price_overrides import priced_book
from curator.analysis.prices import ModelPrice, PriceBook
from curator.analysis.prompts_seen import SystemPrompt
from curator.cli import options, output
from curator.cli.exit_codes import Exit
from curator.cli.usage_in_data import Found, usage_in_data
from curator.errors import UsageError
from curator.session import a_call, dollars
from curator.settings import Settings

HELP = "whether a shorter prompt pays for the fine-tuning, and when"
NUMBERS = ("prompt", "short_prompt", "completion", "training_tokens")
"""What is typed where no file tells it."""
OF_A_FILE = ("prompt_file", "short_prompt_file")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator break-even`."""
    whole = options.whole
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="take the numbers from these: each trained answer is a call"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    models = parser.add_argument_group("models")
    models.add_argument("--base", metavar="NAME", help="the model that is called now (default: the model in settings)")
    models.add_argument(
        "--tuned", metavar="NAME", help="the one to fine-tune, by its own name or as ft:NAME (default: the same)"
    )
    models.add_argument("--edition", metavar="NAME", help="edition of the price book, such as 2026 or 2023-08")
    models.add_argument("--epochs", type=options.positive, metavar="N", help="training epochs (from data: a default)")
    options.add_price(models)
    call = parser.add_argument_group("a call, in tokens")
    call.add_argument("--prompt", type=whole, metavar="N", help="the whole input: system prompt, history, question")
    call.add_argument(
        "--short-prompt", type=whole, metavar="N", help="the same when shortened; with FILE, of the system prompt alone"
    )
    call.add_argument("--completion", type=whole, metavar="N", help="the answer")
    call.add_argument("--training-tokens", type=whole, metavar="N", help="of one epoch, with the short prompt in place")
    call.add_argument("--calls-a-day", type=options.amount, metavar="X", help="to say how many days it takes")
    texts = parser.add_argument_group("with FILE")
    texts.add_argument(
        "--prompt-file", type=Path, metavar="TEXT", help="the long system prompt (default: the costliest)"
    )
    texts.add_argument("--short-prompt-file", type=Path, metavar="TEXT", help="the short one, to be counted")
    options.add_terms(parser)
    options.add_reading(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write when it pays; that it never does is an answer too, and no fault."""
    _refuse_mixtures(arguments)
    settings = options.settings_of(arguments)
    book = priced_book(settings.prices)
    base, tuned = _models(arguments, settings, book)
    found = usage_in_data(arguments, settings, base, tuned) if arguments.files else _typed(arguments, settings)
    usage = Usage(found.call, arguments.cached_share, arguments.batch_discount, arguments.calls_a_day)
    training = Training(found.training_tokens, found.epochs, arguments.training_hours)
    answer = break_even(base, tuned, usage, training)
    if arguments.json:
        output.data(json.dumps(_as_object(base, tuned, found, answer), indent=2))
    else:
        _write(base, tuned, found, answer)
    for note in dict.fromkeys([*notes_on(base), *notes_on(tuned), *found.warnings]):
        output.talk(note)
    return Exit.CLEAN


def _refuse_mixtures(arguments: argparse.Namespace) -> None:
    """Numbers come from the command line or from files, not from both."""
    if arguments.files:
        typed = [one for one in NUMBERS if one != "short_prompt" and getattr(arguments, one) is not None]
        if typed:
            raise UsageError(f"{_option(typed[0])} is taken from FILE; leave it out, or leave out FILE.")
        if (arguments.short_prompt is None) == (arguments.short_prompt_file is None):
            raise UsageError(
                "With FILE, say how long the short system prompt is: --short-prompt N, or --short-prompt-file TEXT."
            )
        return
    for name in OF_A_FILE:
        if getattr(arguments, name) is not None:
            raise UsageError(f"{_option(name)} goes with FILE, whose system prompts it is about.")
    missing = [_option(one) for one in NUMBERS if getattr(arguments, one) is None]
    if missing:
        raise UsageError(f"Give {', '.join(missing)}; or FILE, to take the numbers from the data.")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _models(arguments: argparse.Namespace, settings: Settings, book: PriceBook) -> tuple[ModelPrice, ModelPrice]:
    base_name = arguments.base or settings.model
    base, tuned = resolve_together(book, [base_name, arguments.tuned or base_name], settings.edition)
    return base, tuned_row(book, tuned)


def _typed(arguments: argparse.Namespace, settings: Settings) -> Found:
    if not settings.epochs:
        raise UsageError("Give --epochs; a default follows only from FILE, by its number of examples.")
    call = Call(prompt=arguments.prompt, short_prompt=arguments.short_prompt, completion=arguments.completion)
    return Found(call, arguments.training_tokens, settings.epochs)


def _as_object(base: ModelPrice, tuned: ModelPrice, found: Found, answer: BreakEven) -> dict[str, Any]:
    money = {
        "base_per_call": answer.base_per_call,
        "tuned_per_call": answer.tuned_per_call,
        "saving_per_call": answer.saving_per_call,
        "training_cost": answer.training_cost,
    }
    return {
        **{name: None if amount is None else format(amount, "f") for name, amount in money.items()},
        "calls": answer.calls,
        "condition": answer.condition,
        "days": None if answer.days is None else format(answer.days, "f"),
        "base": base.id,
        "tuned": tuned.id,
        "edition": tuned.edition,
        "epochs": found.epochs,
        "training_tokens": found.training_tokens,
        "calls_in_data": found.call.count if found.prompt else None,
        "prompt_tokens": found.call.prompt,
        "short_prompt_tokens": found.call.short_prompt,
        "completion_tokens": found.call.completion,
        "long_prompt": _prompt_object(found.prompt) if found.prompt else None,
        "warnings": [*notes_on(base), *notes_on(tuned), *found.warnings],
    }


def _prompt_object(prompt: SystemPrompt) -> dict[str, Any]:
    return {"tokens": prompt.tokens, "records": prompt.records, "calls": prompt.calls, "text": prompt.text}


def _write(base: ModelPrice, tuned: ModelPrice, found: Found, answer: BreakEven) -> None:
    rows = [
        ("base", f"{a_call(answer.base_per_call)} a call ({base.id}, edition {base.edition})"),
        ("tuned", f"{a_call(answer.tuned_per_call)} a call ({tuned.id}, edition {tuned.edition})"),
        ("saving", f"{a_call(answer.saving_per_call)} a call"),
        ("training", f"{dollars(answer.training_cost)} ({found.training_tokens:,} tokens, epochs: {found.epochs:,})"),
        ("break-even", _break_even(answer)),
    ]
    if found.prompt:
        first = output.printable(found.prompt.text[:60])
        rows.insert(0, ("prompt", f"{found.prompt.tokens:,} tokens in {found.prompt.records:,} records: {first}"))
        rows.insert(1, ("calls", f"{found.call.count:,} trained answers in the data"))
    output.pairs(rows)
    output.data(answer.condition)


def _break_even(answer: BreakEven) -> str:
    if answer.calls is None:
        return "not known" if answer.pays else "never"
    days = "" if answer.days is None else f", {round(answer.days, 1):,} days"
    return f"{answer.calls:,} calls{days}"
