"""What the process does that reads or writes a table: `VERB IN OUT ANSWERS [LIKE]`, numbers of open descriptors.

It answers with tuples: `("lines", share, block)`, `("report", {...})`, and at last `("end",)`, `("fault", clause)`,
`("unfit", sentence)` or `("disk", number, reason)`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, BinaryIO

from curator.tables.sameness import Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from curator.tables.writing import Record

NICE = 5
"""Behind the screen, as the workers are."""
BUFFER_BYTES = 1 << 20


def read(file: BinaryIO, answers: Connection) -> None:
    """Send the lines of a table."""
    from curator.tables.reading import lines_in

    for share, block in lines_in(file):
        answers.send(("lines", share, block))


def survey(file: BinaryIO, out: BinaryIO, answers: Connection) -> None:
    """Write a table without records that has the columns for the lines of a file or a pipe."""
    from curator.tables.writing import Reading, Survey, write

    found = Survey()
    found.take(Reading(file))
    columns = found.columns()
    write([], columns.schema(), out)
    answers.send(("report", {"json": columns.json}))


def write(plain: BinaryIO, out: BinaryIO, answers: Connection, like: str) -> None:
    """Write the lines of a file as a table, in the columns of another table if there is one."""
    from curator.tables.writing import COMPRESSION, Reading, Survey, rows_of
    from curator.tables.writing import write as write_table

    reading = Reading(rows_of(plain))
    report: dict[str, Any] = {}
    found = Survey()
    found.take(reading)
    columns = found.columns()
    if like:
        schema, compression = _of_table(like)
    else:
        schema, compression = columns.schema(), COMPRESSION
        report["json"] = columns.json
    reading = Reading(rows_of(plain))
    write_table(reading, schema, out, compression)
    out.flush()
    report["blank"] = reading.blank
    answers.send(("report", report))


def _of_table(path: str) -> tuple[pa.Schema, str]:
    """The columns of a Parquet file, and how it is compressed."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        groups = file.metadata.num_row_groups and file.metadata.num_columns
        name = file.metadata.row_group(0).column(0).compression if groups else "SNAPPY"
        return file.schema_arrow, "none" if name == "UNCOMPRESSED" else name.lower()


def compare(table: BinaryIO, plain: BinaryIO, answers: Connection) -> None:
    """Send the lines of a table, and compare each with the line that it was written from."""
    from curator.tables.reading import lines_in
    from curator.tables.writing import Reading, UnfitError, rows_of

    tally = Tally()
    expected = iter(Reading(rows_of(plain)))
    for share, block in lines_in(table):
        _compare(block, expected, tally)
        answers.send(("lines", share, block))
    if (one := next(expected, None)) is not None:
        raise UnfitError(f"Line {one.line:,} did not come out of the new file again.")
    answers.send(("report", tally.counts()))


def _compare(block: bytes, expected: Iterator[Record], tally: Tally) -> None:
    from curator.tables.writing import Record, UnfitError

    for body in block[:-1].split(b"\n"):
        before = next(expected, None)
        if before is None:
            raise UnfitError("More records came out of the new file than were put in.")
        if before.is_spelt(body):
            continue
        place = tally.difference(before.value, Record(0, body).value)
        if place is not None:
            raise UnfitError(
                f"Line {before.line:,} would not come back as it is: `{place}` cannot be kept in its column."
            )


def main(arguments: list[str]) -> int:
    """Do what is asked, and answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    verb, *numbers = arguments[:4]
    given, out, answer = map(int, numbers)
    with suppress(OSError):
        os.nice(NICE)
    with Connection(answer, readable=False) as answers, suppress(BrokenPipeError):
        answers.send(_done(_work(verb, given, out, answers, "".join(arguments[4:]))))
    return 0


def _work(verb: str, given: int, out: int, answers: Connection, like: str) -> Callable[[], None]:
    file = os.fdopen(given, "rb", BUFFER_BYTES)
    if verb == "read":
        return lambda: read(file, answers)
    if verb == "compare":
        return lambda: compare(file, os.fdopen(out, "rb", BUFFER_BYTES), answers)
    target = os.fdopen(out, "wb", BUFFER_BYTES)
    if verb == "survey":
        return lambda: survey(file, target, answers)
    return lambda: write(file, target, answers, like)


def _done(work: Callable[[], None]) -> tuple[str, ...]:
    try:
        from curator.tables.reading import UnreadableTableError
        from curator.tables.writing import UnfitError
    except ImportError as error:
        return "fault", f"pyarrow, which reads and writes tables, is there but cannot be loaded ({error})"

    try:
        work()
    except UnfitError as error:
        return "unfit", str(error)
    except UnreadableTableError as error:
        return "fault", str(error)
    except OSError as error:
        return "disk", str(error.errno or 0), error.strerror or str(error)
    except MemoryError:
        return "fault", "takes more memory than there is"
    return ("end",)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
