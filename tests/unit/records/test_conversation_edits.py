"""What can be done to a conversation by hand: in each dialect it is done as asked, or refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from real_records import claimed_by, public_lines, sound_cases

from curator.errors import CuratorError, UsageError
from curator.records.codec import compact, decode_exactly, encode, line_body
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects import Dialect, dialect_named
from curator.records.dialects.base import DoesNotFitError
from curator.records.editing import (
    Edited,
    FieldKind,
    consequences,
    delete_message,
    editable,
    field_text,
    insert_message,
    move_message,
    remove_other_key,
    set_arguments,
    set_call_name,
    set_field,
    set_name,
    set_other_key,
    set_role,
    set_text,
    toggle_trained,
    write_edited,
)
from curator.records.transforms.writing import says_the_same

Edit = Callable[[Conversation], Edited]

CALL = {"id": "call_1", "type": "function", "function": {"name": "find_bus", "arguments": '{"to": "Riga"}'}}
CHAT = {
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello", "name": "Ada"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "At nine."},
        {"role": "assistant", "content": "At nine.", "weight": 0},
    ],
    "id": 7,
}
SHAREGPT = {
    "system": "Be kind.",
    "conversations": [
        {"from": "human", "value": "Hello"},
        {"from": "function_call", "value": '{"name": "find_bus", "arguments": {"to": "Riga"}}'},
        {"from": "observation", "value": "At nine."},
        {"from": "gpt", "value": "At nine."},
    ],
}
ALPACA = {"instruction": "Add", "input": "1 2", "output": "3", "history": [["Hi", "Hello"]], "system": "Be kind."}
TRL = {
    "prompt": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Go"},
    ],
    "completion": [{"role": "assistant", "content": "Gone"}],
}
PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "Hi"}]},
    "preferred_output": [{"role": "assistant", "content": "Hello"}],
    "non_preferred_output": [{"role": "assistant", "content": "What"}],
}
PROMPT = {"prompt": "Hi ->", "completion": " Hello"}


def edited(name: str, record: dict[str, Any], edit: Edit) -> dict[str, Any]:
    dialect = dialect_named(name)
    return write_edited(record, dialect, edit(dialect.read(record)))


def texts(name: str, record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.role, one.text) for one in dialect_named(name).read(record).messages]


# Texts


@pytest.mark.parametrize(
    ("name", "record", "message", "part", "where"),
    [
        ("openai-chat", CHAT, 1, 0, ("messages", 1, "content")),
        ("sharegpt", SHAREGPT, 0, 0, ("system",)),
        ("sharegpt", SHAREGPT, 4, 0, ("conversations", 3, "value")),
        ("alpaca", ALPACA, 3, 0, ("instruction",)),
        ("alpaca", ALPACA, 3, 1, ("input",)),
        ("alpaca", ALPACA, 2, 0, ("history", 0, 1)),
        ("trl", TRL, 3, 0, ("completion", 0, "content")),
        ("openai-preference", PREFERENCE, 2, 0, ("non_preferred_output", 0, "content")),
        ("prompt-completion", PROMPT, 1, 0, ("completion",)),
    ],
)
def test_a_text_is_set_where_it_stands_and_nowhere_else(
    name: str, record: dict[str, Any], message: int, part: int, where: tuple[str | int, ...]
) -> None:
    expected = decode_exactly(encode(record))
    place = expected
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = "new\n\u2028text"
    after = edited(name, record, lambda one: set_text(one, message, part, "new\n\u2028text"))
    assert compact(after) == compact(expected)


def test_a_message_without_content_gets_one() -> None:
    after = edited("openai-chat", CHAT, lambda one: set_text(one, 2, 0, "Let me look."))
    assert after["messages"][2] == {**CHAT["messages"][2], "content": "Let me look."}


def test_an_input_of_alpaca_can_be_emptied() -> None:
    assert edited("alpaca", ALPACA, lambda one: set_text(one, 3, 1, ""))["input"] == ""


def test_parts_refusals_and_json_are_edited_in_their_kind() -> None:
    content = [
        {"type": "text", "text": "a", "note": 1},
        {"type": "image_url", "image_url": {"url": "u"}},
        {"type": "odd"},
    ]
    record = {
        "messages": [{"role": "user", "content": content}, {"role": "assistant", "content": None, "refusal": "No."}]
    }
    dialect = dialect_named("openai-chat")
    conversation = dialect.read(record)
    assert [(one.kind, one.index, one.label) for one in editable(conversation.messages[0])] == [
        (FieldKind.TEXT, 0, "text"),
        (FieldKind.JSON, 2, "JSON"),
    ]
    after = edited("openai-chat", record, lambda one: set_text(one, 0, 0, "b"))
    assert after["messages"][0]["content"] == [{"type": "text", "text": "b", "note": 1}, *content[1:]]
    after = edited("openai-chat", record, lambda one: set_text(one, 0, 2, '{"type": "text", "text": "c"}'))
    assert after["messages"][0]["content"][2] == {"type": "text", "text": "c"}
    after = edited("openai-chat", record, lambda one: set_text(one, 1, 0, "Never."))
    assert after["messages"][1] == {"role": "assistant", "content": None, "refusal": "Never."}
    with pytest.raises(UsageError, match="Part 2 of message 1 is an image"):
        set_text(conversation, 0, 1, "x")
    with pytest.raises(DoesNotFitError, match="This part holds JSON"):
        set_text(conversation, 0, 2, "{")


def test_an_empty_system_prompt_is_refused_where_the_dialect_has_none() -> None:
    for name, record in (("sharegpt", SHAREGPT), ("alpaca", ALPACA)):
        with pytest.raises(DoesNotFitError, match="has no empty system prompt: give it a text, or delete the message"):
            edited(name, record, lambda one: set_text(one, 0, 0, ""))
    assert edited("openai-chat", CHAT, lambda one: set_text(one, 0, 0, ""))["messages"][0]["content"] == ""


# Fields


def test_the_fields_of_a_message_come_in_reading_order_and_can_be_set() -> None:
    message = Message(
        "assistant",
        (Part("text", "a"), Part("text", "b"), Part("refusal", "c")),
        (ToolCall("f", "{}"), ToolCall("g", "[]")),
        name="Bob",
    )
    conversation = Conversation((message,))
    fields = editable(message)
    assert [one.label for one in fields] == [
        "name",
        "text 1",
        "text 2",
        "refusal",
        "name of the call 1",
        "arguments of the call 1 (f)",
        "name of the call 2",
        "arguments of the call 2 (g)",
    ]
    assert [field_text(message, one) for one in fields] == ["Bob", "a", "b", "c", "f", "{}", "g", "[]"]
    for field in fields:
        after = set_field(conversation, 0, field, "new").conversation.messages[0]
        assert [field_text(after, one) for one in fields] == [
            "new" if one == field else field_text(message, one) for one in fields
        ]
    assert [one.kind for one in editable(Message("assistant"))] == [FieldKind.TEXT]
    assert field_text(Message("assistant"), editable(Message("assistant"))[0]) == ""


@pytest.mark.parametrize(("name", "record", "message"), [("openai-chat", CHAT, 2), ("sharegpt", SHAREGPT, 2)])
def test_calls_get_other_tools_and_arguments(name: str, record: dict[str, Any], message: int) -> None:
    after = edited(name, record, lambda one: set_call_name(one, message, 0, "find_train"))
    assert dialect_named(name).read(after).messages[message].tool_calls[0].name == "find_train"
    after = edited(name, record, lambda one: set_arguments(one, message, 0, '{"to":  "Cēsis"}'))
    arguments = dialect_named(name).read(after).messages[message].tool_calls[0].arguments
    assert decode_exactly(arguments.encode()) == {"to": "Cēsis"}
    after = edited(name, record, lambda one: set_arguments(one, message, 0, "to: Riga"))
    assert dialect_named(name).read(after).messages[message].tool_calls[0].arguments == "to: Riga"
    with pytest.raises(UsageError, match="needs the name of its tool"):
        edited(name, record, lambda one: set_call_name(one, message, 0, " "))


def test_arguments_as_text_keep_the_spelling_they_are_given() -> None:
    after = edited("openai-chat", CHAT, lambda one: set_arguments(one, 2, 0, '{"n":  1.10}'))
    assert after["messages"][2]["tool_calls"][0]["function"]["arguments"] == '{"n":  1.10}'


def test_what_stands_in_the_place_of_a_call_is_left_to_the_json() -> None:
    record = {"messages": [{"role": "assistant", "tool_calls": [{"odd": 1}]}]}
    conversation = dialect_named("openai-chat").read(record)
    assert editable(conversation.messages[0]) == ()
    with pytest.raises(UsageError, match="Call 1 of message 1 names no tool"):
        set_arguments(conversation, 0, 0, "{}")


def test_names_are_set_and_taken_away() -> None:
    assert edited("openai-chat", CHAT, lambda one: set_name(one, 0, "rules"))["messages"][0]["name"] == "rules"
    assert edited("openai-chat", CHAT, lambda one: set_name(one, 1, ""))["messages"][1] == {
        "role": "user",
        "content": "Hello",
    }
    with pytest.raises(DoesNotFitError, match="ShareGPT has no place for the name of message 2"):
        edited("sharegpt", SHAREGPT, lambda one: set_name(one, 1, "Ada"))


# Whole messages


def test_a_message_is_inserted_before_any_place() -> None:
    for place in range(6):
        after = edited("openai-chat", CHAT, lambda one, place=place: insert_message(one, place, "assistant", "New"))
        assert after["messages"] == [
            *CHAT["messages"][:place],
            {"role": "assistant", "content": "New"},
            *CHAT["messages"][place:],
        ]
        assert insert_message(dialect_named("openai-chat").read(CHAT), place, "user").places == (
            *range(place),
            None,
            *range(place, 5),
        )
    assert edited("openai-chat", {"messages": []}, lambda one: insert_message(one, 0, "user", "a"))["messages"]


def test_a_system_prompt_is_inserted_in_its_own_key_or_among_the_turns() -> None:
    record = {"conversations": SHAREGPT["conversations"]}
    assert edited("sharegpt", record, lambda one: insert_message(one, 0, "system", "Be kind."))["system"] == "Be kind."
    after = edited("sharegpt", SHAREGPT, lambda one: insert_message(one, 0, "user", "Before"))
    assert texts("sharegpt", after)[:2] == [("user", "Before"), ("system", "Be kind.")]
    assert after["system"] == ""


def test_a_new_message_belongs_to_the_side_of_its_neighbour() -> None:
    trl = dialect_named("trl")
    before = trl.read(TRL)
    for beside, key, trained in ((2, "prompt", False), (3, "completion", True)):
        after = insert_message(before, 3, "assistant", "New", beside=beside)
        written = write_edited(TRL, trl, after)
        assert {"role": "assistant", "content": "New"} in written[key]
        assert after.conversation.messages[3].trained is trained
        assert trl.read(written).messages[3].trained is trained
    assert "New" in compact(edited("trl", TRL, lambda one: insert_message(one, 3, "user", "New"))["prompt"])
    for place, key in ((1, "input"), (2, "preferred_output"), (3, "non_preferred_output")):
        after = edited(
            "openai-preference", PREFERENCE, lambda one, place=place: insert_message(one, place, "assistant", "New")
        )
        assert "New" in compact(after[key])
    prompt = {"chosen": "a", "rejected": "b"}
    with pytest.raises(DoesNotFitError, match="`chosen` is a text here"):
        edited("trl", prompt, lambda one: insert_message(one, 1, "user", "x"))


def test_what_alpaca_holds_only_as_a_whole_can_be_done_as_a_whole() -> None:
    with pytest.raises(DoesNotFitError, match="user and assistant messages in turn"):
        edited("alpaca", ALPACA, lambda one: delete_message(one, 1))
    after = edited("alpaca", ALPACA, lambda one: delete_message(one, 1).then(lambda two: delete_message(two, 1)))
    assert after["history"] == []
    twice = insert_message(dialect_named("alpaca").read(ALPACA), 5, "user", "q").then(
        lambda one: insert_message(one, 6, "assistant", "a")
    )
    assert twice.places == (0, 1, 2, 3, 4, None, None)
    after = write_edited(ALPACA, dialect_named("alpaca"), twice)
    assert (after["instruction"], after["output"], after["history"][-1]) == ("q", "a", ["Add\n1 2", "3"])


def test_a_message_is_deleted() -> None:
    assert edited("openai-chat", CHAT, lambda one: delete_message(one, 0))["messages"] == CHAT["messages"][1:]
    assert delete_message(dialect_named("openai-chat").read(CHAT), 1).places == (0, 2, 3, 4)
    assert (
        texts("sharegpt", edited("sharegpt", SHAREGPT, lambda one: delete_message(one, 0)))
        == texts("sharegpt", SHAREGPT)[1:]
    )
    for name, record, message in (("prompt-completion", PROMPT, 1), ("trl", {**PROMPT, "label": True}, 1)):
        with pytest.raises(DoesNotFitError, match=r"would not be read as .* any more\. Delete the whole record"):
            edited(name, record, lambda one, message=message: delete_message(one, message))


def test_a_message_moves_and_its_tags_with_it() -> None:
    after = move_message(dialect_named("openai-chat").read(CHAT), 3, -1)
    assert after.places == (0, 1, 3, 2, 4)
    messages = CHAT["messages"]
    assert write_edited(CHAT, dialect_named("openai-chat"), after)["messages"] == [
        *messages[:2],
        messages[3],
        messages[2],
        messages[4],
    ]
    assert texts("sharegpt", edited("sharegpt", SHAREGPT, lambda one: move_message(one, 0, 1)))[:2] == [
        ("user", "Hello"),
        ("system", "Be kind."),
    ]
    conversation = dialect_named("openai-chat").read(CHAT)
    with pytest.raises(UsageError, match="Message 1 is the first one"):
        move_message(conversation, 0, -1)
    with pytest.raises(UsageError, match="Message 5 is the last one"):
        move_message(conversation, 4, 1)
    with pytest.raises(ValueError, match="by one place"):
        move_message(conversation, 0, 2)


@pytest.mark.parametrize(
    ("name", "record", "message", "by", "words"),
    [
        ("trl", TRL, 3, -1, "Message 4 stands at the start of `completion`"),
        ("trl", TRL, 2, 1, "Message 3 stands at the end of `prompt`"),
        ("openai-preference", PREFERENCE, 1, 1, "Message 2 stands at the end of `preferred_output`"),
        ("sharegpt", {**SHAREGPT, "chosen": {"from": "gpt", "value": "a"}}, 4, 1, "at the end of the conversation"),
    ],
)
def test_no_message_moves_to_another_side(name: str, record: dict[str, Any], message: int, by: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        move_message(dialect_named(name).read(record), message, by)


def test_a_role_is_changed_and_training_follows() -> None:
    after = edited("openai-chat", CHAT, lambda one: set_role(one, 4, "user"))
    assert after["messages"][4] == {"role": "user", "content": "At nine."}
    after = edited("openai-chat", CHAT, lambda one: set_role(one, 1, "assistant"))
    assert dialect_named("openai-chat").read(after).messages[1].trained
    conversation = dialect_named("trl").read(TRL)
    assert not set_role(conversation, 0, "assistant").conversation.messages[0].trained
    after = edited("trl", TRL, lambda one: set_role(one, 0, "system"))
    assert after["prompt"][0] == {"role": "system", "content": "Hi"}
    after = edited("sharegpt", SHAREGPT, lambda one: set_role(one, 1, "assistant"))
    assert after["conversations"][0] == {"from": "gpt", "value": "Hello"}
    after = edited("sharegpt", SHAREGPT, lambda one: set_role(one, 0, "user"))
    assert texts("sharegpt", after)[0] == ("user", "Be kind.")
    assert set_role(conversation, 0, "user") == Edited(conversation, (0, 1, 2, 3))
    assert edited("openai-chat", {"messages": ["Hi"]}, lambda one: set_role(one, 0, "user"))["messages"] == [
        {"role": "user", "content": "Hi"}
    ]


@pytest.mark.parametrize(
    ("name", "record", "message", "role", "words"),
    [
        ("alpaca", ALPACA, 3, "tool", "user and assistant messages in turn"),
        ("prompt-completion", PROMPT, 0, "system", "no place for this system message"),
        ("sharegpt", SHAREGPT, 2, "user", "ShareGPT would read message 3 as assistant and not as user"),
        ("trl", {"prompt": "a", "completion": "b", "label": True}, 1, "user", "`completion` is a text here"),
    ],
)
def test_a_role_that_the_dialect_has_no_place_for_is_refused(
    name: str, record: dict[str, Any], message: int, role: str, words: str
) -> None:
    with pytest.raises(DoesNotFitError, match=words):
        edited(name, record, lambda one: set_role(one, message, role))


def test_a_message_needs_a_role() -> None:
    with pytest.raises(UsageError, match="needs a role"):
        set_role(dialect_named("openai-chat").read(CHAT), 0, " ")


def test_training_is_toggled_where_there_is_a_mask() -> None:
    assert edited("openai-chat", CHAT, lambda one: toggle_trained(one, 4))["messages"][4]["weight"] == 1
    assert edited("openai-chat", CHAT, lambda one: toggle_trained(one, 2))["messages"][2]["weight"] == 0
    with pytest.raises(UsageError, match="Message 2 is a user message: only the assistant's are trained"):
        edited("openai-chat", CHAT, lambda one: toggle_trained(one, 1))
    for name, record, message, state in (
        ("sharegpt", SHAREGPT, 4, "is trained"),
        ("trl", TRL, 1, "is not trained"),
        ("trl", TRL, 3, "is trained"),
        ("openai-preference", PREFERENCE, 1, "is trained"),
        ("alpaca", ALPACA, 2, "is trained"),
        ("prompt-completion", PROMPT, 1, "is trained"),
    ):
        with pytest.raises(DoesNotFitError, match=f"no mask for single messages: message {message + 1} {state}"):
            edited(name, record, lambda one, message=message: toggle_trained(one, message))


# Consequences and other keys


def test_what_an_edit_leaves_incomplete_is_said() -> None:
    before = toggle_trained(dialect_named("openai-chat").read(CHAT), 4).conversation
    assert consequences(before, delete_message(before, 2).conversation) == ["the result of find_bus loses its call"]
    assert consequences(before, delete_message(before, 3).conversation) == ["the call of find_bus loses its result"]
    assert consequences(before, move_message(before, 3, -1).conversation) == [
        "the result of find_bus loses its call",
        "the call of find_bus loses its result",
    ]
    assert consequences(before, delete_message(before, 0).conversation) == []
    assert consequences(before, Conversation()) == ["no message is left"]
    assert consequences(before, replace(before, messages=before.messages[:2])) == ["no assistant message is left"]
    untrained = replace(before.messages[4], trained=False)
    assert consequences(before, replace(before, messages=(before.messages[0], untrained))) == [
        "no user message is left",
        "no message is trained any more",
    ]
    turns = dialect_named("sharegpt").read(SHAREGPT)
    assert consequences(turns, delete_message(turns, 2).conversation) == ["the result of a tool loses its call"]
    assert consequences(Conversation(), Conversation()) == []


def test_other_keys_are_set_in_their_place_and_removed() -> None:
    dialect = dialect_named("openai-chat")
    record = {"id": 1, "messages": [], "note": "a"}
    assert compact(set_other_key(record, dialect, "id", {"n": 2})) == '{"id":{"n":2},"messages":[],"note":"a"}'
    assert compact(set_other_key(record, dialect, "new", None)) == '{"id":1,"messages":[],"note":"a","new":null}'
    assert compact(remove_other_key(record, dialect, "id")) == '{"messages":[],"note":"a"}'
    with pytest.raises(UsageError, match="no key `x`; its keys are `id`, `messages`, `note`"):
        remove_other_key(record, dialect, "x")
    for change in (
        lambda: set_other_key(record, dialect, "messages", 1),
        lambda: remove_other_key(record, dialect, "messages"),
    ):
        with pytest.raises(UsageError, match="`messages` is a part of the conversation in OpenAI chat"):
            change()


# What holds for all records


def there_and_back(conversation: Conversation, number: int) -> list[tuple[Edit, Callable[[Conversation], Edited]]]:
    """Edits of one message, each with the edit that takes it back."""
    message = conversation.messages[number]
    found: list[tuple[Edit, Edit]] = [
        (lambda one: insert_message(one, number, "user", "in between"), lambda one: delete_message(one, number)),
        (lambda one: move_message(one, number, 1), lambda one: move_message(one, number + 1, -1)),
    ]
    for field in editable(message):
        text = field_text(message, field)
        new = '{"new": [1]}' if field.kind in (FieldKind.JSON, FieldKind.ARGUMENTS) else "new \u2028 text"
        found.append(
            (
                lambda one, field=field, new=new: set_field(one, number, field, new),
                lambda one, field=field, text=text: set_field(one, number, field, text),
            )
        )
    if message.role in ("user", "system", "tool"):
        found.append((lambda one: set_role(one, number, "developer"), lambda one: set_role(one, number, message.role)))
    if message.role == "assistant":
        found.append((lambda one: toggle_trained(one, number), lambda one: toggle_trained(one, number)))
    return found


def check_there_and_back(dialect: Dialect, record: dict[str, Any], number: int) -> int:
    """Tries each edit of a message: refused with a sentence, or done as asked and taken back. Counts those done."""
    before = dialect.read(record)
    untouched = compact(record)
    done = 0
    for there, back in there_and_back(before, number):
        try:
            asked = there(before)
            written = write_edited(record, dialect, asked)
        except CuratorError as error:
            assert str(error).endswith((".", "instead."))
            assert compact(record) == untouched
            continue
        after = dialect.read(decode_exactly(encode(written)))
        assert len(after.messages) == len(asked.places)
        for place, origin in enumerate(asked.places):
            if origin is not None and asked.conversation.messages[place] == before.messages[origin]:
                assert after.messages[place] == before.messages[origin]
        assert [key for key in written if key not in dialect.keys] == [key for key in record if key not in dialect.keys]
        returned = dialect.read(write_edited(written, dialect, back(after)))
        assert says_the_same(returned.messages, before.messages)
        assert [one.trained for one in returned.messages] == [one.trained for one in before.messages]
        done += 1
    assert compact(record) == untouched
    return done


def test_an_edit_and_its_inverse_say_what_was_said() -> None:
    for dialect, record in sound_cases():
        for number in range(len(dialect.read(record).messages)):
            check_there_and_back(dialect, record, number)


def test_public_records_are_edited_and_put_back(shared_data: Path) -> None:
    done = 0
    for line in public_lines(shared_data, most=8):
        record = decode_exactly(line_body(line))
        dialect = claimed_by(record)
        count = len(dialect.read(record).messages)
        for number in {0, count // 2, count - 1}:
            done += check_there_and_back(dialect, record, number)
    assert done > 500
