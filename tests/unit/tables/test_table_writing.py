"""Records into columns that are found for them, and out again: nothing is lost that is not told."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.records.codec import decode_exactly, encode
from curator.tables.sameness import Tally

pa = pytest.importorskip("pyarrow")

from curator.tables.reading import lines_in  # noqa: E402 - it takes pyarrow
from curator.tables.writing import Reading, Survey, UnfitError, write  # noqa: E402 - as above


def there_and_back(lines: list[bytes]) -> tuple[Any, list[str], list[bytes]]:
    """The columns of some lines, what is told of them, and the lines that come out."""
    survey = Survey()
    survey.take(Reading(lines))
    columns = survey.columns()
    schema = columns.schema()
    out = io.BytesIO()
    write(Reading(lines), schema, out)
    return schema, columns.json, b"".join(block for _, block in lines_in(io.BytesIO(out.getvalue()))).splitlines(True)


def of(*records: Any) -> list[bytes]:
    return [encode(one) + b"\n" for one in records]


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats(allow_nan=True)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "arguments", ""]), inner),
    max_leaves=8,
)
records = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), values, min_size=1), min_size=1, max_size=6)


@given(records)
def test_whatever_goes_in_comes_out(rows: list[dict[str, Any]]) -> None:
    lines = of(*rows)
    _, _, back = there_and_back(lines)
    tally = Tally()
    assert len(back) == len(lines)
    for before, after in zip(lines, back, strict=True):
        assert tally.difference(decode_exactly(before), decode_exactly(after)) is None
    if any(line != b"{}\n" for line in back):
        again = Tally()
        for before, after in zip(back, there_and_back(back)[2], strict=True):
            assert again.difference(decode_exactly(before), decode_exactly(after)) is None
        assert not (again.nulls or again.added or again.widened), "only the order of keys may change a second time"


def test_chats_keep_their_columns_and_null_is_left_out_but_for_content() -> None:
    asked: dict[str, Any] = {"role": "user", "name": "y", "content": "hi"}
    answered = {"role": "assistant", "name": None, "content": None, "tool_calls": []}
    rows = [{"messages": [asked, answered]}, {"messages": [asked], "score": 1}]
    schema, json_columns, back = there_and_back(of(*rows))
    message = [
        ("role", pa.string()),
        ("name", pa.string()),
        ("content", pa.string()),
        ("tool_calls", pa.list_(pa.null())),
    ]
    assert schema == pa.schema([("messages", pa.list_(pa.struct(message))), ("score", pa.int64())])
    assert not json_columns
    del answered["name"]
    assert back == of(*rows)


def test_a_key_of_several_kinds_and_what_tools_want_are_json() -> None:
    rows = [
        {"content": "text", "call": {"arguments": {"a": None}}, "big": 1 << 64, "meta": {}},
        {"content": [{"type": "text"}], "call": {"arguments": {"b": [1, 2.0]}}, "big": 1, "meta": {}},
        {"content": "3", "call": {"arguments": {}}, "big": 2},
    ]
    schema, json_columns, back = there_and_back(of(*rows))
    assert [field.type for field in schema] == [
        pa.json_(),
        pa.struct([("arguments", pa.json_())]),
        pa.json_(),
        pa.json_(),
    ]
    assert json_columns == [
        "`content` holds texts (first in line 1) and lists (first in line 2)",
        "`call.arguments` holds objects with the keys that each tool wants",
        "`big` holds integers beyond 64 bits",
        "`meta` holds objects without keys",
    ]
    assert back == of(*rows)


def test_keys_that_are_values_are_json() -> None:
    rows = [{"by_id": {f"id {n}": n}} for n in range(20)]
    schema, (told,), back = there_and_back(of(*rows))
    assert schema.field("by_id").type == pa.json_() and "20 different keys" in told
    assert back == of(*rows)


def test_whole_numbers_beside_others_get_a_point_and_are_counted() -> None:
    lines = of({"x": 1}, {"x": 0.5})
    schema, _, back = there_and_back(lines)
    assert schema.field("x").type == pa.float64() and back == [b'{"x":1.0}\n', b'{"x":0.5}\n']
    tally = Tally()
    assert [tally.difference(json.loads(a), json.loads(b)) for a, b in zip(lines, back, strict=True)] == [None, None]
    assert tally.widened == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"a": 1,}\n', "are not JSON"),
        (b"[1]\n", "are no objects"),
        (b'{"a": 1, "a": 2}\n', 'the key "a" stands 2 times'),
        (b'{"a": 0.12345678901234567890123}\n', "does not fit 64 bits"),
        (b'{"a": "\\ud83d"}\n', "half of a character"),
    ],
)
def test_lines_that_no_table_can_hold_are_named(line: bytes, why: str) -> None:
    with pytest.raises(UnfitError, match=why) as raised:
        there_and_back([b'{"a": "x"}\n', line])
    assert "line 2" in str(raised.value).lower()


def test_blank_lines_and_a_mark_are_no_records() -> None:
    reading = Reading([b"\xef\xbb\xbf{}\n", b" \r\n", b'{"a":1}\r\n', b"\n", b'{"a":2}'])
    assert [record.line for record in reading] == [1, 3, 5] and reading.blank == 2


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ({"a": 1, "b": None}, {"a": 1}, None),
        ({"a": 1, "b": 2}, {"a": 1}, "b"),
        ({"a": 1}, {"a": 1, "b": None}, "b"),
        ({"m": [{"t": "x"}]}, {"m": [{"t": "y"}]}, "m[0].t"),
        ({"m": [1]}, {"m": [1, 2]}, "m"),
        ({"role": "user"}, {"role": "user", "content": None}, None),
        ({"from": "user"}, {"from": "user", "content": None}, "content"),
        ({"a": True}, {"a": 1}, "a"),
        ({"a": 1.0}, {"a": 1}, "a"),
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": math.nan}, {"a": math.nan}, None),
        ({"a": "1"}, {"a": 1}, "a"),
    ],
)
def test_what_differs_is_found(before: Any, after: Any, place: str | None) -> None:
    assert Tally().difference(before, after) == place
