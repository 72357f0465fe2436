"""Findings that need whole files are those of a model that compares all records with all others."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.analysis import hashes, repeats
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.lint_settings import LintSettings, OwnThreshold
from curator.session import Session
from curator.settings import Settings
from curator.storage import spilled

SETTINGS = Settings(workers=-1, accelerate=False, epochs=3)
ON_RECORDS = (20, 21, 22, 42, 43)
TOOLS = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}]
CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
LEFT_OUT = set(string.punctuation + string.digits + string.whitespace) | set(
    "\xab\xbb\u201e\u201c\u2026\u2014\xa0\uff01\u3002"
)

Found = dict[int, set[tuple[int, int]]]
"""By rule: file and line, from 0."""


def seen(paths: list[Path], chosen: Settings = SETTINGS, executor: Executor | None = None) -> Session:
    """A session whose files were looked at."""
    session = Session(paths, chosen)
    for _ in session.audit(executor or InlineExecutor(), 2):
        pass
    session.file_findings.follow(executor or InlineExecutor())
    return session


def found(session: Session) -> Found:
    by_rule = {number: set[tuple[int, int]]() for number in ON_RECORDS}
    for source in session.sources:
        for number, records in source.file_wide.records.items():
            by_rule[number] |= {(source.number, record) for record in records}
    return {number: places for number, places in by_rule.items() if places}


# The model


def spoken(message: dict[str, Any]) -> tuple[Any, ...]:
    return message["role"], message.get("content"), json.dumps(message.get("tool_calls"))


def contents(record: dict[str, Any]) -> object:
    return tuple(map(spoken, record["messages"])), json.dumps(record.get("tools"))


def words(record: dict[str, Any]) -> object:
    texts = [
        [role, "".join(filter(None, (content, calls if calls != "null" else "")))]
        for role, content, calls in map(spoken, record["messages"])
    ]
    bare = [(role, "".join(one for one in text.casefold() if one not in LEFT_OUT)) for role, text in texts]
    long = sum(len(text.encode()) for _, text in bare) + len(bare) - 1 >= hashes.FEWEST_WORDS_BYTES
    return (tuple(bare), json.dumps(record.get("tools"))) if long else None


def answer_place(record: dict[str, Any]) -> int:
    return max((place for place, one in enumerate(record["messages"]) if one["role"] == "assistant"), default=-1)


def answer(record: dict[str, Any]) -> object:
    place = answer_place(record)
    said = spoken(record["messages"][place])[1:] if place >= 0 else ("", "null")
    return said if said[0] or said[1] != "null" else None


def prompt(record: dict[str, Any]) -> object:
    before = record["messages"][: max(0, answer_place(record))]
    asked = any(one["content"] for one in before) and answer(record) is not None
    return (tuple(map(spoken, before)), json.dumps(record.get("tools"))) if asked else None


def system(record: dict[str, Any]) -> object:
    first = record["messages"][0]
    return first["content"] if first["role"] == "system" else None


def model(files: list[list[dict[str, Any]]], percent: int) -> Found:
    by_rule = {number: set[tuple[int, int]]() for number in ON_RECORDS}
    for number, records in enumerate(files):
        for place, record in enumerate(records):
            here, earlier = (number, place), records[:place]
            if any(contents(one) == contents(record) for one in earlier):
                by_rule[21].add(here)
            like = [one for one in earlier if words(one) == words(record) is not None]
            if like and contents(like[0]) != contents(record):
                by_rule[42].add(here)
            same = [one for one in records if prompt(one) == prompt(record) is not None]
            if any(answer(one) != answer(record) for one in same):
                by_rule[22].add(here)
            if any(contents(one) == contents(record) for file in files[:number] for one in file):
                by_rule[43].add(here)
        prompts = [system(one) for one in records]
        common = max(prompts, key=prompts.count, default=None)
        if prompts.count(common) * 100 >= percent * len(prompts):
            by_rule[20] |= {(number, place) for place, one in enumerate(prompts) if one != common}
    return {number: places for number, places in by_rule.items() if places}


TEXTS = st.sampled_from(
    [
        "",
        "Where is the harbour of this town, please, and when does it open?",
        "where is the Harbour of this town -- please! And when does it open 24",
        "Wo ist der „Hafen“ dieser schönen Stadt, bitte — und wann öffnet er…",
        "wo ist der Hafen dieser SCHÖNEN Stadt bitte? Und wann öffnet er?",
        "3 + 4",
        "7",
    ]
)
SYSTEMS = st.sampled_from(["Be brief."] * 6 + ["Be long.", ""])


@st.composite
def record_of(draw: st.DrawFn) -> dict[str, Any]:
    """A chat record of few words, so that many are alike."""
    messages: list[dict[str, Any]] = []
    if given_system := draw(SYSTEMS):
        messages.append({"role": "system", "content": given_system})
    for role in draw(st.sampled_from(["ua", "ua", "ua", "u", "a", "uaua", "uau"])):
        messages.append({"role": {"u": "user", "a": "assistant"}[role], "content": draw(TEXTS)})
    if draw(st.integers(0, 5)) == 0:
        messages.append({"role": "assistant", "tool_calls": [CALL]})
    return {"messages": messages} | ({"tools": TOOLS} if draw(st.integers(0, 5)) == 0 else {})


FILES = st.lists(st.lists(record_of(), min_size=1, max_size=12), min_size=1, max_size=3)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything that is done in steps is done in several."""
    monkeypatch.setattr(spilled, "SPILLED_FROM", 3)
    monkeypatch.setattr(repeats, "SORTED_AT_ONCE", 2)
    with patch.multiple(engine_audit, CHUNK_BYTES=(200,), LARGEST_CHUNK=400):
        yield


def written(folder: Path, files: list[list[dict[str, Any]]]) -> list[Path]:
    paths = [folder / f"{number}.jsonl" for number in range(len(files))]
    for path, records in zip(paths, files, strict=True):
        path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))
    return paths


@settings(max_examples=150)
@given(files=FILES, percent=st.sampled_from([60, 90]))
def test_what_is_found_is_what_the_model_finds(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[dict[str, Any]]], percent: int
) -> None:
    lint = LintSettings(thresholds=(OwnThreshold("common_prompt_percent", percent, "a test"),))
    session = seen(written(tmp_path_factory.mktemp("files"), files), replace(SETTINGS, lint=lint))
    assert found(session) == model(files, percent)
    session.close()
