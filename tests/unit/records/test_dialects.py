"""Every dialect reads anything, and writes back what it read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.counting import counting_of
from curator.analysis.prices import load_price_book
from curator.analysis.record_report import analyse_record
from curator.analysis.report import AuditSpec
from curator.errors import CuratorError, UsageError
from curator.records.codec import Malformed, compact, decode_exactly, encode, line_body
from curator.records.conversation import Conversation, Message, Part, ToolCall, as_chat
from curator.records.dialects import DEFAULT, NAMES, Dialect, dialect_named
from curator.records.dialects.base import DoesNotFitError
from curator.records.sniffing import claimed

PROJECT = Path(__file__).resolve().parents[3]
SHARED = {
    "chat/drone_training.jsonl": "openai-chat",
    "chat/oasst_en_threads.jsonl": "openai-chat",
    "chat/sgd_small.jsonl": "openai-chat",
    "chat/stock_toolcall_training.jsonl": "openai-chat",
    "chat/toy_chat_fine_tuning.jsonl": "openai-chat",
    "chat/datagen_tooluse_valid.jsonl.gz": "openai-chat",
    "chat/tau_airline_gpt4o.jsonl.gz": "openai-chat",
    "formats/mllm_demo.json": "openai-chat",
    "formats/v1_sft_demo.jsonl": "openai-chat",
    "formats/v1_multimodal_demo.jsonl": "openai-chat",
    "formats/kto_en_demo.json.gz": "trl",
    "formats/orca_dpo_openai_preference.jsonl.gz": "openai-preference",
    "formats/alpaca_en_demo.json": "alpaca",
    "formats/identity.json": "alpaca",
    "formats/glaive_toolcall_en_demo.json": "sharegpt",
    "formats/dpo_en_demo.json.gz": "sharegpt",
    "formats/fastchat_dummy_conversation.json": "sharegpt",
    "formats/axolotl_conversation.json": "sharegpt",
    "formats/axolotl_conversation.missingturns.json": "sharegpt",
}
"""Public files, and what their records are taken for."""

UNKNOWN = (
    "formats/bfcl_multi_turn_base.json",
    "formats/claude_code_edge_cases.jsonl",
    "formats/claude_code_representative.jsonl",
    "formats/mt_bench_question.jsonl",
    "formats/mt_bench_reference_gpt4.jsonl",
    "formats/oasst_en_100_tree.jsonl",
    "formats/sgd_train_dialogues_007.json.gz",
    "formats/tau_airline_few_shot.jsonl",
    "formats/tau_airline_gpt4o.json.gz",
)
"""Public files of forms that are none of the dialects."""

by_name = pytest.mark.parametrize("name", NAMES)


def lines_of(path: Path) -> Iterator[Any]:
    for line in path.read_bytes().split(b"\n"):
        value = decode_exactly(line_body(line))
        if not isinstance(value, Malformed):
            yield value


def case_records(name: str) -> list[dict[str, Any]]:
    """The records of a dialect's cases, the sound and the unsound ones."""
    cases = [
        case["record"]
        for kind in ("valid", "invalid")
        for case in lines_of(PROJECT / "tests" / "cases" / name / f"{kind}.jsonl")
    ]
    assert cases
    return [record for record in cases if isinstance(record, dict)]


def sample_records() -> list[dict[str, Any]]:
    found = [value for path in sorted((PROJECT / "samples").glob("*.jsonl")) for value in lines_of(path)]
    return [record for record in found if isinstance(record, dict)]


