"""Laying JSON out changes whitespace between tokens and nothing else, whatever the text is."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.tui.json_layout import DEEPEST_INDENTATION, SHORT_CONTAINER, pretty

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)
json_texts = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    values,
    st.sampled_from([None, 0, 1, "\t"]),
    st.booleans(),
)
near_json_texts = st.lists(st.sampled_from([*'{}[]:,"\\ \n\t01.eé', '"a"', "true", "null", "-", '"a":1', "[1]"])).map(
    "".join
)


def spelled(json_text: str) -> Any:
    """Read with numbers as they are spelled and members, repeated ones too, in order."""
    return json.loads(json_text, object_pairs_hook=list, parse_float=str, parse_int=str, parse_constant=str)


def minified(json_text: str) -> str:
    """Leave out whitespace outside strings."""
    kept = []
    in_string = escaped = False
    for character in json_text:
        if in_string or character not in " \t\r\n":
            kept.append(character)
        if character == '"' and not escaped:
            in_string = not in_string
        escaped = in_string and character == "\\" and not escaped
    return "".join(kept)


def solid(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("json_text", "lines"),
    [
        ("{}", ["{}"]),
        ("[ ]", ["[]"]),
        (' "text" ', ['"text"']),
        ("-1.50E+3", ["-1.50E+3"]),
        ('{"role":"user","content":"Hi"}', ['{"role": "user", "content": "Hi"}']),
        ("[1,2 ,\n3]", ["[1, 2, 3]"]),
        ('{"a":[],"a":{"b":NaN}}', ["{", '  "a": [],', '  "a": {"b": NaN}', "}"]),
        ('[[1],"\\u00e9\\/"]', ["[", "  [1],", '  "\\u00e9\\/"', "]"]),
        ("[[[1, 2]]]", ["[", "  [", "    [1, 2]", "  ]", "]"]),
        ("", []),
        (" \n", []),
    ],
)
def test_layout(json_text: str, lines: list[str]) -> None:
    assert list(pretty(json_text)) == lines


def test_a_container_is_short_up_to_its_limit() -> None:
    fitting = json.dumps(["x" * (SHORT_CONTAINER - 4)])
    assert list(pretty(fitting)) == [fitting]
    too_long = json.dumps(["x" * (SHORT_CONTAINER - 3)])
    assert list(pretty(too_long)) == ["[", "  " + too_long[1:-1], "]"]


def test_the_indentation_is_a_choice() -> None:
    assert list(pretty("[[],[[]]]", indent=4)) == ["[", "    [],", "    [", "        []", "    ]", "]"]


@pytest.mark.parametrize(
    ("json_text", "lines"),
    [
        ('{"a":1, "b" 2}', ["{", '  "a": 1,', '  "b" 2}']),
        ('{"a":[1,}', ["{", '  "a": [', "    1,", "    }"]),
        ("[1,2", ["[", "  1,", "  2"]),
        ("[1,", ["[", "  1,"]),
        ("[01]", ["[", "  01]"]),
        ("[1 2 ,3]", ["[", "  1 2 ,3]"]),
        ('["abc', ["[", '  "abc']),
        ("{'a':1}", ["{", "  'a':1}"]),
        ('{"a":1}} {"b":2}', ['{"a": 1}} {"b":2}']),
        ('{"a":1}\n{"b":2}', ['{"a": 1}', '{"b":2}']),
        ('{"a":"x\ny"}', ["{", '  "a": "x', 'y"}']),
        ("\ufeff{}", ["\ufeff{}"]),
        ("not JSON  at all", ["not JSON  at all"]),
    ],
)
def test_the_rest_follows_as_it_is_where_the_text_stops_being_json(json_text: str, lines: list[str]) -> None:
    assert list(pretty(json_text)) == lines


def test_lines_come_one_at_a_time() -> None:
    assert list(islice(pretty('[{"a":[1,{"b":2}]},' * 1_000_000), 3)) == ["[", "  {", '    "a": [']


def test_deep_nesting_does_not_widen_for_ever() -> None:
    lines = list(pretty("[" * 5000 + "]" * 5000))
    assert minified("".join(lines)) == "[" * 5000 + "]" * 5000
    assert max(map(len, lines)) <= 2 * DEEPEST_INDENTATION + 2


def test_a_string_of_millions_of_escapes_is_one_token() -> None:
    string = '"' + '\\"\\n' * 500_000 + '"'
    assert list(pretty(f"[{string},{string}]")) == ["[", f"  {string},", f"  {string}", "]"]


@given(json_texts)
def test_valid_text_keeps_its_tokens(json_text: str) -> None:
    laid_out = "\n".join(pretty(json_text))
    assert spelled(laid_out) == spelled(json_text)
    assert minified(laid_out) == minified(json_text)


@given(values)
def test_the_layout_does_not_depend_on_the_whitespace_before(value: Any) -> None:
    layouts = {tuple(pretty(json.dumps(value, indent=indent))) for indent in (None, 0, 3)}
    assert len(layouts) == 1
    assert tuple(pretty("\n".join(*layouts))) in layouts


@given(json_texts)
def test_lines_of_valid_text_hold_no_newlines_and_end_without_blanks(json_text: str) -> None:
    for line in pretty(json_text):
        assert "\n" not in line
        assert line == line.rstrip(" ")


@given(st.text() | near_json_texts)
def test_any_text_is_laid_out_without_loss(text: str) -> None:
    assert solid("".join(pretty(text))) == solid(text)


@given(json_texts, st.data())
def test_damaged_text_is_laid_out_without_loss(json_text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(json_text)))
    damaged = (
        json_text[:position] + data.draw(st.sampled_from(["", '"', "}", "]", ",", "\\"])) + json_text[position + 1 :]
    )
    assert solid("".join(pretty(damaged))) == solid(damaged)
