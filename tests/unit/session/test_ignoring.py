"""A tag excuses a record from a rule: in the list, the reader, when walking, and in `check`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.record_report import analyse_record
from curator.cli.check import run
from curator.cli.exit_codes import Exit
from curator.engine.executors import InlineExecutor
from curator.session import Session
from curator.session.ignoring import as_judged
from curator.settings import Settings

BLANKS, MARK = 1 << 24, 1 << 37


def chat(answer: str) -> bytes:
    return json.dumps(
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": answer}]}
    ).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join((b"\xef\xbb\xbf" + chat("One."), chat("Two. "), chat("Three. "))) + b"\n")
    return path


@pytest.fixture
def session(path: Path) -> Iterator[Session]:
    session = Session([path], Settings(workers=-1, accelerate=False))
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    yield session
    session.close()


def findings(session: Session, position: int) -> int:
    row = session.row(position)
    assert row is not None
    return row.findings


def told(session: Session, position: int) -> list[str]:
    record, source = session.record(position), session.sources[0]
    report = analyse_record(record.line, session.spec(source.opened, explain=True))
    return [one.code for one in as_judged(report, source, record.place.id, session.rules).findings]


def test_a_tag_excuses_its_record_and_no_other(session: Session) -> None:
    assert [findings(session, position) for position in range(3)] == [MARK, BLANKS, BLANKS]
    assert (session.next_problem(0, 1), told(session, 1)) == (1, ["CUR024"])
    session.editor.tag({session.sources[0]: BitMap64([1])}, "ignore:CUR024", "tag")
    assert [findings(session, position) for position in range(3)] == [MARK, 0, BLANKS]
    assert (session.next_problem(0, 1), told(session, 1)) == (2, [])
    assert session.next_problem(2, -1) == 0
    session.editor.undo()
    assert session.next_problem(0, 1) == 1


def test_the_mark_before_the_first_record_is_told_with_it(session: Session) -> None:
    assert told(session, 0) == ["CUR037"]


def test_check_passes_over_what_is_excused(path: Path, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.editor.tag({session.sources[0]: BitMap64([0])}, "ignore:CUR037", "tag")
    session.editor.tag({session.sources[0]: BitMap64([2])}, "ignore:cur024", "tag")
    from curator.cli import check, options

    parser = options.Parser()
    check.add_arguments(parser)
    arguments = ["--workers", "inline", "--no-accelerate", "--fail-on", "warning", str(path)]
    arguments += ["--select", "CUR024", "--select", "CUR037"]
    assert run(parser.parse_args(arguments)) is Exit.FINDINGS
    assert [line.split(" ")[:2] for line in capsys.readouterr().out.splitlines()] == [[f"{path}:2:", "CUR024"]]
    assert run(parser.parse_args([*arguments, "--group"])) is Exit.FINDINGS
    said = capsys.readouterr().out
    assert "1 record: CUR024" in said
    assert "CUR037" not in said
    assert f"{path}:2" in said
