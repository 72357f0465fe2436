"""The work behind the screen outlasts workers that die, and never ends without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from typing import Any, ParamSpec, TypeVar

import pytest
from piloting import PATIENCE, wait_for
from textual.message import Message

from curator.engine.executors import InlineExecutor
from curator.errors import UnwritableError
from curator.session import Session, auditing
from curator.settings import Settings
from curator.tui import background
from curator.tui.background import Background
from curator.tui.messages import AuditFailed, DataGrew, RecordAnalysed, WorkDone

P = ParamSpec("P")
T = TypeVar("T")
RECORD = '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]}\n'


class DeadWorkers(Executor):
    """Workers that were killed."""

    def submit(self, _fn: Callable[P, T], /, *_args: P.args, **_named: P.kwargs) -> Future[T]:
        raise BrokenExecutor("a process was terminated abruptly")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "data.jsonl"
    path.write_text(RECORD * 3)
    opened = Session([path], Settings(accelerate=False))
    yield opened
    opened.close()


def given(monkeypatch: pytest.MonkeyPatch, *executors: Executor) -> None:
    """Let the background be given these executors, one after the other."""
    waiting = iter(executors)
    monkeypatch.setattr(background, "make_executor", lambda *_, **__: next(waiting))


def test_a_dead_worker_of_the_shown_record_is_replaced(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[Message] = []
    given(monkeypatch, InlineExecutor(), DeadWorkers(), InlineExecutor())
    work = Background(session, posted.append)
    work.start()
    wait_for(lambda: session.complete)
    record = session.record(1)
    work.analyse(record, session.spec(session.data.sources[0], explain=True))
    (answer,) = [one for one in posted if isinstance(one, RecordAnalysed)]
    assert answer.record is record
    assert answer.report.tokens == session.data.sources[0].columns.tokens[1]


def test_dead_workers_of_the_audit_are_told_of_and_the_next_audit_has_new_ones(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[Message] = []
    given(monkeypatch, DeadWorkers(), InlineExecutor(), InlineExecutor())
    work = Background(session, posted.append)
    work.start()
    wait_for(lambda: any(isinstance(one, AuditFailed) for one in posted))
    assert not session.complete
    work.choose_model(session.model.id, session.model.edition)
    wait_for(lambda: session.complete)
    assert session.totals.records == 3


def test_any_other_fault_is_told_too(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[Message] = []
    given(monkeypatch, InlineExecutor(), InlineExecutor())

    def faulty(*_: object) -> Iterator[None]:
        raise LookupError("unheard of")
        yield

    monkeypatch.setattr(session, "audit_more", faulty)
    Background(session, posted.append).start()
    wait_for(lambda: any(isinstance(one, AuditFailed) for one in posted))
    (told,) = [one for one in posted if isinstance(one, AuditFailed)]
    assert "LookupError" in told.reason


def test_no_line_is_counted_twice_when_the_file_grows_while_it_is_audited(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, InlineExecutor(), InlineExecutor())
    go_on, reports = Event(), auditing.audit_file

    def held(*arguments: Any) -> Iterator[Any]:
        for report in reports(*arguments):
            go_on.wait(PATIENCE)
            yield report

    monkeypatch.setattr(auditing, "audit_file", held)
    work = Background(session, lambda _: None)
    work.start()
    work.go_on()
    go_on.set()
    for thread in [one for one in enumerate_threads() if one.name == "audit"]:
        thread.join(PATIENCE)
    assert session.audited == session.totals.records == 3


@pytest.mark.parametrize("fault", [OSError("There is no disk"), BrokenExecutor("gone"), UnwritableError("It is full.")])
def test_who_asked_for_work_that_fails_hears_of_it(
    session: Session, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    posted: list[Message] = []
    given(monkeypatch, InlineExecutor())
    work = Background(session, posted.append)

    def fail() -> Callable[[], object]:
        raise fault

    work.run(fail, lambda: "failed")
    wait_for(lambda: len(posted) == 2)
    done, told = posted
    assert isinstance(done, WorkDone)
    assert done.then() == "failed"
    assert isinstance(told, AuditFailed)
    assert str(fault) in told.reason
    posted.clear()
    work.run(lambda: lambda: "done", lambda: "failed")
    wait_for(lambda: posted)
    assert [one.then() for one in posted if isinstance(one, WorkDone)] == ["done"]


def test_figures_of_edits_follow_again_after_a_worker_died(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    class DyingOnce(InlineExecutor):
        """A worker that is killed by its first task."""

        dying = True

        def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
            if not self.dying:
                return super().submit(fn, *args, **kwargs)
            self.dying = False
            answer: Future[T] = Future()
            answer.set_exception(BrokenExecutor("a process was terminated abruptly"))
            return answer

    posted: list[Message] = []
    given(monkeypatch, InlineExecutor(), DyingOnce(), InlineExecutor())
    work = Background(session, posted.append)
    session.editor.open_journals()
    work.start()
    wait_for(lambda: session.complete)
    tokens = session.totals.tokens
    for text, expected in (("Why on earth?", AuditFailed), ("Why on this earth?", DataGrew)):
        record = session.record(1)
        posted.clear()
        session.editor.rewrite(record, record.body.replace(b"Why?", text.encode()), "edit")
        work.edited()
        wait_for(lambda expected=expected: any(isinstance(one, expected) for one in posted))
    wait_for(lambda: session.totals.tokens > tokens)
    work.stop()
