"""curator shorten, as a user runs it."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

LONG = "You are a careful examiner of students, and never tell."


def record(number: int, prompt: str = LONG) -> dict[str, Any]:
    said = [("system", prompt), ("user", f"question {number}"), ("assistant", f"answer {number}")]
    return {"messages": [{"role": role, "content": text} for role, text in said if text], "meta": {"lang": "de"}}


def write(path: Path, prompts: list[str]) -> Path:
    lines = [json.dumps(record(number, one)) + "\r\n" for number, one in enumerate(prompts)]
    path.write_text("".join(lines), newline="")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "a.jsonl", [LONG, LONG, "Another.", "", f"{LONG} Be kind."])


def test_without_a_prompt_they_are_listed_by_what_they_cost(curator: Run, path: Path) -> None:
    done = curator("shorten", path)
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["number", "tokens", "records", "together", "prompt"]
    assert [row[:4] for row in rows[1:4]] == [["1", "12", "2", "24"], ["2", "15", "1", "15"], ["3", "2", "1", "2"]]
    assert f"2 prompts in 3 records begin alike up to character {len(LONG)}" in done.stdout
    assert f"(--prefix {len(LONG)})" in done.stdout
    answer = json.loads(curator("shorten", path, "--json").stdout)
    assert [one["text"] for one in answer["prompts"]] == [LONG, f"{LONG} Be kind.", "Another."]
    assert answer["alike"][0]["beginning"] == LONG
    assert [one.name for one in path.parent.iterdir()] == ["a.jsonl"]


def test_a_format_without_system_prompts_is_told(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"prompt": "Why? ->", "completion": " So."}\n')
    assert "prompt/completion has no system prompts" in curator("shorten", path).stderr
    done = curator("shorten", path, "--prompt", "Why? ->", "--to", "x", "--dry-run")
    assert done.returncode == 1
    assert "1 stays as it is: prompt/completion, which has no system prompt." in done.stdout


def test_a_dry_run_tells_the_figures_and_writes_nothing(curator: Run, path: Path) -> None:
    content = path.read_bytes()
    done = curator("shorten", path, "--prompt", "1", "--to", "Brief, in {meta.lang}.", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.startswith("2 of 5 records: their system prompts give way to the short one.\n")
    assert "training, 20 epochs" in done.stdout
    assert "record 1\n" in done.stdout
    assert "+ Brief, in de.\n" in done.stdout
    assert "2 stay as they are: another system prompt." in done.stdout
    answer = json.loads(curator("shorten", path, "--prompt", LONG, "--to", "Brief.", "--dry-run", "--json").stdout)
    assert (answer["records"], answer["changed"]) == (5, 2)
    assert answer["tokens"]["before"] - answer["tokens"]["after"] == 2 * (12 - 2)
    assert answer["stay"] == {"other": 2, "none": 1}
    assert (path.read_bytes(), [one.name for one in path.parent.iterdir()]) == (content, ["a.jsonl"])


def test_to_a_new_file_with_all_else_byte_for_byte(curator: Run, path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    done = curator("shorten", path, "--prefix", str(len(LONG)), "--to", "Brief.{rest}", "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    expected = content.replace(LONG.encode(), b"Brief.")
    assert (tmp_path / "out.jsonl").read_bytes() == expected
    assert path.read_bytes() == content
    assert not path.with_name("a.jsonl.curator").exists()
    assert "3 of 5 records" in done.stderr
    piped = curator("shorten", path, "--prefix", LONG, "--to", "Brief.{rest}", "-o", "-")
    assert piped.stdout == expected.decode().replace("\r\n", "\n")
    again = curator("shorten", path, "--prompt", LONG, "--to", "x", "-o", "out.jsonl")
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_in_place_it_is_one_step_of_the_journal(curator: Run, path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    (tmp_path / "long.txt").write_text(LONG + "\n")
    (tmp_path / "short.txt").write_text("Brief.\n")
    files = ("--prompt-file", "long.txt", "--to-file", "short.txt")
    done = curator("shorten", path, *files, "--in-place")
    assert done.returncode == 0, done.stderr
    short = content.replace(json.dumps(LONG).encode(), b'"Brief."')
    assert path.read_bytes() == short
    assert "shorten the system prompt in 2 records" in curator("history", path).stdout
    assert curator("history", path, "--undo").returncode == 0
    refused = curator("shorten", path, *files, "--in-place")
    assert refused.returncode == 2
    assert "would save 2 other records along with this" in refused.stderr
    assert curator("shorten", path, *files, "-o", "out.jsonl").returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == short
    assert curator("export", path, "-o", "old.jsonl").returncode == 0
    assert (tmp_path / "old.jsonl").read_bytes() == content
    assert curator("shorten", path, *files, "--in-place", "--force").returncode == 0


def test_a_save_that_is_refused_leaves_nothing_in_the_journal(curator: Run, path: Path) -> None:
    content = path.read_bytes()
    with path.open("ab"):
        done = curator("shorten", path, "--prompt", "1", "--to", "Brief.", "--in-place")
    assert done.returncode in (2, 3)
    assert "open for writing" in done.stderr
    assert path.read_bytes() == content
    assert "shorten" not in curator("history", path).stdout
    assert curator("diff", path).returncode == 0


def test_an_empty_text_removes_the_prompt(curator: Run, path: Path) -> None:
    done = curator("shorten", path, "--prompt", LONG, "--to", "", "-o", "-")
    assert "their system prompts are removed" in done.stderr
    roles = [[one["role"] for one in json.loads(line)["messages"]] for line in done.stdout.splitlines()]
    assert roles == [["user", "assistant"]] * 2 + [["system", "user", "assistant"], ["user", "assistant"]] + [
        ["system", "user", "assistant"]
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--to", "x", "--dry-run"], "Say which prompt"),
        (["--prompt", "1", "--dry-run"], "Say what stands in its place"),
        (["--prompt", "1", "--to", "x"], "Say where to write"),
        (["--prompt", "9", "--to", "x", "--dry-run"], "there is no prompt 9 in the list of 3"),
        (["--prompt", "1", "--to", "{rest}", "--dry-run"], "a whole prompt has none"),
        (["--prompt", "1", "--to", "x", "--json", "-o", "-"], "cannot both go to stdout"),
        (["--prompt", "", "--to", "x", "--dry-run"], "There is no prompt to shorten"),
    ],
)
def test_what_makes_no_sense_is_refused(curator: Run, path: Path, arguments: list[str], sentence: str) -> None:
    done = curator("shorten", path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_exit_codes(curator: Run, path: Path) -> None:
    lacks = curator("shorten", path, "--prompt", LONG, "--to", "{other}", "--dry-run")
    assert lacks.returncode == 1
    assert "2 stay as they are: not all that the short prompt takes from the record ({other})." in lacks.stdout
    assert curator("shorten", path, "--prompt", "Nobody.", "--to", "x", "--dry-run").returncode == 1
    assert curator("shorten", path, "--prompt-file", "none.txt", "--to", "x", "--dry-run").returncode == 3


def test_a_prompt_of_every_record(curator: Run, shared_data: Path, tmp_path: Path) -> None:
    content = gzip.decompress((shared_data / "chat" / "tau_airline_gpt4o.jsonl.gz").read_bytes())
    (tmp_path / "tau.jsonl").write_bytes(content)
    done = curator("shorten", "tau.jsonl", "--prompt", "1", "--to", "You are an airline agent.", "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert "200 of 200 records" in done.stderr
    long = json.dumps(json.loads(content.split(b"\n", 1)[0])["messages"][0]["content"]).encode()
    assert (tmp_path / "out.jsonl").read_bytes() == content.replace(long, b'"You are an airline agent."')
    stats = json.loads(curator("stats", "out.jsonl", "--json").stdout)
    dry = curator("shorten", "tau.jsonl", "--prompt", "1", "--to", "You are an airline agent.", "--dry-run", "--json")
    assert json.loads(dry.stdout)["tokens"]["after"] == stats["tokens"]
