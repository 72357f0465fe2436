"""The audit of a piece of a file, bytes in, packed columns out: for workers, headless runs and the screen alike."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from curator.analysis.analyst import analyst_for
from curator.analysis.report import AuditSpec, ChunkReport
from curator.errors import UnreadableError
from curator.records.codec import BYTE_ORDER_MARK
from curator.storage.source import opened


def analyse_chunk(
    path: Path, start: int, end: int, spec: AuditSpec, identity: tuple[int, int] | None = None
) -> ChunkReport:
    """Audit the lines in bytes [start, end) of a file. Raises what `read_chunk` raises."""
    return analyse_bytes(read_chunk(path, start, end, identity), spec)


def read_chunk(path: Path, start: int, end: int, identity: tuple[int, int] | None = None) -> bytes:
    """The bytes [start, end) of a file.

    Raises UnreadableError as `Source` does, and where the path holds another file than that of `identity`.
    """
    with opened(path) as source:
        if identity not in (None, source.identity):
            raise UnreadableError(f"{path}: was replaced by another file while it was being audited; open it again.")
        data = source.read(start, end - start)
    if len(data) < end - start:
        raise UnreadableError(f"{path}: became shorter while it was being audited; open it again.")
    return data


def analyse_bytes(data: bytes, spec: AuditSpec) -> ChunkReport:
    """Audit whole lines."""
    ends = _line_ends(data)
    starts = chain((0,), (end + 1 for end in ends))
    return analyst_for(spec).report((data[start:end] for start, end in zip(starts, ends, strict=False)), len(ends))


def _line_ends(data: bytes) -> list[int]:
    """Where lines end, which also says how many there are: to count `\\n` takes several times as long."""
    ends: list[int] = []
    end = data.find(b"\n")
    while end >= 0:
        ends.append(end)
        end = data.find(b"\n", end + 1)
    if data and not data.endswith(b"\n"):
        ends.append(len(data))
    return ends


def cut_lines(data: bytes, *, at_start: bool = False) -> Iterator[bytes]:
    """The lines without their `\n`, cut off one by one, so that they are never all there at once.

    `at_start` says that the first one begins the file, where a byte order mark may stand, which is left out.
    """
    start = len(BYTE_ORDER_MARK) if at_start and data.startswith(BYTE_ORDER_MARK) else 0
    end = data.find(b"\n")
    while end >= 0:
        yield data[start:end]
        start = end + 1
        end = data.find(b"\n", start)
    if start < len(data) or (at_start and data == BYTE_ORDER_MARK):
        yield data[start:]
