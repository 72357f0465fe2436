"""curator check: findings on stdout, talk on stderr, the verdict as exit code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from curator.cli.audit_run import audited
from curator.session import Session
from curator.settings import Settings

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SOUND = '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]}'
pytestmark = pytest.mark.usefixtures("lines_alone")

NO_ANSWER = '{"messages": [{"role": "user", "content": "Why?"}]}'


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file of a sound record, a blank line with CRLF, a line that is no JSON, and a record without an answer."""
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(f"{SOUND}\n\r\n{{oops}}\n{NO_ANSWER}".encode())
    return path


def test_a_clean_file_exits_0_and_says_nothing_on_stdout(curator: Run, project: Path) -> None:
    done = curator("check", project / "samples" / "contrary.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "curator: 32 records, nothing found.\n")


def test_findings_are_one_a_line_with_file_and_line(curator: Run, mixed: Path) -> None:
    done = curator("check", mixed.name, cwd=mixed.parent)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "mixed.jsonl:2: CUR035 the line is blank" in lines
    assert "mixed.jsonl:2: CUR036 the line ends in CRLF" in lines
    assert [line for line in lines if ":3: CUR033 not JSON: " in line and line.endswith("(column 2)")]
    assert [line for line in lines if line.startswith("mixed.jsonl:4: CUR007 ")]
    assert all(line.startswith("mixed.jsonl:") for line in lines)
    assert done.stderr.startswith("curator: 3 records, ")


def test_json_is_an_object_a_line(curator: Run, mixed: Path) -> None:
    done = curator("check", "--format", "json", mixed)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    for one in found:
        assert list(one) == ["path", "line", "record", "code", "severity", "pointer", "place", "message"]
        assert one["path"] == str(mixed)
    records = {(one["line"], one["record"], one["code"], one["severity"]) for one in found}
    assert records >= {
        (2, None, "CUR035", "warning"),
        (2, None, "CUR036", "warning"),
        (3, 2, "CUR033", "error"),
        (4, 3, "CUR007", "error"),
    }


def test_github_annotations_escape_what_would_end_them(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd, name: 100%.jsonl"
    path.write_text("{oops\n")
    done = curator("check", "--format", "github", path.name)
    (line,) = done.stdout.splitlines()
    assert done.returncode == 1
    assert line.startswith("::error file=odd%2C name%3A 100%25.jsonl,line=1,title=CUR033::not JSON: ")


def test_warnings_fail_only_where_they_are_asked_to(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "blank.jsonl"
    path.write_text(f"{SOUND}\n\n{SOUND}\n")
    assert curator("check", path).returncode == 0
    assert curator("check", "--fail-on", "error", path).returncode == 0
    done = curator("check", "--fail-on", "warning", path)
    assert done.returncode == 1
    assert done.stderr == "curator: 2 records, 0 errors, 1 warning.\n"


def test_record_numbers_begin_anew_with_each_file(curator: Run, mixed: Path) -> None:
    done = curator("check", "--format", "json", mixed, mixed, "--workers", "inline")
    found = [(one["line"], one["record"], one["code"]) for one in map(json.loads, done.stdout.splitlines())]
    half = len(found) // 2
    assert found[:half] == found[half:]


def test_findings_are_the_same_with_workers(curator: Run, project: Path) -> None:
    path = project / "samples" / "broken.jsonl"
    inline, pooled = (curator("check", path, path, "--workers", workers) for workers in ("inline", "2"))
    assert inline.stdout == pooled.stdout
    assert inline.returncode == pooled.returncode == 1


def test_an_over_long_record_is_an_error(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(SOUND)
    done = curator("check", "--context-length", "5", path)
    assert done.returncode == 1
    assert "CUR010" in done.stdout
    assert "over the longest example of 5 by" in done.stdout


def test_a_schema_of_ones_own_takes_the_place_of_the_shipped_one(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"required": ["id"]}')
    (tmp_path / "data.jsonl").write_text(f'{SOUND}\n{SOUND[:-1]}, "id": 1}}\n')
    done = curator("check", "--schema", "own.json", "data.jsonl", "--format", "json")
    complaints = [one for one in map(json.loads, done.stdout.splitlines()) if one["code"] == "CUR000"]
    assert done.returncode == 1
    assert [(one["line"], one["message"]) for one in complaints] == [(1, "`id` is missing")]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (None, "own.json: the schema cannot be read: No such file"),
        ("{", "own.json: the schema is not JSON"),
        ("[]", "own.json: a schema is an object, true or false; this is a list"),
        ('{"type": "objekt"}', "own.json: not a valid schema at /type"),
        ('{"$schema": "https://example.org/draft-0"}', "own.json: `$schema` names"),
        ('{"$ref": "https://example.org/other.json"}', "own.json: `$ref` to https://example.org/other.json"),
    ],
)
def test_a_schema_that_cannot_be_used_exits_3_with_the_reason(
    curator: Run, tmp_path: Path, schema: str | None, told: str
) -> None:
    (tmp_path / "data.jsonl").write_text(SOUND)
    if schema is not None:
        (tmp_path / "own.json").write_text(schema)
    done = curator("check", "--schema", "own.json", "data.jsonl")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"curator: {told}")


def test_a_file_that_cannot_be_read_exits_3_before_anything_is_written(curator: Run, mixed: Path) -> None:
    done = curator("check", mixed, "nowhere.jsonl")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "curator: nowhere.jsonl: cannot be opened: No such file or directory.\n"


def test_a_chosen_dialect_is_the_one_that_every_record_is_read_in(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"prompt": "a", "completion": " b"}\n')
    assert curator("check", path).returncode == 0
    done = curator("check", path, "--dialect", "openai-chat")
    assert done.returncode == 1
    assert "the record has no `messages`" in done.stdout


def test_an_audit_that_begins_anew_tells_each_chunk_once(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session([mixed, mixed], Settings())
    audit = session.audit

    def twice(*arguments: Any, **named: Any) -> Iterator[Any]:
        yield from list(audit(*arguments, **named))[:1]
        yield from audit(*arguments, **named)

    expected = list(audited(session, explain=True))
    monkeypatch.setattr(session, "audit", twice)
    assert list(audited(session, explain=True)) == expected
    session.close()


def test_groups_are_told_with_their_number_and_an_example(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text(f"{NO_ANSWER}\n{SOUND}\n\n{NO_ANSWER}\n{{oops\n")
    done = curator("check", "--group", path.name, cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "2 records: CUR007 there is no assistant message to learn from"
    assert lines[1] == "    many.jsonl:1: there is no assistant message to learn from"
    assert "1 record: CUR035 the line is blank" in lines
    assert done.stderr == "curator: 4 records, 3 causes.\n"


def test_groups_as_json_are_an_object_each(curator: Run, mixed: Path) -> None:
    done = curator("check", "--group", "--format", "json", mixed)
    found = {one["code"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert found["CUR007"]["records"] == 1
    assert (found["CUR007"]["example"]["path"], found["CUR007"]["example"]["line"]) == (str(mixed), 4)
    assert curator("check", "--group", "--format", "github", mixed).returncode == 2


def test_a_schema_of_ones_own_for_one_dialect(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "mine.json").write_text('{"properties": {"messages": {"$ref": "parts/long.json"}}}')
    (tmp_path / "parts" / "long.json").write_text('{"minItems": 3}')
    (tmp_path / "data.jsonl").write_text(f'{SOUND}\n{{"prompt": "a ->", "completion": " b"}}\n')
    done = curator("check", "--schema", "openai-chat=mine.json", "data.jsonl", cwd=tmp_path)
    assert done.stdout == "data.jsonl:1: CUR000 `messages`: has 2 items; at least 3 are needed (at /messages)\n"
    assert curator("check", "--schema", "trl=mine.json", "data.jsonl", cwd=tmp_path).returncode == 0
    (tmp_path / "curator.toml").write_text('[schemas]\n"openai-chat" = "mine.json"\n')
    assert curator("check", "data.jsonl", cwd=tmp_path).returncode == 1
    assert curator("check", "--schema", "openai-chta=mine.json", "data.jsonl", cwd=tmp_path).returncode == 2
    (tmp_path / "curator.toml").write_text('[schemas]\n"openai-chta" = "mine.json"\n')
    done = curator("check", "data.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr.startswith("curator: curator.toml: `schemas` names 'openai-chta'")) == (
        2,
        True,
    )
