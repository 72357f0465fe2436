"""Conversions between dialects: either an equal conversation comes back, or what is lost is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.analysis.schema import shipped_schema
from curator.records.codec import decode_exactly, encode, line_body
from curator.records.conversation import Message
from curator.records.converting import CAPACITIES, Cause, Keep, Keys, Loss, Ways, Weight, convert, convert_line
from curator.records.converting.telling import telling
from curator.records.dialects import DIALECTS, NAMES, Dialect, dialect_named
from curator.records.sniffing import dialect_of
from curator.records.transforms.writing import said
from tests.unit.records.real_records import PROJECT, claimed_by, public_lines, sound_cases

WAYS = (
    Ways(),
    Ways(Keys.KEEP, Keep.CHOSEN, fold_system=True),
    Ways(Keys.DROP, Keep.BOTH),
)
TARGETS = [pytest.param(dialect, id=dialect.name) for dialect in DIALECTS]


@cache
def all_cases() -> list[tuple[Dialect, dict[str, Any]]]:
    """The sound cases in the dialect whose cases they are, and all sound records as they are claimed."""
    own = []
    for dialect in DIALECTS:
        path = PROJECT / "tests" / "cases" / dialect.name / "valid.jsonl"
        own += [(dialect, json.loads(line)["record"]) for line in path.read_bytes().splitlines()]
    return own + sound_cases()


def leaves(value: Any) -> Iterator[str]:
    """Every string and number, and every key's name does not count."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, bool):
        yield json.dumps(value)


SPELLING = {
    *("system", "user", "assistant", "tool", "developer", "function", "model", "human", "gpt", "observation"),
    *("function_call", "text", "image_url", "refusal", "bedrock-conversation-2024", "auto", "0", "1", "1.0"),
}


def missing(record: dict[str, Any], written: tuple[dict[str, Any], ...]) -> list[str]:
    """What stands in the record and nowhere in what was written, whatever either's dialect makes of it."""
    held = json.dumps(written, ensure_ascii=False)
    once, twice = held, json.dumps(held, ensure_ascii=False)
    found = []
    for leaf in leaves(record):
        if leaf in SPELLING or not leaf.strip():
            continue
        inner = decode_exactly(leaf.encode()) if leaf[:1] in "[{" else None
        if isinstance(inner, dict | list):
            found += missing({"": inner}, written)
            continue
        spelt = json.dumps(leaf, ensure_ascii=False)[1:-1]
        again = json.dumps(spelt, ensure_ascii=False)[1:-1]
        if not any(one in text for one in (leaf, spelt, again) for text in (once, twice)):
            found.append(leaf)
    return found


def quiet(messages: tuple[Message, ...]) -> list[Any]:
    """What is said message by message, free of ids and of the roles' spelling."""
    found = []
    for message in messages:
        told = said(message)
        calls = tuple(replace(call, call_id="", legacy=False) for call in told.tool_calls)
        role = {"developer": "system", "function": "tool"}.get(told.role, told.role)
        found.append((role, told.text, calls, message.trained))
    return found


UNTOLD_IS_THE_SAME = {Cause.IDS_MADE, Cause.IDS_GONE, Cause.LEGACY, Cause.DEVELOPER}


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_not_told_as_lost_is_there(target: Dialect) -> None:
    for source, record in all_cases():
        for ways in WAYS:
            converted = convert(record, source, target, ways)
            weights = {loss.cause.weight for loss in converted.losses}
            assert bool(converted.records) != (Weight.REFUSED in weights), (source.name, record, converted)
            if not converted.records or Weight.LOST in weights:
                continue
            if {loss.cause for loss in converted.losses} & {
                Cause.CHOSEN,
                Cause.DROPPED,
                Cause.IDS_MADE,
                Cause.IDS_GONE,
            }:
                continue
            lost = missing(record, converted.records)
            joined = Cause.FOLDED in {loss.cause for loss in converted.losses}
            assert lost == [] or joined or "\n" in "".join(quiet_texts(source, record)), (source.name, record, lost)


def quiet_texts(source: Dialect, record: dict[str, Any]) -> list[str]:
    return [message.text for message in source.read(record).messages]


PLAIN = ("openai-chat", "openai-rft", "sharegpt", "alpaca", "trl", "mistral", "together", "claude", "prompt-completion")


