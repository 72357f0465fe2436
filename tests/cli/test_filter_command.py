"""curator filter and curator facets: lines byte for byte, counts, and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyroaring import BitMap64

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with settings of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)

    def curator(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, "-m", "curator", *arguments], capture_output=True, check=False)

    return curator


def line(number: int, *, spaced: bool = False) -> bytes:
    tools = [{"id": "c", "type": "function", "function": {"name": "find", "arguments": "{}"}}]
    answer = {"role": "assistant", "content": "word " * number}
    if number % 4 == 0:
        answer["tool_calls"] = tools
    record = {"messages": [{"role": "user", "content": f"Frage {number}"}, answer], "meta": {"n": number % 3}}
    return json.dumps(record, indent=None, separators=(" , ", " : ") if spaced else None).encode()


@pytest.fixture
def lines(tmp_path: Path) -> list[bytes]:
    """The lines of two files: spaced, with CRLF, one broken, the last of the first without an end."""
    first = [line(1) + b"\r\n", line(2, spaced=True) + b"\n", b"{broken\n", line(3)]
    second = [line(number) + b"\n" for number in range(4, 10)]
    (tmp_path / "a.jsonl").write_bytes(b"".join(first))
    (tmp_path / "b.jsonl").write_bytes(b"".join(second))
    return [*first, *second]


def test_lines_are_written_byte_for_byte(run: Run, lines: list[bytes]) -> None:
    done = run("filter", "", "a.jsonl", "b.jsonl")
    assert done.returncode == 0
    whole = b"".join(lines[:3]) + lines[3] + b"\n" + b"".join(lines[4:])
    assert done.stdout == whole
    found = run("filter", ".meta.n = 2", "a.jsonl", "b.jsonl").stdout
    assert found == lines[1] + lines[5] + lines[8]
    inverted = run("filter", "--invert", ".meta.n = 2", "a.jsonl", "b.jsonl").stdout
    assert sorted(found.splitlines() + inverted.splitlines()) == sorted(whole.splitlines())


def test_they_are_sorted_counted_and_cut(run: Run, lines: list[bytes], tmp_path: Path) -> None:
    assert run("filter", "tokens > 0", "a.jsonl", "b.jsonl", "--count").stdout == b"9\n"
    longest = run("filter", "tokens > 0", "b.jsonl", "--sort=-tokens", "--head", "2")
    assert longest.stdout == lines[8] + lines[4]
    by_key = run("filter", "", "b.jsonl", "--sort", ".meta.n,-bytes")
    assert [json.loads(one)["meta"]["n"] for one in by_key.stdout.splitlines()] == [0, 0, 1, 1, 2, 2]
    done = run("filter", "tool:find", "b.jsonl", "-o", "out.jsonl")
    assert done.stdout == b""
    assert b"2 of 6 records" in done.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == lines[4] + lines[8]
    assert run("filter", "tool:find", "b.jsonl", "-o", "out.jsonl").returncode == 2
    assert run("filter", "tool:find", "b.jsonl", "-o", "b.jsonl").returncode == 2


def test_exit_codes_tell_what_was_found(run: Run, lines: list[bytes]) -> None:
    assert lines
    none = run("filter", "tokens > 100000", "a.jsonl")
    assert (none.returncode, none.stdout) == (1, b"")
    fault = run("filter", "tokens >", "a.jsonl")
    assert fault.returncode == 2
    assert b"at character 9" in fault.stderr
    assert run("filter", "tokens > 1", "none.jsonl").returncode == 3
    assert run("filter", "", "a.jsonl", "--sort", "nothing").returncode == 2


def test_saved_filters_have_names(run: Run, lines: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "curator.toml").write_text('[filters]\ntwo = ".meta.n = 2"\n')
    assert run("filter", "@two and tool:find", "b.jsonl").stdout == lines[8]
    assert b"there is no filter 'three'; there are @two." in run("filter", "@three", "b.jsonl").stderr


def test_journals_count(run: Run, lines: list[bytes], tmp_path: Path) -> None:
    from curator.session import Session
    from curator.settings import Settings

    session = Session([tmp_path / "b.jsonl"], Settings(workers=-1, accelerate=False))
    session.editor.open_journals()
    session.data.sources[0].index.finish()
    session.editor.rewrite(session.record(0), line(50), "longer")
    session.editor.tag({session.sources[0]: BitMap64([1])}, "x", "tag")
    session.close()
    done = run("filter", "tokens > 60", "b.jsonl")
    assert done.stdout == line(50) + b"\n"
    assert b"1 record differs in" in done.stderr
    assert run("filter", "tag:x", "b.jsonl").stdout == lines[5]


def test_facets_count_what_records_have(run: Run, lines: list[bytes]) -> None:
    assert lines
    done = run("facets", "a.jsonl", "b.jsonl", "--json", "--by", "tool", "--by", ".meta.n", "--by", "roles")
    found = json.loads(done.stdout)
    assert [(one["value"], one["records"]) for one in found["tool"]["values"]] == [
        ("no tool is called", 7),
        ("find", 2),
        ("malformed", 1),
    ]
    assert {one["value"]: one["records"] for one in found[".meta.n"]["values"]} == {
        "0": 3,
        "1": 3,
        "2": 3,
        "malformed": 1,
    }
    for one in found[".meta.n"]["values"]:
        count = run("filter", one["filter"], "a.jsonl", "b.jsonl", "--count")
        assert int(count.stdout) == one["records"]
    text = run("facets", "a.jsonl", "b.jsonl", "--by", "dialect", "--where", "tokens > 0")
    assert b"openai-chat" in text.stdout
    assert run("facets", "a.jsonl", "--by", "nothing").returncode == 2


def test_keys_that_fall_are_typed_with_or_without_the_sign(
    curator: Callable[..., subprocess.CompletedProcess[str]], project: Path
) -> None:
    path = project / "samples" / "over_long.jsonl"
    joined = curator("filter", "tokens > 0", path, "--sort=-tokens,turns")
    apart = curator("filter", "tokens > 0", path, "--sort", "-tokens,turns")
    assert apart.returncode == 0 and apart.stdout == joined.stdout
    missing = curator("filter", "tokens > 0", path, "--sort", "-o", "out.jsonl")
    assert missing.returncode == 2 and "argument --sort: expected one argument" in missing.stderr
