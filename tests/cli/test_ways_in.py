"""Compressed files, folders, pipes: what a shell gives the commands."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.editing import editing

SAMPLE = "tools.jsonl"


@pytest.fixture
def sample(project: Path) -> bytes:
    return (project / "samples" / SAMPLE).read_bytes()


@pytest.fixture
def pipe(command: list[str], environment: dict[str, str], tmp_path: Path) -> Any:
    """Runs the command with something on standard input."""

    def run(data: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        settings = environment | {"CURATOR_CACHE_DIR": str(tmp_path / "cache")}
        done = subprocess.run(
            [*command, *arguments],
            input=data,
            capture_output=True,
            cwd=tmp_path,
            env=settings,
            timeout=120,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr
        left = tmp_path / "cache" / "unpacked"
        assert not left.exists() or not list(left.iterdir()), "nothing of a pipe stays"
        return done

    return run


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "-"),
        ("stats", "-"),
        ("cost", "-"),
        ("export", "-", "-o", "-"),
        ("repair", "-", "-o", "-"),
        ("split", "-", "-o", "-", "--by", "fit"),
        ("shorten", "-"),
        ("history", "-"),
        ("diff", "-"),
        ("grep", "e", "-"),
        ("merge", "-", "-o", "-"),
        ("convert", "-", "--to", "openai-chat", "-o", "-"),
    ],
    ids=lambda one: one[0],
)
def test_every_command_takes_a_pipe(pipe: Any, sample: bytes, packed: bool, arguments: tuple[str, ...]) -> None:
    done = pipe(gzip.compress(sample) if packed else sample, *arguments)
    assert done.returncode == 0, done.stderr
    if "-o" in arguments:
        assert done.stdout == sample


def test_commands_in_a_row(pipe: Any, sample: bytes) -> None:
    repaired = pipe(b"[" + b",".join(sample.splitlines()) + b"]", "repair", "-", "-o", "-")
    assert repaired.returncode == 0
    figures = json.loads(pipe(repaired.stdout, "stats", "-", "--json").stdout)
    assert figures["records"] == len(sample.splitlines()) and figures["malformed"] == 0


@pytest.mark.parametrize(
    "arguments",
    [("export", "<in>", "-o", "-"), ("grep", "e", "<in>", "--lines"), ("check", "<in>")],
    ids=lambda one: one[0],
)
def test_a_reader_that_leaves_ends_it_quietly(
    command: list[str], environment: dict[str, str], tmp_path: Path, sample: bytes, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / "large.jsonl"
    path.write_bytes((sample + b"{}\n" * 9) * 100)
    typed = [str(path) if one == "<in>" else one for one in arguments]
    with subprocess.Popen([*command, *typed], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.read(10)
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait() == 0


def test_damage_is_told_where_too_little_is_left_to_work_on(curator: Any, tmp_path: Path, sample: bytes) -> None:
    (tmp_path / "head.jsonl.gz").write_bytes(gzip.compress(sample)[:10])
    done = curator("shards", "head.jsonl.gz", "-o", "parts", "--records", "3", cwd=tmp_path)
    assert done.returncode == 3
    assert "is empty, so there is nothing to cut. head.jsonl.gz: ends in the middle" in done.stderr
    assert not (tmp_path / "parts").exists()


def test_a_damaged_file_gives_what_there_is_and_exits_with_3(curator: Any, tmp_path: Path, sample: bytes) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(sample)[:-8])
    done = curator("export", path, "-o", "y.jsonl")
    assert done.returncode == 3
    assert "ends in the middle of its gzip data" in done.stderr
    assert (tmp_path / "y.jsonl").read_bytes() == sample


def test_split_packs_what_its_output_is_named_for(curator: Any, tmp_path: Path, sample: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(sample)
    assert curator("split", "x.jsonl", "-o", "y.jsonl.gz", "--by", "fit").returncode == 0
    assert gzip.decompress((tmp_path / "y.jsonl.gz").read_bytes()) == sample


def test_what_is_mended_on_its_way_needs_a_place(pipe: Any, sample: bytes) -> None:
    refused = pipe(sample, "check", "-", "--fix")
    assert refused.returncode == 2 and b"name one with `-o OUT`, or `-o -`" in refused.stderr
    done = pipe(gzip.compress(sample), "check", "-", "--fix", "-o", "-")
    assert (done.returncode, done.stdout) == (0, sample)


def test_the_file_of_the_tags_is_packed_too(curator: Any, tmp_path: Path, sample: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(sample)
    with editing(path) as at:
        at.tag("good", 1)
    assert curator("export", path, "-o", "y.jsonl.gz", "--tags", "file:labels.jsonl.gz").returncode == 0
    assert gzip.decompress((tmp_path / "labels.jsonl.gz").read_bytes()) == b'{"line":2,"tags":["good"]}\n'
    assert gzip.decompress((tmp_path / "y.jsonl.gz").read_bytes()) == sample


def test_a_folder_is_its_files(curator: Any, tmp_path: Path, sample: bytes) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "p-2.jsonl").write_bytes(sample)
    (folder / "p-10.jsonl.gz").write_bytes(gzip.compress(sample))
    figures = json.loads(curator("stats", folder, "--json").stdout)
    assert [Path(one["path"]).name for one in figures["files"]] == ["p-2.jsonl", "p-10.jsonl.gz"]
    (tmp_path / "empty").mkdir()
    done = curator("check", "empty")
    assert done.returncode == 3 and "is a folder without files of records" in done.stderr


def test_cache_lists_and_clears(curator: Any, tmp_path: Path, sample: bytes) -> None:
    cache = {"CURATOR_CACHE_DIR": str(tmp_path / "cache")}
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(sample))
    assert curator("stats", "x.jsonl.gz", env=cache).returncode == 0
    done = curator("cache", env=cache)
    assert str(tmp_path / "x.jsonl.gz") in done.stdout and "in 1 copies" in done.stderr
    assert "in 1 copies removed" in curator("cache", "clear", env=cache).stderr
    assert "in 0 copies" in curator("cache", env=cache).stderr