@pytest.mark.parametrize("target", [dialect for dialect in DIALECTS if dialect.name in PLAIN], ids=lambda one: one.name)
def test_an_equal_conversation_comes_back_where_nothing_is_told(target: Dialect) -> None:
    compared = 0
    for source, record in all_cases():
        converted = convert(record, source, target, Ways())
        causes = {loss.cause for loss in converted.losses}
        if source.name not in PLAIN or not converted.records or causes - UNTOLD_IS_THE_SAME:
            continue
        asked, found = source.read(record).messages, target.read(converted.records[0]).messages
        if not any(message.section for message in (*asked, *found)):
            assert quiet(found) == quiet(asked), (source.name, record, converted.records)
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("target", TARGETS)
def test_a_record_is_read_in_the_dialect_that_it_was_written_in(target: Dialect) -> None:
    for source, record in all_cases():
        for ways in WAYS:
            for written in convert(record, source, target, ways).records if source is not target else ():
                assert target.claims(written)
                assert dialect_of(written, target, only=False) is target, (source.name, record, written)


@pytest.mark.parametrize("target", TARGETS)
def test_there_and_back_is_the_same_where_nothing_was_lost(target: Dialect) -> None:
    """By way of another dialect a conversation comes back as it was, if neither way told of a loss."""
    for source, record in all_cases():
        there = convert(record, source, target, Ways())
        if source is target or not there.records or there.weight is not Weight.TOLD:
            continue
        back = convert(there.records[0], target, source, Ways())
        if not back.records or back.weight is not Weight.TOLD:
            continue
        asked, found = telling(record, source), telling(back.records[0], source)
        told = {loss.cause for loss in (*there.losses, *back.losses)}
        if told <= UNTOLD_IS_THE_SAME | {Cause.JOINED}:
            assert quiet(found.messages) == quiet(asked.messages), (source.name, record, back.records[0])


def test_nothing_is_lost_untold_of_public_files(shared_data: Path) -> None:
    seen = 0
    for line in public_lines(shared_data, 12):
        value = decode_exactly(line_body(line))
        if not isinstance(value, dict):
            continue
        source = claimed_by(value)
        for target in DIALECTS:
            converted, lines = convert_line(line_body(line), value, source, target, Ways())
            assert len(lines) == len(converted.records)
            assert bool(lines) or converted.weight is Weight.REFUSED
            for made, record in zip(lines, converted.records, strict=True):
                assert decode_exactly(made) == record
            if lines and not converted.losses:
                assert missing(value, converted.records) == []
            seen += 1
    assert seen > 1000


# Made-up chats


TEXTS = st.sampled_from(["", "a", "one\ntwo", " [] ", "\u2028\U0001f339", '{"output": "x"}', '{"a": 1.10}', "\ud83d"])
NAMES_OF_TOOLS = st.sampled_from(["frost", "find"])
SOME_IDS = st.sampled_from(["", "a", "b", "aB3dE6gH9"])
CALLS = st.fixed_dictionaries(
    {
        "id": SOME_IDS,
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": NAMES_OF_TOOLS, "arguments": st.sampled_from(["{}", "[1", "{ }"])}),
    }
)
PARTS = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, TEXTS),
    st.builds(lambda detail: {"type": "image_url", "image_url": {"url": "s3://x.png"} | detail}, st.just({})),
    st.just({"type": "refusal", "refusal": "No."}),
    st.just({"type": "input_audio", "input_audio": {"data": "AAAA"}}),
)
CONTENT = st.one_of(TEXTS, st.none(), st.lists(PARTS, max_size=3))
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "developer", "user", "user", "assistant", "assistant", "tool", "critic"])},
    optional={
        "content": CONTENT,
        "name": st.sampled_from(["Ada", "frost"]),
        "tool_calls": st.lists(CALLS, max_size=2),
        "tool_call_id": SOME_IDS,
        "weight": st.sampled_from([0, 1, 0.5]),
        "refusal": st.sampled_from(["Never.", None]),
        "thinking": st.just("Hm."),
    },
)
CHATS = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGES, max_size=5)},
    optional={"id": st.integers(), "system_fingerprint": st.just("zz"), "tools": st.just([{"name": "frost"}])},
)


@given(record=CHATS, ways=st.sampled_from(WAYS))
@settings(max_examples=150)
def test_of_any_chat_nothing_is_lost_untold(record: dict[str, Any], ways: Ways) -> None:
    source = dialect_named("openai-chat")
    body = encode(record)
    for target in DIALECTS:
        converted, lines = convert_line(body, decode_exactly(body), source, target, ways)
        assert bool(lines) != (converted.weight is Weight.REFUSED)
        assert [decode_exactly(line) for line in lines] == list(converted.records)
        told = {loss.cause for loss in converted.losses}
        if not lines or converted.weight is Weight.LOST or told & {Cause.DROPPED, Cause.IDS_GONE, Cause.IDS_MADE}:
            continue
        texts = [leaf for text in leaves(record) for leaf in text.split("\n")]
        assert missing({"": texts}, converted.records) == [], (target.name, converted)


# What is peculiar to some pairs


def chat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": list(messages), **more}