def shared_records(path: Path) -> list[dict[str, Any]]:
    """The records of a public file: lines, or the items of an array, or one object."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if path.name.endswith((".json", ".json.gz")):
        whole = json.loads(content)
        return whole if isinstance(whole, list) else [whole]
    return [json.loads(line) for line in content.split(b"\n") if line.strip()]


def spelling(record: dict[str, Any]) -> str:
    """Values, their types and the order of keys, all in one text to compare."""
    return compact(record)


def claimed_by(record: dict[str, Any]) -> Dialect:
    claim = claimed(record)
    return claim[0] if claim else DEFAULT


def changed_places(before: Any, after: Any, pointer: str = "") -> list[str]:
    """JSON pointers of the innermost values that differ."""
    if isinstance(before, dict) and isinstance(after, dict) and list(before) == list(after):
        return [place for key in before for place in changed_places(before[key], after[key], f"{pointer}/{key}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        places = zip(before, after, strict=True)
        return [one for number, pair in enumerate(places) for one in changed_places(*pair, f"{pointer}/{number}")]
    return [] if compact(before) == compact(after) else [pointer]


def with_text(conversation: Conversation, place: int, part: int, text: str) -> Conversation:
    """The conversation with another text in one part of one message."""
    messages = list(conversation.messages)
    parts = list(messages[place].parts)
    parts[part] = replace(parts[part], text=text)
    messages[place] = replace(messages[place], parts=tuple(parts))
    return replace(conversation, messages=tuple(messages))


# Anything that JSON allows, with a leaning towards what dialects look for.

WORDS = (
    "messages",
    "role",
    "content",
    "tool_calls",
    "function_call",
    "function",
    "name",
    "arguments",
    "id",
    "type",
    "text",
    "refusal",
    "image_url",
    "url",
    "detail",
    "weight",
    "tool_call_id",
    "input",
    "preferred_output",
    "non_preferred_output",
    "conversations",
    "from",
    "value",
    "system",
    "tools",
    "functions",
    "chosen",
    "rejected",
    "prompt",
    "completion",
    "label",
    "instruction",
    "output",
    "history",
    "human",
    "gpt",
    "observation",
    "user",
    "assistant",
    "tool",
    "parallel_tool_calls",
    "schemaVersion",
    "contents",
    "parts",
    "systemInstruction",
    "toolUse",
    "functionCall",
)


def drawn_from(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The same values, behind a strategy that is short to spell: the nested ones would fill pages."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:
        return draw(values)

    return drawn()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False, width=16)
    | st.sampled_from([*WORDS, "", "[]", '{"name": "f"}', '[{"name": "f", "arguments": {}}]', "\ud800", "{"])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)
anything = drawn_from(json_values)
contents = (
    st.none()
    | st.text(max_size=8)
    | st.lists(
        st.builds(lambda text: {"type": "text", "text": text}, st.text(max_size=5))
        | st.builds(lambda text: {"type": "refusal", "refusal": text}, st.text(max_size=5))
        | st.builds(
            lambda url, more: {"type": "image_url", "image_url": {"url": url} | more},
            st.text(max_size=5),
            st.sampled_from([{}, {"detail": "low"}]),
        )
        | st.text(max_size=5)
        | anything,
        max_size=3,
    )
    | anything
)
calls = st.builds(
    lambda name, arguments, number: {
        "id": number,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    },
    st.sampled_from(["f", "g"]),
    st.sampled_from(['{"a": 1}', "{}", "not json"]) | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.text(max_size=3),
)
chat_messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "developer"]), "content": contents},
    optional={
        "tool_calls": st.lists(calls | anything, max_size=2) | st.none(),
        "function_call": st.fixed_dictionaries({"name": st.just("f"), "arguments": st.just("{}")})
        | st.none()
        | anything,
        "name": st.text(max_size=3) | anything,
        "weight": st.sampled_from([0, 1, 1.0, True, None, 2]),
        "refusal": st.none() | st.text(max_size=5),
        "tool_call_id": st.text(max_size=3),
        "other": anything,
    },
)
messages = drawn_from(chat_messages)
sharegpt_turns = st.fixed_dictionaries(
    {
        "from": st.sampled_from(["human", "gpt", "function_call", "observation", "system", "tool", "user"]) | anything,
        "value": st.text(max_size=6)
        | st.sampled_from(['{"name": "f", "arguments": {"a": 1}}', '[{"name": "f"}]'])
        | anything,
    },
    optional={"weight": st.integers(0, 1), "other": anything},
)
turns = drawn_from(sharegpt_turns)
blocks = (
    st.builds(lambda text: {"text": text}, st.text(max_size=5))
    | st.sampled_from(
        [
            {"toolUse": {"toolUseId": "t", "name": "f", "input": {"a": 1}}},
            {"toolUse": {"name": "f"}, "extra": 1},
            {"toolResult": {"toolUseId": "t", "content": []}},
            {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://a"}}}},
            {"functionCall": {"name": "f", "args": {"a": 1}}},
            {"functionCall": {"name": "f", "args": "{"}},
            {"functionResponse": {"name": "f", "response": {}}},
            {"fileData": {"mimeType": "image/png", "fileUri": "gs://a"}},
        ]
    )
    | anything
)
block_messages = drawn_from(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "model", "function", "system"]) | anything},
        optional={
            "content": st.lists(blocks, max_size=3) | anything,
            "parts": st.lists(blocks, max_size=3) | anything,
            "other": anything,
        },
    )
)
records = st.dictionaries(st.sampled_from(WORDS), anything, max_size=6) | st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(messages | block_messages | anything, max_size=4) | anything,
        "contents": st.lists(block_messages | anything, max_size=4) | anything,
        "systemInstruction": block_messages | anything,
        "schemaVersion": st.just("bedrock-conversation-2024") | anything,
        "text": st.text(max_size=4) | anything,
        "conversations": st.lists(turns | anything, max_size=4) | anything,
        "input": st.fixed_dictionaries({"messages": st.lists(messages, max_size=2)}) | st.text(max_size=4) | anything,
        "preferred_output": st.lists(messages, max_size=2) | anything,
        "non_preferred_output": st.lists(messages, max_size=2) | anything,
        "prompt": st.lists(messages, max_size=2) | st.text(max_size=4) | anything,
        "completion": st.lists(messages, max_size=2) | st.text(max_size=4) | anything,
        "chosen": st.lists(messages, max_size=2) | turns | st.text(max_size=4) | anything,
        "rejected": st.lists(messages, max_size=2) | turns | st.text(max_size=4) | anything,
        "instruction": st.text(max_size=4) | anything,
        "output": st.text(max_size=4) | anything,
        "system": st.text(max_size=4) | st.lists(blocks, max_size=2) | anything,
        "history": st.lists(st.lists(st.text(max_size=3), min_size=2, max_size=2) | anything, max_size=2) | anything,
        "tools": anything,
        "label": st.booleans(),
    },
)
record_like = drawn_from(records)


@by_name
def test_a_record_that_was_only_read_is_written_as_it_is(name: str) -> None:
    dialect = dialect_named(name)
    for record in [*case_records(name), *sample_records()]:
        before = spelling(record)
        assert spelling(dialect.write(record, dialect.read(record))) == before
        assert spelling(record) == before


@pytest.mark.parametrize("file", SHARED)
def test_public_records_are_claimed_and_written_as_they_are(file: str, shared_data: Path) -> None:
    for record in shared_records(shared_data / file)[:300]:
        dialect = claimed_by(record)
        assert dialect.name == SHARED[file]
        conversation = dialect.read(record)
        assert conversation.messages
        assert spelling(dialect.write(record, conversation)) == spelling(record)


@pytest.mark.parametrize("file", UNKNOWN)
def test_public_records_of_other_forms_are_claimed_by_none(file: str, shared_data: Path) -> None:
    path = shared_data / file
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        records = json.loads(content)
    except ValueError:
        records = [json.loads(line) for line in content.split(b"\n") if line.strip()]
    assert not any(claimed(record) for record in records if isinstance(record, dict))


@by_name
@given(record=record_like)
def test_reading_never_fails_and_writing_back_changes_nothing(name: str, record: dict[str, Any]) -> None:
    dialect = dialect_named(name)
    conversation = dialect.read(record)
    assert isinstance(conversation, Conversation)
    assert isinstance(dialect.chat_messages(record), list)
    assert isinstance(dialect.tools(record), list)
    dialect.claims(record)
    assert spelling(dialect.write(record, conversation)) == spelling(record)


@by_name
@given(record=record_like, data=st.data())
def test_an_edited_text_is_read_back_and_nothing_else_changes(
    name: str, record: dict[str, Any], data: st.DataObject
) -> None:
    dialect = dialect_named(name)
    conversation = dialect.read(record)
    texts = [
        (place, number)
        for place, message in enumerate(conversation.messages)
        for number, part in enumerate(message.parts)
        if part.kind in ("text", "refusal")
    ]
    if not texts:
        return
    place, number = data.draw(st.sampled_from(texts))
    edited = with_text(conversation, place, number, "quite another text")
    try:
        written = dialect.write(record, edited)
    except DoesNotFitError:
        assert name == "alpaca"
        return
    assert dialect.read(written).messages == edited.messages
    assert len(changed_places(record, written)) == 1
    assert dialect.read(written).other_keys == conversation.other_keys


@by_name
@given(record=record_like, data=st.data())
def test_a_deleted_message_is_gone_or_does_not_fit(name: str, record: dict[str, Any], data: st.DataObject) -> None:
    dialect = dialect_named(name)
    conversation = dialect.read(record)
    if not conversation.messages:
        return
    place = data.draw(st.integers(0, len(conversation.messages) - 1))
    fewer = conversation.messages[:place] + conversation.messages[place + 1 :]
    try:
        written = dialect.write(record, replace(conversation, messages=fewer))
    except DoesNotFitError:
        assert name == "alpaca"
        return
    assert dialect.read(written).messages == fewer


@by_name
def test_editing_one_text_of_a_sound_record_changes_that_text_alone(name: str) -> None:
    dialect = dialect_named(name)
    for case in lines_of(PROJECT / "tests" / "cases" / name / "valid.jsonl"):
        record = case["record"]
        conversation = dialect.read(record)
        for place, message in enumerate(conversation.messages):
            for number, part in enumerate(message.parts):
                if part.kind not in ("text", "refusal"):
                    continue
                edited = with_text(conversation, place, number, "Zwölf Boxkämpfer 🥊\n\u2028")
                written = dialect.write(record, edited)
                assert dialect.read(written).messages == edited.messages, case["case"]
                (changed,) = changed_places(record, written)
                if message.pointer != "/instruction":
                    assert changed.startswith(message.pointer), case["case"]


@by_name
def test_the_pointer_of_a_message_leads_to_it(name: str) -> None:
    dialect = dialect_named(name)
    for case in lines_of(PROJECT / "tests" / "cases" / name / "valid.jsonl"):
        for message in dialect.read(case["record"]).messages:
            found = case["record"]
            for token in message.pointer.split("/")[1:]:
                found = found[int(token)] if isinstance(found, list) else found[token]
            assert message.raw in (found, "")


def test_an_unknown_dialect_is_named_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match=f"no dialect 'openai'; known are {', '.join(NAMES)}"):
        dialect_named("openai")


# OpenAI chat


def chat(*more: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Why?"}, *more], **keys}


def write_chat(record: dict[str, Any], *changed: Message) -> dict[str, Any]:
    dialect = dialect_named("openai-chat")
    return dialect.write(record, replace(dialect.read(record), messages=changed))


def read_chat(record: dict[str, Any]) -> tuple[Message, ...]:
    return dialect_named("openai-chat").read(record).messages


@pytest.mark.parametrize(
    ("before", "trained", "after"),
    [
        ({}, False, {"weight": 0}),
        ({"weight": 1}, False, {"weight": 0}),
        ({"weight": 0}, True, {"weight": 1}),
        ({"weight": 0}, False, {"weight": 0}),
        ({"weight": 1}, True, {"weight": 1}),
        ({}, True, {}),
    ],
)
def test_whether_an_answer_is_trained_is_its_weight(
    before: dict[str, int], trained: bool, after: dict[str, int]
) -> None:
    record = chat({"role": "assistant", "content": "So.", **before})
    question, answer = read_chat(record)
    written = write_chat(record, question, replace(answer, trained=trained))
    assert spelling(written) == spelling(chat({"role": "assistant", "content": "So.", **after}))


def test_only_assistant_messages_get_a_weight() -> None:
    record = chat()
    assert write_chat(record, replace(read_chat(record)[0], trained=True)) == record


def test_edited_arguments_of_a_tool_call_change_alone() -> None:
    call = {"id": "c1", "type": "function", "function": {"arguments": '{"a": 1}', "name": "f"}, "index": 0}
    other = {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{ }"}}
    record = chat({"role": "assistant", "tool_calls": [call, other]})
    question, answer = read_chat(record)
    calls = (replace(answer.tool_calls[0], arguments='{"a": 2}'), answer.tool_calls[1])
    written = write_chat(record, question, replace(answer, tool_calls=calls))
    assert changed_places(record, written) == ["/messages/1/tool_calls/0/function/arguments"]
    assert written["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"a": 2}'


def test_arguments_that_are_an_object_stay_one_while_they_are_json() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    record = chat({"role": "assistant", "tool_calls": [call]})
    question, answer = read_chat(record)
    assert answer.tool_calls[0].arguments == '{"a":1}'
    for text, expected in (('{"a": [2]}', {"a": [2]}), ("no json", "no json")):
        edited = replace(answer, tool_calls=(replace(answer.tool_calls[0], arguments=text),))
        written = write_chat(record, question, edited)
        assert written["messages"][1]["tool_calls"][0]["function"]["arguments"] == expected


def test_legacy_function_calls_stay_legacy() -> None:
    record = chat({"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}})
    question, answer = read_chat(record)
    assert answer.tool_calls == (ToolCall("f", "{}", legacy=True),)
    edited = replace(answer, tool_calls=(replace(answer.tool_calls[0], arguments='{"b": 1}'),))
    written = write_chat(record, question, edited)
    assert changed_places(record, written) == ["/messages/1/function_call/arguments"]


def test_two_legacy_calls_do_not_fit_one_message() -> None:
    record = chat({"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}})
    question, answer = read_chat(record)
    with pytest.raises(DoesNotFitError, match="holds one `function_call` at most"):
        write_chat(record, question, replace(answer, tool_calls=answer.tool_calls * 2))


def test_keys_that_are_null_stay_when_something_else_is_edited() -> None:
    answer = {"role": "assistant", "content": "So.", "refusal": None, "tool_calls": None, "function_call": None}
    record = chat(answer)
    written = write_chat(record, read_chat(record)[0], replace(read_chat(record)[1], parts=(Part("text", "Thus."),)))
    assert spelling(written) == spelling(chat({**answer, "content": "Thus."}))


def test_new_messages_are_written_as_openai_has_them() -> None:
    record = chat()
    call = ToolCall("f", "{}", "c1")
    written = write_chat(
        record,
        *read_chat(record),
        Message("assistant", tool_calls=(call,), trained=True),
        Message("tool", (Part("text", "42"),), tool_call_id="c1"),
        Message("assistant", (Part("text", "So."),), trained=False),
        Message("user", (Part("text", "See"), Part("image", "https://example.org/a.png", "low")), name="Ann"),
    )
    assert written["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "42", "tool_call_id": "c1"},
        {"role": "assistant", "content": "So.", "weight": 0},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "See"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
            ],
            "name": "Ann",
        },
    ]
    assert [message.text for message in read_chat(written)] == ["Why?", "", "42", "So.", "See"]


def test_a_part_that_is_shown_as_json_has_to_stay_json() -> None:
    record = {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AA=="}}]}]}
    (message,) = read_chat(record)
    (part,) = message.parts
    assert part.kind == "other"
    written = write_chat(record, replace(message, parts=(replace(part, text='{"type": "other"}'),)))
    assert written["messages"][0]["content"] == [{"type": "other"}]
    with pytest.raises(DoesNotFitError, match="This part holds JSON, not text: not JSON: "):
        write_chat(record, replace(message, parts=(replace(part, text="{"),)))


def test_what_is_not_an_object_is_shown_as_json_under_an_unknown_role() -> None:
    (first, second) = read_chat({"messages": ["hello", {"content": 5}]})
    assert (first.role, first.parts) == ("?", (Part("other", '"hello"'),))
    assert (second.role, second.parts) == ("?", (Part("other", "5"),))


def test_other_keys_keep_their_order_and_values() -> None:
    record = {"id": 7, **chat(tools=[{"a": 1}]), "note": {"b": [None]}}
    conversation = dialect_named("openai-chat").read(record)
    assert conversation.other_keys == (("id", 7), ("note", {"b": [None]}))
    assert conversation.tools == ({"a": 1},)


def counted(messages: list[Any]) -> tuple[int, int]:
    """Tokens of a chat record of these messages, and the trained ones."""
    counting = counting_of(load_price_book().resolve("gpt-4o"))
    report = analyse_record(encode({"messages": messages}), AuditSpec(counting, "openai-chat", explain=True))
    return report.tokens, report.trained


def is_counted_by_its_texts(message: Any) -> bool:
    """Whether the message is of the form that both ways of counting have to agree on."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), str | list):
        return False
    texts = ("role", "name", "tool_call_id", "refusal")
    known = "role" in message and message.keys() <= {*texts, "content", "weight"}
    return known and all(isinstance(message.get(key, ""), str) for key in texts)


