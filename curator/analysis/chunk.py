"""The audit of a piece of a file: bytes in, packed columns out. One function for workers, headless runs and the screen."""

from __future__ import annotations

from pathlib import Path

from curator.analysis.analyst import analyst_for
from curator.analysis.report import AuditSpec, ChunkReport
from curator.records.codec import BYTE_ORDER_MARK
from curator.storage.source import opened


def analyse_chunk(path: Path, start: int, end: int, spec: AuditSpec) -> ChunkReport:
    """Audit the lines in bytes [start, end) of a file. Raises UnreadableError as `Source` does."""
    with opened(path) as source:
        return analyse_bytes(source.read(start, end - start), spec, at_start=start == 0)


def analyse_bytes(data: bytes, spec: AuditSpec, *, at_start: bool = False) -> ChunkReport:
    """Audit whole lines; `at_start` says that the first one begins the file, where a byte order mark may stand."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if at_start and lines:
        lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
    return analyst_for(spec).report(lines)
