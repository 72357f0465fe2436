"""Findings that need whole files are those of a model that compares all records with all others."""

from __future__ import annotations

import json
import os
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
from pyroaring import BitMap64

from curator.analysis import hashes, repeats
from curator.analysis.chunk import analyse_bytes
from curator.analysis.lint.file_rules import FILE_RULES
from curator.analysis.lint.rule import Rule
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor, make_executor
from curator.lint_settings import Choice, LintSettings, OwnThreshold
from curator.session import Place, Session, audit_cache
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


def chat(question: str, said: str, prompt_before: str = "") -> dict[str, Any]:
    messages = [{"role": "system", "content": prompt_before}] if prompt_before else []
    return {
        "messages": [*messages, {"role": "user", "content": question}, {"role": "assistant", "content": said}],
    }


DISTINCT = [chat(f"What is the {number}th letter?", f"Letter {chr(65 + number)}") for number in range(20)]


def said_of(session: Session) -> dict[tuple[str, int], list[str]]:
    """The sentences by file and line, counted from 1."""
    return {
        (source.opened.path.name, line + 1): [
            f"{one.code} {one.message}" for one in session.file_findings.of_record(Place(source.number, line))
        ]
        for source in session.sources
        for line in source.file_wide.any
    }


def on_files(session: Session) -> list[tuple[str, str, str]]:
    return [
        (one.code, one.severity.value, one.message) for source in session.sources for one in source.file_wide.on_file
    ]


def test_each_sentence_names_another_record(tmp_path: Path) -> None:
    long = "Where does the ferry to the islands leave from"
    records = [
        *DISTINCT,
        chat(long, "Quay 4."),
        chat(f"{long.upper()}?!", "quay 17"),
        chat(long, "Quay 4."),
        chat(long, "Quay 4."),
        chat(long, "Ask."),
        chat("Who are you?", "Me.", "Be brief."),
    ]
    session = seen(written(tmp_path, [records, [DISTINCT[3]]]))
    assert said_of(session) == {
        ("0.jsonl", 21): ["CUR022 the same prompt has another answer in #25"],
        ("0.jsonl", 22): ["CUR042 says the same as #21 and 2 more but for case, punctuation, digits or spaces"],
        ("0.jsonl", 23): ["CUR021 says the same as #21 and 1 more", "CUR022 the same prompt has another answer in #25"],
        ("0.jsonl", 24): ["CUR021 says the same as #21 and 1 more", "CUR022 the same prompt has another answer in #25"],
        ("0.jsonl", 25): ["CUR022 the same prompt has another answer in #21"],
        ("0.jsonl", 26): ["CUR020 there is a system prompt here, unlike in 96 % of the records"],
        ("1.jsonl", 1): ["CUR043 says the same as #4 in another of the opened files, 0.jsonl"],
    }
    session.close()


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (DISTINCT[:9], ("CUR008", "error", "9 examples: fine-tuning takes 10 or more")),
        (DISTINCT[:10], ("CUR008", "warning", "10 examples: 50 or more are advised")),
        (
            [*DISTINCT, {"prompt": "a", "completion": " b"}],
            ("CUR031", "error", "records of several formats stand in one file: 20 openai-chat, 1 prompt-completion"),
        ),
        (
            [chat(f"Who is number {number}?", "Nobody knows.") for number in range(11)],
            (
                "CUR039",
                "warning",
                "one answer stands in 11 records: in 3 epochs the model sees it 33 times, and from 32 on it recites it",
            ),
        ),
    ],
)
def test_what_is_said_of_a_file(tmp_path: Path, records: list[dict[str, Any]], told: tuple[str, str, str]) -> None:
    session = seen(written(tmp_path, [records]))
    assert told in on_files(session)
    session.close()


def test_ten_copies_of_an_answer_are_not_recited_in_three_epochs(tmp_path: Path) -> None:
    session = seen(written(tmp_path, [[chat(f"Who is number {number}?", "Nobody.") for number in range(10)]]))
    assert [code for code, _, _ in on_files(session)] == ["CUR008"]
    session.close()


def test_rules_that_are_off_find_nothing_and_those_that_are_on_do(tmp_path: Path) -> None:
    off = [Choice(f"CUR{number:03d}", "off", "a test") for number in (8, *ON_RECORDS)]
    lint = LintSettings((*off, Choice("CUR040", "on", "a test")))
    paths = written(tmp_path, [[*DISTINCT, *DISTINCT, chat("a", "b", "c")], DISTINCT])
    session = seen(paths, replace(SETTINGS, lint=lint))
    assert found(session) == {}
    assert {code for code, _, _ in on_files(session)} == {"CUR040"}
    session.close()


def test_preferences_may_have_several_answers_to_a_prompt(tmp_path: Path) -> None:
    def pair(chosen: str, rejected: str) -> dict[str, str]:
        return {"prompt": "Name a colour of the harbour crane.", "chosen": chosen, "rejected": rejected}

    session = seen(written(tmp_path, [[pair("red", "blue"), pair("red", "green")]]))
    assert found(session) == {}
    session.close()


def test_pictures_and_tools_make_records_differ(tmp_path: Path) -> None:
    def picture(name: str) -> dict[str, Any]:
        part = {"type": "image_url", "image_url": {"url": f"https://example.org/{name}.png", "detail": "low"}}
        asked = {"role": "user", "content": [{"type": "text", "text": "What is this?"}, part]}
        return {"messages": [asked, {"role": "assistant", "content": name}]}

    asked = chat("Find the harbour.", "Here.")
    records = [picture("a"), picture("b"), asked, asked | {"tools": TOOLS}]
    session = seen(written(tmp_path, [records]))
    assert found(session) == {}
    session.close()