def test_a_chat_record_counts_the_same_as_the_conversation_that_is_read_from_it() -> None:
    chat_dialect = dialect_named("openai-chat")
    compared = 0
    for record in [*case_records("openai-chat"), *sample_records()]:
        raw = chat_dialect.chat_messages(record)
        if raw and all(map(is_counted_by_its_texts, raw)):
            assert counted(raw) == counted([as_chat(message) for message in chat_dialect.read(record).messages])
            compared += 1
    assert compared > 100


# OpenAI preference


def test_preference_answers_are_sections_and_the_input_is_not_trained() -> None:
    record = {
        "input": {"messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}], "tools": [1]},
        "preferred_output": [{"role": "assistant", "content": "C"}],
        "non_preferred_output": [{"role": "assistant", "content": "D"}],
    }
    conversation = dialect_named("openai-preference").read(record)
    assert [(one.text, one.section, one.trained, one.pointer) for one in conversation.messages] == [
        ("A", "", False, "/input/messages/0"),
        ("B", "", False, "/input/messages/1"),
        ("C", "chosen", True, "/preferred_output/0"),
        ("D", "rejected", True, "/non_preferred_output/0"),
    ]
    assert conversation.tools == (1,)
    edited = with_text(conversation, 3, 0, "E")
    written = dialect_named("openai-preference").write(record, edited)
    assert changed_places(record, written) == ["/non_preferred_output/0/content"]


# ShareGPT


def sharegpt(*turns: tuple[str, Any], **keys: Any) -> dict[str, Any]:
    return {"conversations": [{"from": speaker, "value": value} for speaker, value in turns], **keys}


def test_sharegpt_speakers_are_roles() -> None:
    record = sharegpt(("human", "A"), ("gpt", "B"), ("observation", "C"), ("system", "D"), ("critic", "E"), system="S")
    read = dialect_named("sharegpt").read(record).messages
    assert [(one.role, one.text, one.trained) for one in read] == [
        ("system", "S", False),
        ("user", "A", False),
        ("assistant", "B", True),
        ("tool", "C", False),
        ("system", "D", False),
        ("critic", "E", False),
    ]


@pytest.mark.parametrize(
    ("value", "calls", "arguments", "after"),
    [
        ('{"name": "f", "arguments": {"a": 1}}', ('{"a":1}',), '{"a": 2}', '{"name":"f","arguments":{"a":2}}'),
        ('{"name": "f", "arguments": "{\\"a\\": 1}"}', ('{"a": 1}',), "{}", '{"name":"f","arguments":"{}"}'),
        ('[{"name": "f", "arguments": {}}]', ("{}",), '{"b": 1}', '[{"name":"f","arguments":{"b":1}}]'),
        ({"name": "f", "arguments": {}}, ("{}",), '{"b": 1}', {"name": "f", "arguments": {"b": 1}}),
    ],
)
def test_a_sharegpt_function_call_is_a_tool_call(
    value: Any, calls: tuple[str, ...], arguments: str, after: Any
) -> None:
    dialect = dialect_named("sharegpt")
    record = sharegpt(("human", "A"), ("function_call", value))
    conversation = dialect.read(record)
    message = conversation.messages[1]
    assert (message.role, message.parts, message.trained) == ("assistant", (), True)
    assert tuple(call.arguments for call in message.tool_calls) == calls
    changed = replace(message, tool_calls=(replace(message.tool_calls[0], arguments=arguments),))
    written = dialect.write(record, replace(conversation, messages=(conversation.messages[0], changed)))
    assert written == sharegpt(("human", "A"), ("function_call", after))
    assert dialect.read(written).messages[1].tool_calls[0].name == "f"


def test_a_sharegpt_function_call_that_is_no_json_is_shown_as_text() -> None:
    message = dialect_named("sharegpt").read(sharegpt(("function_call", "f(1)"))).messages[0]
    assert (message.role, message.text, message.tool_calls) == ("assistant", "f(1)", ())


def test_sharegpt_tools_are_read_from_json_text() -> None:
    dialect = dialect_named("sharegpt")
    assert dialect.tools(sharegpt(tools='[{"name": "f"}]')) == [{"name": "f"}]
    assert dialect.tools(sharegpt(tools="  ")) == []
    assert dialect.tools(sharegpt(tools="no json")) == ["no json"]


def test_a_new_first_system_message_is_sharegpts_system() -> None:
    dialect = dialect_named("sharegpt")
    record = sharegpt(("human", "A"), ("gpt", "B"))
    conversation = dialect.read(record)
    first = Message("system", (Part("text", "S"),))
    written = dialect.write(record, replace(conversation, messages=(first, *conversation.messages)))
    assert written == {**record, "system": "S"}
    assert dialect.write(written, conversation)["system"] == ""


def test_sharegpt_preference_answers_are_sections() -> None:
    dialect = dialect_named("sharegpt")
    record = sharegpt(("human", "A"), chosen={"from": "gpt", "value": "B"}, rejected={"from": "gpt", "value": "C"})
    conversation = dialect.read(record)
    assert [(one.text, one.section) for one in conversation.messages] == [("A", ""), ("B", "chosen"), ("C", "rejected")]
    assert changed_places(record, dialect.write(record, with_text(conversation, 2, 0, "D"))) == ["/rejected/value"]
    twice = replace(conversation, messages=(*conversation.messages, conversation.messages[2]))
    with pytest.raises(DoesNotFitError, match="holds one `rejected` answer; this would be 2"):
        dialect.write(record, twice)


def test_a_sharegpt_turn_is_a_text_or_calls() -> None:
    dialect = dialect_named("sharegpt")
    record = sharegpt(("human", "A"), ("function_call", '{"name": "f"}'))
    question, call = dialect.read(record).messages
    with pytest.raises(DoesNotFitError, match="a text or tool calls, not both"):
        dialect.write(record, Conversation((question, replace(call, parts=(Part("text", "Let me see."),)))))


# Alpaca


def test_alpaca_history_comes_first_and_its_answers_are_trained() -> None:
    record = {"instruction": "C", "input": "D", "output": "E", "system": "S", "history": [["A", "B"]]}
    read = dialect_named("alpaca").read(record).messages
    assert [(one.role, one.text, one.trained, one.pointer) for one in read] == [
        ("system", "S", False, "/system"),
        ("user", "A", False, "/history/0/0"),
        ("assistant", "B", True, "/history/0/1"),
        ("user", "C\nD", False, "/instruction"),
        ("assistant", "E", True, "/output"),
    ]


def test_alpaca_input_is_the_second_part_of_the_question() -> None:
    dialect = dialect_named("alpaca")
    record = {"input": "D", "output": "E", "instruction": "C", "id": 1}
    conversation = dialect.read(record)
    assert dialect.write(record, with_text(conversation, 0, 1, "X")) == {**record, "input": "X"}
    assert dialect.write(record, with_text(conversation, 0, 0, "X")) == {**record, "instruction": "X"}


def test_a_turn_more_moves_alpacas_last_one_to_its_history() -> None:
    dialect = dialect_named("alpaca")
    record = {"instruction": "A", "input": "", "output": "B"}
    more = (Message("user", (Part("text", "C"),)), Message("assistant", (Part("text", "D"),), trained=True))
    conversation = dialect.read(record)
    written = dialect.write(record, replace(conversation, messages=(*conversation.messages, *more)))
    assert written == {"instruction": "C", "input": "", "output": "D", "history": [["A", "B"]]}
    assert dialect.write(written, conversation) == {**record, "history": []}


def test_values_in_alpaca_that_are_no_text_survive_an_edit_beside_them() -> None:
    dialect = dialect_named("alpaca")
    record = {"instruction": "A", "output": "B", "system": {"a": 1}, "history": [["Q", 5]]}
    conversation = dialect.read(record)
    assert dialect.write(record, with_text(conversation, 4, 0, "X")) == {**record, "output": "X"}


# TRL


def test_trl_answers_are_trained_and_prompts_are_not() -> None:
    answer = [{"role": "assistant", "content": "B"}]
    dialect = dialect_named("trl")
    read = dialect.read({"prompt": [{"role": "assistant", "content": "A"}], "completion": answer}).messages
    assert [(one.text, one.trained, one.section) for one in read] == [("A", False, ""), ("B", True, "")]
    read = dialect.read({"chosen": answer, "rejected": answer}).messages
    assert [(one.text, one.section) for one in read] == [("B", "chosen"), ("B", "rejected")]
    read = dialect.read({"prompt": "A", "completion": "B", "label": True}).messages
    assert [(one.role, one.text, one.pointer) for one in read] == [
        ("user", "A", "/prompt"),
        ("assistant", "B", "/completion"),
    ]


def test_trl_arguments_stay_an_object() -> None:
    dialect = dialect_named("trl")
    call = {"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    record = {"prompt": [{"role": "user", "content": "A"}], "completion": [{"role": "assistant", "tool_calls": [call]}]}
    conversation = dialect.read(record)
    message = conversation.messages[1]
    edited = replace(message, tool_calls=(replace(message.tool_calls[0], arguments='{"a":2}'),))
    written = dialect.write(record, replace(conversation, messages=(conversation.messages[0], edited)))
    assert changed_places(record, written) == ["/completion/0/tool_calls/0/function/arguments/a"]


def test_trl_never_writes_a_weight() -> None:
    dialect = dialect_named("trl")
    record = {"prompt": [{"role": "user", "content": "A"}], "completion": [{"role": "assistant", "content": "B"}]}
    conversation = dialect.read(record)
    masked = replace(conversation.messages[1], trained=False)
    assert dialect.write(record, replace(conversation, messages=(conversation.messages[0], masked))) == record


def test_new_trl_messages_go_where_they_stand() -> None:
    dialect = dialect_named("trl")
    record = {"prompt": [{"role": "user", "content": "A"}], "completion": [{"role": "assistant", "content": "B"}]}
    conversation = dialect.read(record)
    first, last = Message("system", (Part("text", "S"),)), Message("assistant", (Part("text", "C"),), trained=True)
    written = dialect.write(record, replace(conversation, messages=(first, *conversation.messages, last)))
    assert [one["content"] for one in written["prompt"]] == ["S", "A"]
    assert [one["content"] for one in written["completion"]] == ["B", "C"]


# Records of plain fields: what does not fit says so

PLAIN: dict[str, dict[str, Any]] = {
    "prompt-completion": {"prompt": "A ->", "completion": " B END"},
    "alpaca": {"instruction": "A", "output": "B"},
    "trl": {"prompt": "A", "completion": "B", "label": True},
}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    "extra",
    [
        Message("tool", (Part("text", "C"),)),
        Message("user", (Part("text", "C"),)),
    ],
)
def test_a_message_that_plain_fields_have_no_place_for_is_refused_in_a_sentence(name: str, extra: Message) -> None:
    dialect = dialect_named(name)
    conversation = dialect.read(PLAIN[name])
    with pytest.raises(DoesNotFitError, match=r"^[A-Z`].* (holds|is a text) .*\.$"):
        dialect.write(PLAIN[name], replace(conversation, messages=(*conversation.messages, extra)))


@pytest.mark.parametrize("name", PLAIN)
def test_plain_fields_hold_neither_calls_nor_images(name: str) -> None:
    dialect = dialect_named(name)
    question, answer = dialect.read(PLAIN[name]).messages
    for changed in (
        replace(answer, tool_calls=(ToolCall("f", "{}"),)),
        replace(answer, parts=(Part("image", "https://example.org/a.png"),)),
    ):
        with pytest.raises(DoesNotFitError, match="there is no place for tool calls or images"):
            dialect.write(PLAIN[name], Conversation((question, changed)))


def test_what_does_not_fit_is_a_fault_that_the_user_can_act_on() -> None:
    assert issubclass(DoesNotFitError, CuratorError)
    dialect = dialect_named("prompt-completion")
    with pytest.raises(DoesNotFitError) as told:
        dialect.write({}, Conversation((Message("system", (Part("text", "S"),)),)))
    assert str(told.value) == (
        "This record holds `prompt` (user), `completion` (assistant), one each: "
        "there is no place for this system message."
    )


def test_a_field_of_null_stays_null() -> None:
    dialect = dialect_named("prompt-completion")
    record = {"prompt": None, "completion": "B"}
    assert dialect.write(record, with_text(dialect.read(record), 1, 0, "C")) == {"prompt": None, "completion": "C"}


def test_tools_and_legacy_functions_side_by_side_are_both_declared() -> None:
    record = {"messages": [], "tools": [{"type": "function", "function": {"name": "a"}}], "functions": [{"name": "b"}]}
    assert dialect_named("openai-chat").tools(record) == [*record["tools"], *record["functions"]]


def test_a_call_counts_the_same_in_every_dialect_that_holds_chat_messages() -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    message = {"role": "assistant", "tool_calls": [call]}
    chat = dialect_named("openai-chat").chat_messages({"messages": [message]})
    trl = dialect_named("trl").chat_messages({"prompt": [{"role": "user", "content": "Hi"}], "completion": [message]})
    assert trl[1:] == chat


def test_blocks_that_a_system_prompt_should_not_have_stay() -> None:
    record = {"schemaVersion": "bedrock-conversation-2024", "system": [{"toolUse": {"name": "f"}}], "messages": []}
    dialect = dialect_named("bedrock")
    assert dialect.write(record, dialect.read(record)) == record
