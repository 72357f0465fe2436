"""What was done by rules, as command lines that a shell takes apart again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.edits.rule import ReplacementRule, ShorteningRule
from curator.records.find_replace import Replacement, Search
from curator.records.short_prompt import ShortPrompt
from curator.session.as_steps import command_line, quoted, step_of


def test_a_replacement_is_told_with_what_differs_from_the_usual() -> None:
    rule = ReplacementRule(Replacement(Search("a b", True, False, frozenset({"user", "tool"})), "-"), "sharegpt", True)
    step = step_of(rule)
    assert step is not None
    assert command_line(step, Path("my file.jsonl")) == (
        "curator replace 'my file.jsonl' --find 'a b' --by=- --regex --case-sensitive --role tool --role user"
        " --dialect sharegpt -o OUT"
    )


def test_a_prompt_of_digits_cannot_be_told() -> None:
    assert step_of(ShorteningRule(ShortPrompt("12", "x"), "openai-chat")) is None
    assert step_of(ShorteningRule(ShortPrompt("Be kind.", ""), "openai-chat")) == {
        "do": "shorten",
        "prompt": "Be kind.",
        "to": "",
    }


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
@example("it's \\ \x1b[201~ \n\t\x7f é 😀 \U000e0041")
def test_a_shell_reads_what_was_meant_and_nothing_acts_on_the_terminal(text: str) -> None:
    word = quoted(text)
    assert word.isprintable()
    done = subprocess.run(
        ["bash", "-c", f"printf %s {word}"], env={"LC_ALL": "C.UTF-8"}, capture_output=True, check=True
    )
    assert done.stdout.decode() == text
