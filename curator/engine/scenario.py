"""Works out how a model will be called, and what its system prompts cost, chunk by chunk in workers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curator.analysis.report import AuditSpec
from curator.engine.audit import CHUNKS_A_WORKER, ChunkTask, plan
from curator.engine.scan import in_order
from curator.storage.line_index import LineIndex

if TYPE_CHECKING:
    from curator.analysis.scenario import Scenario, Shortening


@dataclass(frozen=True, slots=True)
class ScenarioTask:
    """A run of lines, and what is asked of it: small enough to be sent to a worker."""

    chunk: ChunkTask
    shortening: Shortening | None
    limit: int


def scenario_of_file(
    path: Path,
    index: LineIndex,
    spec: AuditSpec,
    executor: Executor,
    workers: int,
    shortening: Shortening | None = None,
    limit: int = 0,
) -> Iterator[tuple[ChunkTask, Scenario]]:
    """Each chunk of a file with its sums, to be merged. `limit` is the longest example in tokens, 0 for none."""
    tasks = (ScenarioTask(chunk, shortening, limit) for chunk in plan(path, index, spec))
    for task, sums in in_order(executor, scenario_of_chunk, tasks, window=CHUNKS_A_WORKER * workers):
        yield task.chunk, sums


def scenario_of_chunk(task: ScenarioTask) -> Scenario:
    """The sums over a chunk. Runs in a worker, which is where the vocabulary is loaded."""
    from curator.analysis.chunk import cut_lines, read_chunk
    from curator.analysis.scenario import scenario_of

    chunk = task.chunk
    data = read_chunk(chunk.path, chunk.start, chunk.end, chunk.identity)
    return scenario_of(cut_lines(data, at_start=not chunk.start), chunk.spec, task.shortening, task.limit)
