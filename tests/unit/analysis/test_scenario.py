"""Calls taken from the data, against counts that are worked out in the plainest way."""

from __future__ import annotations

import gzip
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.chunk import analyse_bytes, cut_lines
from curator.analysis.counting import counting_of
from curator.analysis.prices import load_price_book
from curator.analysis.prompts_seen import LONGEST_TEXT, PromptsSeen, prompt_key
from curator.analysis.report import AuditSpec
from curator.analysis.scenario import Scenario, Shortening, scenario_of
from curator.analysis.tokens import TokenCounter
from curator.analysis.totals import Totals
from curator.errors import UsageError
from curator.records.sniffing import detect

LONG = "You are a patient examiner. " * 20
CHAT = ("sgd_small.jsonl", "sgd_dev_tools.jsonl.gz", "tau_airline_gpt4o.jsonl.gz", "oasst_en_threads.jsonl")
MORE_CHAT = ("toy_chat_fine_tuning.jsonl", "drone_training.jsonl", "stock_toolcall_training.jsonl")


def spec(dialect: str = "openai-chat", model: str = "gpt-4o") -> AuditSpec:
    return AuditSpec(counting_of(load_price_book().resolve(model)), dialect, accelerate=False)


def count(text: str) -> int:
    return TokenCounter("o200k_base", accelerate=False).count(text)


def message(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def line(*messages: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"messages": list(messages), **more}).encode()


def message_tokens(*messages: dict[str, Any]) -> int:
    return sum(3 + count(one["role"]) + count(one["content"]) for one in messages)


def sums_of(*lines: bytes, dialect: str = "openai-chat", **more: Any) -> Scenario:
    return scenario_of(lines, spec(dialect), **more)


def numbers(sums: Scenario) -> dict[str, int]:
    return {one.name: getattr(sums, one.name) for one in fields(sums) if isinstance(getattr(sums, one.name), int)}


def test_each_trained_answer_is_a_call_with_its_history() -> None:
    system, first, answer = message("system", "Be brief."), message("user", "Why?"), message("assistant", "Because.")
    second, other = message("user", "And then?"), message("assistant", "Nothing more happened.")
    sums = sums_of(line(system, first, answer, second, other))
    before = 3 + message_tokens(system, first)
    assert (sums.examples, sums.calls) == (1, 2)
    assert sums.prompt == before + (before + message_tokens(answer, second))
    assert sums.completion == count("Because.") + count("Nothing more happened.")
    assert sums.short_prompt == sums.prompt
    assert sums.tokens == 3 + message_tokens(system, first, answer, second, other)


def test_an_untrained_answer_is_history_only() -> None:
    first, answer = message("user", "Why?"), message("assistant", "Because.")
    sums = sums_of(line(first, answer | {"weight": 0}, first, answer))
    assert sums.calls == 1
    assert sums.prompt == 3 + message_tokens(first, answer, first)
    assert sums_of(line(first, answer | {"weight": 0})).calls == 0


def test_declared_tools_are_part_of_every_prompt() -> None:
    tools = [{"type": "function", "function": {"name": "look", "description": "Looks."}}]
    plain = line(message("user", "Why?"), message("assistant", "So."))
    with_tools = line(message("user", "Why?"), message("assistant", "So."), tools=tools)
    assert sums_of(with_tools).prompt - sums_of(plain).prompt == 12 + 7 + count("look:Looks")


def test_prompt_and_completion_are_counted_plainly() -> None:
    record = json.dumps({"prompt": "Why? ->", "completion": " Because."}).encode()
    sums = sums_of(record, dialect="prompt-completion")
    assert (sums.calls, sums.prompt, sums.completion) == (1, count("Why? ->"), count(" Because."))


def test_of_two_answers_the_preferred_one_is_the_call() -> None:
    asked = message("user", "Why?")
    record = {
        "input": {"messages": [asked]},
        "preferred_output": [message("assistant", "Because it is so.")],
        "non_preferred_output": [message("assistant", "No idea, sorry about that.")],
    }
    sums = sums_of(json.dumps(record).encode(), dialect="openai-preference")
    assert (sums.calls, sums.prompt) == (1, 3 + message_tokens(asked))
    assert sums.completion == count("Because it is so.")


