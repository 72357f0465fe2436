"""A changed value in a line: only the bytes of what changed are others."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_spellings import ODD, Raw, changed, fresh, random_value, real_lines, shared_ends, spelled

from curator.records import rewriting
from curator.records.codec import DEEPEST_NESTING, Malformed, compact, decode_exactly, encode
from curator.records.conversation import Message
from curator.records.dialects import DEFAULT, DIALECTS, Dialect
from curator.records.dialects.base import DoesNotFitError
from curator.records.rewriting import rewrite
from curator.records.sameness import Sameness
from curator.records.sniffing import claimed

ODD_CHANGES: dict[str, tuple[Callable[[Any], Any], bytes, bytes]] = {
    "a word in a string": (lambda v: v["b"][1].update(x="café! z"), rb"\u00e9 z", rb"\u00e9! z"),
    "a live key that is repeated": (lambda v: v.update(a=7), b"12345678901234567890123", b"7"),
    "a number by an equal one of another type": (lambda v: v["b"].__setitem__(0, 100000), b"1E5", b"100000"),
    "an item inserted": (lambda v: v["b"].insert(1, [True]), b"1E5,  ", b"1E5,  [true],  "),
    "an item appended": (lambda v: v["b"].append("ü"), b"NaN ]", rb'NaN,  "\u00fc" ]'),
    "the first item removed": (lambda v: v["b"].pop(0), b"1E5,  ", b""),
    "the last item removed": (lambda v: v["b"].pop(), b", NaN ]", b" ]"),
    "neighbours swapped": (
        lambda v: v["b"].insert(0, v["b"].pop(1)),
        rb'1E5,  {"x":"caf\u00e9 z"}, NaN',
        rb'{"x":"caf\u00e9 z"},  1E5,  NaN',
    ),
    "an item said twice": (lambda v: v["b"].append(v["b"][0]), b"NaN ]", b"NaN,  1E5 ]"),
    "all items removed": (lambda v: v["b"].clear(), rb'[1E5,  {"x":"caf\u00e9 z"}, NaN ]', b"[]"),
    "an item in an empty array": (lambda v: v["e"].append({"n": [1, 2]}), b"[ ]", b'[{"n": [1, 2]}]'),
    "a key removed": (lambda v: v.pop("c"), rb'"c": {"k": "\ud800"}, ', b""),
    "the last key removed": (lambda v: v.pop("e"), b', "e": [ ]}', b"}"),
    "a key at the end": (lambda v: v.update(weight=0), b"[ ]}", b'[ ], "weight": 0}'),
    "a key in a nested object": (lambda v: v["b"][1].update(y=None), b'z"}', b'z", "y":null}'),
    "a lone surrogate in a new string": (lambda v: v["c"].update(k="\udfff"), rb"\ud800", rb"\udfff"),
    "an object by a string": (lambda v: v.update(c="é"), rb'{"k": "\ud800"}', rb'"\u00e9"'),
}


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encoding the whole anew would hide what these tests look for."""

    def refuse(value: Any) -> bytes:
        raise AssertionError(f"encoded anew: {compact(value):.200}")

    monkeypatch.setattr(rewriting, "encode", refuse)


def edited(body: bytes, change: Callable[[Any], Any]) -> bytes:
    """The body after a change that is made to a deep copy of its value."""
    old = decode_exactly(body)
    new = copy.deepcopy(old)
    change(new)
    return rewrite(body, old, new)


@pytest.mark.parametrize("name", ODD_CHANGES)
def test_only_what_changed_is_written_anew(name: str) -> None:
    change, before, after = ODD_CHANGES[name]
    assert ODD.count(before) == 1
    assert edited(ODD, change) == ODD.replace(before, after)


def test_all_occurrences_of_a_removed_key_go() -> None:
    assert edited(ODD, lambda v: v.pop("a")) == ODD.replace(b'"a": 1.10, ', b"").replace(
        b'"a": 12345678901234567890123, ', b""
    )


def test_a_value_without_change_keeps_the_body() -> None:
    old = decode_exactly(ODD)
    assert rewrite(ODD, old, old) is ODD
    assert rewrite(ODD, old, copy.deepcopy(old)) == rewrite(ODD, old, decode_exactly(ODD)) == ODD