def said_by(role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": text, **more}


QUESTION, ANSWER = said_by("user", "Which rose?"), said_by("assistant", "Gallica.")


def converted(record: dict[str, Any], source: str, target: str, ways: Ways = WAYS[0]) -> Any:
    return convert(record, dialect_named(source), dialect_named(target), ways)


def causes(found: Any) -> list[Cause]:
    return [loss.cause for loss in found.losses]


def test_a_chat_in_every_dialect() -> None:
    record = chat(said_by("system", "Be brief."), QUESTION, ANSWER)
    expected = {
        "sharegpt": {
            "system": "Be brief.",
            "conversations": [{"from": "human", "value": "Which rose?"}, {"from": "gpt", "value": "Gallica."}],
        },
        "alpaca": {"system": "Be brief.", "instruction": "Which rose?", "output": "Gallica."},
        "trl": {"prompt": [said_by("system", "Be brief."), QUESTION], "completion": [ANSWER]},
        "claude": {"system": "Be brief.", "messages": [QUESTION, ANSWER]},
        "bedrock": {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"text": "Which rose?"}]},
                {"role": "assistant", "content": [{"text": "Gallica."}]},
            ],
        },
        "gemini": {
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "Which rose?"}]},
                {"role": "model", "parts": [{"text": "Gallica."}]},
            ],
        },
        "mistral": record,
        "together": record,
        "openai-rft": {
            "messages": [said_by("developer", "Be brief."), QUESTION],
            "reference_answer": "Gallica.",
        },
    }
    for target, wanted in expected.items():
        found = converted(record, "openai-chat", target)
        assert found.records == (wanted,), target
        assert found.weight is Weight.TOLD
        assert shipped_schema(target).is_valid(wanted)


def test_a_system_prompt_is_folded_only_if_that_is_asked() -> None:
    record = chat(said_by("system", "Be brief."), QUESTION, ANSWER)
    refused = converted(record, "openai-chat", "prompt-completion")
    assert causes(refused) == [Cause.SYSTEM]
    assert "--fold-system" in refused.losses[0].sentence
    folded = converted(record, "openai-chat", "prompt-completion", Ways(fold_system=True))
    assert folded.records == ({"prompt": "Be brief.\n\nWhich rose?", "completion": "Gallica."},)
    assert causes(folded) == [Cause.FOLDED]


def test_two_answers_become_one_or_two_records() -> None:
    record = {
        "input": {"messages": [QUESTION]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [said_by("assistant", "Any.")],
    }
    assert causes(converted(record, "openai-preference", "openai-chat")) == [Cause.TWO_ANSWERS]
    chosen = converted(record, "openai-preference", "openai-chat", Ways(answers=Keep.CHOSEN))
    assert chosen.records == (chat(QUESTION, ANSWER),)
    both = converted(record, "openai-preference", "alpaca", Ways(answers=Keep.BOTH))
    assert [one["output"] for one in both.records] == ["Gallica.", "Any."]
    trl = converted(record, "openai-preference", "trl")
    assert trl.records == ({"prompt": [QUESTION], "chosen": [ANSWER], "rejected": [said_by("assistant", "Any.")]},)
    assert causes(converted(chat(QUESTION, ANSWER), "openai-chat", "openai-preference")) == [Cause.NO_PAIR]


def test_a_prompt_that_both_answers_repeat_is_the_prompt() -> None:
    record = {"chosen": [QUESTION, ANSWER], "rejected": [QUESTION, said_by("assistant", "Any.")]}
    found = converted(record, "trl", "openai-preference")
    assert found.records[0]["input"] == {"messages": [QUESTION]}
    assert found.records[0]["preferred_output"] == [ANSWER]


CALL = {"id": "t1", "type": "function", "function": {"name": "frost", "arguments": '{"place":"Riga"}'}}
CALLED = chat(
    QUESTION,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "12 April", "tool_call_id": "t1"},
    ANSWER,
    tools=[{"type": "function", "function": {"name": "frost"}}],
)


def test_calls_in_the_words_of_each_dialect() -> None:
    sharegpt = converted(CALLED, "openai-chat", "sharegpt").records[0]
    assert [turn["from"] for turn in sharegpt["conversations"]] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(sharegpt["tools"]) == [{"name": "frost"}]
    bedrock = converted(CALLED, "openai-chat", "bedrock")
    assert causes(bedrock) == [Cause.TOOLS]
    assert bedrock.records[0]["messages"][2] == {
        "role": "user",
        "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": "12 April"}]}}],
    }
    gemini = converted(CALLED, "openai-chat", "gemini")
    assert causes(gemini) == [Cause.IDS_GONE]
    assert gemini.records[0]["contents"][2]["parts"] == [
        {"functionResponse": {"name": "frost", "response": {"output": "12 April"}}}
    ]
    assert gemini.records[0]["tools"] == [{"functionDeclarations": [{"name": "frost"}]}]
    mistral = converted(CALLED, "openai-chat", "mistral")
    assert causes(mistral) == [Cause.IDS_MADE]
    assert mistral.records[0]["messages"][2]["tool_call_id"] == "call00001"
    for refusing in ("alpaca", "claude", "prompt-completion"):
        assert causes(converted(CALLED, "openai-chat", refusing)) == [Cause.CALLS]


