"""The long work behind the screen: indexing, the audit, and the analysis of the record that is shown.

Threads only wait and merge; the counting is done by worker processes, so that no key has to wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from functools import partial
from threading import Event, Thread

from textual.message import Message

from curator.analysis.report import AuditSpec, RecordReport
from curator.engine.executors import INLINE, available_cores, make_executor, stop_workers
from curator.errors import CuratorError
from curator.fault_report import write_report
from curator.session import Record, Session
from curator.tui.messages import AuditFailed, DataGrew, ModelChosen, RecordAnalysed, RecordRead

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
        self._asked: tuple[Record, AuditSpec] | None = None
        self._analysis: Future[RecordReport] | None = None
        self._broken = False
        """Whether a worker of the audit died, so that the next audit needs new ones."""
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
        if self._broken:
            self._executor = make_executor(self._workers(), for_screen=True)
            self._broken = False
        Thread(target=self._guarded, args=(self._audit, self._executor), daemon=True, name="audit").start()

    def choose_model(self, name: str, edition: str) -> None:
        """Count and price by another model; ModelChosen says when all figures that follow from the limit are there."""

        def choose() -> None:
            if self._session.choose_model(name, edition) or self._broken:
                self.audit_anew()
            self._post(ModelChosen())

        Thread(target=self._guarded, args=(choose,), daemon=True, name="model").start()

    def read(self, position: int) -> None:
        """Read a record that is too long to be read between two keys; it comes as RecordRead."""

        def read() -> None:
            self._post(RecordRead(self._session.record(position)))

        Thread(target=self._guarded, args=(read,), daemon=True, name="read").start()

    def analyse(self, record: Record, spec: AuditSpec) -> None:
        """Analyse one record out of turn; the answer comes as RecordAnalysed. One that still waits is given up."""
        if self._stopped.is_set():
            return
        if self._live is None:
            self._asked = record, spec
            return
        if self._analysis is not None:
            self._analysis.cancel()
        task = partial(analyse_line, record.line, replace(spec, accelerate=False))
        try:
            self._analysis = self._live.submit(task)
        except BrokenExecutor:
            self._live = make_executor(1, for_screen=True)
            self._analysis = self._live.submit(task)
        self._analysis.add_done_callback(lambda done: self._analysed(record, done))

    def _analysed(self, record: Record, done: Future[RecordReport]) -> None:
        if done.cancelled() or self._stopped.is_set():
            return
        error = done.exception()
        if error is None:
            self._post(RecordAnalysed(record, done.result()))
        else:
            self._post(AuditFailed(f"The record could not be analysed: {error}"))

    def stop(self) -> None:
        """End everything at once; worker processes are killed."""
        self._stopped.set()
        stop_workers()

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except CuratorError as error:
            self._post(AuditFailed(str(error)))
        except BrokenExecutor as error:
            if not self._stopped.is_set():
                self._broken = True
                self._post(AuditFailed(f"A worker process ended unexpectedly: {error} L starts the audit anew."))
        except Exception as error:  # noqa: BLE001 - the last resort: work behind the screen never ends without a word
            if not self._stopped.is_set():
                self._post(AuditFailed(f"The work behind the screen was {write_report(error)}"))

    def _index(self) -> None:
        while not self._session.data.indexed and not self._stopped.is_set():
            self._session.data.advance()
            self._report()
        self._post(DataGrew())

    def _audit(self, executor: Executor | None) -> None:
        if executor is None:
            return
        for _ in self._session.audit(executor, self._workers()):
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
