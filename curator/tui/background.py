"""The long work behind the screen: indexing, the audit, and the analysis of the record that is shown.

Threads only wait and merge; the counting is done by worker processes, so that no key has to wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from functools import partial
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from textual.message import Message

from curator.analysis.report import AuditSpec, Columns, RecordReport
from curator.engine.executors import INLINE, available_cores, make_executor, stop_workers
from curator.errors import CuratorError
from curator.fault_report import write_report
from curator.session import Record, Session
from curator.tui.messages import (
    AuditFailed,
    DataGrew,
    DraftAnalysed,
    ModelChosen,
    RecordAnalysed,
    WorkDone,
)

if TYPE_CHECKING:
    from curator.session.reshaping import Request, Reshaped

T = TypeVar("T")

SECONDS_BETWEEN_REPORTS = 0.25
RECOUNTED_AT_ONCE = 500
"""Edited records whose figures are asked for together."""

BLOCKS_AT_ONCE = 32
"""Blocks of records whose totals are worked out between two reports."""

BLOCKS_OF_A_CHUNK = 4
"""Blocks of chosen records whose sums follow each chunk of the audit."""


class Background:
    """Runs a session's long work and posts what becomes known; `post` has to be safe to call from threads."""

    def __init__(self, session: Session, post: Callable[[Message], object]) -> None:
        self._session = session
        self._post = post
        self._stopped = Event()
        self._audit_workers = session.settings.workers or available_cores()
        self._executor: Executor | None = None
        self._live: Executor | None = None
        self._searchers: Executor | None = None
        self._last_report = 0.0
        self._asked: tuple[Record, AuditSpec] | None = None
        self._analysis: Future[RecordReport] | None = None
        self._draft: Future[RecordReport] | None = None
        self._edits = Event()
        """Set when records were edited whose figures are wanted."""
        self._auditing = Lock()
        self._broken = False
        """Whether a worker of the audit died, so that the next audit needs new ones."""
        self.audit_started = time.monotonic()

    def start(self) -> None:
        """Begin to index and to audit."""
        self._executor = make_executor(self._workers(), for_screen=True)
        self._live = make_executor(1, for_screen=True)
        for opened in self._session.data.sources:
            opened.source.go_on()
        self._in_thread("index", self._index)
        self.audit_anew()
        self._in_thread("recount", self._recount)
        if self._asked is not None:
            self.analyse(*self._asked)

    def _workers(self) -> int:
        return 1 if self._audit_workers == INLINE else self._audit_workers

    def audit_anew(self) -> None:
        """Begin the audit from the start; one that runs gives up."""
        self.audit_started = time.monotonic()
        if self._broken:
            self._executor = make_executor(self._workers(), for_screen=True)
            self._broken = False
        self._in_thread("audit", self._audit, self._executor)

    def go_on(self) -> None:
        """The file has grown, or was written anew: index and audit what is not known of it."""
        self._in_thread("index", self._index)
        self._in_thread("audit", self._audit_more, self._executor)

    def edited(self) -> None:
        """Records were edited, or others were chosen: their figures follow."""
        self._edits.set()

    def run(self, work: Callable[[], Callable[[], object]], failed: Callable[[], object] | None = None) -> None:
        """Do some work behind the screen; what it returns is called on the screen's side afterwards.

        Where the work raised anything, its fault is told, and `failed` is called there instead.
        """

        def do() -> None:
            then = failed
            try:
                then = work()
            finally:
                if then is not None:
                    self._post(WorkDone(then))

        self._in_thread("work", do)

    def tell(self, then: Callable[[], object]) -> None:
        """Have something done on the screen's side; from any thread."""
        self._post(WorkDone(then))

    @property
    def executor(self) -> tuple[Executor, int]:
        """The workers of the audit, and how many there are; for other work on the whole file."""
        if self._executor is None or self._broken:
            self._executor = make_executor(self._workers(), for_screen=True)
            self._broken = False
        return self._executor, self._workers()

    @property
    def searchers(self) -> tuple[Executor, int]:
        """Workers for searching, which do not wait for the audit, and how many there are."""
        if self._searchers is None or self._broken:
            self._searchers = make_executor(self._workers(), for_screen=True)
        return self._searchers, self._workers()

    def _in_thread(self, name: str, work: Callable[..., None], *arguments: object) -> None:
        Thread(target=self._guarded, args=(work, *arguments), daemon=True, name=name).start()

    def choose_model(self, name: str, edition: str) -> None:
        """Count and price by another model; ModelChosen says when all figures that follow from the limit are there."""

        def choose() -> None:
            if self._session.choose_model(name, edition) or self._broken:
                self.audit_anew()
            self._post(ModelChosen())

        self._in_thread("model", choose)

    def choose_target(self, name: str) -> None:
        """Judge and count for another target, or none; ModelChosen says when all that follows is there or begun."""

        def choose() -> None:
            if self._session.choose_target(name) or self._broken:
                self.audit_anew()
            self._post(ModelChosen())

        self._in_thread("target", choose)

    def analyse(self, record: Record, spec: AuditSpec) -> None:
        """Analyse one record out of turn; the answer comes as RecordAnalysed. One that still waits is given up."""
        if self._stopped.is_set():
            return
        if self._live is None:
            self._asked = record, spec
            return
        if self._analysis is not None:
            self._analysis.cancel()
        self._analysis = self._submit(partial(analyse_line, record.line, replace(spec, accelerate=False)))
        self._analysis.add_done_callback(lambda done: self._analysed(record, done))

    def _submit(self, task: Callable[[], T]) -> Future[T]:
        """Give a task to the worker that serves the screen; a dead one is replaced."""
        if self._live is not None:
            try:
                return self._live.submit(task)
            except BrokenExecutor:
                pass
        self._live = make_executor(1, for_screen=True)
        return self._live.submit(task)

    def _analysed(self, record: Record, done: Future[RecordReport]) -> None:
        if done.cancelled() or self._stopped.is_set():
            return
        error = done.exception()
        if error is None:
            self._post(RecordAnalysed(record, done.result()))
        else:
            self._post(AuditFailed(f"The record could not be analysed: {error}"))

    def analyse_draft(self, line: bytes, spec: AuditSpec, key: int) -> None:
        """Analyse what is being typed; the answer comes as DraftAnalysed. One that still waits is given up."""
        if self._live is None or self._stopped.is_set():
            return
        if self._draft is not None:
            self._draft.cancel()
        self._draft = self._submit(partial(analyse_line, line, replace(spec, accelerate=False)))
        self._draft.add_done_callback(
            lambda done: done.cancelled() or done.exception() or self._post(DraftAnalysed(key, done.result()))
        )

    def reshape(
        self, lines: Sequence[bytes], request: Request, spec: AuditSpec, then: Callable[[list[Reshaped]], object]
    ) -> None:
        """Have lines split or joined as a preview; `then` gets what comes of it."""
        from curator.session.reshaping import reshape

        def work() -> Callable[[], object]:
            answer = self._submit(partial(reshape, lines, request, replace(spec, accelerate=False))).result()
            return lambda: then(answer)

        self.run(work)

    def stop(self) -> None:
        """End everything at once; worker processes are killed."""
        self._stopped.set()
        self._edits.set()
        stop_workers()

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except CuratorError as error:
            self._broken = self._broken or isinstance(error.__cause__, BrokenExecutor)
            self._post(AuditFailed(str(error)))
        except BrokenExecutor as error:
            if not self._stopped.is_set():
                self._broken = True
                self._post(AuditFailed(f"A worker process ended unexpectedly: {error} L starts the audit anew."))
        except OSError as error:
            self._post(AuditFailed(f"The work behind the screen was stopped: {error.strerror or error}."))
        except Exception as error:  # noqa: BLE001 - the last resort: work behind the screen never ends without a word
            if not self._stopped.is_set():
                self._post(AuditFailed(f"The work behind the screen was {write_report(error)}"))

    def _index(self) -> None:
        while not self._session.data.indexed and not self._stopped.is_set():
            self._session.data.advance()
            self._report()
        self._post(DataGrew())

    def _audit(self, executor: Executor | None) -> None:
        if executor is not None:
            self._session.begin_audit()
            self._audit_more(executor)

    def _audit_more(self, executor: Executor | None) -> None:
        """Audit what has not been yet; by one thread at a time, for two would count the same lines."""
        if executor is not None:
            with self._auditing:
                self._follow(self._session.audit_more(executor, self._workers()))

    def _follow(self, audit: Iterable[object]) -> None:
        """Run some work to its end, and tell now and then how far it is."""
        for _ in audit:
            if self._stopped.is_set():
                return
            self._session.chosen.settle(BLOCKS_OF_A_CHUNK)
            self._session.by_rule.follow()
            self._report()
        self._session.by_rule.follow()
        self._edits.set()
        self._post(DataGrew())

    def _recount(self) -> None:
        """Figures of edited and of chosen records follow as long as the program runs; a fault ends one round of it."""
        while not self._stopped.is_set():
            self._edits.wait()
            self._edits.clear()
            self._guarded(self._recount_all)

    def _recount_all(self) -> None:
        while not self._stopped.is_set() and self._recount_some():
            self._report()
        self._post(DataGrew())

    def _recount_some(self) -> bool:
        """Work out some of what edits have changed. Whether there may be more."""
        session = self._session
        audit = session.audits
        if waiting := session.recount.waiting(RECOUNTED_AT_ONCE):
            source, texts = waiting
            spec = session.spec(source.opened)
            columns = self._analysed_lines([line for _, _, line in texts], spec)
            session.recount.take(source, texts, columns, audit)
            return True
        if missing := session.recount.missing_layer():
            from curator.session.sweeping import figure_out

            executor, workers = self.executor
            self._follow_quietly(figure_out(session, *missing, executor, workers))
            return True
        settled = session.recount.settle(BLOCKS_AT_ONCE)
        settled = session.chosen.settle(BLOCKS_AT_ONCE) and settled
        return not settled or session.file_findings.follow(self.executor[0])

    def _analysed_lines(self, lines: list[bytes], spec: AuditSpec) -> Columns:
        ended = [line if line.endswith(b"\n") else line + b"\n" for line in lines]
        return self._submit(partial(analyse_lines, b"".join(ended), replace(spec, accelerate=False))).result()

    def _follow_quietly(self, work: Iterable[object]) -> None:
        for _ in work:
            if self._stopped.is_set():
                return
            self._session.recount.settle(BLOCKS_AT_ONCE)
            self._report()

    def _report(self) -> None:
        """Say that more is known, but not so often that a slow line is filled with it."""
        now = time.monotonic()
        if now - self._last_report >= SECONDS_BETWEEN_REPORTS:
            self._last_report = now
            self._post(DataGrew())


def analyse_line(line: bytes, spec: AuditSpec) -> RecordReport:
    """Runs in a worker, which is where vocabulary and schemas are loaded."""
    from curator.analysis.record_report import analyse_record

    return analyse_record(line, spec)


def analyse_lines(lines: bytes, spec: AuditSpec) -> Columns:
    """Runs in a worker, as above."""
    from curator.analysis.chunk import analyse_bytes

    return analyse_bytes(lines, spec).columns