def test_totals_rows_and_the_next_problem_follow(tmp_path: Path) -> None:
    session = seen(written(tmp_path, [[*DISTINCT, DISTINCT[2], DISTINCT[4]]]))
    assert session.totals.findings["CUR021"] == 2
    assert [session.next_problem(at, step) for at, step in ((0, 1), (20, 1), (21, 1), (21, -1))] == [20, 21, None, 20]
    row = session.row(20)
    assert row is not None
    assert row.findings == 1 << 21
    session.close()


def test_edits_undo_and_a_journal_that_is_opened_again_are_followed(tmp_path: Path) -> None:
    (path,) = written(tmp_path, [[*DISTINCT, DISTINCT[2]]])
    session = opened(path)
    session.editor.duplicate(session.record(5))
    session.editor.drop({session.sources[0]: BitMap64([2])}, "drop")
    assert work_off(session)
    assert sentences(session) == {"#6": ["says the same as #5"]}
    session.editor.rewrite(session.record(0), session.record(1).body, "rewrite")
    work_off(session)
    assert sentences(session) == {"#1": ["says the same as #2"], "#6": ["says the same as #5"]}
    session.close()
    session = opened(path)
    assert sentences(session) == {"#1": ["says the same as #2"], "#6": ["says the same as #5"]}
    for _ in range(3):
        session.editor.undo()
    assert work_off(session)
    assert sentences(session) == {"#21": ["says the same as #3"]}
    assert not work_off(session)
    session.close()


def opened(path: Path) -> Session:
    """A session with its journal, all of it known."""
    session = Session([path], SETTINGS)
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    work_off(session)
    return session


def work_off(session: Session) -> bool:
    """Let figures and findings follow. Whether something was found anew."""
    while waiting := session.recount.waiting(3):
        source, texts = waiting
        content = b"".join(line.removesuffix(b"\n") + b"\n" for _, _, line in texts)
        columns = analyse_bytes(content, session.spec(source.opened)).columns
        session.recount.take(source, texts, columns, session.audits)
    while not session.recount.settle(1):
        pass
    return session.file_findings.follow(InlineExecutor())


def sentences(session: Session) -> dict[str, list[str]]:
    """What is said of each record, by its number in the list."""
    (source,) = session.sources
    return {
        f"#{session.listing.number_of(source, record)}": [
            one.message for one in session.file_findings.of_record(Place(0, record))
        ]
        for record in source.file_wide.any
    }


def test_a_cached_audit_brings_what_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_cache, "SMALLEST_BYTES", 1)
    (path,) = written(tmp_path, [[*DISTINCT, DISTINCT[2]]])
    os.utime(path, (1, 1))
    for restored in (False, True):
        session = Session([path], SETTINGS)
        session.cache.enabled = True
        audits = sum(1 for _ in session.audit(InlineExecutor(), 1))
        session.file_findings.follow(InlineExecutor())
        assert found(session) == {21: {(0, 20)}}
        assert (audits == 0) is restored
        session.close()


def test_workers_find_the_same(tmp_path: Path) -> None:
    paths = written(tmp_path, [[*DISTINCT, DISTINCT[2]], DISTINCT[4:6]])
    with make_executor(2) as pool:
        session = seen(paths, executor=pool)
        assert found(session) == {21: {(0, 20)}, 43: {(1, 0), (1, 1)}}
        session.close()


def test_real_records_that_repeat_are_found(shared_data: Path, tmp_path: Path) -> None:
    records = json.loads((shared_data / "formats" / "alpaca_en_demo.json").read_text())
    session = seen(written(tmp_path, [records]))
    assert session.totals.findings["CUR021"] == 14
    assert not session.totals.findings["CUR022"]
    session.close()


def test_records_that_say_nothing_are_not_alike(tmp_path: Path) -> None:
    session = seen(written(tmp_path, [[{"id": number} for number in range(3)] + [{"messages": []}] * 2]))
    assert found(session) == {}
    session.close()


def test_answers_that_are_judged_may_contradict(tmp_path: Path) -> None:
    records = [chat("Name a crane.", "Red.") | {"label": True}, chat("Name a crane.", "Soup.") | {"label": False}]
    session = seen(written(tmp_path, [records]))
    assert found(session) == {}
    session.close()


def found_in(rule: Rule, lines: str, folder: Path) -> set[int]:
    """The file-wide rules that an example breaks; each line of the one on several files is a file."""
    several = rule.number == 43
    paths = [folder / f"{number}.jsonl" for number in range(len(lines.splitlines()) if several else 1)]
    for path, content in zip(paths, lines.splitlines(keepends=True) if several else [lines], strict=True):
        path.write_text(content)
    session = seen(paths, replace(SETTINGS, lint=LintSettings((Choice(rule.code, "on", "a test"),))))
    said = set(found(session)) | {int(code[3:]) for code, _, _ in on_files(session)}
    session.close()
    return said - ({8} if rule.number != 8 else set())


@pytest.mark.parametrize("rule", FILE_RULES, ids=lambda rule: rule.code)
def test_the_examples_of_each_rule_break_it_and_do_not(rule: Rule, tmp_path: Path) -> None:
    assert found_in(rule, rule.bad, tmp_path) == {rule.number, *rule.also}
    assert found_in(rule, rule.good, tmp_path) == set() or not rule.good