@pytest.mark.parametrize("short", ["Be strict.", "", 4, 0])
def test_a_short_prompt_takes_the_place_of_a_long_one(short: str | int) -> None:
    asked, answer = message("user", "Why?"), message("assistant", "Because.")
    long = line(message("system", LONG), asked, answer, asked, answer)
    other = line(message("system", LONG + "."), asked, answer)
    sums = sums_of(long, other, shortening=Shortening(prompt_key(LONG), short))
    change = (short if isinstance(short, int) else count(short)) - count(LONG)
    assert (sums.examples, sums.shortened, sums.calls) == (2, 1, 3)
    assert sums.short_prompt - sums.prompt == 2 * change
    assert sums.short_tokens - sums.tokens == change
    if isinstance(short, str):
        written = line(message("system", short), asked, answer, asked, answer)
        assert sums_of(written, other).prompt == sums.short_prompt
        assert sums_of(written, other).tokens == sums.short_tokens


@pytest.mark.parametrize("own", ["Be brief.", None])
@pytest.mark.parametrize("short", ["Be strict.", 4])
def test_a_prompt_that_no_record_has_stands_before_every_call(own: str | None, short: str | int) -> None:
    said = [
        message("user", "Why?"),
        message("assistant", "Because."),
        message("user", "And?"),
        message("assistant", ""),
    ]
    system = [] if own is None else [message("system", own)]
    sums = sums_of(line(*system, *said), shortening=Shortening(prompt_key(LONG), short, LONG), limit=300)
    long = sums_of(line(message("system", LONG), *said), shortening=Shortening(prompt_key(LONG), short), limit=300)
    assert numbers(sums) == numbers(long)


def test_bills_are_cut_at_the_limit_before_and_after() -> None:
    record = line(message("system", LONG), message("user", "Why?"), message("assistant", "Because."))
    shortening = Shortening(prompt_key(LONG), 2)
    free = sums_of(record, shortening=shortening)
    assert (free.billed, free.short_billed) == (free.tokens, free.short_tokens)
    cut = sums_of(record, shortening=shortening, limit=50)
    assert (cut.billed, cut.short_billed) == (50, free.short_tokens)


def test_only_calls_of_1024_tokens_are_kept_in_a_cache() -> None:
    big, answer = message("user", "word " * 1500), message("assistant", "So.")
    small = line(message("user", "Why?"), answer)
    assert sums_of(small, line(big, answer)).cachable == sums_of(line(big, answer)).prompt
    assert sums_of(small).cachable == 0


def test_a_call_of_the_data() -> None:
    sums = sums_of(line(message("user", "Why?"), message("assistant", "So.")))
    call = sums.call()
    assert (call.prompt, call.completion, call.count) == (sums.prompt, sums.completion, 1)
    other = Scenario(calls=1, prompt=9, short_prompt=5, completion=4)
    assert (sums.call(other).short_prompt, sums.call(other).tuned_answers) == (5, 4)
    with pytest.raises(UsageError, match="No record has a trained answer"):
        Scenario().call()


def test_lines_that_say_nothing_are_no_trouble() -> None:
    odd = [b"", b"\r", b"{oops", b"[1]", b"null", b'{"messages": 5}', b'{"messages": [5, null, {}]}', b"{}"]
    odd += [line(message("assistant", None)), line(message("system", 5)), line({"role": "assistant"})]
    sums = scenario_of(odd, spec())
    assert sums.examples == len(odd) - 3
    assert sums.calls == 2
    totals = Totals()
    totals.add(analyse_bytes(b"\n".join(odd), spec()).columns, 0)
    assert (totals.examples, totals.tokens) == (sums.examples, sums.tokens)


# System prompts


