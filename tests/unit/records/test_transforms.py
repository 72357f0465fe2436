"""Split and join: examples of each, and what holds for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.schema import shipped_schema
from curator.analysis.tokens import TokenCounter
from curator.records.codec import decode_exactly
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects import NAMES, dialect_named
from curator.records.transforms import (
    WAYS,
    Cause,
    Split,
    Way,
    explode,
    fit,
    join,
    pairs,
    split_at,
    window,
    write_pieces,
)

PROJECT = Path(__file__).resolve().parents[3]
EXAMPLE = 3
"""Tokens that an example costs beside its messages."""


def said(role: str, text: str = "", **more: Any) -> Message:
    return Message(role, (Part("text", text or role),), trained=more.pop("trained", role == "assistant"), **more)


def chat(roles: str, **more: Any) -> Conversation:
    """A conversation by the first letters of its roles, upper case for an assistant message that is not trained."""
    known = {"s": "system", "d": "developer", "u": "user", "a": "assistant", "t": "tool"}
    return Conversation(
        tuple(
            said(known[letter.lower()], f"{letter}{place}", trained=letter == "a") for place, letter in enumerate(roles)
        ),
        **more,
    )


def calling(call_id: str, place: int = 0) -> Message:
    return Message("assistant", (), (ToolCall("find", "{}", call_id),), trained=True, name=f"c{place}")


def answering(call_id: str) -> Message:
    return said("tool", "found", tool_call_id=call_id)


def spelt(split: Split) -> list[str]:
    """Each piece by the first letters of its roles, as `chat` takes them."""
    return [
        "".join(
            one.role[0].upper() if one.role == "assistant" and not one.trained else one.role[0]
            for one in piece.conversation.messages
        )
        for piece in split.pieces
    ]


def causes(split: Split) -> list[Cause]:
    return [note.cause for note in split.notes]


# Each way, by example


def test_exploding_gives_each_turn_its_history_untrained() -> None:
    split = explode(chat("suauaua"))
    assert spelt(split) == ["sua", "suAua", "suAuAua"]
    assert [(one.part, one.parts) for one in split.pieces] == [(1, 3), (2, 3), (3, 3)]
    assert split.notes == ()


def test_pairs_come_with_or_without_the_system_prompt() -> None:
    assert spelt(pairs(chat("suaua"))) == ["sua", "sua"]
    without = pairs(chat("suaua"), with_system=False)
    assert spelt(without) == ["ua", "ua"]
    assert causes(without) == [Cause.NO_SYSTEM]
    assert pairs(chat("uaua"), with_system=False).notes == ()


def test_a_window_trains_only_its_last_turn() -> None:
    assert spelt(window(chat("suauaua"), 2)) == ["sua", "suAua", "suAua"]
    with pytest.raises(ValueError, match="at least 1 turn"):
        window(chat("ua"), 0)


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ("saua", ["saua"]),
        ("sauaua", ["saua", "sua"]),
        ("uuaua", ["uua", "ua"]),
        ("suasua", ["sua", "ssua"]),
        ("suas", ["suas"]),
        ("sdua", ["sdua"]),
        ("sa", ["sa"]),
        ("s", ["s"]),
        ("", [""]),
    ],
)
def test_what_makes_a_turn(roles: str, expected: list[str]) -> None:
    assert spelt(pairs(chat(roles))) == expected


def test_a_turn_without_a_trained_answer_is_an_example_only_where_it_would_be_lost() -> None:
    exploded = explode(chat("uAuauA"))
    assert spelt(exploded) == ["uAua", "uAuAuA"]
    assert causes(exploded) == [Cause.HISTORY_ONLY, Cause.TRAINS_NOTHING]
    assert spelt(pairs(chat("uAua"))) == ["uA", "ua"]


def test_exploding_twice_changes_nothing_more() -> None:
    for piece in explode(chat("suauaua")).pieces:
        assert explode(piece.conversation).leaves(piece.conversation)


def test_a_call_stays_with_its_results_even_across_a_user_message() -> None:
    messages = (
        said("user"),
        calling("x"),
        said("user"),
        answering("x"),
        said("assistant"),
        said("user"),
        said("assistant"),
    )
    assert spelt(pairs(Conversation(messages))) == ["uauta", "ua"]
    for place in (2, 3, 4):
        assert causes(split_at(Conversation(messages), place)) == [Cause.NOT_HERE]


def test_results_without_an_id_answer_the_calls_in_order() -> None:
    messages = (said("user"), calling(""), calling(""), said("tool"), said("user"), said("tool"), said("user"))
    assert spelt(pairs(Conversation(messages))) == ["uaatut", "u"]


def test_splitting_at_a_message() -> None:
    assert spelt(split_at(chat("suaua"), 3)) == ["sua", "sua"]
    plain = split_at(chat("suaua"), 3, repeat_system=False)
    assert spelt(plain) == ["sua", "ua"]
    assert causes(plain) == [Cause.NO_SYSTEM]


@pytest.mark.parametrize("place", [-1, 0, 1, 2, 4, 5, 9])
def test_some_places_do_not_split(place: int) -> None:
    split = split_at(chat("suaua"), place)
    assert split.pieces == ()
    assert causes(split) == [Cause.NOT_HERE]
    assert str(split.notes[0]).endswith(".")


def test_fitting_fills_each_piece_and_repeats_the_overlap_untrained() -> None:
    conversation, lengths = chat("suauaua"), [20, 10, 30, 10, 30, 10, 30]
    assert spelt(fit(conversation, lengths, 103, overhead=EXAMPLE)) == ["suaua", "sua"]
    assert spelt(fit(conversation, lengths, 103, 1, overhead=EXAMPLE)) == ["suaua", "suAua"]
    assert fit(conversation, lengths, 143, overhead=EXAMPLE).leaves(conversation)


def test_an_overlap_gives_way_to_the_budget_and_says_so() -> None:
    split = fit(chat("uauaua"), [10, 30] * 3, 85, 2, overhead=EXAMPLE)
    assert spelt(split) == ["uaua", "uAua"]
    assert causes(split) == [Cause.OVERLAP_SHORTENED]


def test_a_turn_over_the_budget_is_told_and_not_cut() -> None:
    split = fit(chat("suauaua"), [5, 10, 10, 10, 400, 10, 10], 60, overhead=EXAMPLE)
    assert spelt(split) == ["sua", "sua", "sua"]
    assert causes(split) == [Cause.OVER_BUDGET]
    text = "Turn 2 (its longest message is 400 tokens) takes 418 tokens with what every piece repeats, 358 over"
    assert str(split.notes[0]).startswith(text)


def test_what_cannot_be_cut_stays_whole_and_is_told() -> None:
    for roles in ("sua", "s"):
        conversation = chat(roles)
        split = fit(conversation, [9] * len(roles), 5, overhead=EXAMPLE)
        assert split.leaves(conversation)
        assert causes(split) == [Cause.OVER_BUDGET]


def test_joining_keeps_one_of_two_equal_system_prompts() -> None:
    first, second = chat("suaua"), chat("sua")
    joined = join(first, second)
    assert spelt(joined) == ["suauaua"]
    assert joined.pieces[0].places == (0, 1, 2, 3, 4, 6, 7)
    assert joined.notes == ()


def test_joining_leaves_another_system_prompt_in_its_place() -> None:
    other = Conversation((said("system", "another"), said("user"), said("assistant")))
    joined = join(chat("sua"), other)
    assert spelt(joined) == ["suasua"]
    assert causes(joined) == [Cause.TWO_PROMPTS]


def test_joining_tells_what_of_the_second_is_lost() -> None:
    first = chat("ua", other_keys=(("id", 1), ("source", "x")))
    joined = join(first, chat("ua", other_keys=(("id", 2), ("source", "x"))))
    assert joined.pieces[0].conversation.other_keys == first.other_keys
    assert [str(note) for note in joined.notes] == ["Left out of the second record: `id`."]
    assert causes(join(chat("ua"), chat("ua", tools=({"type": "function"},)))) == [Cause.OTHER_TOOLS]


def test_preference_records_are_refused() -> None:
    record = Conversation((said("user"), said("assistant", section="chosen"), said("assistant", section="rejected")))
    for split in (
        explode(record),
        pairs(record),
        window(record, 2),
        split_at(record, 1),
        fit(record, [1, 1, 1], 2, overhead=EXAMPLE),
        join(chat("ua"), record),
        join(record, chat("ua")),
    ):
        assert (split.pieces, causes(split)) == ((), [Cause.PREFERENCE])


# Tokens


def tokens_of(split: Split, lengths: Sequence[int]) -> int:
    return sum(EXAMPLE + sum(lengths[place] for place in piece.places) for piece in split.pieces)


def table(system: int, user: int, assistant: int, turns: int, most: int) -> dict[str, int]:
    """Tokens of whole, exploded, paired and windowed conversations, by formula."""
    turn = user + assistant
    return {
        "whole": system + turns * turn + EXAMPLE,
        "exploded": turns * (system + EXAMPLE) + turn * turns * (turns + 1) // 2,
        "pairs": turns * (system + turn + EXAMPLE),
        "window": sum(system + EXAMPLE + min(number, most) * turn for number in range(1, turns + 1)),
    }


def test_the_tokens_of_each_way_of_splitting() -> None:
    assert table(20, 10, 30, 5, 2) == {"whole": 223, "exploded": 715, "pairs": 315, "window": 475}


@given(st.integers(0, 50), st.integers(1, 50), st.integers(1, 50), st.integers(1, 8), st.integers(1, 9))
def test_the_pieces_have_the_tokens_of_the_formulas(
    system: int, user: int, assistant: int, turns: int, most: int
) -> None:
    conversation, lengths = chat("s" + "ua" * turns), [system, *(user, assistant) * turns]
    assert {
        "whole": tokens_of(fit(conversation, lengths, 10**6, overhead=EXAMPLE), lengths),
        "exploded": tokens_of(explode(conversation), lengths),
        "pairs": tokens_of(pairs(conversation), lengths),
        "window": tokens_of(window(conversation, most), lengths),
    } == table(system, user, assistant, turns, most)


def test_the_tokens_of_real_texts() -> None:
    counter = TokenCounter("o200k_base")
    lines = (PROJECT / "samples" / "examiner.jsonl").read_text("utf-8").splitlines()
    openai = dialect_named("openai-chat")

    def length(message: Any) -> int:
        return 3 + counter.count(message["role"]) + counter.count(message["content"])

    for line in lines:
        record = json.loads(line)
        lengths = [length(message) for message in record["messages"]]
        conversation = openai.read(record)
        for split in (explode(conversation), pairs(conversation), window(conversation, 2)):
            written = write_pieces(split, record, openai).records
            counted = sum(EXAMPLE + sum(map(length, one["messages"])) for one in written)
            assert counted == tokens_of(split, lengths)
        for one in write_pieces(explode(conversation), record, openai).records[1:]:
            asked = max(place for place, message in enumerate(one["messages"]) if message["role"] == "user")
            history = [message for message in one["messages"][:asked] if message["role"] == "assistant"]
            assert {message["weight"] for message in history} == {0}


# Dialects


def test_openai_chat_writes_history_with_weight_0() -> None:
    record = {"messages": [{"role": role, "content": role} for role in ("user", "assistant") * 2], "tools": [1]}
    openai = dialect_named("openai-chat")
    first, second = write_pieces(explode(openai.read(record)), record, openai).records
    assert first == {**record, "messages": record["messages"][:2]}  # type: ignore[index]
    assert [message.get("weight") for message in second["messages"]] == [None, 0, None, None]
    assert second["tools"] == [1]


def test_dialects_without_a_mask_say_that_history_is_trained() -> None:
    turns = [{"from": "human", "value": "1"}, {"from": "gpt", "value": "2"}]
    sharegpt = {"conversations": turns * 2, "system": "s", "id": 7}
    alpaca = {"instruction": "3", "input": "", "output": "4", "history": [["1", "2"]], "system": "s"}
    for name, record in (("sharegpt", sharegpt), ("alpaca", alpaca)):
        dialect = dialect_named(name)
        written = write_pieces(explode(dialect.read(record)), record, dialect)
        assert [note.cause for note in written.notes] == [Cause.HISTORY_TRAINED]
        assert written.records[1] == record
        assert len(dialect.read(written.records[0]).messages) == 3
        assert not write_pieces(pairs(dialect.read(record)), record, dialect).notes


def test_trl_masks_by_the_side_that_a_message_is_on() -> None:
    turn = [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]
    record = {"prompt": turn[:1], "completion": [turn[1], *turn, *turn]}
    trl = dialect_named("trl")
    written = write_pieces(explode(trl.read(record)), record, trl)
    assert written.notes == ()
    assert written.records == tuple({"prompt": [*turn * n, turn[0]], "completion": turn[1:]} for n in range(3))
    history = {"prompt": [*turn, turn[0]], "completion": turn[1:]}
    refused = write_pieces(pairs(trl.read(history)), history, trl)
    assert (refused.records, [note.cause for note in refused.notes]) == ((), [Cause.DOES_NOT_FIT])


def test_a_dialect_without_room_refuses_all_pieces() -> None:
    record = {"prompt": "p", "completion": "c"}
    legacy = dialect_named("prompt-completion")
    joined = join(legacy.read(record), legacy.read(record))
    written = write_pieces(joined, record, legacy)
    assert (written.records, [note.cause for note in written.notes]) == ((), [Cause.DOES_NOT_FIT])


@pytest.mark.parametrize("name", ["openai-chat", "sharegpt", "alpaca", "trl"])
def test_joined_records_are_written(name: str) -> None:
    sample = {"openai-chat": "contrary"}.get(name, name)
    lines = (PROJECT / "samples" / f"{sample}.jsonl").read_text("utf-8").splitlines()
    first, second = json.loads(lines[0]), json.loads(lines[1])
    dialect = dialect_named(name)
    joined = join(dialect.read(first), dialect.read(second))
    written = write_pieces(joined, first, dialect)
    if written.records:
        assert [one.text for one in dialect.read(written.records[0]).messages] == [
            one.text for one in joined.pieces[0].conversation.messages
        ]
        assert shipped_schema(name).is_valid(written.records[0])
    else:
        assert name == "alpaca"


def records_of(name: str) -> list[dict[str, Any]]:
    """The sound records among the cases and samples of a dialect."""
    cases = (PROJECT / "tests" / "cases" / name / "valid.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line)["record"] for line in cases]
    for path in sorted((PROJECT / "samples").glob("*.jsonl")):
        found += [decode_exactly(line) for line in path.read_bytes().split(b"\n")]
    dialect, schema = dialect_named(name), shipped_schema(name)
    return [one for one in found if isinstance(one, dict) and dialect.claims(one) and schema.is_valid(one)]


@pytest.mark.parametrize("name", NAMES)
def test_the_pieces_of_sound_records_are_sound(name: str) -> None:
    dialect, schema = dialect_named(name), shipped_schema(name)
    for record in records_of(name):
        conversation = dialect.read(record)
        lengths = tuple([10] * len(conversation.messages))
        for by in WAYS:
            way = Way(by, turns=2, budget=45, overlap=1)
            split = way.split(conversation, sum(lengths) + EXAMPLE, partial(tuple, lengths))
            for written in write_pieces(split, record, dialect).records:
                assert schema.is_valid(written), written
                others = [(key, value) for key, value in written.items() if key not in dialect.keys]
                assert others == list(dialect.other_keys(record))
                assert dialect.tools(written) == dialect.tools(record)


# What holds for every conversation

Transform = Callable[[Conversation], Split]
lengths_from = st.integers(1, 40)


@st.composite
def conversations(draw: st.DrawFn, *, system_inside: bool = True) -> Conversation:
    """Conversations with calls and results, some in odd places."""
    messages: list[Message] = [said("system", "s")] * draw(st.integers(0, 2))
    calls: list[str] = []
    roles = ["user", "user", "assistant", "assistant", "call", "tool"] + ["system"] * system_inside
    for place, kind in enumerate(draw(st.lists(st.sampled_from(roles), max_size=14))):
        if kind == "call":
            calls.append(draw(st.sampled_from(("", "x", f"id{place}"))))
            messages.append(calling(calls[-1], place))
        elif kind == "tool":
            messages.append(replace(answering(draw(st.sampled_from([*calls, "y"]))), name=str(place)))
        else:
            trained = kind == "assistant" and draw(st.booleans())
            messages.append(said(kind, f"{kind} {place}", trained=trained))
    return Conversation(tuple(messages), ({"tool": 1},), (("id", 7),))


@st.composite
def ways(draw: st.DrawFn) -> tuple[Conversation, Split]:
    """A conversation, and what came of splitting it in some way."""
    conversation = draw(conversations())
    count = len(conversation.messages)
    lengths = draw(st.lists(lengths_from, min_size=count, max_size=count))
    way = Way(draw(st.sampled_from(WAYS)), draw(st.integers(1, 4)), draw(st.integers(1, 150)), draw(st.integers(0, 3)))
    return conversation, way.split(conversation, sum(lengths) + EXAMPLE, lambda: lengths)


def answered_by(messages: Sequence[Message], place: int) -> int | None:
    """Where the call is that a result with an id answers."""
    wanted = messages[place].tool_call_id
    for before in range(place - 1, -1, -1):
        if wanted and any(call.call_id == wanted for call in messages[before].tool_calls):
            return before
    return None


def opening(conversation: Conversation, places: Sequence[int]) -> tuple[int, str]:
    """Place and role of the first of some messages that is no system message."""
    return next(
        ((one, conversation.messages[one].role) for one in places if conversation.messages[one].role != "system"),
        (-1, ""),
    )


@given(ways())
def test_every_message_is_there_in_order(case: tuple[Conversation, Split]) -> None:
    conversation, split = case
    everything = range(len(conversation.messages))
    assert sorted({place for piece in split.pieces for place in piece.places}) == list(everything)
    for number, piece in enumerate(split.pieces, 1):
        assert list(piece.places) == sorted(set(piece.places))
        assert (piece.part, piece.parts) == (number, len(split.pieces))
        assert piece.conversation.tools == conversation.tools
        assert piece.conversation.other_keys == conversation.other_keys
        for message, place in zip(piece.conversation.messages, piece.places, strict=True):
            original = conversation.messages[place]
            assert replace(message, trained=original.trained) == original
            assert original.trained or not message.trained


@given(ways())
def test_every_answer_is_trained_as_often_as_before(case: tuple[Conversation, Split]) -> None:
    conversation, split = case
    trained = [
        place
        for piece in split.pieces
        for message, place in zip(piece.conversation.messages, piece.places, strict=True)
        if message.trained
    ]
    assert trained == [place for place, message in enumerate(conversation.messages) if message.trained]


@given(ways())
def test_no_piece_begins_with_an_orphan_or_parts_a_call_from_its_result(case: tuple[Conversation, Split]) -> None:
    conversation, split = case
    for piece in split.pieces:
        begins = opening(conversation, piece.places)
        assert begins == opening(conversation, range(len(conversation.messages))) or begins[1] == "user"
        for place in piece.places:
            if conversation.messages[place].role == "tool":
                assert answered_by(conversation.messages, place) in (None, *piece.places)


@given(conversations(), st.data())
def test_fitting_keeps_the_budget_or_says_so(conversation: Conversation, data: st.DataObject) -> None:
    count = len(conversation.messages)
    lengths = data.draw(st.lists(lengths_from, min_size=count, max_size=count))
    budget, overlap = data.draw(st.integers(1, 150)), data.draw(st.integers(0, 3))
    split = fit(conversation, lengths, budget, overlap, overhead=EXAMPLE)
    over = [one for one in split.pieces if EXAMPLE + sum(lengths[place] for place in one.places) > budget]
    assert len(over) == causes(split).count(Cause.OVER_BUDGET)


@given(conversations())
def test_joining_undoes_splitting(conversation: Conversation) -> None:
    for place in range(len(conversation.messages) + 1):
        split = split_at(conversation, place)
        if split.pieces:
            joined = join(*(piece.conversation for piece in split.pieces))
            assert joined.pieces[0].conversation == conversation


@given(conversations(system_inside=False))
def test_joining_undoes_splitting_without_the_system_prompt(conversation: Conversation) -> None:
    for place in range(len(conversation.messages) + 1):
        split = split_at(conversation, place, repeat_system=False)
        if split.pieces:
            joined = join(*(piece.conversation for piece in split.pieces))
            assert joined.pieces[0].conversation == conversation
            assert joined.notes == ()


@given(conversations(), st.integers(0, 15))
def test_splitting_at_any_place_leaves_no_orphan(conversation: Conversation, place: int) -> None:
    split = split_at(conversation, place)
    if split.pieces:
        second = split.pieces[1]
        assert next(one.role for one in second.conversation.messages if one.role != "system") == "user"
        for result in range(place, len(conversation.messages)):
            if conversation.messages[result].role == "tool":
                caller = answered_by(conversation.messages, result)
                assert caller is None or caller >= place
    else:
        assert causes(split) == [Cause.NOT_HERE]
