"""Token counts against the OpenAI cookbook's published figures, and against its rule written down a second time."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.chunk import analyse_bytes
from curator.analysis.counting import Counting
from curator.analysis.record_report import analyse_record
from curator.analysis.report import AuditSpec, ChunkReport
from curator.analysis.totals import Totals
from curator.analysis.vocabulary import load_encoding
from curator.records.dialects import DIALECTS

COUNTINGS = {
    "cl100k_base": Counting("cl100k_base", 3, 1, 10, 85, 170),
    "o200k_base": Counting("o200k_base", 3, 1, 7, 85, 170),
}

JARGON = [
    (
        "system",
        "",
        "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
    ),
    ("system", "example_user", "New synergies will help drive top-line growth."),
    ("system", "example_assistant", "Things working well together will increase revenue."),
    (
        "system",
        "example_user",
        "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
    ),
    ("system", "example_assistant", "Let's talk later when we're less busy about how to do better."),
    ("user", "", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
]
WEATHER = {
    "messages": [
        {
            "role": "system",
            "content": "You are a helpful assistant that can answer to questions about the weather.",
        },
        {"role": "user", "content": "What's the weather like in San Francisco?"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_current_weather",
                "description": "Get the current weather in a given location",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                        "unit": {
                            "type": "string",
                            "description": "The unit of temperature to return",
                            "enum": ["celsius", "fahrenheit"],
                        },
                    },
                    "required": ["location"],
                },
            },
        }
    ],
}
TOY = [45, 111, 26, 28, 8032]
TOY_LIMIT, TOY_BILLED = 4096, 4306

each_encoding = pytest.mark.parametrize("encoding", sorted(COUNTINGS))


def spec_of(encoding: str, accelerate: bool = True, explain: bool = False) -> AuditSpec:
    return AuditSpec(COUNTINGS[encoding], "openai-chat", accelerate=accelerate, explain=explain)


def audited(records: list[Any], encoding: str, accelerate: bool = True) -> ChunkReport:
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    return analyse_bytes(lines, spec_of(encoding, accelerate))


@lru_cache(maxsize=1 << 16)
def tokens_of(text: str, encoding: str) -> int:
    return len(load_encoding(encoding).encode(text, disallowed_special=()))


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cookbook_tokens(record: dict[str, Any], encoding: str) -> int:
    """The cookbook's rule, with what it leaves open counted as compact JSON; no images."""
    total = 3 if record["messages"] else 0
    for message in record["messages"]:
        total += 3
        for key, value in message.items():
            if value is None or key == "weight":
                continue
            if isinstance(value, str):
                texts = [value]
            elif key == "content":
                texts = [part.get("text", part.get("refusal")) for part in value]
            else:
                texts = [as_json(value)]
            total += sum(tokens_of(text, encoding) for text in texts) + (key == "name")
    return total + cookbook_tool_tokens(record.get("tools") or record.get("functions") or [], encoding)


def cookbook_tool_tokens(tools: list[Any], encoding: str) -> int:
    total = 12 if tools else 0
    for tool in tools:
        function = tool.get("function", tool)
        description = function.get("description", "").removesuffix(".")
        total += COUNTINGS[encoding].per_function + tokens_of(f"{function['name']}:{description}", encoding)
        properties = function.get("parameters", {}).get("properties", {})
        total += 3 if properties else 0
        for name, schema in properties.items():
            total += 3
            if "enum" in schema:
                total -= 3
                for item in schema["enum"]:
                    total += 3 + tokens_of(item if isinstance(item, str) else as_json(item), encoding)
            kind = schema.get("type", "")
            kind = kind if isinstance(kind, str) else as_json(kind)
            described = schema.get("description", "").removesuffix(".")
            total += tokens_of(f"{name}:{kind}:{described}", encoding)
            rest = {key: value for key, value in schema.items() if key not in ("type", "description", "enum")}
            total += tokens_of(as_json(rest), encoding) if rest else 0
    return total


