"""What is peculiar to the dialects of services beside OpenAI."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from curator.records.conversation import Message, Part, ToolCall
from curator.records.dialects import dialect_named
from curator.records.dialects.base import DoesNotFitError
from curator.records.editing.edited import Edited
from curator.records.editing.messages import delete_message, insert_message, set_role, toggle_trained
from curator.records.editing.writing import write_edited
from curator.records.sniffing import claimed, detect, dialect_of

USER, ANSWER = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
USE = {"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}
BEDROCK = {
    "schemaVersion": "bedrock-conversation-2024",
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "Frost?"}]},
        {"role": "assistant", "content": [{"text": "Let me look."}, USE]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t", "content": [{"text": "April"}]}}]},
    ],
}
GEMINI = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "tools": [{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {}}],
    "contents": [
        {"role": "user", "parts": [{"fileData": {"mimeType": "image/png", "fileUri": "gs://a"}}, {"text": "Frost?"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"day": 3}}}]},
        {"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {}}}]},
        {"role": "model", "parts": [{"text": "April"}]},
    ],
}


def read(name: str, record: dict[str, Any]) -> tuple[Message, ...]:
    return dialect_named(name).read(record).messages


def edited(name: str, record: dict[str, Any], change: Any, *arguments: Any) -> dict[str, Any]:
    dialect = dialect_named(name)
    done: Edited = change(dialect.read(record), *arguments)
    return write_edited(record, dialect, done)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (BEDROCK, "bedrock"),
        (GEMINI, "gemini"),
        ({"system": "Be brief.", "messages": [USER, ANSWER]}, "claude"),
        ({"messages": [USER, ANSWER]}, "openai-chat"),
        ({"messages": [USER, ANSWER], "label": True}, "trl"),
        ({"messages": [USER, ANSWER], "label": "good"}, "openai-chat"),
        ({"prompt": "a", "completion": "b", "label": False}, "trl"),
        ({"text": "The sky is blue."}, "trl"),
        ({"prompt": [USER], "completion": [ANSWER]}, "trl"),
        ({"conversations": [], "chosen": {}, "rejected": {}}, "sharegpt"),
        ({"conversations": [], "kto_tag": True}, "sharegpt"),
    ],
)
def test_what_a_record_tells(record: dict[str, Any], name: str) -> None:
    claim = claimed(record)
    assert claim is not None
    assert claim[0].name == name


@pytest.mark.parametrize("name", ["mistral", "together", "openai-rft"])
def test_a_dialect_by_choice_is_never_guessed_but_keeps_its_records(name: str) -> None:
    record = {"messages": [USER, ANSWER]}
    own = dialect_named(name)
    assert detect([b'{"messages": []}']).dialect.name == "openai-chat"
    assert dialect_of(record, own, only=False) is own
    assert dialect_of(GEMINI, own, only=False).name == "gemini"
    assert dialect_of(GEMINI, own, only=True) is own


def test_a_claude_file_keeps_records_without_a_system_prompt() -> None:
    own = dialect_named("claude")
    assert dialect_of({"messages": [USER, ANSWER]}, own, only=False) is own


def test_bedrock_is_read_as_a_conversation() -> None:
    system, question, call, result = read("bedrock", BEDROCK)
    assert (system.role, system.text, question.role, question.text) == ("system", "Be brief.", "user", "Frost?")
    assert call.tool_calls == (ToolCall("f", "{}", "t"),)
    assert (call.role, call.text, call.trained) == ("assistant", "Let me look.", True)
    assert (result.role, [part.kind for part in result.parts]) == ("tool", ["other"])


def test_gemini_is_read_as_a_conversation() -> None:
    system, question, call, result, answer = read("gemini", GEMINI)
    assert (system.role, system.text) == ("system", "Be brief.")
    assert question.parts == (Part("image", "gs://a"), Part("text", "Frost?"))
    assert call.tool_calls == (ToolCall("f", '{"day":3}'),)
    assert (result.role, answer.role, answer.trained) == ("tool", "assistant", True)
    declared = dialect_named("gemini").tools(GEMINI)
    assert declared == [{"type": "function", "function": {"name": "f"}}, {"googleSearch": {}}]


@pytest.mark.parametrize(("name", "record"), [("bedrock", BEDROCK), ("gemini", GEMINI)])
def test_messages_of_blocks_can_be_put_in_and_taken_out(name: str, record: dict[str, Any]) -> None:
    key, inner = ("messages", "content") if name == "bedrock" else ("contents", "parts")
    speaker = "assistant" if name == "bedrock" else "model"
    longer = edited(name, record, insert_message, len(read(name, record)), "assistant", "After April.")
    assert longer[key] == [*record[key], {"role": speaker, inner: [{"text": "After April."}]}]
    shorter = edited(name, record, delete_message, 0)
    assert "system" not in shorter
    assert "systemInstruction" not in shorter
    again = edited(name, shorter, insert_message, 0, "system", "Be kind.")
    assert read(name, again)[0].text == "Be kind."
    turned = edited(name, record, set_role, 1, "assistant")
    assert turned[key][0] == {**record[key][0], "role": speaker}
    with pytest.raises(DoesNotFitError, match="no mask"):
        edited(name, record, toggle_trained, len(read(name, record)) - 2 if name == "bedrock" else 2)


@pytest.mark.parametrize(("name", "record"), [("bedrock", BEDROCK), ("gemini", GEMINI)])
def test_a_new_image_or_a_name_has_no_place(name: str, record: dict[str, Any]) -> None:
    dialect = dialect_named(name)
    conversation = dialect.read(record)
    messages = list(conversation.messages)
    messages[1] = replace(messages[1], parts=(Part("image", "https://example.com/a.png"),))
    with pytest.raises(DoesNotFitError, match="names its"):
        dialect.write(record, replace(conversation, messages=tuple(messages)))


def test_calls_of_blocks_are_edited_in_their_place() -> None:
    for name, record, place in (("bedrock", BEDROCK, 2), ("gemini", GEMINI, 2)):
        dialect = dialect_named(name)
        conversation = dialect.read(record)
        messages = list(conversation.messages)
        call = replace(messages[place].tool_calls[0], arguments='{"day": 4}')
        messages[place] = replace(messages[place], tool_calls=(call,))
        written = dialect.write(record, replace(conversation, messages=tuple(messages)))
        assert dialect.read(written).messages[place].tool_calls[0].arguments == '{"day":4}'
        assert dialect.read(written).messages[place].parts == messages[place].parts


def test_claude_has_its_system_prompt_beside_the_messages() -> None:
    record = {"messages": [USER, ANSWER]}
    with_prompt = edited("claude", record, insert_message, 0, "system", "Be brief.")
    assert list(with_prompt) == ["system", "messages"]
    assert with_prompt == {"system": "Be brief.", "messages": [USER, ANSWER]}
    assert edited("claude", with_prompt, delete_message, 0) == record
    with pytest.raises(DoesNotFitError, match="no mask"):
        edited("claude", record, toggle_trained, 1)


def test_nothing_of_a_reinforcement_record_is_learnt_word_by_word() -> None:
    record = {"messages": [USER, ANSWER, USER], "reference_answer": "yes"}
    assert not any(message.trained for message in read("openai-rft", record))
    assert dialect_named("openai-rft").read(record).other_keys == (("reference_answer", "yes"),)
    assert dialect_named("openai-rft").chat_messages(record)[1] == {**ANSWER, "weight": 0}


def test_together_is_read_in_each_of_its_formats() -> None:
    preference = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [ANSWER]}
    assert [one.section for one in read("together", preference)] == ["", "chosen", "rejected"]
    assert [one.role for one in read("together", {"prompt": "a", "completion": "b"})] == ["user", "assistant"]
    (text,) = read("together", {"text": "The sky is blue."})
    assert (text.role, text.trained) == ("assistant", True)
    changed = edited("together", {"messages": [USER, ANSWER]}, toggle_trained, 1)
    assert changed["messages"][1] == {**ANSWER, "weight": 0}


def test_trl_as_a_whole_keeps_its_masks_and_its_label() -> None:
    record = {"messages": [USER, ANSWER], "label": True}
    assert [one.trained for one in read("trl", record)] == [False, True]
    changed = edited("trl", record, toggle_trained, 1)
    assert changed == {"messages": [USER, {**ANSWER, "weight": 0}], "label": True}
    with pytest.raises(DoesNotFitError, match="`text` is a text here"):
        edited("trl", {"text": "The sky"}, insert_message, 0, "user", "Hi")


def test_parts_under_value_are_text_and_images() -> None:
    parts = [{"type": "image_url", "value": "a.png"}, {"type": "text", "value": "Who?"}]
    record = {"messages": [{"role": "user", "content": parts}, ANSWER]}
    question, _ = read("openai-chat", record)
    assert question.parts == (Part("image", "a.png"), Part("text", "Who?"))
    dialect = dialect_named("openai-chat")
    conversation = dialect.read(record)
    other = replace(
        question, parts=(replace(question.parts[0], text="b.png"), replace(question.parts[1], text="What?"))
    )
    written = dialect.write(record, replace(conversation, messages=(other, conversation.messages[1])))
    assert written["messages"][0]["content"] == [
        {"type": "image_url", "value": "b.png"},
        {"type": "text", "value": "What?"},
    ]
