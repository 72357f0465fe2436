"""A headless audit: the same session that the terminal program uses, with a progress bar."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path

from curator.analysis.findings import Finding
from curator.cli.output import progress, talk
from curator.engine.executors import INLINE, available_cores, make_executor, stop_workers
from curator.errors import UnreadableError
from curator.session import Session

SMALL_BYTES = 4 << 20
"""Up to this size, starting workers and loading the accelerator take longer than the audit."""


def audited(session: Session, *, explain: bool = False) -> Iterator[tuple[Path, int, list[tuple[int, Finding]]]]:
    """Run the audit to its end; yields the file, the chunk's first line and its findings by line of the chunk.

    Each chunk is yielded once, even if the audit has to begin anew because the accelerator counted wrongly.
    """
    workers = session.settings.workers
    if not workers and session.data.bytes <= SMALL_BYTES:
        workers = INLINE
        session.accelerate = False
    executor = make_executor(workers)
    told: set[tuple[int, int]] = set()
    try:
        with progress(session.data.bytes) as bar:
            for opened, task, findings in session.audit(executor, workers or available_cores(), explain=explain):
                chunk = session.data.sources.index(opened), task.first_line
                if chunk not in told:
                    told.add(chunk)
                    bar.update(task.end - task.start)
                    yield opened.path, task.first_line, findings
        executor.shutdown()
    except BrokenExecutor as error:
        raise UnreadableError(
            "a worker process ended before its time, perhaps for want of memory; try `--workers 1`."
        ) from error
    finally:
        stop_workers()
        executor.shutdown(cancel_futures=True)
    if session.notice:
        talk(session.notice)
