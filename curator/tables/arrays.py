"""Values of JSON as columns of Arrow: what `values` does, the other way round."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from curator.records.codec import encode

if TYPE_CHECKING:
    import pyarrow as pa


def array_of(values: list[Any], kind: pa.DataType) -> pa.Array:
    """A column of a type. Raises pyarrow's errors, ValueError and TypeError where a value does not fit it.

    Keys that the type has not are left out: who reads it back notices.
    """
    import pyarrow as pa

    if _is_plain(kind):
        return pa.array(values, type=kind)
    if isinstance(kind, pa.BaseExtensionType):
        return _extension_array(values, kind)
    kinds = pa.types
    if kinds.is_struct(kind):
        arrays = [array_of([_under(field.name, one) for one in values], field.type) for field in kind]
        mask = pa.array([one is None for one in values], type=pa.bool_())
        return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=mask)
    if kinds.is_list(kind) or kinds.is_large_list(kind):
        return _list_array(values, kind)
    if kinds.is_map(kind):
        return _map_array(values, kind)
    return _leaves(values, kind)


def _under(key: str, value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise TypeError(f"an object is expected where {type(value).__name__} stands")
    return value.get(key)


def _is_plain(kind: pa.DataType) -> bool:
    """Whether pyarrow makes such a column of values as they are."""
    import pyarrow as pa

    kinds = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return False
    if kinds.is_struct(kind):
        return kind.num_fields > 0 and all(_is_plain(field.type) for field in kind)
    if kinds.is_list(kind) or kinds.is_large_list(kind):
        return _is_plain(kind.value_type)
    return any(
        is_such(kind)
        for is_such in (
            kinds.is_null, kinds.is_boolean, kinds.is_integer, kinds.is_floating, kinds.is_string, kinds.is_large_string
        )
    )  # fmt: skip


def _list_array(values: list[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if any(one is not None and not isinstance(one, list) for one in values):
        raise TypeError("a list is expected where something else stands")
    offsets = [0, *accumulate(len(one or ()) for one in values)]
    inner = array_of([item for one in values for item in one or ()], kind.value_type)
    wide = pa.types.is_large_list(kind)
    made = pa.LargeListArray if wide else pa.ListArray
    mask = pa.array([one is None for one in values], type=pa.bool_())
    return made.from_arrays(pa.array(offsets, pa.int64() if wide else pa.int32()), inner, type=kind, mask=mask)


def _map_array(values: list[Any], kind: pa.MapType) -> pa.Array:
    import pyarrow as pa

    offsets = [0, *accumulate(len(one or ()) for one in values)]
    items = [item for one in values for item in (one or {}).items()]
    keys = array_of([key for key, _ in items], kind.key_type)
    inner = array_of([value for _, value in items], kind.item_type)
    mask = pa.array([one is None for one in values], type=pa.bool_())
    return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), keys, inner, type=kind, mask=mask)


def _extension_array(values: list[Any], kind: pa.BaseExtensionType) -> pa.Array:
    import pyarrow as pa

    if kind.extension_name == "arrow.json":
        texts = [None if one is None else encode(one).decode("utf-8") for one in values]
        return pa.ExtensionArray.from_storage(kind, pa.array(texts, type=kind.storage_type))
    if kind.extension_name == "arrow.uuid":
        from uuid import UUID

        return pa.ExtensionArray.from_storage(
            kind, pa.array([one and UUID(one).bytes for one in values], pa.binary(16))
        )
    return pa.ExtensionArray.from_storage(kind, array_of(values, kind.storage_type))


def _leaves(values: list[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_dictionary(kind):
        return array_of(values, kind.value_type).dictionary_encode().cast(kind)
    if kinds.is_decimal(kind):
        return pa.array([None if one is None else Decimal(str(one)) for one in values], type=kind)
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        from base64 import b64decode

        return pa.array([None if one is None else b64decode(one, validate=True) for one in values], type=kind)
    if kinds.is_time(kind):
        from datetime import time

        return pa.array([None if one is None else time.fromisoformat(one) for one in values], type=kind)
    if kinds.is_duration(kind):
        return pa.array(values, type=pa.int64()).cast(kind)
    if kinds.is_fixed_size_list(kind):
        return array_of(values, pa.list_(kind.value_field)).cast(kind)
    return pa.array(values, type=pa.string()).cast(kind)
