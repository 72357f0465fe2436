"""Rules that look at a whole file: what they find follows from the figures of all its records."""

from __future__ import annotations

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import Rule

FILE_RULES: tuple[Rule, ...] = (
    Rule(
        8,
        "too few examples",
        "Fine-tuning takes no file of fewer than 10 examples, and shows its effect from 50 to 100 on.",
        "OpenAI's fine-tuning guide and best practices",
    ),
    Rule(
        20,
        "system prompt unlike that of nearly all",
        "A prompt that a few records have teaches the model a manner that the others' prompt does not call up.",
        "OpenAI, fine-tuning best practices",
        Severity.WARNING,
    ),
    Rule(
        21,
        "exact duplicate",
        "A record that stands in the file twice weighs twice, and is paid for twice.",
        "openai-python, validators of fine-tuning files",
        Severity.WARNING,
    ),
    Rule(
        22,
        "same prompt, different answers",
        "Two answers to one prompt pull the model both ways, unless variety is what it is to learn.",
        "OpenAI, fine-tuning best practices",
        Severity.WARNING,
    ),
    Rule(
        31,
        "several formats in one file",
        "Trainers take a file for one format, and stop at the first record of another.",
        "Together AI, fine-tuning data formats",
    ),
    Rule(
        39,
        "answer that will be recited",
        "An answer that the model sees 32 times or more in training is learnt by heart.",
        "the thread on shortening prompts by fine-tuning (OpenAI's developer forum)",
        Severity.WARNING,
    ),
    Rule(
        40,
        "too few examples for a lasting change",
        "Practitioners advise 1,000 examples for a change of manner that holds in long conversations.",
        "the thread on shortening prompts by fine-tuning (OpenAI's developer forum)",
        Severity.WARNING,
        on_by_default=False,
    ),
    Rule(
        42,
        "near duplicate",
        "Records that differ in case, punctuation, digits or spaces alone teach the same thing again.",
        "openai-python, validators of fine-tuning files",
        Severity.WARNING,
    ),
    Rule(
        43,
        "also in another file",
        "A record that is trained on and tested with makes the test say that all is well.",
        "OpenAI, fine-tuning best practices",
    ),
)

ON_RECORDS = (20, 21, 22, 42, 43)
"""The numbers of those that find single records; the others speak of the file as a whole."""
