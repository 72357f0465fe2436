"""`--by` of sample and divide: facets, keys, and what of them is in the journal alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curator.cli import commands
from curator.errors import UsageError
from tests.cli.editing import editing

Value = Callable[[dict[str, Any]], object]


def record(number: int) -> dict[str, Any]:
    """One in five calls a tool, one in four is long, one in two answers in a dialect of its own; none are alike."""
    question = f"Question {number}: how deep is the water at berth {number * 7919 % 1000} when ship {number} calls?"
    answer: dict[str, Any] = {"role": "assistant", "content": f"{number * 31 % 97} metres." * (60 if number % 4 else 1)}
    if number % 5 == 0:
        call = {"name": "measure", "arguments": "{}"}
        answer = {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": call}]}
    if number % 2:
        return {"prompt": question, "completion": str(answer), "length": number % 3}
    return {"messages": [{"role": "user", "content": question}, answer], "length": number % 3}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(record(number)) + "\n" for number in range(120)))
    return path


def shares(content: bytes, value: Value) -> Counter[object]:
    return Counter(value(json.loads(line)) for line in content.splitlines())


def _tool(one: dict[str, Any]) -> object:
    return "tool_calls" in one.get("messages", [{}])[-1]


def _dialect(one: dict[str, Any]) -> object:
    return "messages" in one


def _key(one: dict[str, Any]) -> object:
    return one["length"]


WAYS = [("tool", _tool), ("dialect", _dialect), (".length", _key)]


@pytest.mark.parametrize(("by", "value"), WAYS)
def test_of_each_value_a_sample_has_its_share(path: Path, by: str, value: Value) -> None:
    out = path.with_name("out.jsonl")
    commands.run("sample", [str(path), "-n", "50%", "--by", by, "-o", str(out)])
    whole, half = shares(path.read_bytes(), value), shares(out.read_bytes(), value)
    assert half == {one: count // 2 for one, count in whole.items()} and len(whole) > 1


@pytest.mark.parametrize(("by", "value"), WAYS)
def test_of_each_value_a_side_has_its_share(path: Path, by: str, value: Value) -> None:
    out = path.with_name("parts")
    commands.run("divide", [str(path), "--ratio", "75:25", "--no-near", "--by", by, "-o", str(out)])
    whole, side = shares(path.read_bytes(), value), shares((out / "validation.jsonl").read_bytes(), value)
    assert side == {one: count // 4 for one, count in whole.items()}


def test_the_name_of_a_facet_means_the_facet_and_not_a_key(path: Path) -> None:
    out = path.with_name("out.jsonl")
    commands.run("sample", [str(path), "-n", "60", "--by", "length", "-o", str(out)])
    long = shares(path.read_bytes(), lambda one: len(str(one)) > 500)
    assert shares(out.read_bytes(), lambda one: len(str(one)) > 500) == {size: n // 2 for size, n in long.items()}


def test_tags_bring_the_journal_into_force(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with editing(path) as at:
        at.tag("good", *range(10))
        at.drop(*range(100, 120))
        at.rewrite(0, b'{"messages": [], "edited": true}')
    out = path.with_name("out.jsonl")
    commands.run("sample", [str(path), "-n", "100", "--by", "tag", "-o", str(out)])
    assert "21 records differ in in.jsonl.curator; they are taken as they are there" in capsys.readouterr().err
    lines = out.read_bytes().splitlines()
    assert lines[0] == b'{"messages": [], "edited": true}' and len(lines) == 100
    commands.run("sample", [str(path), "-n", "10", "--by", "tag", "-o", str(out), "--force"])
    tagged = {json.dumps(record(number)).encode() for number in range(1, 10)} | {lines[0]}
    assert len(tagged & set(out.read_bytes().splitlines())) == 1


def test_what_is_no_facet_is_a_key_that_no_record_may_have(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands.run("sample", [str(path), "-n", "1", "--by", "langauge", "-o", str(path.with_name("out.jsonl"))])
    assert "No record has a value under `langauge`." in capsys.readouterr().err


@pytest.mark.parametrize("share", ["0%", "101%", "x%", "-5%"])
def test_shares_that_are_none(path: Path, share: str) -> None:
    with pytest.raises(UsageError):
        commands.run("sample", [str(path), "-n", share])
