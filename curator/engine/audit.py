"""Plans a file's audit as chunks, and keeps what came back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

from curator.analysis.report import AuditSpec, ChunkReport
from curator.engine.scan import in_order
from curator.errors import UnreadableError
from curator.storage.line_index import LineIndex

CHUNK_BYTES = (1 << 18, 1 << 19, 1 << 20, 1 << 21)
"""Small chunks first, so that the first figures are there at once; all others are of LARGEST_CHUNK."""
LARGEST_CHUNK = 1 << 22
CHUNKS_A_WORKER = 3


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """A run of lines to audit: small enough to be sent to a worker."""

    path: Path
    first_line: int
    end_line: int
    start: int
    end: int
    spec: AuditSpec
    identity: tuple[int, int]
    """Of the source, so that a file put in its place meanwhile is not taken for it."""


def audit_file(
    path: Path, index: LineIndex, spec: AuditSpec, executor: Executor, workers: int, first: int = 0
) -> Iterator[tuple[ChunkTask, ChunkReport]]:
    """Each chunk of a file from a line on with its report, in file order. The index is advanced as that takes."""
    return in_order(executor, audit_chunk, plan(path, index, spec, first), window=CHUNKS_A_WORKER * workers)


def plan(path: Path, index: LineIndex, spec: AuditSpec, first: int = 0) -> Iterator[ChunkTask]:
    """The chunks of a file from a line on."""
    line = first
    for length in chain(CHUNK_BYTES, repeat(LARGEST_CHUNK)):
        end_line = index.chunk_end(line, length)
        if end_line == line:
            return
        yield ChunkTask(path, line, end_line, index.start(line), index.start(end_line), spec, index.identity)
        line = end_line


def audit_chunk(task: ChunkTask) -> ChunkReport:
    """Audit a chunk; runs in a worker, which is where the vocabulary and the schemas are loaded."""
    from curator.analysis.chunk import analyse_chunk

    report = analyse_chunk(task.path, task.start, task.end, task.spec, task.identity)
    if len(report) != task.end_line - task.first_line:
        raise UnreadableError(f"{task.path}: changed while it was being audited; open it again.")
    return report
