"""Two versions of a record are compared message by message, and what is told adds up to both of them."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_records import claimed_by, public_lines, sound_cases

from curator.records.codec import decode_exactly, line_body
from curator.records.comparing import ChangeKind, Comparison, ValueChange, compare
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.editing import move_message, set_role, set_text, toggle_trained
from curator.records.text_edits import EditKind, TextEdit, text_edits

KEPT, DELETED, INSERTED = EditKind.KEPT, EditKind.DELETED, EditKind.INSERTED


def said(role: str, text: str, **more: Any) -> Message:
    return Message(role, (Part("text", text),), trained=role == "assistant", **more)


def talk(*texts: str) -> Conversation:
    return Conversation(tuple(said("assistant" if place % 2 else "user", text) for place, text in enumerate(texts)))


def told(comparison: Comparison) -> list[tuple[str, int | None, int | None]]:
    return [(str(one.kind), one.place_before, one.place_after) for one in comparison.messages]


# Texts


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("same", "same", [(KEPT, "same")]),
        ("", "new", [(INSERTED, "new")]),
        ("old", "", [(DELETED, "old")]),
        ("a red rose", "a white rose", [(KEPT, "a "), (DELETED, "red"), (INSERTED, "white"), (KEPT, " rose")]),
        ("Go, now", "Go now", [(KEPT, "Go"), (DELETED, ","), (KEPT, " now")]),
    ],
)
def test_short_texts_are_compared_by_words(before: str, after: str, expected: list[tuple[EditKind, str]]) -> None:
    assert text_edits(before, after) == [TextEdit(*one) for one in expected]


def test_long_texts_are_compared_by_lines_and_changed_lines_by_words() -> None:
    lines = [f"line {number} of many\n" for number in range(2000)]
    after = lines.copy()
    after[1000] = "line 1000 of few\n"
    del after[1500]
    edits = text_edits("".join(lines), "".join(after))
    assert [(one.kind, one.text) for one in edits if one.kind is not KEPT] == [
        (DELETED, "many"),
        (INSERTED, "few"),
        (DELETED, lines[1500]),
    ]


@given(
    before=st.lists(st.sampled_from(["a", "b ", "\n", "rose\u2028", "\r\n", "!"]), max_size=60).map("".join),
    after=st.lists(st.sampled_from(["a", "b ", "\n", "rose\u2028", "\r\n", "!"]), max_size=60).map("".join),
    times=st.sampled_from([1, 300]),
)
def test_edits_add_up_to_both_texts(before: str, after: str, times: int) -> None:
    before, after = before * times, after * times
    edits = text_edits(before, after)
    assert "".join(one.text for one in edits if one.kind is not INSERTED) == before
    assert "".join(one.text for one in edits if one.kind is not DELETED) == after
    assert all(one.text for one in edits)
    assert all(one.kind is not two.kind for one, two in pairwise(edits))


def test_huge_texts_and_long_conversations_take_bounded_time() -> None:
    pick = random.Random(1)
    huge = "".join(pick.choice(["a\n", "b\n", "line "]) for _ in range(500_000))
    began = time.monotonic()
    text_edits(huge, huge[::-1])
    text_edits("a" * 5_000_000, "b" * 5_000_000)
    compare(talk(*["ok"] * 6000), talk(*["ok"] * 5990, "no"))
    compare(talk(*map(str, range(6000))), talk(*map(str, reversed(range(6000)))))
    assert time.monotonic() - began < 10


# Messages


def test_equal_records_do_not_differ() -> None:
    conversation = talk("a", "b")
    assert not compare(conversation, conversation).differs
    assert told(compare(conversation, conversation)) == [("same", 0, 0), ("same", 1, 1)]
    assert not compare(None, None).differs


def test_a_whole_record_is_added_or_removed() -> None:
    conversation = replace(talk("a", "b"), other_keys=(("id", 1),), tools=({"name": "f"},))
    added = compare(None, conversation)
    assert told(added) == [("added", None, 0), ("added", None, 1)]
    assert [(one.role_before, one.role_after) for one in added.messages] == [("", "user"), ("", "assistant")]
    assert added.keys == (ValueChange("id", None, "1", (TextEdit(INSERTED, "1"),)),)
    removed = compare(conversation, None)
    assert told(removed) == [("removed", 0, None), ("removed", 1, None)]
    assert removed.tools == (ValueChange("f", '{"name":"f"}', None, (TextEdit(DELETED, '{"name":"f"}'),)),)


def test_a_changed_message_tells_its_fields() -> None:
    before = talk("a", "b c", "d")
    after = set_text(before, 1, 0, "b x").conversation
    comparison = compare(before, after)
    assert told(comparison) == [("same", 0, 0), ("changed", 1, 1), ("same", 2, 2)]
    edits = (TextEdit(KEPT, "b "), TextEdit(DELETED, "c"), TextEdit(INSERTED, "x"))
    assert comparison.messages[1].fields == (ValueChange("text", "b c", "b x", edits),)
    for edited, expected in (
        (toggle_trained(before, 1), [("trained", "yes", "no")]),
        (set_role(before, 1, "tool"), [("role", "assistant", "tool"), ("trained", "yes", None)]),
    ):
        fields = compare(before, edited.conversation).messages[1].fields
        assert [(one.label, one.before, one.after) for one in fields] == expected


def test_all_that_a_message_holds_is_compared() -> None:
    before = Message(
        "assistant",
        (Part("text", "a"), Part("image", "u", "low"), Part("other", "{}")),
        (ToolCall("f", "{}", "1"), ToolCall("g", "{}", legacy=True)),
        name="Ann",
        tool_call_id="x",
        section="chosen",
    )
    after = Message(
        "assistant",
        (Part("text", "a"), Part("image", "u", "high"), Part("other", "[]"), Part("refusal", "no")),
        (ToolCall("f", "[]", "2"), ToolCall("h", "{}")),
        name="Bob",
        tool_call_id="y",
        section="chosen",
    )
    change = compare(Conversation((before,)), Conversation((after,))).messages[0]
    assert [(one.label, one.before, one.after) for one in change.fields] == [
        ("name", "Ann", "Bob"),
        ("answers the call", "x", "y"),
        ("image 2: detail", "low", "high"),
        ("JSON 3", "{}", "[]"),
        ("call: arguments", "{}", "[]"),
        ("call: id", "1", "2"),
        ("call 2: tool", "g", "h"),
        ("call 2: key", "function_call", "tool_calls"),
        ("refusal 4", None, "no"),
    ]


def test_messages_are_inserted_removed_and_moved() -> None:
    before = talk("one", "two", "three", "four")
    messages = before.messages
    shorter = replace(before, messages=messages[:1] + messages[2:])
    assert told(compare(before, shorter)) == [("same", 0, 0), ("removed", 1, None), ("same", 2, 1), ("same", 3, 2)]
    assert told(compare(shorter, before)) == [("same", 0, 0), ("added", None, 1), ("same", 1, 2), ("same", 2, 3)]
    moved = told(compare(before, move_message(before, 1, 1).conversation))
    assert moved == [("same", 0, 0), ("moved", 2, 1), ("same", 1, 2), ("same", 3, 3)]


def test_an_edited_message_is_found_among_removed_ones() -> None:
    before = talk("The red rose is lovely today", "Yes", "The white lily grows in my garden")
    after = Conversation((said("user", "The white lily grows in her garden"),))
    assert told(compare(before, after)) == [("removed", 0, None), ("removed", 1, None), ("changed", 2, 0)]


def test_messages_of_two_sides_are_never_taken_for_one_another() -> None:
    before = Conversation((said("assistant", "yes", section="chosen"),))
    after = Conversation((said("assistant", "yes", section="rejected"),))
    assert told(compare(before, after)) == [("added", None, 0), ("removed", 0, None)]


def test_of_very_many_changed_messages_the_roles_tell_which_is_which() -> None:
    before, after = talk(*(f"a{n}" for n in range(60))), talk(*(f"b{n}" for n in range(60)))
    assert {one.kind for one in compare(before, after).messages} == {ChangeKind.CHANGED}


def test_keys_and_tools_are_compared() -> None:
    before = Conversation(
        tools=({"type": "function", "function": {"name": "f", "n": 1}}, {"name": "g"}, "odd"),
        other_keys=(("id", 1), ("same", [1, {"a": None}]), ("note", "old words")),
    )
    after = Conversation(
        tools=({"type": "function", "function": {"name": "f", "n": 2}}, "odd", {"name": "g"}),
        other_keys=(("note", "new words"), ("same", [1, {"a": None}]), ("id", "1"), ("more", None)),
    )
    comparison = compare(before, after)
    assert [(one.label, one.before, one.after) for one in comparison.keys] == [
        ("id", "1", "1"),
        ("note", "old words", "new words"),
        ("more", None, "null"),
    ]
    assert comparison.keys[1].edits[0] == TextEdit(DELETED, "old")
    assert [one.label for one in comparison.tools] == ["f", "tool 3", "tool 2"]
    assert comparison.differs


# What holds for all records


def check_adds_up(before: Conversation, after: Conversation) -> None:
    comparison = compare(before, after)
    places_before = [one.place_before for one in comparison.messages if one.place_before is not None]
    places_after = [one.place_after for one in comparison.messages if one.place_after is not None]
    assert sorted(places_before) == list(range(len(before.messages)))
    assert places_after == list(range(len(after.messages)))
    for one in comparison.messages:
        if one.kind in (ChangeKind.SAME, ChangeKind.MOVED):
            assert one.place_before is not None and one.place_after is not None
            assert before.messages[one.place_before] == after.messages[one.place_after]
            assert one.fields == ()
        if one.kind is ChangeKind.CHANGED:
            assert one.fields
            assert all(field.before != field.after for field in one.fields)


@given(data=st.data())
def test_any_two_records_are_compared(data: st.DataObject) -> None:
    (dialect, one), (other_dialect, two) = (data.draw(st.sampled_from(sound_cases())) for _ in range(2))
    before, after = dialect.read(one), other_dialect.read(two)
    check_adds_up(before, after)
    some = (
        data.draw(st.lists(st.sampled_from((*before.messages, *after.messages)), max_size=12))
        if before.messages
        else []
    )
    check_adds_up(before, replace(before, messages=tuple(some)))


def test_public_records_are_compared(shared_data: Path) -> None:
    records = [decode_exactly(line_body(line)) for line in public_lines(shared_data, most=8)]
    conversations = [claimed_by(one).read(one) for one in records]
    for before, after in pairwise(conversations):
        assert not compare(before, before).differs
        check_adds_up(before, after)