def test_system_prompts_are_ranked_by_what_they_cost() -> None:
    answer = message("assistant", "So.")
    lines = [line(message("system", "Be brief."), answer, answer)] * 3
    lines += [line(message("developer", LONG), answer)] * 2
    lines += [line(message("system", [{"type": "text", "text": "Be"}, {"type": "text", "text": "kind."}]), answer)]
    lines += [line(answer, message("system", "Too late.")), line(message("system", [{"type": "image_url"}]), answer)]
    prompts = sums_of(*lines).prompts
    assert [(one.text, one.records, one.calls) for one in prompts.ranked()] == [
        (LONG, 2, 2),
        ("Be brief.", 3, 6),
        ("Be\nkind.", 1, 1),
    ]
    first = prompts.ranked(1)[0]
    assert (first.tokens, first.all_tokens) == (count(LONG), 2 * count(LONG))
    assert prompts.find(prompt_key("Be brief.")) is prompts.ranked()[1]
    assert prompts.find(prompt_key("Too late.")) is None
    assert prompts.complete


def test_memory_for_prompts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.analysis.prompts_seen.MOST_PROMPTS", 10)
    monkeypatch.setattr("curator.analysis.prompts_seen.MOST_TEXTS", 3)
    seen = PromptsSeen()
    for number in range(8):
        seen.add(f"{number}", tokens=number, calls=1)
    seen.trim()
    assert seen.complete
    assert [one.text for one in seen.ranked(5)] == ["7", "6", "5", "", ""]
    other = PromptsSeen()
    for number in range(4, 20):
        other.add(f"{number}", tokens=number, calls=1)
    seen.merge(other)
    assert not seen.complete
    assert len(seen) == 5
    assert [one.tokens for one in seen.ranked(2)] == [19, 18]
    long = PromptsSeen()
    long.add("x" * (LONGEST_TEXT + 1), tokens=1, calls=1)
    assert len(long.ranked()[0].text) == LONGEST_TEXT


# Additive, and the same as the audit

texts = st.text(max_size=12)
contents = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": texts})
records = st.lists(contents, max_size=5).map(lambda messages: line(*messages))


@given(st.lists(records, max_size=8), st.integers(0, 8), st.none() | st.integers(0, 30))
def test_sums_are_additive_over_records(lines: list[bytes], at: int, short: int | None) -> None:
    more: dict[str, Any] = {"limit": 20}
    if short is not None:
        more["shortening"] = Shortening(prompt_key("0"), short)
    whole, parts = scenario_of(lines, spec(), **more), scenario_of(lines[:at], spec(), **more)
    parts.merge(scenario_of(lines[at:], spec(), **more))
    assert numbers(parts) == numbers(whole)
    assert parts.prompts.ranked() == whole.prompts.ranked()
    assert parts.answers.most == whole.answers.most


def content_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize("name", [*CHAT, *MORE_CHAT])
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-3.5-turbo"])
def test_real_data_have_the_tokens_of_the_audit(shared_data: Path, name: str, model: str) -> None:
    content = content_of(shared_data / "chat" / name)[: 1 << 20]
    content = content[: content.rfind(b"\n") + 1]
    check(content, spec(model=model))


@pytest.mark.parametrize("name", ["alpaca", "examiner", "preference", "prompt_completion", "sharegpt", "tools", "trl"])
def test_every_dialect_has_the_tokens_of_the_audit(project: Path, name: str) -> None:
    content = (project / "samples" / f"{name}.jsonl").read_bytes()
    check(content, spec(detect(content.split(b"\n")).dialect.name))


def check(content: bytes, asked: AuditSpec) -> None:
    totals = Totals()
    totals.add(analyse_bytes(content, asked).columns, 400)
    sums = scenario_of(cut_lines(content), asked, limit=400)
    assert sums.calls > 0
    assert (sums.examples, sums.tokens) == (totals.examples, totals.tokens)
    assert sums.billed == sums.short_billed == totals.billed_tokens
    assert sums.completion <= totals.trained_tokens
