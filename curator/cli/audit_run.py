"""A headless audit: the same session that the terminal program uses, with a progress bar."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from curator.analysis.causes import Cause
from curator.analysis.findings import Finding
from curator.analysis.lint.rules import BY_NUMBER
from curator.analysis.lint.target_rules import FILE_LIMIT
from curator.analysis.lint.view import Complaint
from curator.cli.output import progress, talk
from curator.cli.shapes import tell_shapes
from curator.engine.executors import INLINE, available_cores, make_executor, stop_workers
from curator.errors import UnreadableError
from curator.session import Session
from curator.session.causes import Causes, causes_in_files

Answer = TypeVar("Answer")

SMALL_BYTES = 4 << 20
"""Up to this size, starting workers and loading the accelerator take longer than the audit."""


def audited(
    session: Session, *, explain: bool = False, whole: bool = False
) -> Iterator[tuple[Path, int, list[tuple[int, Finding]]]]:
    """Run the audit to its end; yields the file, the chunk's first line and its findings by line of the chunk.

    Each chunk is yielded once, even if the audit has to begin anew because the accelerator counted wrongly.
    With `whole`, what needs whole files is found as well; it stands in the session's `file_findings` afterwards.
    """
    told: set[tuple[int, int]] = set()
    with workers_for(session) as (executor, workers), progress(session.data.bytes) as bar:
        for opened, task, findings in session.audit(executor, workers, explain=explain):
            chunk = session.data.sources.index(opened), task.first_line
            if chunk not in told:
                told.add(chunk)
                bar.update(task.end - task.start)
                yield opened.path, task.first_line, findings
        if whole:
            session.file_findings.follow(executor)
    if session.notice:
        talk(session.notice)
    tell_shapes(session)


def causes(session: Session, excused: Mapping[int, Mapping[int, int]]) -> Causes:
    """The findings of audited files grouped by cause; `excused` as `causes_in_files` has it.

    What needs whole files is one cause a rule, as far as it was looked for.
    """
    with workers_for(session) as (executor, workers):
        specs = {source.number: session.spec(source.opened) for source in session.sources}
        looks = causes_in_files(
            session.sources, lambda one: specs[one.number], session.limit, executor, workers, excused
        )
        found = deque(looks, maxlen=1).pop()
    for source in session.sources:
        rules = specs[source.number].rules
        for number, lines in source.file_wide.records.items():
            rule = BY_NUMBER[number]
            found.add_set(source.number, lines, Cause(rule.code, rules.severity(number), rule.title, ""))
        found.leave_out(source.number, excused[source.number])
    return found


def beyond_limits(session: Session) -> Iterator[tuple[Path, Finding]]:
    """What of the audited files the target does not take."""
    severity = session.rules.severity(FILE_LIMIT.number)
    for path, sentence in session.over_limits():
        yield path, FILE_LIMIT.finding(Complaint("", sentence), severity)


def to_end(session: Session, steps: Iterator[tuple[float, Answer]]) -> Answer:
    """The last answer, with a progress bar while it is waited for; each step is the share done and an answer."""
    total = session.data.bytes
    with progress(total) as bar:
        for share, found in steps:
            bar.update(max(0, round(share * total) - bar.n))
            answer = found
    return answer


def over_records(session: Session, work: Callable[[Executor, int], Iterator[tuple[float, Answer]]]) -> Answer:
    """Have workers go over all records as they are now, with a progress bar. Returns what they found in the end.

    `work` yields how far it is, from 0 to 1, with what is found so far; at least once.
    """
    with workers_for(session) as (executor, workers):
        answer = to_end(session, work(executor, workers))
    if session.notice:
        talk(session.notice)
        session.notice = ""
    return answer


def know_all(session: Session, *, figures: bool) -> None:
    """Find all lines, and with `figures` audit all records as they are now, with the findings of whole files."""
    if not figures:
        for source in session.sources:
            source.opened.index.finish()
        return
    from curator.session.catching_up import catch_up

    for _ in audited(session, whole=True):
        pass
    if any(source.edited.unsaved for source in session.sources):
        with workers_for(session) as (executor, workers):
            catch_up(session, executor, workers)


def in_worker(session: Session, work: Callable[[], Answer]) -> Answer:
    """Have something small done where the vocabulary is loaded."""
    with workers_for(session) as (executor, _):
        return executor.submit(work).result()


@contextmanager
def workers_for(session: Session) -> Iterator[tuple[Executor, int]]:
    """Where the files are worked through, and by how many at once."""
    workers = session.settings.workers
    if not workers and session.data.bytes <= SMALL_BYTES:
        workers = INLINE
        session.accelerate = False
    executor = make_executor(workers)
    try:
        yield executor, workers or available_cores()
        executor.shutdown()
    except BrokenExecutor as error:
        raise UnreadableError(
            "a worker process ended before its time, perhaps for want of memory; try `--workers 1`."
        ) from error
    finally:
        stop_workers()
        executor.shutdown(cancel_futures=True)
