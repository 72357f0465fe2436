"""A record that was edited as laid out JSON becomes one line again, as it was but for what was edited."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_spellings import ODD, random_value, real_lines, spelled

from curator.records.codec import Malformed
from curator.records.rewriting import one_line
from curator.tui.json_layout import pretty


def laid_out(body: bytes) -> str:
    return "\n".join(pretty(body.decode()))


def test_a_laid_out_record_without_changes_is_the_line_that_it_was(shared_data: Path) -> None:
    assert one_line(laid_out(ODD), ODD) == ODD
    for body in real_lines(shared_data):
        assert one_line(laid_out(body), body) == body


@given(st.randoms(use_true_random=False))
def test_any_record_comes_back_from_its_layout(rng: random.Random) -> None:
    body = spelled(random_value(rng), rng).encode()
    assert one_line(laid_out(body), body) == body
    other = spelled(random_value(rng), rng).encode()
    result = one_line(laid_out(other), body)
    assert isinstance(result, bytes)
    assert b"\n" not in result
    assert laid_out(result) == laid_out(other)


@pytest.mark.parametrize(
    ("body", "text", "expected"),
    [
        ('{"a": 1.10,"b":  2 }', '{\n  "a": 1.10,\n  "b": 3\n}', '{"a": 1.10,"b":  3 }'),
        ('{"a": 1.10, "b": 2}', '{\n  "a": 1E1,\n  "b": 2,\n  "c": [\n    1,\n    2\n  ]\n}', None),
        ('{"a":1}', '{"a": 1, "b" : {"c": [ ]}}', '{"a":1,"b":{"c":[]}}'),
        ("[ 1, 2 ]", "[2]", "[ 2 ]"),
        ("[ 1, 2 ]", "[ ]", "[ ]"),
        ('{"a":"x"}', '{"a":"\u2028\u2029\x85 : , \\u00e9"}', '{"a":"\u2028\u2029\x85 : , \\u00e9"}'),
        ('{"a":"x"}', '\ufeff{"a":"x"}\r\n', '{"a":"x"}'),
        ('{"a":"x"}', '{"a":"\ud800"}', '{"a":"\\ud800"}'),
        ("1", "[1,\n2]", "[1,2]"),
        ("[]", "{}", "{}"),
        ('{"a": [', '{\n  "a": []\n}', '{"a": []}'),
        ('{"a":1,"b":"x', '{"a": 1, "b": "x"}', '{"a":1,"b":"x"}'),
        ('{"a": 1} }', '{"a": 1}', '{"a": 1}'),
        ("", '{"a": 1}', '{"a":1}'),
    ],
)
def test_an_edited_layout_becomes_a_line_in_the_style_that_it_had(body: str, text: str, expected: str | None) -> None:
    expected = expected or '{"a": 1E1, "b": 2, "c": [1, 2]}'
    assert one_line(text, body.encode()) == expected.encode()


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ('{\n  "a": 1,\n  "b": [1, 2, 3 4]\n}', 17, "a comma or a closing bracket is expected at line 3 column 17"),
        ('{\n  "a": "x\n}', 10, "stands at line 2 column 10"),
        ('{\r\n  "a": tru\r\n}', 8, "a value is expected at line 2 column 8"),
        ('{\n  "a": [1', 10, "the text ends too early at line 2 column 10"),
        ("[1] [", 5, "there is more behind the end of the value at line 1 column 5"),
        ("[" * 2000 + "]" * 2000, 1, "nested more than 1,024 levels deep"),
    ],
)
def test_a_layout_that_is_not_json_is_told_with_its_line_and_column(text: str, place: int, reason: str) -> None:
    malformed = one_line(text, b"{}")
    assert isinstance(malformed, Malformed)
    assert reason in malformed.reason
    assert malformed.column == place
