"""curator apply: what is written where, and what is told."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from editing import chat, editing, lines_of

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def path(curator: Run, tmp_path: Path) -> Path:
    """A file with changes in its journal, their patch and what they make of the file."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of(6))
    with editing(path) as at:
        at.rewrite(1, chat("Edited…", "é"))
        at.drop(3)
        at.editor.duplicate(at.record(0))
    done = curator("diff", "data.jsonl", "--patch", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (1, "")
    (tmp_path / "patch").write_text(done.stdout, "utf-8")
    assert curator("export", "data.jsonl", "-o", "wanted.jsonl").returncode == 0
    return path


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


def test_a_patch_gives_what_an_export_gives(curator: Run, path: Path) -> None:
    wanted, before = (path.parent / "wanted.jsonl").read_bytes(), path.read_bytes()
    done = curator("apply", "patch", "data.jsonl", "-o", "out.jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    said = done.stderr.splitlines()
    assert said[0] == "curator: 3 applied, 0 no longer fit." and "3 records differ in data.jsonl.curator" in said[1]
    assert (path.parent / "out.jsonl").read_bytes() == wanted
    assert path.read_bytes() == before
    shown = curator("apply", "patch", "data.jsonl", "-o", "-")
    assert (shown.returncode, shown.stdout.encode()) == (0, wanted)


def test_a_patch_is_readable(path: Path) -> None:
    head, *entries = (json.loads(line) for line in (path.parent / "patch").read_text("utf-8").splitlines())
    assert (head["curator_patch"], head["file"], head["fingerprint"]["bytes"]) == (1, "data.jsonl", len(lines_of(6)))
    assert [one["do"] for one in entries] == ["insert", "replace", "replace"]
    assert "Edited…" in json.loads(entries[1]["lines"][0])["messages"][0]["content"]


def test_twice_is_told_and_changes_nothing(curator: Run, path: Path) -> None:
    wanted = (path.parent / "wanted.jsonl").read_bytes()
    told = "curator: wanted.jsonl: the patch is applied already; nothing was changed.\n"
    done = curator("apply", "patch", "wanted.jsonl", "--in-place")
    assert (done.returncode, done.stderr) == (0, told)
    done = curator("apply", "patch", "wanted.jsonl", "-o", "out.jsonl")
    assert (done.returncode, done.stderr) == (0, told)
    assert (path.parent / "out.jsonl").read_bytes() == (path.parent / "wanted.jsonl").read_bytes() == wanted


def test_what_no_longer_fits_is_told_and_the_rest_applied(curator: Run, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    changed = lines[3].replace(b"Question", b"question")
    (path.parent / "later.jsonl").write_bytes(b"".join([chat("First"), b"\n", *lines[:3], changed, *lines[4:]]))
    done = curator("apply", "patch", "later.jsonl", "-o", "out.jsonl")
    assert done.returncode == 1
    assert done.stderr == (
        "curator: line 4 is not dropped: the line is not there any more, or says something else now.\n"
        "curator: 2 applied, 1 no longer fits.\n"
    )
    made = (path.parent / "out.jsonl").read_bytes()
    assert changed in made
    assert "Edited…" in json.loads(made.splitlines()[3])["messages"][0]["content"]


def test_a_dry_run_writes_nothing(curator: Run, path: Path) -> None:
    before = names(path)
    for more in ((), ("-o", "out.jsonl"), ("--in-place",)):
        done = curator("apply", "patch", "data.jsonl", "--dry-run", *more)
        assert (done.returncode, done.stderr.splitlines()[0]) == (0, "curator: 3 applied, 0 no longer fit.")
    assert names(path) == before


def test_in_place_keeps_mode_and_links(curator: Run, path: Path) -> None:
    copy, link = path.parent / "copy.jsonl", path.parent / "link.jsonl"
    copy.write_bytes(path.read_bytes())
    copy.chmod(0o640)
    link.symlink_to(copy)
    assert curator("apply", "patch", "link.jsonl", "--in-place").returncode == 0
    assert link.is_symlink()
    assert copy.read_bytes() == (path.parent / "wanted.jsonl").read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o640


def test_in_place_leaves_a_file_with_a_journal_alone(curator: Run, path: Path) -> None:
    before = path.read_bytes()
    done = curator("apply", "patch", "data.jsonl", "--in-place")
    assert done.returncode == 2
    assert "has a journal of changes to it as it is (data.jsonl.curator)" in done.stderr
    assert path.read_bytes() == before
    assert curator("apply", "patch", "data.jsonl", "--in-place", "--force").returncode == 0
    assert path.read_bytes() == (path.parent / "wanted.jsonl").read_bytes()


WRITER = "import sys, time; file = open(sys.argv[1], 'ab'); print('open', flush=True); time.sleep(60)"


def test_in_place_leaves_a_file_alone_that_is_being_written(curator: Run, path: Path) -> None:
    copy = path.parent / "copy.jsonl"
    copy.write_bytes(path.read_bytes())
    writer = subprocess.Popen([sys.executable, "-c", WRITER, copy], stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        done = curator("apply", "patch", "copy.jsonl", "--in-place")
    finally:
        writer.kill()
        writer.wait()
    assert done.returncode == 2
    assert "open for writing" in done.stderr
    assert copy.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("patch", "data.jsonl"), 2, "curator: Say where to write: -o OUT, or --in-place"),
        (("patch", "data.jsonl", "-o", "o", "--in-place"), 2, "curator: argument --in-place: not allowed with"),
        (("patch", "data.jsonl", "-o", "data.jsonl"), 2, "curator: data.jsonl: is the file that is read"),
        (("patch", "data.jsonl", "-o", "wanted.jsonl"), 2, "curator: wanted.jsonl: is there already"),
        (("patch", "data.jsonl", "-o", "no/where"), 2, "there is no such folder to write to."),
        (("nothing", "data.jsonl", "-o", "o"), 3, "curator: nothing: cannot be read: No such file"),
        (("data.jsonl", "data.jsonl", "-o", "o"), 3, "curator: data.jsonl: is no patch of curator"),
        (("patch", "nothing", "-o", "o"), 3, "curator: nothing: cannot be opened: No such file"),
    ],
)
def test_what_cannot_be_is_told(curator: Run, path: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    before = names(path)
    done = curator("apply", *arguments)
    assert done.returncode == code
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert names(path) == before


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
sys.argv = ["curator", *sys.argv[1:]]
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from curator.__main__ import main
main()
"""


@pytest.mark.parametrize("arguments", [("apply", "patch", "data.jsonl"), ("export", "data.jsonl")])
def test_a_full_disk_exits_3_and_leaves_nothing(
    path: Path, environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    before = names(path)
    done = subprocess.run(
        [sys.executable, "-c", FULL, *arguments, "-o", "out.jsonl"],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "File too large. What was there is unchanged" in done.stderr
    assert names(path) == before


def test_a_patch_of_nothing_is_not_written(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(lines_of(2))
    with editing(path) as at:
        at.tag("good", 1)
    done = curator("diff", "other.jsonl", "--patch")
    assert (done.returncode, done.stdout) == (0, "")
    assert "there is nothing to write a patch of" in done.stderr


def test_a_patch_of_a_large_file_is_applied_in_a_moment(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_bytes(lines_of(100_000))
    with editing(path) as at:
        at.rewrite(50_000, chat("Edited"))
        at.drop(99_999)
    (tmp_path / "p").write_text(curator("diff", "large.jsonl", "--patch").stdout)
    began = time.monotonic()
    done = curator("apply", "p", "large.jsonl", "-o", "out.jsonl")
    assert done.returncode == 0
    assert time.monotonic() - began < 10
    assert (tmp_path / "out.jsonl").stat().st_size < path.stat().st_size
