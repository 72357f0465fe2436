"""The trainers that data are made for: what each takes, how it judges, what it learns from, and who says so.

Checked against the pages named in `sources` in November 2026. What is not published is left open, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from curator.analysis.findings import Severity
from curator.analysis.limits import GIGABYTE, MEGABYTE, NO_LIMITS, Limits, OverLong
from curator.analysis.masking import OPENAI_MASKING, Masking
from curator.errors import UsageError
from curator.target_settings import TargetOption

CHECKED_ON = "2026-11"
E, W = Severity.ERROR, Severity.WARNING
Severities = Mapping[int, Severity | None]


@dataclass(frozen=True, slots=True)
class Target:
    """One trainer."""

    name: str
    title: str
    dialects: tuple[str, ...]
    """Those that it takes, the one that it is best known for first."""
    severities: Severities = field(default_factory=dict)
    """By number of a rule, how bad its findings are there; None where the rule says nothing of this trainer."""
    limits: Limits = NO_LIMITS
    masking: Masking = OPENAI_MASKING
    learns: str = "assistant messages whose weight is not 0"
    """What it learns from, in words."""
    sources: tuple[str, ...] = ()
    """The public pages that say so."""
    reads: Mapping[str, str] = field(default_factory=dict)
    """By dialect that records look like: the one that the trainer reads them in."""
    lenient: tuple[str, ...] = ()
    """Dialects that it reads by its own, wider rules: records are judged by the schema `messages` instead."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The trainer's own options that matter here, with what it does unless told otherwise."""
    openai_tokens: bool = False
    """Whether its models count by OpenAI's encodings."""


OWN_HARDWARE: Severities = {4: None, 5: W, 8: None, 9: None, 11: W, 13: None, 14: None, 15: None, 18: None, 29: None}
"""Trainers that pass messages to the model's own template: keys, weights and OpenAI's limits are nothing to them."""

STRICT: Severities = {5: E, 8: None, 9: E, 11: E, 12: E, 18: None, 29: None}
"""Services that take user and assistant messages in turn and nothing beside them."""

OPENAI_LIMITS = Limits(
    fewest_records=10,
    most_bytes=512 * MEGABYTE,
    images_a_record=10,
    records_with_images=50_000,
)

TARGETS: tuple[Target, ...] = (
    Target(
        "openai",
        "OpenAI",
        ("openai-chat", "openai-preference", "openai-rft", "prompt-completion"),
        {37: E},
        OPENAI_LIMITS,
        sources=(
            "OpenAI, supervised fine-tuning guide and fine-tuning best practices",
            "openai/openai-openapi, openapi.yaml (fine-tuning inputs)",
        ),
        openai_tokens=True,
    ),
    Target(
        "azure",
        "Azure OpenAI",
        ("openai-chat", "openai-preference", "openai-rft", "prompt-completion"),
        {37: None},
        replace(OPENAI_LIMITS, byte_order_mark=True),
        sources=("Microsoft Learn, Customize a model with fine-tuning (Azure OpenAI)",),
        openai_tokens=True,
    ),
    Target(
        "trl",
        "TRL",
        ("openai-chat", "trl", "prompt-completion"),
        {**OWN_HARDWARE, 7: W},
        Limits(longest_example=1024),
        Masking(key="", whole=("openai-chat",)),
        "every token of a conversation; of a prompt and its completion, the completion",
        ("huggingface/trl, docs/source/dataset_formats.md", "huggingface/trl, trl/trainer/sft_config.py"),
        lenient=("openai-chat",),
        options={"assistant_only_loss": False, "completion_only_loss": True, "max_length": 1024},
    ),
    Target(
        "llama-factory",
        "LLaMA-Factory",
        ("sharegpt", "alpaca", "openai-chat"),
        {**OWN_HARDWARE, 5: E, 11: E, 12: E},
        Limits(longest_example=2048),
        Masking(key=""),
        "all answers; with mask_history the last one, with train_on_prompt all tokens",
        ("hiyouga/LLaMA-Factory, data/README.md", "hiyouga/LLaMA-Factory, src/llamafactory/hparams/data_args.py"),
        lenient=("openai-chat",),
        options={"mask_history": False, "train_on_prompt": False, "cutoff_len": 2048},
    ),
    Target(
        "axolotl",
        "axolotl",
        ("openai-chat", "sharegpt", "alpaca", "trl"),
        OWN_HARDWARE,
        Limits(longest_example=512, over_long=OverLong.LEFT_OUT),
        Masking(key="train"),
        "roles_to_train, which are the assistant's unless set; `train` on a message goes before that",
        ("axolotl documentation, Config Reference", "axolotl documentation, Dataset Formats, Conversation"),
        lenient=("openai-chat",),
        options={
            "roles_to_train": ("assistant",),
            "message_field_training": "train",
            "train_on_inputs": False,
            "sequence_len": 512,
            "excess_length_strategy": "drop",
        },
    ),
    Target(
        "together",
        "Together",
        ("together", "prompt-completion", "openai-preference"),
        STRICT,
        Limits(most_bytes=100 * GIGABYTE),
        OPENAI_MASKING,
        "assistant messages whose weight is not 0; with train_on_inputs all tokens",
        ("Together documentation, fine-tuning, Data preparation",),
        reads={"openai-chat": "together"},
        options={"train_on_inputs": False},
    ),
    Target(
        "mistral",
        "Mistral",
        ("mistral",),
        {8: None, 9: E, 11: E, 29: None},
        Limits(most_bytes=512 * MEGABYTE),
        sources=("mistralai/mistral-common, validator", "Mistral documentation, Known limitations"),
        reads={"openai-chat": "mistral"},
    ),
    Target(
        "bedrock",
        "Amazon Bedrock (Nova)",
        ("bedrock",),
        {**STRICT, 13: None, 14: None},
        Limits(over_long=OverLong.REJECTED),
        learns="all answers",
        sources=("Amazon Nova user guide, Preparing data for fine-tuning understanding models",),
    ),
    Target(
        "claude",
        "Claude 3 Haiku on Amazon Bedrock",
        ("claude",),
        {**STRICT, 13: None, 14: None},
        Limits(
            longest_example=32_000,
            over_long=OverLong.REJECTED,
            fewest_records=32,
            most_records=10_000,
            most_bytes=10 * GIGABYTE,
        ),
        learns="all answers",
        sources=(
            "Anthropic's cookbook, Finetuning Claude 3 Haiku on Bedrock",
            "Amazon Bedrock user guide, Prepare data for fine-tuning your models",
        ),
        reads={"openai-chat": "claude"},
    ),
    Target(
        "gemini",
        "Gemini on Vertex AI",
        ("gemini",),
        {5: E, 8: None, 11: E, 13: None, 14: None, 18: None, 29: None},
        Limits(
            longest_example=131_072,
            over_long=OverLong.LEFT_OUT,
            most_records=1_000_000,
            most_bytes=GIGABYTE,
        ),
        learns="all answers",
        sources=(
            "Google Cloud documentation, About supervised fine-tuning for Gemini models",
            "Google Cloud documentation, SupervisedTuningDataStats (dropped examples)",
        ),
    ),
)

