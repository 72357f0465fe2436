"""Files that something still writes to: seen in real processes, and told from files that are merely new."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curator.storage.live import GrowthWatch, lease_refused, other_writers, why_live
from curator.storage.source import opened

HOLD = """
import sys
file = open(sys.argv[1], sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
"""
Hold = Callable[[str], "subprocess.Popen[str]"]
WITH_PROC = pytest.mark.skipif(not Path("/proc/self/fdinfo").is_dir(), reason="needs /proc")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_text("{}\n")
    return path


@pytest.fixture
def hold(path: Path) -> Iterator[Hold]:
    """Starts a process that has the file open."""
    started: list[subprocess.Popen[str]] = []

    def start(mode: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def leases_work(path: Path) -> bool:
    return lease_refused(path) is not None


@WITH_PROC
@pytest.mark.parametrize("mode", ["a", "r+"])
def test_a_process_that_writes_is_found_and_named(path: Path, hold: Hold, mode: str) -> None:
    process = hold(mode)
    (writer,) = other_writers(path)
    assert writer.pid == process.pid
    assert writer.command.startswith(f"{sys.executable} -c"[:57])
    assert len(writer.command) <= 60
    told = why_live(path, GrowthWatch(path))
    assert told.startswith(f"{path}: is open for writing in {writer.command} (process {process.pid}), whose next lines")
    assert told.endswith("Save under another name, or save when it is done.")
    process.communicate("done\n")
    assert other_writers(path) == []
    assert why_live(path, GrowthWatch(path)) == ""


@WITH_PROC
def test_a_writer_is_found_under_any_name_of_the_file(path: Path, hold: Hold, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path.name)
    (tmp_path / "other").hardlink_to(path)
    hold("a")
    assert len(other_writers(tmp_path / "link")) == len(other_writers(tmp_path / "other")) == 1


def test_readers_do_not_count(path: Path, hold: Hold) -> None:
    hold("r")
    with opened(path):
        assert other_writers(path) == []
        assert why_live(path, GrowthWatch(path)) == ""


def test_the_lease_tells_of_writers_that_cannot_be_seen(path: Path) -> None:
    if not leases_work(path):
        pytest.skip("there are no leases here")
    with opened(path):
        assert lease_refused(path) is False
    with path.open("a"):
        assert lease_refused(path) is True
        assert other_writers(path) == []
        assert "another program has it open for writing" in why_live(path, GrowthWatch(path))
    assert lease_refused(path) is False


ASKING = """
import sys
from pathlib import Path
from curator.storage.live import lease_refused

print("ready", flush=True)
for _ in range(10_000):
    lease_refused(Path(sys.argv[1]))
"""


def test_writers_that_come_while_the_lease_is_held_do_no_harm(path: Path, project: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(project)}
    command = [sys.executable, "-c", ASKING, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as asking:
        assert asking.stdout
        asking.stdout.readline()
        while asking.poll() is None:
            with path.open("a"):
                pass
    assert asking.returncode == 0


def test_what_is_not_there_is_not_live(tmp_path: Path) -> None:
    assert lease_refused(tmp_path / "nowhere") is None
    assert other_writers(tmp_path / "nowhere") == []
    assert why_live(tmp_path / "nowhere", GrowthWatch(tmp_path / "nowhere")) == ""


def test_a_file_written_a_moment_ago_is_not_growing(path: Path) -> None:
    watch = GrowthWatch(path)
    assert not watch.grew_within(60)
    path.touch()
    path.write_text("{}\n")
    assert not watch.grew_within(60)


def test_growth_is_seen_until_it_is_some_time_ago(path: Path) -> None:
    watch = GrowthWatch(path)
    with path.open("a") as file:
        file.write("{}\n")
    assert watch.grew_within(60)
    assert "grew within the last minute" in why_live(path, watch)
    time.sleep(0.1)
    assert watch.grew_within(60)
    assert not watch.grew_within(0.05)


def test_growth_long_before_it_was_looked_at_is_over(path: Path) -> None:
    watch = GrowthWatch(path)
    started = time.time()
    time.sleep(0.3)
    path.write_text("{}\n{}\n")
    os.utime(path, (started, started + 0.05))
    watch.look()
    assert not watch.grew_within(0.2)
    assert watch.grew_within(60)


def test_times_of_modification_that_cannot_be_are_not_believed(path: Path) -> None:
    watch = GrowthWatch(path)
    path.write_text("{}\n{}\n")
    os.utime(path, (1, 1))
    assert watch.grew_within(60)
    path.write_text("{}\n{}\n{}\n")
    os.utime(path, (1, time.time() + 9999))
    watch.look()
    time.sleep(0.05)
    assert not watch.grew_within(0.01)


def test_a_file_that_shrinks_or_goes_does_not_grow(path: Path) -> None:
    watch = GrowthWatch(path)
    path.write_text("{")
    assert not watch.grew_within(60)
    path.unlink()
    assert not watch.grew_within(60)
