"""curator check and stats tell what only whole files show."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

LINE_BY_LINE = [
    (7, "CUR022 the same prompt has another answer in line 18"),
    (16, "CUR021 says the same as line 1"),
    (17, "CUR042 says the same as line 4 but for case, punctuation, digits or spaces"),
    (18, "CUR022 the same prompt has another answer in line 7"),
    (19, "CUR020 the system prompt differs from that of 93 % of the records"),
    (31, "CUR020 there is no system prompt here, unlike in 93 % of the records"),
]
ON_THE_FILE = [
    "CUR008 31 examples: 50 or more are advised",
    "CUR031 records of several formats stand in one file: 30 openai-chat, 1 prompt-completion",
    "CUR039 one answer stands in 11 records: in 3 epochs the model sees it 33 times, and from 32 on it recites it",
]


@pytest.fixture
def samples(project: Path) -> Path:
    return project / "samples"


def test_the_sample_shows_each_rule(curator: Run, samples: Path) -> None:
    done = curator("check", "repeats.jsonl", cwd=samples)
    assert done.stdout.splitlines() == [
        *(f"repeats.jsonl:{line}: {told}" for line, told in LINE_BY_LINE),
        *(f"repeats.jsonl: {told}" for told in ON_THE_FILE),
    ]
    assert (done.returncode, done.stderr) == (1, "curator: 31 records, 1 error, 8 warnings.\n")


def test_json_has_no_line_for_a_file(curator: Run, samples: Path) -> None:
    done = curator("check", "--format", "json", samples / "repeats.jsonl")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["line"], one["record"], one["code"], one["severity"]) for one in found] == [
        *((line, line, told.split()[0], "warning") for line, told in LINE_BY_LINE),
        (None, None, "CUR008", "warning"),
        (None, None, "CUR031", "error"),
        (None, None, "CUR039", "warning"),
    ]


def test_annotations_of_a_file_have_no_line(curator: Run, samples: Path) -> None:
    done = curator("check", "--format", "github", "repeats.jsonl", cwd=samples)
    assert "::warning file=repeats.jsonl,line=16,title=CUR021::says the same as line 1" in done.stdout.splitlines()
    assert f"::warning file=repeats.jsonl,title=CUR008::{ON_THE_FILE[0][7:]}" in done.stdout.splitlines()


def test_the_same_record_in_two_files_is_an_error_in_the_second(curator: Run, samples: Path, tmp_path: Path) -> None:
    lines = (samples / "contrary.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "train.jsonl").write_bytes(b"".join(lines[:20]))
    (tmp_path / "test.jsonl").write_bytes(b"\n" + b"".join(lines[19:]))
    done = curator("check", "train.jsonl", "test.jsonl")
    assert done.returncode == 1
    found = [line for line in done.stdout.splitlines() if "CUR043" in line]
    assert found == ["test.jsonl:2: CUR043 says the same as line 20 in another of the opened files, train.jsonl"]


def test_epochs_decide_what_is_recited(curator: Run, samples: Path) -> None:
    done = curator("check", "--epochs", "2", samples / "repeats.jsonl")
    assert "CUR039" not in done.stdout


def test_stats_have_records_by_code_and_what_is_said_of_files(curator: Run, samples: Path) -> None:
    found = json.loads(curator("stats", "--json", samples / "repeats.jsonl").stdout)
    assert found["findings"] == {"CUR020": 2, "CUR021": 1, "CUR022": 2, "CUR042": 1}
    assert [f"{one['code']} {one['message']}" for one in found["files"][0]["findings"]] == ON_THE_FILE
    assert f"CUR008           {ON_THE_FILE[0][7:]}" in curator("stats", samples / "repeats.jsonl").stdout.splitlines()


def test_groups_tell_what_only_whole_files_show(curator: Run, samples: Path) -> None:
    done = curator("check", "--group", "repeats.jsonl", cwd=samples)
    assert done.stdout.splitlines() == [
        "2 records: CUR020 system prompt unlike that of nearly all",
        "    repeats.jsonl:19: the system prompt differs from that of 93 % of the records",
        "2 records: CUR022 same prompt, different answers",
        "    repeats.jsonl:7: the same prompt has another answer in line 18",
        "1 record: CUR021 exact duplicate",
        "    repeats.jsonl:16: says the same as line 1",
        "1 record: CUR042 near duplicate",
        "    repeats.jsonl:17: says the same as line 4 but for case, punctuation, digits or spaces",
        *(f"repeats.jsonl: {told}" for told in ON_THE_FILE),
    ]
    assert (done.returncode, done.stderr) == (1, "curator: 31 records, 7 causes.\n")


def test_groups_fail_where_the_target_does_not_take_the_file(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").touch()
    alone = curator("check", "none.jsonl", cwd=tmp_path)
    grouped = curator("check", "--group", "--format", "json", "none.jsonl", cwd=tmp_path)
    assert alone.returncode == grouped.returncode == 1
    assert [
        (one["code"], one["records"], one["example"]["line"]) for one in map(json.loads, grouped.stdout.splitlines())
    ] == [(alone.stdout.split()[1], 0, None)]
