"""A file's audit in chunks: all lines, once each, the same wherever it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.report import AuditSpec, Columns
from curator.engine import audit
from curator.engine.audit import audit_chunk, audit_file, plan
from curator.engine.executors import INLINE, make_executor
from curator.errors import UnreadableError
from curator.session import Session
from curator.settings import Settings
from curator.storage.line_index import LineIndex
from curator.storage.source import opened

RECORD = '{"messages": [{"role": "user", "content": "Grüß dich!"}, {"role": "assistant", "content": "Dich auch."}]}\n'
LINES = [RECORD.encode(), b"\n", b"\r\n", b"{broken\n", b"[1]\n"]


@pytest.fixture
def spec(project: Path) -> AuditSpec:
    session = Session([project / "samples" / "contrary.jsonl"], Settings())
    session.close()
    return session.spec(session.data.sources[0])


def test_chunks_are_small_first_and_end_where_the_next_begins(tmp_path: Path, spec: AuditSpec) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"x" * 99_999 + b"\n")
    with path.open("ab") as file:
        file.writelines([b"x" * 99_999 + b"\n"] * 99)
    with opened(path) as source:
        tasks = list(plan(path, LineIndex(source), spec))
    assert [task.end_line - task.first_line for task in tasks] == [2, 5, 10, 20, 41, 22]
    assert [task.start for task in tasks[1:]] == [task.end for task in tasks[:-1]]
    assert (tasks[0].start, tasks[-1].end, tasks[-1].end_line) == (0, 10_000_000, 100)


def test_an_empty_file_has_no_chunks(tmp_path: Path, spec: AuditSpec) -> None:
    path = tmp_path / "data.jsonl"
    path.touch()
    with opened(path) as source:
        assert list(plan(path, LineIndex(source), spec)) == []


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "CHUNK_BYTES", (100, 300))
    monkeypatch.setattr(audit, "LARGEST_CHUNK", 700)


def columns_of(path: Path, spec: AuditSpec, workers: int) -> Columns:
    columns = Columns()
    with opened(path) as source, make_executor(workers) as executor:
        for _, report in audit_file(path, LineIndex(source), spec, executor, max(workers, 1)):
            columns.extend(report.columns)
    return columns


@pytest.mark.usefixtures("small_chunks")
def test_the_audit_is_the_same_in_workers_as_inline(tmp_path: Path, project: Path, spec: AuditSpec) -> None:
    path = tmp_path / "data.jsonl"
    names = ("broken", "tools", "contrary", "images", "sharegpt", "alpaca")
    path.write_bytes(b"".join((project / "samples" / f"{name}.jsonl").read_bytes() + b"\n" for name in names))
    inline, pooled = columns_of(path, spec, INLINE), columns_of(path, spec, 2)
    assert [*inline.all()] == [*pooled.all()]
    assert len(inline) == path.read_bytes().count(b"\n")


@pytest.mark.usefixtures("small_chunks")
@given(
    lines=st.lists(st.sampled_from(LINES), max_size=25),
    end=st.booleans(),
)
def test_every_line_has_its_row(tmp_path: Path, spec: AuditSpec, lines: list[bytes], end: bool) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(lines) + (b"{last" if end else b""))
    columns = columns_of(path, spec, INLINE)
    assert list(columns.messages) == [2 * (line == RECORD.encode()) for line in lines] + [0] * end


def test_a_file_that_changed_under_the_audit_is_told(tmp_path: Path, spec: AuditSpec) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(RECORD * 3)
    with opened(path) as source:
        (task,) = plan(path, LineIndex(source), spec)
    path.write_text(RECORD * 2)
    with pytest.raises(UnreadableError, match="became shorter while it was being audited; open it again"):
        audit_chunk(task)
