"""Places in people's words, from JSON pointers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.findings import Finding, Severity
from curator.analysis.places import in_words
from curator.records.dialects import NAMES, dialect_named

PROJECT = Path(__file__).resolve().parents[3]
USER, ANSWER = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}


@pytest.mark.parametrize(
    ("dialect", "record", "pointer", "words"),
    [
        ("openai-chat", {"messages": [USER]}, "", ""),
        ("openai-chat", {"messages": [USER, ANSWER]}, "/messages/1", "message 2 (assistant)"),
        ("openai-chat", {"messages": [USER, ANSWER]}, "/messages/1/weight", "message 2 (assistant), `weight`"),
        (
            "openai-chat",
            {"messages": [ANSWER]},
            "/messages/0/tool_calls/1/function/arguments",
            "message 1 (assistant), tool call 2, `arguments`",
        ),
        ("openai-chat", {"messages": [USER]}, "/messages/0/content/2/text", "message 1 (user), part 3, `text`"),
        ("openai-chat", {"messages": [{}]}, "/messages/0", "message 1"),
        ("openai-chat", {"messages": {}}, "/messages", "`messages`"),
        ("openai-chat", {}, "/messages/3", "message 4"),
        ("openai-chat", [4], "/0", "item 1"),
        ("openai-chat", {"a/~b": 1}, "/a~1~0b", "`a/~b`"),
        ("openai-chat", {"tools": [{}]}, "/tools/0/function/name", "tool 1, `name`"),
        ("claude", {"system": "Be brief.", "messages": [USER]}, "/messages/0/content", "message 2 (user), `content`"),
        ("sharegpt", {"conversations": [{"from": "gpt"}]}, "/conversations/0/value", "message 1 (assistant), `value`"),
        ("trl", {"prompt": "a", "chosen": [ANSWER]}, "/chosen/0/content", "message 2 (chosen), `content`"),
        (
            "gemini",
            {"contents": [{"role": "model", "parts": [4]}]},
            "/contents/0/parts/0",
            "message 1 (assistant), part 1",
        ),
        ("openai-preference", {"input": {"messages": [USER]}}, "/input/messages/0/role", "message 1 (user), `role`"),
    ],
)
def test_a_place_in_words(dialect: str, record: Any, pointer: str, words: str) -> None:
    assert in_words(pointer, record, dialect_named(dialect)) == words


@pytest.mark.parametrize("name", NAMES)
def test_every_place_of_the_unsound_cases_has_words(name: str) -> None:
    for line in (PROJECT / "tests" / "cases" / name / "invalid.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        words = in_words(case["pointer"], case["record"], dialect_named(name))
        assert bool(words) == bool(case["pointer"])
        assert "/" not in words


@pytest.mark.parametrize(
    ("place", "message", "sentence"),
    [
        ("", "is odd", "is odd"),
        ("message 4 (user)", "is odd", "message 4 (user): is odd"),
        ("`id`", "the key `id` is extra", "the key `id` is extra"),
        ("message 1 (user), `name`", "the key `name` is odd", "message 1 (user): the key `name` is odd"),
        ("message 1 (user), `name`", "is odd", "message 1 (user), `name`: is odd"),
    ],
)
def test_a_key_that_the_message_names_is_not_named_twice(place: str, message: str, sentence: str) -> None:
    assert Finding("CUR001", Severity.ERROR, "/x", message, place=place).sentence == sentence