@pytest.mark.parametrize(
    ("body", "new", "expected"),
    [
        ('{"a":1,"b":2}', {"a": 1, "x": 0, "b": 2}, '{"a":1,"x":0,"b":2}'),
        ('{"a":1,"b":2}', {"x": 0, "y": 0, "a": 1, "b": 2}, '{"x":0,"y":0,"a":1,"b":2}'),
        ('{"a":1,"b":2,"c":3}', {"a": 1, "x": 2, "c": 3}, '{"a":1,"x":2,"c":3}'),
        ('{"a":1,"b":2}', {"b": 2, "x": 0, "a": 1}, '{"a":1,"b":2,"x":0}'),
        ('{"a":1,"b":2}', {"b": 2, "a": 1}, '{"a":1,"b":2}'),
        ('{"a":1,"b":2,"a":3}', {"a": 3, "x": 0, "b": 2}, '{"a":1,"x":0,"b":2,"a":3}'),
        ('{ "a": 1 }', {"b": [1, {"c": 2}]}, '{ "b": [1, {"c": 2}] }'),
        ("{}", {"a": [1, 2]}, '{"a":[1,2]}'),
        ("[1.0]", [True], "[true]"),
        ("[1.0 ,null,null ]", [True, None, None], "[true ,null,null ]"),
        (r'["a\u00e9"]', ["b\u00e9"], r'["b\u00e9"]'),
        (r'["\n\u00e9\/ \u0061x é"]', ["\n\u00e9/ axy é"], r'["\n\u00e9\/ \u0061xy é"]'),
        ("[1.0]", [1], "[1]"),
        ("[0.0]", [-0.0], "[-0.0]"),
        (' {"a" :1 , "b" :2} ', {"a": 1, "b": 2, "c": [1, 2]}, ' {"a" :1 , "b" :2 , "c" :[1 , 2]} '),
        ('[{"r": 1,"t": 2},{"r": 3,"t": 4}]', [{"r": 1, "t": 2}, {"r": 9, "t": 9}, {"r": 3, "t": 4}], None),
        ('{"a":"é","b":"x"}', {"a": "é", "b": "ü"}, '{"a":"é","b":"ü"}'),
        (r'{"a":"\u00e9","b":"x"}', {"a": "é", "b": "ü\U0001f600"}, r'{"a":"\u00e9","b":"\u00fc\ud83d\ude00"}'),
        (r'{"a":"\\u00e9","b":"x"}', {"a": "\\u00e9", "b": "ü"}, r'{"a":"\\u00e9","b":"ü"}'),
        (r'{"\u0061": 1.10, "b": 2}', {"a": 1.1, "b": 3}, r'{"\u0061": 1.10, "b": 3}'),
    ],
)
def test_new_keys_and_values_stand_and_are_spelled_like_the_others(body: str, new: Any, expected: str | None) -> None:
    old = decode_exactly(body.encode())
    if expected is None:
        expected = '[{"r": 1,"t": 2},{"r": 9,"t": 9},{"r": 3,"t": 4}]'
    assert rewrite(body.encode(), old, new).decode() == expected


def test_an_edited_message_is_found_beside_a_removed_and_a_new_one() -> None:
    body = b'[{"role":"user","content":"a","n":1.10},{"role":"assistant","content":"b","n":2.20},{"role":"user"}]'
    user, answer, last = decode_exactly(body)
    assert rewrite(body, [user, answer, last], [{**answer, "content": "bb"}, last]) == (
        b'[{"role":"assistant","content":"bb","n":2.20},{"role":"user"}]'
    )
    new = {"role": "tool", "content": "c"}
    assert rewrite(body, [user, answer, last], [user, {**answer, "content": "bb"}, new, last]) == (
        body.replace(b'"b"', b'"bb"').replace(b',{"role":"user"}]', b',{"role":"tool","content":"c"},{"role":"user"}]')
    )


def test_moved_messages_keep_their_bytes() -> None:
    texts = [f'{{"n":{number}.0,"x": 1E{number}}}' for number in range(8)]
    body = f"[{', '.join(texts)}]".encode()
    for order in ([1, 2, 3, 4, 5, 6, 7, 0], [7, 0, 1, 2, 3, 4, 5, 6], [0, 5, 5, 2], [4, 3, 2, 1], [*range(8), 0, 1]):
        old = decode_exactly(body)
        wanted = f"[{', '.join(texts[number] for number in order)}]".encode()
        assert rewrite(body, old, [old[number] for number in order]) == wanted
        assert rewrite(body, old, [copy.deepcopy(old[number]) for number in order]) == wanted


def test_nesting_as_deep_as_it_may_be_costs_no_recursion() -> None:
    depth = DEEPEST_NESTING - 1
    body = b"[1.50, " * depth + b'["x"]' + b" ]" * depth
    old = decode_exactly(body)
    assert rewrite(body, old, decode_exactly(body)) == body
    inner = old[1]
    wanted: Any = ["y", "\u00e9"]
    for _ in range(depth):
        wanted = [1.5, wanted]
    assert rewrite(body, old, wanted) == body.replace(b'["x"]', '["y", "é"]'.encode())
    assert rewrite(b'{"a": 1}', {"a": 1}, {"a": inner}) == b'{"a": ' + compact(inner).replace(",", ", ").encode() + b"}"


def test_what_does_not_come_back_is_encoded_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "encode", encode)
    pair = "\ud83d" + "\ude00"
    assert rewrite(b'{"a": "x", "b": 1.10}', {"a": "x", "b": 1.1}, {"a": pair, "b": 1.1}) == (
        rb'{"a":"\ud83d\ude00","b":1.1}'
    )


def body_of(value: Any, rng: random.Random) -> bytes:
    return spelled(value, rng).encode()


