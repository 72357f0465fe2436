"""curator repair: what is written, what is told, and the exit code; what other commands say of such a file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
RECORDS: list[dict[str, Any]] = [{"messages": [{"role": "user", "content": f"question {n}"}]} for n in range(3)]


@pytest.fixture
def array(tmp_path: Path) -> Path:
    path = tmp_path / "array.json"
    path.write_text(json.dumps(RECORDS, indent=2))
    return path


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A sound line, one that has to be guessed, and one that is no record."""
    path = tmp_path / "doubtful.jsonl"
    path.write_text('{"a": 1}\n{"a": NaN}\noops\n')
    return path


def test_an_array_becomes_lines(curator: Run, array: Path, tmp_path: Path) -> None:
    done = curator("repair", array, "-o", "out.jsonl")
    assert done.returncode == 0
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == RECORDS
    assert "one JSON array of 3 records, laid out over 26 lines; written to out.jsonl." in done.stderr
    assert done.stdout.splitlines() == [
        "repaired           1  JSON array taken apart, an item a line (at 1:1)",
        "repaired           3  record over several lines joined to one (first at 2:3)",
    ]


def test_without_an_output_nothing_is_written(curator: Run, array: Path, tmp_path: Path) -> None:
    done = curator("repair", array)
    assert done.returncode == 0
    assert [path.name for path in tmp_path.glob("*.json*")] == [array.name]
    assert "one JSON array of 3 records" in done.stderr


def test_what_is_a_guess_stays_and_is_named(curator: Run, doubtful: Path, tmp_path: Path) -> None:
    done = curator("repair", doubtful, "-o", "out.jsonl", "--report")
    assert done.returncode == 1
    assert (tmp_path / "out.jsonl").read_bytes() == doubtful.read_bytes()
    one, other = done.stdout.splitlines()
    assert one == f"{doubtful}:2:7: only with --guess: NaN or Infinity written as null"
    assert other.startswith(f"{doubtful}:3:1: left as it is: not JSON (a value is expected at column 1")
    assert "1 repair is a guess; --guess makes it. 1 place is left as it is." in done.stderr


def test_a_guess_that_is_asked_for_is_made(curator: Run, doubtful: Path) -> None:
    done = curator("repair", doubtful, "-o", "-", "--guess")
    assert done.returncode == 1
    assert done.stdout == '{"a": 1}\n{"a": null}\noops\n'
    assert "guessed" in done.stderr


def test_programs_read_what_was_done(curator: Run, doubtful: Path) -> None:
    rows = [json.loads(line) for line in curator("repair", doubtful, "--json").stdout.splitlines()]
    assert rows[0] == {"outcome": "doubtful", "repair": "constant", "times": 1, "line": 2, "column": 7}
    assert (rows[1]["outcome"], rows[1]["repair"]) == ("left", "not-json")


def test_a_sound_file_is_copied_byte_for_byte(curator: Run, tmp_path: Path) -> None:
    content = b'{"a":1}\n{"b": 1.10}'
    (tmp_path / "sound.jsonl").write_bytes(content)
    done = curator("repair", "sound.jsonl", "-o", "out.jsonl")
    assert (done.returncode, (tmp_path / "out.jsonl").read_bytes()) == (0, content)
    assert "nothing to repair" in done.stderr


def test_the_file_itself_is_not_replaced_unasked(curator: Run, array: Path) -> None:
    done = curator("repair", array, "-o", array)
    assert done.returncode == 2
    assert "is the file that is read" in done.stderr
    assert curator("repair", array.with_name("none.json")).returncode == 3


@pytest.mark.parametrize(
    "words", [("check",), ("stats",), ("export", "-o", "out.jsonl"), ("split", "-o", "s.jsonl", "--by", "turn")]
)
def test_other_commands_say_what_the_file_looks_like(curator: Run, array: Path, words: tuple[str, ...]) -> None:
    done = curator(words[0], array, *words[1:])
    assert f"looks like one JSON array; `curator repair {array} -o OUT` makes JSON Lines of it." in done.stderr
