"""Rules that look at a whole file: what they find follows from the figures of all its records."""

from __future__ import annotations

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import Rule

PROMPTED = "You know the harbour and answer in one sentence."
FERRY, CRANE = "When does the first ferry leave for the islands?", "Who owns the red crane at the shipyard?"


def _lines(*records: tuple[str, str, str]) -> str:
    """Chat records of a system prompt (none where it is empty), a question and an answer."""
    return "".join(map(_line, records))


def _line(record: tuple[str, str, str]) -> str:
    messages = [
        f'{{"role": "{role}", "content": "{text}"}}'
        for role, text in zip(("system", "user", "assistant"), record, strict=True)
        if text
    ]
    return f'{{"messages": [{", ".join(messages)}]}}\n'


def _numbered(count: int, prompt: str = "", answer: str = "It is moored at quay {}.") -> list[tuple[str, str, str]]:
    """Records that have nothing to do with each other."""
    names = [f"{first}{second}" for first in "ABCDEFGH" for second in "aeiouyl"]
    return [(prompt, f"Where is the boat {name}?", answer.format(name)) for name in names[:count]]


SOUND = _lines(("", FERRY, "At 5:40."), ("", CRANE, "The shipyard does."))

FILE_RULES: tuple[Rule, ...] = (
    Rule(
        8,
        "too few examples",
        "Fine-tuning takes no file of fewer than 10 examples, and shows its effect from 50 to 100 on.",
        "OpenAI's fine-tuning guide and best practices",
        bad=_lines(*_numbered(9)),
        good=_lines(*_numbered(50)),
    ),
    Rule(
        20,
        "system prompt unlike that of nearly all",
        "A prompt that a few records have teaches the model a manner that the others' prompt does not call up.",
        "OpenAI, fine-tuning best practices",
        Severity.WARNING,
        bad=_lines(*_numbered(19, PROMPTED), ("You are a pirate.", FERRY, "Arr, at 5:40.")),
        good=_lines(*_numbered(19, PROMPTED), (PROMPTED, FERRY, "At 5:40.")),
    ),
    Rule(
        21,
        "exact duplicate",
        "A record that stands in the file twice weighs twice, and is paid for twice.",
        "openai-python, validators of fine-tuning files",
        Severity.WARNING,
        bad=_lines(("", FERRY, "At 5:40."), ("", FERRY, "At 5:40.")),
        good=SOUND,
    ),
    Rule(
        22,
        "same prompt, different answers",
        "Two answers to one prompt pull the model both ways, unless variety is what it is to learn.",
        "OpenAI, fine-tuning best practices",
        Severity.WARNING,
        bad=_lines(("", FERRY, "At 5:40."), ("", FERRY, "At noon.")),
        good=SOUND,
    ),
    Rule(
        31,
        "several formats in one file",
        "Trainers take a file for one format, and stop at the first record of another.",
        "Together AI, fine-tuning data formats",
        bad=_lines(("", FERRY, "At 5:40.")) + f'{{"prompt": "{CRANE}", "completion": " The shipyard does."}}\n',
        good=SOUND,
    ),
    Rule(
        39,
        "answer that will be recited",
        "An answer that the model sees 32 times or more in training is learnt by heart.",
        "the thread on shortening prompts by fine-tuning (OpenAI's developer forum)",
        Severity.WARNING,
        bad=_lines(*_numbered(11, answer="I do not know.")),
        good=_lines(*_numbered(11)),
    ),
    Rule(
        40,
        "too few examples for a lasting change",
        "Practitioners advise 1,000 examples for a change of manner that holds in long conversations.",
        "the thread on shortening prompts by fine-tuning (OpenAI's developer forum)",
        Severity.WARNING,
        on_by_default=False,
        bad=_lines(*_numbered(50)),
    ),
    Rule(
        42,
        "near duplicate",
        "Records that differ in case, punctuation, digits or spaces alone teach the same thing again.",
        "openai-python, validators of fine-tuning files",
        Severity.WARNING,
        bad=_lines(("", FERRY, "At 5:40."), ("", FERRY.upper(), "at 6:00!")),
        good=SOUND,
    ),
    Rule(
        43,
        "also in another file",
        "A record that is trained on and tested with makes the test say that all is well.",
        "OpenAI, fine-tuning best practices",
        bad=_lines(("", FERRY, "At 5:40."), ("", FERRY, "At 5:40.")),
        good=SOUND,
    ),
)