NAMES = tuple(target.name for target in TARGETS)


def target_named(name: str) -> Target:
    """The target of that name. Raises UsageError with the nearest one."""
    for target in TARGETS:
        if target.name == name:
            return target
    near = get_close_matches(name, NAMES, 1)
    raise UsageError(
        f"There is no target {name!r}; " + (f"did you mean {near[0]}?" if near else f"known are {', '.join(NAMES)}.")
    )


def told(target: Target, options: Iterable[TargetOption]) -> Target:
    """The target with the user's options for it. Raises UsageError for options that it does not have."""
    values = dict(target.options)
    for one in options:
        if target_named(one.target).name == target.name:
            values[one.name] = _checked(target, one)
    return _FOLLOW[target.name](target, values) if target.name in _FOLLOW else target


def refuse_unknown(options: Iterable[TargetOption]) -> None:
    """Raises UsageError for options of any target that it does not have, or in another kind than it takes."""
    for one in options:
        _checked(target_named(one.target), one)


def _checked(target: Target, option: TargetOption) -> Any:
    place = f"{option.origin}: `targets.{option.target}.{option.name}`"
    if option.name not in target.options:
        near = get_close_matches(option.name, target.options, 1)
        known = f"known are {', '.join(target.options)}." if target.options else "it has none that matter here."
        raise UsageError(
            f"{place}: {target.title} has no such option; " + (f"did you mean `{near[0]}`?" if near else known)
        )
    usual = target.options[option.name]
    if type(option.value) is not type(usual):
        kinds = {bool: "true or false", int: "a whole number", tuple: "a list of texts"}
        raise UsageError(f"{place} is {option.value!r}; it takes {kinds.get(type(usual), 'a text')}.")
    if isinstance(option.value, int) and not isinstance(usual, bool) and option.value < 1:
        raise UsageError(f"{place} is {option.value}; it takes 1 or more.")
    if option.name == "excess_length_strategy" and option.value not in _EXCESS:
        raise UsageError(f"{place} is {option.value!r}; it takes {', '.join(_EXCESS)}.")
    return option.value


def _trl(target: Target, values: Mapping[str, Any]) -> Target:
    whole = () if values["assistant_only_loss"] else ("openai-chat",)
    answers = () if values["completion_only_loss"] else ("trl", "prompt-completion")
    return replace(
        target,
        masking=replace(target.masking, whole=whole + answers),
        limits=replace(target.limits, longest_example=values["max_length"]),
    )


def _llama_factory(target: Target, values: Mapping[str, Any]) -> Target:
    whole = target.dialects if values["train_on_prompt"] else ()
    return replace(
        target,
        masking=replace(target.masking, last=values["mask_history"], whole=whole),
        limits=replace(target.limits, longest_example=values["cutoff_len"]),
    )


_EXCESS = {"drop": OverLong.LEFT_OUT, "truncate": OverLong.CUT, "raise": OverLong.REJECTED}


def _axolotl(target: Target, values: Mapping[str, Any]) -> Target:
    return replace(
        target,
        masking=Masking(
            roles=values["roles_to_train"],
            key=values["message_field_training"],
            whole=target.dialects if values["train_on_inputs"] else (),
        ),
        limits=Limits(
            longest_example=values["sequence_len"],
            over_long=_EXCESS[values["excess_length_strategy"]],
        ),
    )


def _together(target: Target, values: Mapping[str, Any]) -> Target:
    whole = target.dialects if values["train_on_inputs"] else ()
    return replace(target, masking=replace(target.masking, whole=whole))


_FOLLOW = {"trl": _trl, "llama-factory": _llama_factory, "axolotl": _axolotl, "together": _together}
"""What follows from a target's options."""
