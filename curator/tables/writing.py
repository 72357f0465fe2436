"""Lines as the records of a Parquet file: two passes, one for the columns, one for the records."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from curator.records.codec import BYTE_ORDER_MARK, Malformed, decode, decode_exactly, gone, line_body
from curator.tables.arrays import array_of
from curator.tables.kinds import MOST_KEYS, Columns, Kind

GROUP_BYTES = 1 << 23
"""Lines of about so many bytes become a row group."""
SHOWN_LINES = 5
COMPRESSION = "snappy"
"""What `datasets` writes, and every reader knows."""
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 17
"""What a number of so many digits looks like then; shorter ones fit 64 bits."""
_KEY = re.compile(rb'(?<!\\)"\s*:')


class UnfitError(Exception):
    """Records that no table can hold; the text is one sentence that says which and why."""


class Record:
    """One record: the number of its line, counted from 1, the line, and what it says."""

    __slots__ = ("body", "line", "value")

    def __init__(self, line: int, body: bytes) -> None:
        self.line = line
        self.body = body
        self.value: Any = _exact(body)

    def is_spelt(self, body: bytes) -> bool:
        """Whether a line says the same with its keys in the same order, as far as that can be told at once."""
        if body == self.body:
            return True
        if b"NaN" in self.body or b"Infinity" in self.body:
            return False
        try:
            return orjson.dumps(self.value) == body
        except TypeError:
            return False


def _exact(body: bytes) -> Any:
    return decode_exactly(body) if _has_long_number(body) else decode(body)


def _has_long_number(body: bytes) -> bool:
    return _LONG_NUMBER in body.translate(_DIGITS_ALIKE)


class Reading:
    """The records of a file of lines, with what of it are none."""

    def __init__(self, file: Iterable[bytes]) -> None:
        self._file = file
        self.blank = 0
        """Blank lines, which are left out."""

    def __iter__(self) -> Iterator[Record]:
        self.blank = 0
        for number, line in enumerate(self._file, 1):
            body = line_body(line)
            if number == 1:
                body = body.removeprefix(BYTE_ORDER_MARK)
            if not body or body.isspace():
                self.blank += 1
            else:
                yield Record(number, body)


class Survey:
    """What stands in all records, and which lines cannot be in a table."""

    def __init__(self) -> None:
        self._records = Kind()
        self._unfit: dict[str, list[int]] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Look at some records."""
        for record in records:
            if not isinstance(record.value, dict):
                kind = "are not JSON" if isinstance(record.value, Malformed) else "are no objects"
                self._note(f"lines that {kind}", record)
                continue
            keys = self._records.see(record.value, record.line)
            body = record.body
            if keys != len(_KEY.findall(body)) or _has_long_number(body):
                for sentence in gone(body):
                    self._note(f"this: {sentence}", record)

    def _note(self, why: str, record: Record) -> None:
        self._unfit.setdefault(why, []).append(record.line)

    def columns(self) -> Columns:
        """The columns that hold all of it. Raises UnfitError."""
        if self._unfit:
            found = "; ".join(f"{why} ({_lines(lines)})" for why, lines in self._unfit.items())
            raise UnfitError(f"A table cannot hold {found}. Put them right, or leave them out.")
        if self._records.too_many:
            raise UnfitError(f"The records have more than {MOST_KEYS:,} different keys.")
        if not self._records.keys:
            raise UnfitError("There is no record with a key, so there are no columns.")
        return Columns(self._records)


def _lines(numbers: list[int]) -> str:
    shown = ", ".join(f"{line:,}" for line in numbers[:SHOWN_LINES]) + ", ..." * (len(numbers) > SHOWN_LINES)
    return f"line {shown}; {len(numbers):,} in all" if len(numbers) > 1 else f"line {shown}"


def write(records: Iterable[Record], schema: pa.Schema, out: BinaryIO, compression: str = COMPRESSION) -> None:
    """Write records in the columns of a schema. Raises UnfitError for one that does not fit."""
    with pq.ParquetWriter(out, schema, compression=compression) as writer:
        for group in _groups(records):
            writer.write_batch(_batch(group, schema))


def _groups(records: Iterable[Record]) -> Iterator[list[Record]]:
    group: list[Record] = []
    size = 0
    for record in records:
        group.append(record)
        size += len(record.body)
        if size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _batch(group: list[Record], schema: pa.Schema) -> pa.RecordBatch:
    for record in group:
        if not isinstance(record.value, dict):
            raise UnfitError(f"Line {record.line:,} is no object, so it cannot be in a table.")
    arrays = []
    for field in schema:
        try:
            arrays.append(array_of([record.value.get(field.name) for record in group], field.type))
        except (pa.ArrowException, ValueError, TypeError, ArithmeticError, AttributeError) as error:
            raise UnfitError(_misfit(group, field, error)) from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _misfit(group: list[Record], field: pa.Field, error: Exception) -> str:
    """Which line it was that does not fit a column."""
    for record in group:
        try:
            array_of([record.value.get(field.name)], field.type)
        except (pa.ArrowException, ValueError, TypeError, ArithmeticError, AttributeError) as own:
            what = " ".join(str(own).split())
            if isinstance(own, UnicodeEncodeError):
                what = "half of a character, a lone surrogate"
            return f"Line {record.line:,} has under `{field.name}` what its column cannot hold ({what[:200]})."
    return f"The records do not fit the column `{field.name}` ({error})."


def rows_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file from its beginning."""
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    yield from file
