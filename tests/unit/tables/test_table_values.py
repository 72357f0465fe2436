"""Columns of each type of Arrow as JSON, and back in the same columns."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from curator.tables.arrays import array_of
from curator.tables.reading import UnreadableTableError, lines_in
from curator.tables.values import lines_of

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

MOMENT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
COLUMNS: list[tuple[Any, list[Any], list[str]]] = [
    (pa.int8(), [1, -2, None], ["1", "-2", ""]),
    (pa.uint64(), [0, (1 << 64) - 1], ["0", "18446744073709551615"]),
    (pa.int64(), [-(1 << 63)], ["-9223372036854775808"]),
    (pa.float64(), [0.1, 1.0, -0.0, 1e300], ["0.1", "1.0", "-0.0", "1e+300"]),
    (pa.float32(), [0.1], ["0.10000000149011612"]),
    (pa.bool_(), [True, None, False], ["true", "", "false"]),
    (pa.string(), ["é\n\U0001f600", ""], ['"é\\n\U0001f600"', '""']),
    (pa.large_string(), ["a"], ['"a"']),
    (pa.dictionary(pa.int32(), pa.string()), ["a", "b", "a", None], ['"a"', '"b"', '"a"', ""]),
    (pa.decimal128(20, 2), [Decimal("12345678901234567.80"), Decimal("-0.05")], ["12345678901234567.80", "-0.05"]),
    (pa.binary(), [b"\x00\xff"], ['"AP8="']),
    (pa.date32(), [date(2024, 5, 6)], ['"2024-05-06"']),
    (pa.time64("us"), [time(1, 2, 3, 4)], ['"01:02:03.000004"']),
    (pa.timestamp("ms"), [MOMENT.replace(tzinfo=None)], ['"2024-05-06T07:08:09.000"']),
    (pa.timestamp("s", "UTC"), [MOMENT], ['"2024-05-06T07:08:09Z"']),
    (pa.timestamp("us", "Europe/Berlin"), [MOMENT, None], ['"2024-05-06T09:08:09.000000+02:00"', ""]),
    (pa.timestamp("s", "-03:30"), [MOMENT], ['"2024-05-06T03:38:09-03:30"']),
    (pa.duration("s"), [timedelta(minutes=2)], ["120"]),
    (pa.list_(pa.int64()), [[1, None], [], None], ["[1,null]", "[]", ""]),
    (pa.list_(pa.list_(pa.string()), 2), [[["a"], []]], ['[["a"],[]]']),
    (pa.map_(pa.string(), pa.int64()), [[("k", 1), ("n", None)], None, []], ['{"k":1,"n":null}', "", "{}"]),
    (pa.struct([("a", pa.int64()), ("b", pa.string())]), [{"a": 1}, {}, None], ['{"a":1}', "{}", ""]),
    (pa.null(), [None], [""]),
]


@pytest.mark.parametrize(
    ("kind", "values", "spelled"), COLUMNS, ids=lambda one: str(one) if "DataType" in repr(type(one)) else ""
)
@pytest.mark.parametrize("cut", [0, 1])
def test_each_type_is_spelled_exactly_and_goes_back_into_its_column(
    kind: Any, values: list[Any], spelled: list[str], cut: int
) -> None:
    column = pa.array([values[0], *values], type=kind).slice(1) if cut else pa.array(values, type=kind)
    lines = list(b"".join(lines_of(pa.record_batch({"x": column}))).decode().splitlines())
    assert lines == [f'{{"x":{one}}}' if one else "{}" for one in spelled]
    if kind not in (pa.float32(),):
        again = [json.loads(line).get("x") for line in lines]
        if pa.types.is_decimal(kind):
            again = [json.loads(line, parse_float=Decimal)["x"] for line in lines]
        assert array_of(again, kind).equals(pa.array(values, type=kind))


def test_the_content_of_a_message_stays_where_it_is_null() -> None:
    messages = [{"role": "assistant", "content": None, "name": None}, {"role": "user", "content": "x", "name": "n"}]
    batch = pa.record_batch({"messages": pa.array([messages]), "content": pa.array([None], pa.string())})
    del messages[0]["name"]
    assert json.loads(b"".join(lines_of(batch))) == {"messages": messages}


def test_numbers_that_json_has_not_are_spelled_as_pythons_reader_takes_them() -> None:
    batch = pa.record_batch({"x": pa.array([float("nan"), float("inf"), float("-inf"), None, 1.5])})
    assert b"".join(lines_of(batch)) == b'{"x":NaN}\n{"x":Infinity}\n{"x":-Infinity}\n{}\n{"x":1.5}\n'


def test_json_is_compact_and_what_that_would_lose_stays_as_it_is_spelt() -> None:
    texts = ['{"b": 1.10, "c": "\\/"}', '{"k": 1, "k": 0}', '{\n"a": null}', "no JSON", "null", None, '"\\ud83d"']
    column = pa.ExtensionArray.from_storage(pa.json_(), pa.array(texts))
    assert b"".join(lines_of(pa.record_batch({"x": column}))).decode() == (
        '{"x":{"b":1.1,"c":"/"}}\n{"x":{"k": 1, "k": 0}}\n{"x":{"a":null}}\n'
        '{"x":"no JSON"}\n{"x":null}\n{}\n{"x":"\\ud83d"}\n'
    )


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_files_and_streams_are_read_batch_by_batch(kind: str) -> None:
    table = pa.table({"n": list(range(9000)), "t": [f"text {n}" for n in range(9000)]})
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, out, row_group_size=4000)
    else:
        opened = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with opened(out, table.schema) as writer:
            writer.write_table(table, max_chunksize=5000)
    found = list(lines_in(io.BytesIO(out.getvalue())))
    assert len(found) > 1 and found[-1].share == pytest.approx(1, abs=0.01)
    lines = b"".join(block for _, block in found).splitlines()
    assert [json.loads(line) for line in lines] == table.to_pylist()


def test_damage_is_told_with_what_came_before() -> None:
    out = io.BytesIO()
    table = pa.table({"t": [f"text {n}" for n in range(9000)]})
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=3000)
    cut = io.BytesIO(out.getvalue()[: len(out.getvalue()) // 2])
    lines = lines_in(cut)
    assert next(lines).block.startswith(b'{"t":"text 0"}\n')
    with pytest.raises(UnreadableTableError, match=r"damaged behind record 3,000"):
        list(lines)


def test_what_has_no_form_in_json_is_told() -> None:
    for column in (
        pa.array([(1, 2, 3)], type=pa.month_day_nano_interval()),
        pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
    ):
        out = io.BytesIO()
        with pa.ipc.new_stream(out, pa.schema([("x", column.type)])) as writer:
            writer.write_batch(pa.record_batch({"x": column}))
        with pytest.raises(UnreadableTableError, match="no form in JSON"):
            list(lines_in(io.BytesIO(out.getvalue())))
