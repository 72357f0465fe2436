"""Columns of Arrow as values of JSON, and the lines that they make."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson

from curator.records.codec import Malformed, decode_exactly, encode, gone

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES = 1 << 20
MESSAGE = ("role", "content")
"""Keys by which an object is told for a message; of one, the second stays where it is null."""
OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
"""How pyarrow spells the offset of a time zone."""
NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""Numbers that JSON has not, as Python's reader takes them; a finding tells of each."""


class NoValueError(Exception):
    """A column holds what has no value of JSON; the text says which and why."""


def lines_of(batch: pa.RecordBatch) -> Iterator[bytes]:
    """The records of a batch as lines, in blocks of about a megabyte. Keys whose value is null are left out."""
    names = batch.schema.names
    if len(set(names)) < len(names):
        raise NoValueError("it has two columns of the same name")
    columns = [values_of(batch.column(place)) for place in range(len(names))]
    block: list[bytes] = []
    size = 0
    for record in _objects(names, columns, batch.num_rows):
        block.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        size += len(block[-1])
        if size >= BLOCK_BYTES:
            yield b"".join(block)
            block, size = [], 0
    if block:
        yield b"".join(block)


def _objects(names: list[str], columns: list[list[Any]], number: int) -> list[dict[str, Any]]:
    if not columns:
        return [{} for _ in range(number)]
    stays = MESSAGE[1] if set(MESSAGE) <= set(names) else None
    if not any(None in column for name, column in zip(names, columns, strict=True) if name != stays):
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None or name == stays}
        for row in zip(*columns, strict=True)
    ]


def values_of(array: pa.Array) -> list[Any]:
    """The values of a column, as orjson writes them; None for null, of which objects leave the key out."""
    import pyarrow as pa

    kinds, kind = pa.types, array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _json_values(array.storage) if kind.extension_name == "arrow.json" else _extension_values(array)
    if kinds.is_struct(kind):
        return _struct_values(array)
    if kinds.is_map(kind):
        return _map_values(array)
    if kinds.is_list(kind) or kinds.is_large_list(kind):
        return _list_values(array, values_of(_held(array, array.values)))
    if kinds.is_fixed_size_list(kind) or kinds.is_list_view(kind) or kinds.is_large_list_view(kind):
        return values_of(array.cast(pa.large_list(kind.value_field)))
    if kinds.is_dictionary(kind):
        return values_of(array.dictionary_decode())
    if kinds.is_run_end_encoded(kind):
        import pyarrow.compute

        return values_of(pa.compute.run_end_decode(array))
    return _leaves(array)


def _leaves(array: pa.Array) -> list[Any]:
    import pyarrow as pa

    kinds, kind = pa.types, array.type
    if kinds.is_floating(kind):
        return _floats(array)
    if kinds.is_decimal(kind):
        return [None if one is None else orjson.Fragment(f"{one:f}") for one in array.to_pylist()]
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        return _in_base64(array)
    if kind in (pa.binary_view(), pa.string_view()):
        return values_of(array.cast(pa.large_binary() if kind == pa.binary_view() else pa.large_string()))
    if kinds.is_timestamp(kind):
        return [one and _as_iso(one) for one in array.cast(pa.string()).to_pylist()]
    if kinds.is_date(kind) or kinds.is_time(kind):
        return list(array.cast(pa.string()).to_pylist())
    if kinds.is_duration(kind):
        return list(array.cast(pa.int64()).to_pylist())
    if kinds.is_interval(kind) or kinds.is_union(kind):
        raise NoValueError(f"a column of the type {kind} has no form in JSON")
    return list(array.to_pylist())


def _as_iso(moment: str) -> str:
    """`2024-05-06 09:08:09+0200` as ISO 8601 has it in full: `2024-05-06T09:08:09+02:00`."""
    return OFFSET.sub(r"\1:\2", moment.replace(" ", "T", 1))


def _floats(array: pa.Array) -> list[Any]:
    """Numbers; those that are none as Python's reader of JSON takes them."""
    values = array.to_pylist()
    if all(one is None or math.isfinite(one) for one in values):
        return list(values)
    return [
        orjson.Fragment(NOT_FINITE[str(one)]) if one is not None and not math.isfinite(one) else one for one in values
    ]


def _in_base64(array: pa.Array) -> list[Any]:
    from base64 import b64encode

    return [None if one is None else b64encode(one).decode("ascii") for one in array.to_pylist()]


def _json_values(texts: pa.Array) -> list[Any]:
    """What JSON texts hold, compact; as it is spelt there where more would be lost. What is not JSON stays a text."""
    return [None if text is None else _spelt(text) for text in texts.to_pylist()]


@cache
def _nothing() -> orjson.Fragment:
    return orjson.Fragment("null")


def _spelt(text: str) -> Any:
    if text == "null":
        return _nothing()
    body = text.encode()
    value = decode_exactly(body)
    if isinstance(value, Malformed):
        return text
    if "\n" not in text and (_is_compact(value, body) or gone(body)):
        return orjson.Fragment(text)
    return orjson.Fragment(encode(value))


def _is_compact(value: Any, body: bytes) -> bool:
    try:
        return orjson.dumps(value) == body
    except TypeError:
        return False


def _extension_values(array: pa.Array) -> list[Any]:
    if array.type.extension_name == "arrow.uuid":
        return [None if one is None else str(one) for one in array.to_pylist()]
    return values_of(array.storage)


def _struct_values(array: pa.StructArray) -> list[Any]:
    names = [field.name for field in array.type]
    if len(set(names)) < len(names):
        raise NoValueError("it has objects with the same key twice")
    objects = _objects(names, [values_of(array.field(place)) for place in range(len(names))], len(array))
    if not array.null_count:
        return list(objects)
    there = array.is_valid().to_pylist()
    return [one if valid else None for one, valid in zip(objects, there, strict=True)]


def _map_values(array: pa.MapArray) -> list[Any]:
    keys, items = _held(array, array.keys), _held(array, array.items)
    pairs = list(zip(map(_as_key, values_of(keys)), values_of(items), strict=True))
    return [None if one is None else dict(one) for one in _list_values(array, pairs)]


def _as_key(value: Any) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _held(array: Any, inner: pa.Array) -> pa.Array:
    """Of what lies behind lists, the part that those of this array hold."""
    offsets = array.offsets
    first = offsets[0].as_py() if len(offsets) else 0
    last = offsets[-1].as_py() if len(offsets) else 0
    return inner.slice(first, last - first)


def _list_values(array: Any, inner: list[Any]) -> list[Any]:
    offsets = array.offsets.to_pylist()
    base = offsets[0] if offsets else 0
    lists: list[Any] = [inner[start - base : end - base] for start, end in pairwise(offsets)]
    if not array.null_count:
        return lists
    there = array.is_valid().to_pylist()
    return [one if valid else None for one, valid in zip(lists, there, strict=True)]
