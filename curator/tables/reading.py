"""The lines that the records of a Parquet or an Arrow file make, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import pyarrow as pa

from curator.tables.values import NoValueError, lines_of

BATCH_BYTES = 1 << 22
"""About so much of a file is held at a time."""
MOST_ROWS = 4096
BUFFER_BYTES = 1 << 20
"""Of each column, whose group would be held whole otherwise."""
PARQUET = b"PAR1"
STREAM = b"\xff\xff\xff\xff"
"""What a stream of Arrow begins with, as `datasets` keeps it on disk; a file of Arrow begins with `ARROW1`."""


class UnreadableTableError(Exception):
    """A file cannot be read on; the text is a clause that says why."""


class Lines(NamedTuple):
    """Some lines."""

    share: float
    """How much of the file there is with them, from 0 to 1."""
    block: bytes


def lines_in(file: BinaryIO) -> Iterator[Lines]:
    """The lines of a file. Raises UnreadableTableError; what came before it is sound."""
    number = 0
    try:
        for share, batch in _batches(file):
            for block in lines_of(batch):
                yield Lines(share, block)
            number += batch.num_rows
    except NoValueError as error:
        raise UnreadableTableError(f"cannot be shown as records: {error}") from error
    except (pa.ArrowException, OSError, ValueError) as error:
        what = " ".join(str(error).split())
        raise UnreadableTableError(f"is damaged behind record {number:,} ({what[:200]})") from error


def _batches(file: BinaryIO) -> Iterator[tuple[float, pa.RecordBatch]]:
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(PARQUET):
        yield from _of_parquet(file)
        return
    size = file.seek(0, 2)
    file.seek(0)
    opened = pa.ipc.open_stream(file) if head.startswith(STREAM) else pa.ipc.open_file(file)
    if isinstance(opened, pa.ipc.RecordBatchFileReader):
        for place in range(opened.num_record_batches):
            for part in _parts(opened.get_batch(place)):
                yield (place + 1) / opened.num_record_batches, part
        return
    for batch in opened:
        for part in _parts(batch):
            yield file.tell() / size, part


def _of_parquet(file: BinaryIO) -> Iterator[tuple[float, pa.RecordBatch]]:
    import pyarrow.parquet

    opened = pyarrow.parquet.ParquetFile(file, buffer_size=BUFFER_BYTES, pre_buffer=False)
    about = opened.metadata
    size = sum(about.row_group(place).total_byte_size for place in range(about.num_row_groups))
    rows = max(1, min(MOST_ROWS, BATCH_BYTES * about.num_rows // max(1, size)))
    done = 0
    for group in range(about.num_row_groups):  # a batch across groups cannot have a dictionary below its top level
        for batch in opened.iter_batches(batch_size=rows, row_groups=[group], use_threads=False):
            done += batch.num_rows
            yield done / about.num_rows, batch


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = max(1, min(MOST_ROWS, BATCH_BYTES * batch.num_rows // max(1, batch.nbytes)))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)