@given(st.randoms(use_true_random=False), st.integers(1, 3), st.booleans())
def test_a_rewritten_body_means_the_new_value(rng: random.Random, changes: int, copied: bool) -> None:
    body = body_of(random_value(rng), rng)
    old = decode_exactly(body)
    assert not isinstance(old, Malformed)
    new = old
    for _ in range(changes):
        new = changed(new, rng)
    if copied:
        new = copy.deepcopy(new)
    back = decode_exactly(rewrite(body, old, new))
    assert Sameness().same(back, new)
    assert compact(back) == compact(new)
    assert rewrite(body, old, copy.deepcopy(old)) == body


MARK = '"\\u0000here\\u0000"'


def with_mark(value: Any, rng: random.Random) -> Any:
    """The value with a mark in place of one of the values in it."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        return {name: with_mark(item, rng) if name == key else item for name, item in value.items()}
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        return [with_mark(item, rng) if number == place else item for number, item in enumerate(value)]
    return Raw(MARK)


def with_value(value: Any, put: Any) -> Any:
    """The value with `put` in place of the mark."""
    if isinstance(value, dict):
        return {key: with_value(item, put) for key, item in value.items()}
    if isinstance(value, list):
        return [with_value(item, put) for item in value]
    return put if value == json.loads(MARK) else value


@given(st.randoms(use_true_random=False))
def test_bytes_around_a_changed_value_stay(rng: random.Random) -> None:
    text = spelled(with_mark(random_value(rng), rng), rng)
    before, after = text.split(MARK)
    was = spelled(random_value(rng, 2), rng)
    put = fresh(rng)
    body = (before + was + after).encode()
    old = decode_exactly(body)
    new = with_value(decode_exactly(text.encode()), put)
    rewritten = rewrite(body, old, new)
    assert rewritten.startswith(before.encode())
    assert rewritten.endswith(after.encode())
    inner = rewritten[len(before.encode()) : len(rewritten) - len(after.encode())]
    assert Sameness().same(decode_exactly(inner), put)


@given(st.randoms(use_true_random=False), st.integers(0, 8), st.integers(0, 8))
def test_a_removed_or_inserted_item_leaves_all_other_bytes(rng: random.Random, length: int, place: int) -> None:
    body = body_of({"list": [[number, random_value(rng, 2)] for number in range(length + 1)], "z": Raw("1.10")}, rng)
    old = decode_exactly(body)
    place = min(place, length)
    fewer = old["list"][:place] + old["list"][place + 1 :]
    removed = rewrite(body, old, {**old, "list": fewer})
    assert shared_ends(body, removed) == len(removed) or not fewer
    more = [*old["list"][:place], "put", *old["list"][place:]]
    inserted = rewrite(body, old, {**old, "list": more})
    assert shared_ends(body, inserted) == len(body)


def with_text(message: Message, added: str) -> Message | None:
    """The message with something added to its last text, or None where it has none."""
    for place, part in reversed(list(enumerate(message.parts))):
        if part.kind == "text":
            parts = list(message.parts)
            parts[place] = replace(part, text=part.text + added)
            return replace(message, parts=tuple(parts))
    return None


def dialect_and_record(body: bytes) -> tuple[Dialect, dict[str, Any]] | None:
    record = decode_exactly(body)
    if not isinstance(record, dict):
        return None
    claim = claimed(record)
    return (claim[0] if claim else DEFAULT), record


def test_an_edited_text_of_real_records_is_all_that_changes(shared_data: Path) -> None:
    rewritten = 0
    names = set()
    for body in real_lines(shared_data):
        found = dialect_and_record(body)
        if found is None:
            continue
        dialect, record = found
        conversation = dialect.read(record)
        count = len(conversation.messages)
        for place in sorted({0, count // 2, count - 1} & set(range(count))):
            longer = with_text(conversation.messages[place], "~!")
            if longer is None:
                continue
            messages = (*conversation.messages[:place], longer, *conversation.messages[place + 1 :])
            try:
                new = dialect.write(record, replace(conversation, messages=messages))
            except DoesNotFitError:
                continue
            result = rewrite(body, record, new)
            assert len(result) == len(body) + 2
            assert shared_ends(body, result) == len(body)
            assert rewrite(result, decode_exactly(result), record) == body
            rewritten += 1
            names.add(dialect.name)
    assert rewritten > 800
    assert len(names) >= 2


def test_removed_and_swapped_messages_of_real_records_leave_the_others(shared_data: Path) -> None:
    for body in real_lines(shared_data):
        record = decode_exactly(body)
        messages = record.get("messages") if isinstance(record, dict) else None
        if not isinstance(messages, list) or len(messages) < 3:
            continue
        removed = rewrite(body, record, {**record, "messages": [messages[0], *messages[2:]]})
        assert shared_ends(body, removed) == len(removed)
        swapped = rewrite(body, record, {**record, "messages": [messages[1], messages[0], *messages[2:]]})
        assert sorted(swapped) == sorted(body)
        assert rewrite(swapped, decode_exactly(swapped), record) == body


def test_every_dialect_is_rewritten_from_its_cases(project: Path) -> None:
    for dialect in DIALECTS:
        lines = (project / "tests" / "cases" / dialect.name / "valid.jsonl").read_bytes().splitlines()
        assert lines
        for body in lines:
            record = decode_exactly(body)
            assert rewrite(body, record, dialect.write(record, dialect.read(record))) == body
