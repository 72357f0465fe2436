"""Where values stand in a body, how they are spelled there, and the parts that the rewriting of lines is made of."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_spellings import WORDS, changed, quoted, random_value, spelled

from curator.records.alignment import align
from curator.records.codec import DEEPEST_NESTING, decode_exactly
from curator.records.json_spans import Spans
from curator.records.json_strings import string_change
from curator.records.json_style import Style, style_of, write_value
from curator.records.sameness import Sameness

BODY = rb' {"a" : [1, {"\u0062":"]\"}"}], "a": [ ], "": null} '


def test_members_are_found_with_their_keys_and_values() -> None:
    spans = Spans(BODY)
    entries = spans.root().entries()
    assert [entry.key for entry in entries] == ["a", "a", ""]
    assert [BODY[entry.value : entry.end] for entry in entries] == [rb'[1, {"\u0062":"]\"}"}]', b"[ ]", b"null"]
    assert BODY[entries[0].start : entries[0].colon] == b'"a"'
    inner = spans.entries([*spans.entries(entries[0].value)][1].value)
    assert [(entry.key, BODY[entry.value : entry.end]) for entry in inner] == [("b", rb'"]\"}"')]


def test_a_place_is_that_of_the_last_member_of_its_key() -> None:
    place = Spans(BODY).root().inside("a")
    assert BODY[place.start() : place.end()] == b"[ ]"
    assert place.entries() == []


def test_places_are_found_however_deep() -> None:
    body = b"[0, " * DEEPEST_NESTING + b"7" + b"]" * DEEPEST_NESTING
    place = Spans(body).root()
    for _ in range(DEEPEST_NESTING):
        place = place.inside(1)
    assert body[place.start() : place.end()] == b"7"


@given(st.randoms(use_true_random=False))
def test_every_span_holds_its_value(rng: random.Random) -> None:
    body = spelled(random_value(rng), rng).encode()
    waiting = [(Spans(body).root(), decode_exactly(body))]
    while waiting:
        place, value = waiting.pop()
        assert Sameness().same(decode_exactly(body[place.start() : place.end()]), value)
        if isinstance(value, dict):
            waiting += [(place.inside(key), item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(place.inside(number), item) for number, item in enumerate(value)]


@pytest.mark.parametrize(
    ("body", "style"),
    [
        ("{}", Style()),
        ("[1]", Style()),
        ('{"a,": 1}', Style(", ", ": ")),
        ('{"a:":1}', Style()),
        ('{"a" : 1 ,"b": 2}', Style(" ,", " : ")),
        ("[1, 2]", Style(", ", ": ")),
        ('["é", "\\u00e9"]', Style(", ", ": ")),
        ('["\\u00e9"]', Style(ascii_only=True)),
        ('["\\ud83d\\ude00"]', Style(ascii_only=True)),
        ('["\\\\\\u00e9"]', Style(ascii_only=True)),
        ('["\\\\u00e9", 1]', Style(", ", ": ")),
        ('["\\u003c\\u007f \\ud800"]', Style()),
    ],
)
def test_the_style_is_that_of_the_first_comma_and_colon(body: str, style: Style) -> None:
    assert style_of(body.encode()) == style


@given(st.randoms(use_true_random=False), st.booleans())
def test_written_values_mean_what_they_did(rng: random.Random, ascii_only: bool) -> None:
    value = decode_exactly(spelled(random_value(rng), rng).encode())
    text = write_value(value, Style(", ", ":", ascii_only))
    assert text.isascii() or not ascii_only
    assert Sameness().same(decode_exactly(text.encode()), value)


def test_deep_values_are_written_in_the_style_too() -> None:
    value: object = ["é\U0001f600", "\ud800", {"k,": 1}]
    for _ in range(3000):
        value = [value]
    inner = '["\\u00e9\\ud83d\\ude00", "\\ud800", {"k,": 1}]'
    assert write_value(value, Style(", ", ": ", ascii_only=True)) == "[" * 3000 + inner + "]" * 3000
    inner = '["é\U0001f600","\\ud800",{"k,":1}]'
    assert write_value(value, Style()) == "[" * 3000 + inner + "]" * 3000


@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(WORDS), max_size=4).map("x".join))
def test_a_string_changes_between_its_common_ends(rng: random.Random, old: str) -> None:
    token = quoted(old, rng).encode()
    new = changed(old, rng)
    new = new if isinstance(new, str) else ""
    change = string_change(token, old, new)
    middle = write_value(change.text, Style())[1:-1].encode()
    assert decode_exactly(token[: change.start] + middle + token[change.end :]) == new
    assert string_change(token, old, old)[2] == ""


def test_values_are_the_same_by_type_and_not_by_order_of_keys() -> None:
    same = Sameness().same
    different = [1, 1.0, True, "1", None, 0, 0.0, -0.0, False, float("nan"), float("inf"), [], {}, [1], [[1]], {"a": 1}]
    for place, one in enumerate(different):
        for other_place, other in enumerate(different):
            assert same(one, other) is (place == other_place)
            assert Sameness().same([{"k": one}], [{"k": other}]) is (place == other_place)
    assert same({"a": [float("nan")], "b": 2}, {"b": 2, "a": [float("nan")]})


@pytest.mark.parametrize(
    ("old", "new", "stays", "copies"),
    [
        ("abc", "abc", [0, 1, 2], [-1, -1, -1]),
        ("abc", "axc", [0, 1, 2], [-1, -1, -1]),
        ("abc", "ac", [0, 2], [-1, -1]),
        ("ac", "abc", [0, -1, 1], [-1, -1, -1]),
        ("abc", "bca", [1, 2, -1], [-1, -1, 0]),
        ("abcd", "dabc", [-1, 0, 1, 2], [3, -1, -1, -1]),
        ("ab", "abab", [0, 1, -1, -1], [-1, -1, 0, 1]),
        ("xaxb", "axb", [1, 2, 3], [-1, -1, -1]),
        ("", "ab", [-1, -1], [-1, -1]),
        ("ab", "", [], []),
    ],
)
def test_items_are_aligned(old: str, new: str, stays: list[int], copies: list[int]) -> None:
    found = align(list(old), list(new), Sameness())
    assert (found.stays, found.copies) == (stays, copies)


@given(st.lists(st.integers(0, 6), max_size=12), st.lists(st.integers(0, 8), max_size=12))
def test_what_stays_rises_and_copies_are_the_same(old: list[int], new: list[int]) -> None:
    found = align(old, new, Sameness())
    kept = [place for place in found.stays if place >= 0]
    assert kept == sorted(set(kept))
    assert all(old[copy] == item for copy, item in zip(found.copies, new, strict=True) if copy >= 0)