def test_calls_come_back_from_where_they_have_no_ids() -> None:
    gemini = converted(CALLED, "openai-chat", "gemini").records[0]
    back = converted(gemini, "gemini", "openai-chat")
    assert causes(back) == [Cause.IDS_MADE]
    made = back.records[0]["messages"]
    assert made[1]["tool_calls"][0] == {**CALL, "id": "call_1"}
    assert made[2]["tool_call_id"] == "call_1"
    assert back.records[0]["tools"] == CALLED["tools"]


def test_results_in_another_order_than_their_calls() -> None:
    calls = [{**CALL, "id": "a"}, {**CALL, "id": "b"}]
    record = chat(
        QUESTION,
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "content": "two", "tool_call_id": "b"},
        {"role": "tool", "content": "one", "tool_call_id": "a"},
    )
    assert Cause.PAIRING in causes(converted(record, "openai-chat", "sharegpt"))
    assert Cause.PAIRING not in causes(converted(record, "openai-chat", "bedrock"))


def test_masks() -> None:
    masked = chat(QUESTION, {**ANSWER, "weight": 0}, QUESTION, ANSWER)
    for target in ("mistral", "together"):
        assert converted(masked, "openai-chat", target).losses == ()
    assert converted(masked, "openai-chat", "trl").losses == ()
    assert causes(converted(masked, "openai-chat", "claude")) == [Cause.TRAINED_TOO]
    whole = chat(QUESTION, ANSWER, QUESTION, ANSWER)
    assert causes(converted(whole, "openai-chat", "trl")) == [Cause.NOT_TRAINED]


def test_further_keys() -> None:
    record = chat(QUESTION, ANSWER, id=7, source="forum")
    assert converted(record, "openai-chat", "alpaca").records[0]["id"] == 7
    claude = converted(record, "openai-chat", "claude")
    assert claude.losses == (Loss(Cause.KEYS, "`id`, `source`"),)
    assert converted(record, "openai-chat", "claude", Ways(Keys.KEEP)).records[0]["source"] == "forum"
    dropped = converted(record, "openai-chat", "alpaca", Ways(Keys.DROP))
    assert (list(dropped.records[0]), causes(dropped)) == (["instruction", "output"], [Cause.DROPPED])


def test_further_keys_keep_their_spelling() -> None:
    body = (
        b'{"score": 1.10, "long": 12345678901234567890123, "at": 1E5, "e": "\\u00e9",\n'
        b'"messages": [{"role": "user", "content": "\\u00e9?"}, {"role": "assistant", "content": "\xc3\xa9!"}]}'
    )
    value = decode_exactly(body)
    found, lines = convert_line(body, value, dialect_named("openai-chat"), dialect_named("alpaca"), Ways())
    assert found.losses == ()
    assert lines == (
        '{"instruction":"é?","output":"é!","score": 1.10,"long": 12345678901234567890123,"at": 1E5,'
        '"e": "\\u00e9"}'.encode(),
    )


def test_what_json_readers_drop_is_told() -> None:
    twice = b'{"id": 1, "id": 2, "messages": [{"role": "user", "content": "a", "content": "b"}]}'
    for target in ("sharegpt", "alpaca"):
        found, _ = convert_line(
            twice, decode_exactly(twice), dialect_named("openai-chat"), dialect_named(target), Ways()
        )
        assert found.weight is (Weight.LOST if target == "sharegpt" else Weight.REFUSED)
    digits = b'{"messages": [{"role": "user", "content": "a"}], "tools": [{"type": "x", "n": 0.12345678901234567890}]}'
    found, _ = convert_line(digits, decode_exactly(digits), dialect_named("openai-chat"), dialect_named("trl"), Ways())
    assert found.weight is Weight.REFUSED


def test_a_record_of_the_same_dialect_stays_as_it_is() -> None:
    body = b'{ "messages" : [ ] , "x": 1.0 }'
    found, lines = convert_line(body, json.loads(body), DIALECTS[3], DIALECTS[3], Ways())
    assert (found.losses, lines) == ((), (body,))


def test_every_dialect_says_what_it_can_hold() -> None:
    assert set(CAPACITIES) == set(NAMES)
