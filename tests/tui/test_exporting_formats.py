"""X in another format: the losses in numbers first, then the file, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from piloting import NARROW, WIDE, Driven, running, write

from curator.records.dialects import DIALECTS
from curator.tui.screens.ask import Ask

QUESTION = {"role": "user", "content": "Which rose?"}
ANSWER = {"role": "assistant", "content": "Gallica."}
CALL = {"id": "a", "type": "function", "function": {"name": "[/frost]", "arguments": "{}"}}
CHATS = [
    {"messages": [QUESTION, ANSWER]},
    {"messages": [QUESTION, {**ANSWER, "weight": 0}, QUESTION, ANSWER]},
    {"messages": [QUESTION, {"role": "assistant", "content": None, "tool_calls": [CALL]}]},
]


def written(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def as_format(run: Driven, title: str) -> None:
    """Ask for an export of all records in a format."""
    await run.press("X")
    await run.asked("in another format")
    await run.press("G", "k", "enter")
    await run.asked("Export, from")
    own = run.app.session.file_dialect(run.app.session.data.sources[0])
    place = [dialect.title for dialect in DIALECTS if dialect is not own].index(title)
    await run.press(*["j"] * place, "enter")
    await run.asked(f"Export as {title}")
    await run.press("enter")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_what_would_be_lost_is_said_before_anything_is_written(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write(tmp_path / "three.jsonl", CHATS)
    async with running(path, size=size) as run:
        await run.audited()
        await as_format(run, "Alpaca")
        await run.asked("3 records: 1 without loss, 1 with one, 1 not at all.")
        assert "calls of tools, which the dialect cannot hold" in run.words
        assert "message 2 calls [/frost]" in run.words
        assert all(len(line) <= size[0] for line in run.dialog.split("\n"))
        await run.press("escape")
        assert [one.name for one in tmp_path.iterdir()] == ["three.jsonl"]
        await as_format(run, "Alpaca")
        await run.asked("3 records: 1 without loss")
        await run.press("w")
        await run.until(lambda: isinstance(run.app.screen, Ask))
        await run.press("enter")
        await run.said("three.alpaca.jsonl: 1 record written, 2 left out; read back and proved")
        assert written(tmp_path / "three.alpaca.jsonl") == [{"instruction": "Which rose?", "output": "Gallica."}]


async def test_with_losses_if_one_wants_them_and_with_edits(tmp_path: Path) -> None:
    path = write(tmp_path / "three.jsonl", CHATS)
    async with running(path, size=WIDE) as run:
        await run.audited()
        await run.go_to(1)
        await run.press("x")
        await as_format(run, "ShareGPT")
        await run.asked("2 records: 0 without loss, 2 with one, 0 not at all.")
        await run.press("a")
        await run.until(lambda: isinstance(run.app.screen, Ask))
        await run.press("enter")
        await run.said("2 records written;")
        first = written(tmp_path / "three.sharegpt.jsonl")[0]
        assert [turn["from"] for turn in first["conversations"]] == ["human", "gpt", "human", "gpt"]


async def test_of_two_answers_one_chooses(tmp_path: Path) -> None:
    pair = {"input": {"messages": [QUESTION]}, "preferred_output": [ANSWER], "non_preferred_output": [ANSWER]}
    path = write(tmp_path / "pairs.jsonl", [pair])
    async with running(path, size=WIDE) as run:
        await run.audited()
        await as_format(run, "OpenAI chat")
        await run.asked("keep the preferred answer of each pair")
        await run.press("b")
        await run.asked("both answers became a record, as asked")
        await run.press("w")
        await run.until(lambda: isinstance(run.app.screen, Ask))
        await run.press("enter")
        await run.said("2 records written;")


async def test_what_cannot_be_helped_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "three.jsonl", CHATS[:1])
    async with running(path, size=WIDE) as run:
        await run.audited()
        await as_format(run, "OpenAI preference")
        await run.said("None of these records can be converted: no preferred and rejected answer of one message each")
