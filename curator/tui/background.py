"""The long work behind the screen: indexing, the audit, and the analysis of the record that is shown.

Threads only wait and merge; the counting is done by worker processes, so that no key has to wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from threading import Event, Thread

from textual.message import Message

from curator.analysis.report import AuditSpec, RecordReport
from curator.engine.executors import INLINE, available_cores, make_executor, stop_workers
from curator.errors import CuratorError
from curator.session import Session
from curator.tui.messages import AuditFailed, DataGrew, ModelChosen, RecordAnalysed

SECONDS_BETWEEN_REPORTS = 0.25


class Background:
    """Runs a session's long work and posts what becomes known; `post` has to be safe to call from threads."""

    def __init__(self, session: Session, post: Callable[[Message], object]) -> None:
        self._session = session
        self._post = post
        self._stopped = Event()
        self._audit_workers = session.settings.workers or available_cores()
        self._executor: Executor | None = None
        self._live: Executor | None = None
        self._last_report = 0.0
        self._asked: tuple[int, bytes, AuditSpec] | None = None
        self.audit_started = time.monotonic()

    def start(self) -> None:
        """Begin to index and to audit."""
        self._executor = make_executor(self._workers(), for_screen=True)
        self._live = make_executor(1, for_screen=True)
        Thread(target=self._guarded, args=(self._index,), daemon=True, name="index").start()
        self.audit_anew()
        if self._asked is not None:
            self.analyse(*self._asked)

    def _workers(self) -> int:
        return 1 if self._audit_workers == INLINE else self._audit_workers

    def audit_anew(self) -> None:
        """Begin the audit from the start; one that runs gives up."""
        self.audit_started = time.monotonic()
        Thread(target=self._guarded, args=(self._audit,), daemon=True, name="audit").start()

    def choose_model(self, name: str, edition: str) -> None:
        """Count and price by another model; ModelChosen says when all figures that follow from the limit are there."""

        def choose() -> None:
            if self._session.choose_model(name, edition):
                self.audit_anew()
            self._post(ModelChosen())

        Thread(target=self._guarded, args=(choose,), daemon=True, name="model").start()

    def analyse(self, position: int, line: bytes, spec: AuditSpec) -> None:
        """Analyse one record out of turn; the answer comes as RecordAnalysed."""
        if self._stopped.is_set():
            return
        if self._live is None:
            self._asked = position, line, spec
            return
        future = self._live.submit(analyse_line, line, replace(spec, accelerate=False))
        future.add_done_callback(lambda done: self._analysed(position, done))

    def _analysed(self, position: int, done: Future[RecordReport]) -> None:
        if done.cancelled() or self._stopped.is_set():
            return
        error = done.exception()
        if error is None:
            self._post(RecordAnalysed(position, done.result()))
        else:
            self._post(AuditFailed(f"The record could not be analysed: {error}"))

    def stop(self) -> None:
        """End everything at once; worker processes are killed."""
        self._stopped.set()
        stop_workers()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except CuratorError as error:
            self._post(AuditFailed(str(error)))
        except (BrokenExecutor, RuntimeError) as error:
            if not self._stopped.is_set():
                self._post(AuditFailed(f"A worker process ended unexpectedly: {error} L starts the audit anew."))

    def _index(self) -> None:
        while not self._session.data.indexed and not self._stopped.is_set():
            self._session.data.advance()
            self._report()
        self._post(DataGrew())

    def _audit(self) -> None:
        if self._executor is None:
            return
        for _ in self._session.audit(self._executor, self._workers()):
            if self._stopped.is_set():
                return
            self._report()
        self._post(DataGrew())

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
