"""Paths of keys, whatever the keys are called, and what stands under them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.predicates import leaves
from curator.analysis.predicates.completing import complete
from curator.analysis.predicates.parsing import parse
from curator.analysis.predicates.paths import items_at, path_keys, paths_of, spelt_path
from curator.analysis.predicates.texts import true_of
from curator.analysis.predicates.traits import models_of
from curator.records.codec import decode
from curator.records.dialects import DIALECTS
from curator.session.facets import _under
from curator.session.path_values import value_in
from curator.session.sorting import SortKey, is_path, sort_keys, typed_path

RECORD: dict[str, Any] = {
    "a.b": {"c d": 1},
    "two words": "x",
    "list[0]": 7,
    'said "so"': True,
    "back\\slash": "y",
    "tags": ["red", "blue", ["deep"]],
    "empty": [],
    "scores": [1, 2.5],
    "n": 5,
    "n_text": "5",
    "big": 10**30,
    "small": 1e-7,
    "whole": 5.0,
    "meta": {"a.b": None, "lang": "de"},
    "messages": [{"role": "user", "name": "ann"}, {"role": "assistant", "name": "bob", "x y": [1]}],
}


def holds(text: str, record: dict[str, Any] = RECORD) -> bool:
    (leaf,) = leaves(parse(text))
    line = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return true_of((leaf,), line, lambda _: DIALECTS[0])[0]


@pytest.mark.parametrize(
    "text",
    [
        '."a.b"."c d" = 1',
        '."two words" = x',
        '."two words" ~ X',
        "list[0] = 7",
        ".list[0] < 8",
        '."said \\"so\\"" = true',
        '."back\\\\slash" = y',
        ".tags = red",
        ".tags = deep",
        ".tags.1 = blue",
        ".tags ~ lu",
        ".scores > 2",
        ".scores = 1",
        ".n = 5",
        ".n = 5.0",
        ".whole = 5",
        '.n_text = "5"',
        ".n_text != 5",
        ".n_text < six",
        ".big = 1000000000000000000000000000000",
        ".big > 1e29",
        ".small = 1e-7",
        ".small < 0.000001",
        '.meta."a.b" = null',
        ".messages.name = bob",
        '.messages."x y" = 1',
        ".messages.1.name = bob",
        'has:"two words"',
        'has:."a.b"."c d"',
        'has:meta."a.b"',
        "has:empty",
        "has:.messages.name",
    ],
)
def test_what_stands_under_a_key_is_found_whatever_it_is_called(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        ".n_text = 5",
        '.n = "5"',
        ".n_text >= 4",
        ".a.b = 1",
        "has:a.b",
        ".empty = x",
        ".empty != x",
        ".tags = [red]",
        ".missing != x",
        ".messages.0.name = bob",
        ".n < 1e-9999",
    ],
)
def test_what_does_not_stand_there_is_not(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize("text", ["", ".", "..", "a..b", ".a.", '."a', '."a"b', '.""', 'a."b'])
def test_what_is_no_path_has_no_keys(text: str) -> None:
    assert path_keys(text) == ()
    assert not is_path(f".{text}")
    assert typed_path(text) == ""


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_a_path_that_is_spelt_is_read_as_it_was(keys: list[str]) -> None:
    path = spelt_path(keys)
    assert path_keys(path) == tuple(keys)
    assert typed_path(path) == path
    assert sort_keys(f"tokens -{path} {path}")[1:] == (SortKey(path, falling=True), SortKey(path))
    assert [leaf.keys for leaf in leaves(parse(f"{path} = 1"))] == [tuple(keys)]


def test_what_is_typed_where_a_path_is_asked_for_needs_no_quotes_for_blanks() -> None:
    assert typed_path(" two words ") == '."two words"'
    assert typed_path("meta.two words") == '.meta."two words"'
    assert typed_path('meta."a.b"') == '.meta."a.b"'


def test_paths_of_a_record_lead_to_its_keys() -> None:
    paths = paths_of(RECORD)
    assert {'."a.b"', '."a.b"."c d"', "meta.lang", 'meta."a.b"', '."two words"', "messages"} <= set(paths)
    assert all(holds(f"has:{path}") for path in paths)
    assert complete(".me", 3, {"has": paths}).words == (".meta", '.meta."a.b"', ".meta.lang", ".messages")
    assert "has:meta.lang" in complete("has:me", 6, {"has": paths}).words


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b.c", "d e", 'f"g']), inner),
    max_leaves=8,
)
records = st.dictionaries(st.sampled_from(["a", "b.c", "d e", 'f"g', "0"]), values, min_size=1)


@given(records, st.data())
def test_the_filters_of_a_facet_are_true_of_the_records_that_it_counts(record: dict[str, Any], data: Any) -> None:
    keys = path_keys(data.draw(st.sampled_from(paths_of(record))))
    read = decode(json.dumps(record).encode())  # whole numbers beyond 64 bits are not read to their last digit
    assert isinstance(read, dict)
    for expression in _under(keys, read):
        if not expression.endswith("{ }") and not expression.startswith("not has:"):
            assert holds(expression, record), (expression, record)
    line = json.dumps(record).encode()
    found = items_at(record, keys)
    assert (value_in(line, keys) is None) == (not found)


@pytest.mark.parametrize(
    ("record", "models"),
    [
        ({"model": "m"}, {"m"}),
        ({"metadata": {"model": "m"}, "meta": {"model_name": "n"}}, {"m", "n"}),
        ({"messages": [{"role": "assistant", "model": "m"}, {"role": "assistant", "model": "n"}]}, {"m", "n"}),
        ({"message": {"model": "m"}}, {"m"}),
        ({"model_id": "m", "choices": [{"turns": []}]}, {"m"}),
        ({"response": {"body": {"model": "m"}}}, {"m"}),
        ({"completions": [{"model": "m"}, {"model": 5}, "text"]}, {"m"}),
        ({"model": {"name": "m"}, "meta": "model"}, set()),
        ({"model": ""}, set()),
    ],
)
def test_the_models_of_a_record_are_found_where_formats_name_them(record: dict[str, Any], models: set[str]) -> None:
    assert models_of(record) == models
    assert all(holds(f'model:"{one}"', record) for one in models)
    assert not holds("model:other", record)