def records_of(path: Path) -> list[dict[str, Any]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        return [json.loads(line) for line in file if line.strip()]


@each_encoding
@pytest.mark.parametrize("accelerate", [True, False])
def test_the_cookbooks_six_messages(encoding: str, accelerate: bool) -> None:
    messages = [
        {"role": role, **({"name": name} if name else {}), "content": content} for role, name, content in JARGON
    ]
    report = audited([{"messages": messages}], encoding, accelerate)
    assert report.columns.tokens[0] == {"cl100k_base": 129, "o200k_base": 124}[encoding]


@each_encoding
@pytest.mark.parametrize("accelerate", [True, False])
def test_the_cookbooks_request_with_a_tool(encoding: str, accelerate: bool) -> None:
    report = audited([WEATHER], encoding, accelerate)
    assert report.columns.tokens[0] == {"cl100k_base": 105, "o200k_base": 101}[encoding]


def test_the_older_rule_of_one_model() -> None:
    record = {"messages": [{"role": "user", "name": "ann", "content": "hello world"}]}
    lines = json.dumps(record).encode()
    modern, older = (
        analyse_bytes(lines, AuditSpec(Counting("cl100k_base", per_message, per_name, 10, 85, 170), "openai-chat"))
        for per_message, per_name in ((3, 1), (4, -1))
    )
    assert older.columns.tokens[0] == modern.columns.tokens[0] - 1


def test_the_cookbooks_toy_file(shared_data: Path) -> None:
    report = analyse_bytes((shared_data / "chat" / "toy_chat_fine_tuning.jsonl").read_bytes(), spec_of("cl100k_base"))
    assert list(report.columns.tokens) == TOY
    totals = Totals()
    totals.add(report.columns, TOY_LIMIT)
    assert totals.billed_tokens == TOY_BILLED


@each_encoding
def test_every_public_chat_file_counts_by_the_cookbook(shared_data: Path, encoding: str) -> None:
    for path in sorted((shared_data / "chat").glob("*.jsonl*")):
        assert_counts_by_the_cookbook(records_of(path), encoding, path.name)


@each_encoding
@pytest.mark.parametrize("sample", ["examiner", "contrary", "over_long", "terminal_attack", "tools"])
def test_every_chat_sample_counts_by_the_cookbook(project: Path, encoding: str, sample: str) -> None:
    assert_counts_by_the_cookbook(records_of(project / "samples" / f"{sample}.jsonl"), encoding, sample)


def assert_counts_by_the_cookbook(records: list[dict[str, Any]], encoding: str, name: str) -> None:
    assert records, name
    expected = [cookbook_tokens(record, encoding) for record in records]
    report = audited(records, encoding)
    assert list(report.columns.tokens) == expected, name
    totals = Totals()
    totals.add(report.columns, TOY_LIMIT)
    assert totals.billed_tokens == sum(min(TOY_LIMIT, tokens) for tokens in expected), name


@each_encoding
def test_a_records_parts_add_up_to_what_the_audit_counts(project: Path, encoding: str) -> None:
    for line in lines_of_the_samples(project):
        report = analyse_record(line, spec_of(encoding, explain=True))
        columns = analyse_bytes(line, spec_of(encoding)).columns
        assert [report.tokens, report.trained] == [columns.tokens[0], columns.trained[0]]
        assert sum(report.message_tokens) + report.overhead == report.tokens
        assert sum(report.trained_message_tokens) == report.trained


def lines_of_the_samples(project: Path) -> Iterator[bytes]:
    for path in sorted((project / "samples").glob("*.jsonl")):
        yield from path.read_bytes().splitlines(keepends=True)[:40]


TALK = [("user", "Hi there"), ("assistant", "Hello!\n"), ("user", "Bye"), ("assistant", "See you, 2 a.m.")]


@pytest.mark.parametrize(
    ("dialect", "record", "trained"),
    [
        ("openai-chat", {"messages": [{"role": r, "content": c} for r, c in TALK]}, {1, 3}),
        ("openai-chat", {"messages": [{"role": r, "content": c, "weight": 0} for r, c in TALK]}, set()),
        (
            "sharegpt",
            {"conversations": [{"from": {"user": "human"}.get(r, "gpt"), "value": c} for r, c in TALK]},
            {1, 3},
        ),
        (
            "alpaca",
            {"instruction": TALK[2][1], "output": TALK[3][1], "history": [[TALK[0][1], TALK[1][1]]]},
            {1, 3},
        ),
    ],
)
def test_a_conversation_counts_alike_in_every_dialect(dialect: str, record: dict[str, Any], trained: set[int]) -> None:
    contents = [tokens_of(content, "o200k_base") for _, content in TALK]
    columns = audited([record], "o200k_base").columns
    assert DIALECTS[columns.dialect[0]].name == dialect
    assert columns.tokens[0] == 3 + sum(contents) + 4 * len(TALK)
    assert columns.trained[0] == sum(contents[place] for place in trained)


def test_prompt_and_completion_are_a_plain_sum() -> None:
    columns = audited([{"prompt": "Say hello ->", "completion": " hello world\n"}], "o200k_base").columns
    completion = tokens_of(" hello world\n", "o200k_base")
    assert columns.tokens[0] == tokens_of("Say hello ->", "o200k_base") + completion
    assert columns.trained[0] == completion


@pytest.mark.parametrize("messages", [[], None])
def test_a_record_without_messages_counts_nothing(messages: Any) -> None:
    assert audited([{"messages": messages}], "o200k_base").columns.tokens[0] == 0
