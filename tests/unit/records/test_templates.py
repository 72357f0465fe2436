"""New records are empty, sound, and like the record that they are put beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.schema import shipped_schema
from curator.records.codec import decode_exactly
from curator.records.dialects import DIALECTS, NAMES, dialect_named
from curator.records.templates import new_record
from curator.records.transforms.turns import prompt_length

PROJECT = Path(__file__).resolve().parents[3]
by_name = pytest.mark.parametrize("name", NAMES)


def valid_records(name: str) -> list[dict[str, Any]]:
    lines = (PROJECT / "tests" / "cases" / name / "valid.jsonl").read_bytes().splitlines()
    return [decode_exactly(line)["record"] for line in lines]


@by_name
def test_a_new_record_is_sound_and_told_as_its_dialect(name: str) -> None:
    dialect = dialect_named(name)
    record = new_record(dialect)
    assert shipped_schema(name).is_valid(record)
    assert dialect.claims(record)
    if dialect.told(record):
        assert next(one.name for one in DIALECTS if one.told(record)) == name
    messages = dialect.read(record).messages
    assert [one.role for one in messages] == ["user", "assistant"] + ["assistant"] * (name == "openai-preference")
    assert not any(one.text.strip() for one in messages)


@by_name
def test_a_record_like_another_is_as_sound_as_that_one(name: str) -> None:
    dialect = dialect_named(name)
    for like in valid_records(name):
        before = json.dumps(like)
        record = new_record(dialect, like)
        assert json.dumps(like) == before
        assert shipped_schema(name).is_valid(record), (like, record)
        if dialect.claims(like):
            assert dialect.claims(record), (like, record)
            assert list(record) == [key for key in like if key in record]
        spoken = [one for one in dialect.read(record).messages if one.role not in ("system", "developer")]
        assert spoken
        assert not any(one.text or one.tool_calls for one in spoken), record
        kept, asked = (dialect.read(one) for one in (record, like))
        assert kept.tools == asked.tools
        length = prompt_length(asked.messages)
        assert kept.messages[:length] == asked.messages[:length]


@pytest.mark.parametrize(
    ("name", "like", "expected"),
    [
        (
            "openai-chat",
            {
                "tools": [{"type": "function", "function": {"name": "f"}}],
                "messages": [
                    {"content": "Be kind.", "role": "system"},
                    {"content": "Hello", "role": "user", "name": "Ada"},
                    {"role": "assistant", "content": [{"type": "text", "text": "Hi"}], "weight": 0},
                ],
                "note": 1,
            },
            {
                "tools": [{"type": "function", "function": {"name": "f"}}],
                "messages": [
                    {"content": "Be kind.", "role": "system"},
                    {"content": "", "role": "user"},
                    {"role": "assistant", "content": [{"type": "text", "text": ""}]},
                ],
            },
        ),
        (
            "openai-preference",
            {
                "preferred_output": [{"role": "assistant", "content": "a"}],
                "input": {"tools": [], "messages": [{"role": "user", "content": "q"}], "parallel_tool_calls": True},
                "non_preferred_output": [{"role": "assistant", "content": "b"}],
            },
            {
                "preferred_output": [{"role": "assistant", "content": ""}],
                "input": {"tools": [], "messages": [{"role": "user", "content": ""}]},
                "non_preferred_output": [{"role": "assistant", "content": ""}],
            },
        ),
        (
            "sharegpt",
            {
                "id": 1,
                "system": "Be kind.",
                "conversations": [{"value": "q", "from": "user"}, {"from": "function_call", "value": "{}"}],
                "chosen": {"from": "gpt", "value": "a"},
                "rejected": {"from": "gpt", "value": "b"},
            },
            {
                "system": "Be kind.",
                "conversations": [{"value": "", "from": "user"}],
                "chosen": {"from": "gpt", "value": ""},
                "rejected": {"from": "gpt", "value": ""},
            },
        ),
        (
            "alpaca",
            {"output": "o", "history": [["a", "b"]], "instruction": "i", "input": None, "system": "Be kind.", "id": 7},
            {"output": "", "history": [], "instruction": "", "input": None, "system": "Be kind."},
        ),
        ("trl", {"completion": " blue", "prompt": "The sky is", "label": True}, None),
        (
            "trl",
            {
                "score": 1,
                "chosen": [
                    {"role": "system", "content": "Be kind."},
                    {"role": "user", "content": "q"},
                    {"role": "assistant", "content": "a"},
                ],
                "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}],
            },
            {
                "chosen": [
                    {"role": "system", "content": "Be kind."},
                    {"role": "user", "content": ""},
                    {"role": "assistant", "content": ""},
                ],
                "rejected": [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}],
            },
        ),
        ("prompt-completion", {"completion": "b", "x": 1, "prompt": "a"}, {"completion": "", "prompt": ""}),
    ],
)
def test_keys_order_kinds_system_prompt_and_tools_follow(name: str, like: Any, expected: Any) -> None:
    expected = expected or {"completion": "", "prompt": "", "label": True}
    assert json.dumps(new_record(dialect_named(name), like)) == json.dumps(expected)


def test_beside_what_is_no_record_of_the_dialect_a_plain_one_is_made() -> None:
    assert new_record(dialect_named("openai-chat"), {"prompt": "a"}) == new_record(dialect_named("openai-chat"))
