"""New files: what is written is what was asked for, proved, and put in place whole or not at all."""

from __future__ import annotations

import gzip
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_128_hexdigest

from curator.errors import UnreadableError, UsageError
from curator.storage.replacing import LONGEST_NAME, NoRoomError, check_room, remove_strays, replacing
from curator.storage.source import Source, opened
from curator.storage.writer import (
    BLOCK_BYTES,
    SMALL_BYTES,
    STRIDE_BYTES,
    Segment,
    Stretch,
    WriteFaultError,
    Written,
    verify,
    write_segments,
)

PROJECT = Path(__file__).resolve().parents[3]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def source_of(folder: Path, content: bytes, name: str = "data.jsonl") -> Source:
    (folder / name).write_bytes(content)
    return Source(folder / name)


def expected(content: bytes, segments: Sequence[Segment]) -> bytes:
    return b"".join(one if isinstance(one, bytes) else content[one.start : one.end] for one in segments)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def saved(source: Source, segments: Sequence[Segment], target: Path) -> Written:
    """Write, prove and put in place, as a save does."""
    with replacing(target, like=None) as replacement:
        written = write_segments(source, segments, replacement.descriptor)
        replacement.settle()
        proof = verify(replacement.descriptor, written.expected, source)
        replacement.commit()
    assert proof.bytes == written.bytes == target.stat().st_size
    assert proof.digest == xxh3_128_hexdigest(target.read_bytes())
    return written


@st.composite
def written_cases(draw: st.DrawFn) -> tuple[bytes, list[Segment]]:
    """A source, some of it large, and segments of it in any order, some that follow on one another."""
    unit = draw(st.binary(min_size=1, max_size=40))
    content = b"{" + unit * draw(st.sampled_from([0, 1, 7, SMALL_BYTES // len(unit), 3 * SMALL_BYTES // len(unit)]))
    segments: list[Segment] = []
    at = 0
    for _ in range(draw(st.integers(0, 12))):
        if draw(st.booleans()):
            segments.append(draw(st.binary(max_size=30)))
        else:
            start = at if draw(st.booleans()) else draw(st.integers(0, len(content)))
            at = draw(st.integers(start, len(content)))
            segments.append(Stretch(start, at))
    return content, segments


@given(case=written_cases())
def test_what_is_written_is_what_the_segments_say(tmp_path: Path, case: tuple[bytes, list[Segment]]) -> None:
    content, segments = case
    source = source_of(tmp_path, content)
    written = saved(source, segments, tmp_path / "out")
    source.close()
    assert (tmp_path / "out").read_bytes() == expected(content, segments)
    assert written.bytes == len(expected(content, segments))


def test_every_real_file_is_copied_byte_for_byte(tmp_path: Path, shared_data: Path) -> None:
    paths = [one for folder in ("broken", "chat", "formats") for one in sorted((shared_data / folder).iterdir())]
    assert len(paths) > 20
    for path in paths:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        source = source_of(tmp_path, content)
        ends = [at + 1 for at, byte in enumerate(content[:50_000]) if byte == 10]
        lines = [Stretch(start, end) for start, end in zip([0, *ends], [*ends, len(content)], strict=True)]
        written = saved(source, lines, tmp_path / "out")
        source.close()
        assert (tmp_path / "out").read_bytes() == content, path
        assert written.bytes == len(content)


def test_edits_in_a_file_of_many_blocks(tmp_path: Path) -> None:
    content = os.urandom(2 * STRIDE_BYTES + 12_345)
    middle = STRIDE_BYTES + 77
    segments: list[Segment] = [b"first\n", Stretch(10, middle), b"x" * (2 * BLOCK_BYTES), Stretch(middle, len(content))]
    source = source_of(tmp_path, b"{" + content[1:])
    saved(source, segments, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == expected(b"{" + content[1:], segments)


def test_a_source_on_another_file_system(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    content = b"{" * (3 * BLOCK_BYTES + 5)
    path = memory / f"curator-test-{os.getpid()}"
    try:
        path.write_bytes(content)
        with opened(path) as source:
            saved(source, [Stretch(0, len(content))], tmp_path / "out")
    finally:
        path.unlink(missing_ok=True)
    assert (tmp_path / "out").read_bytes() == content


def test_a_pipe_can_be_written_to(tmp_path: Path) -> None:
    content = b"{" * (2 * BLOCK_BYTES)
    reading, writing = os.pipe()
    read: list[bytes] = []

    def drain() -> None:
        with os.fdopen(reading, "rb") as file:
            read.append(file.read())

    thread = threading.Thread(target=drain)
    thread.start()
    write_segments(source_of(tmp_path, content), [Stretch(0, len(content)), b"end"], writing)
    os.close(writing)
    thread.join()
    assert read == [content + b"end"]


def test_a_file_can_be_appended_to(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"before")
    content = b"{" * BLOCK_BYTES
    with out.open("ab") as file:
        write_segments(source_of(tmp_path, content), [Stretch(0, len(content))], file.fileno())
    assert out.read_bytes() == b"before" + content


@pytest.mark.parametrize("stretch", [Stretch(0, 5), Stretch(-1, 2), Stretch(3, 1)])
def test_stretches_outside_the_source_are_refused(tmp_path: Path, stretch: Stretch) -> None:
    with (tmp_path / "out").open("wb") as file, pytest.raises(ValueError, match="not within a source of 4 bytes"):
        write_segments(source_of(tmp_path, b"one\n"), [stretch], file.fileno())


@pytest.mark.parametrize("length", [10, 4 * SMALL_BYTES])
def test_a_source_that_became_shorter_stops_the_write(tmp_path: Path, length: int) -> None:
    source = source_of(tmp_path, b"{" * length)
    os.truncate(source.path, length // 2)
    with pytest.raises(UnreadableError, match="became shorter"):
        saved(source, [Stretch(0, length)], tmp_path / "out")
    assert names(tmp_path) == ["data.jsonl"]


@pytest.mark.parametrize("at", [0, 7, SMALL_BYTES + 3, 3 * BLOCK_BYTES + 1])
@pytest.mark.parametrize("fault", ["flipped", "cut", "longer"])
def test_a_wrong_byte_is_found_and_named(tmp_path: Path, at: int, fault: str) -> None:
    content = b"{" * (4 * BLOCK_BYTES)
    source = source_of(tmp_path, content)
    segments: list[Segment] = [b"0123456789", Stretch(10, len(content))]
    with (tmp_path / "right").open("wb") as right:
        expectation = write_segments(source, segments, right.fileno()).expected
    written = bytearray(expected(content, segments))
    if fault == "flipped":
        written[at] ^= 1
    elif fault == "cut":
        del written[at:]
    else:
        written += b"!"
        at = len(content)
    at = at if at >= 10 else 0  # new lines are told by the hash of their block
    (tmp_path / "out").write_bytes(written)
    with (tmp_path / "out").open("rb") as file, pytest.raises(WriteFaultError, match=f"differs from byte {at:,} on"):
        verify(file.fileno(), expectation, source)


def test_a_file_that_cannot_be_read_back_is_told(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, pytest.raises(WriteFaultError, match="read back at byte 0"):
        verify(file.fileno(), [Stretch(0, 1)], source_of(tmp_path, b"{"))


def test_nothing_changes_without_a_commit(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with replacing(tmp_path / "out", like=None) as replacement:
        replacement.file.write(b"new")
        assert len(names(tmp_path)) == 2
        assert replacement.descriptor == replacement.file.fileno()
    assert (tmp_path / "out").read_text() == "mine"
    assert names(tmp_path) == ["out"]
    assert replacement.file.closed


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError, BrokenPipeError])
def test_a_fault_leaves_the_target_as_it_was(tmp_path: Path, fault: type[BaseException]) -> None:
    (tmp_path / "out").write_text("mine")

    def stop() -> None:
        raise fault

    with pytest.raises(fault), replacing(tmp_path / "out", like=None) as replacement:
        replacement.file.write(b"new")
        replacement.commit(stop)
    assert (tmp_path / "out").read_text() == "mine"
    assert names(tmp_path) == ["out"]
    assert not replacement.committed


def test_the_caller_has_the_last_word_before_the_rename(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    seen = []

    def look() -> None:
        seen.append((tmp_path / "out").read_text())
        seen.extend(one.read_text() for one in tmp_path.glob(".out.curator-*.tmp"))

    with replacing(tmp_path / "out", like=None) as replacement:
        replacement.file.write(b"new")
        replacement.commit(look)
    assert seen == ["mine", "new"]
    assert replacement.committed
    assert (tmp_path / "out").read_text() == "new"
    assert replacement.notes == []


def test_links_stay_links(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "real").write_text("old")
    (tmp_path / "link").symlink_to("there/real")
    with replacing(tmp_path / "link", like=tmp_path / "link") as replacement:
        replacement.file.write(b"new")
        replacement.commit()
    assert (tmp_path / "link").readlink() == Path("there/real")
    assert (tmp_path / "there" / "real").read_text() == "new"
    assert names(tmp_path / "there") == ["real"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_the_mode_is_kept_and_nobody_reads_before(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    target.chmod(mode)
    with replacing(target, like=target) as replacement:
        assert stat.S_IMODE(os.fstat(replacement.descriptor).st_mode) == 0o600
        replacement.commit()
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_a_new_file_has_the_mode_of_new_files(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    with replacing(tmp_path / "out", like=None) as replacement:
        replacement.commit()
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_other_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old")
    (tmp_path / "other").hardlink_to(tmp_path / "out")
    with replacing(tmp_path / "out", like=tmp_path / "out") as replacement:
        replacement.commit()
    assert replacement.notes == [f"{tmp_path}/out: the file has other names (hard links), which keep the old content."]
    assert (tmp_path / "other").read_text() == "old"


def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    try:
        os.setxattr(target, "user.origin", b"volunteers")
    except (AttributeError, OSError):
        pytest.skip("there are no extended attributes here")
    with replacing(target, like=target) as replacement:
        replacement.commit()
    assert os.getxattr(target, "user.origin") == b"volunteers"
    assert replacement.notes == []


@AS_ROOT
def test_the_owner_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    os.chown(target, 1234, 2345)
    target.chmod(0o660)
    with replacing(target, like=target) as replacement:
        replacement.commit()
    status = target.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o660)
    assert replacement.notes == []


OF_ANOTHER = """
import os
from pathlib import Path
from curator.storage.replacing import replacing

os.setgroups([])
os.setgid(7777)
os.setuid(7777)
with replacing(Path("out"), like=Path("out")) as replacement:
    replacement.commit()
print("\\n".join(replacement.notes))
"""


@AS_ROOT
def test_an_owner_that_cannot_be_kept_is_told_and_the_group_gains_nothing() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o777)
        target = folder / "out"
        target.write_text("old")
        os.chown(target, 1234, 2345)
        target.chmod(0o664)
        done = run(OF_ANOTHER, folder)
        status = target.stat()
    assert done.stdout.splitlines() == [
        f"{target}: its group could not stay group 2345; you do not belong to it.",
        f"{target}: it is yours now; only root could let its owner stay user 1234.",
    ], done.stderr
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (7777, 7777, 0o644)


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "nowhere/out"])
def test_places_that_cannot_be_replaced(tmp_path: Path, kind: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    before = names(tmp_path)
    with (
        pytest.raises(UsageError, match=r"regular file|nothing can be written there"),
        replacing(tmp_path / kind, like=None),
    ):
        pytest.fail("it was opened")
    assert names(tmp_path) == before


def run(program: str, folder: Path, told: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        input=told,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


WRITING = """
import os, signal, sys
from pathlib import Path
from curator.storage.replacing import replacing

def wait():
    print("ready", flush=True)
    sys.stdin.readline()

with replacing(Path("out"), like=None) as replacement:
    replacement.file.write(b"new")
    replacement.commit(wait)
"""


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that stands between the write and the rename of `out`."""
    (tmp_path / "out").write_text("mine")
    with subprocess.Popen(
        [sys.executable, "-c", WRITING],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.mark.parametrize("target", ["out", "another"])
def test_a_killed_writer_leaves_a_stray_that_the_next_write_removes(
    tmp_path: Path, writing: subprocess.Popen[str], target: str
) -> None:
    assert len(names(tmp_path)) == 2
    assert remove_strays(tmp_path) == []
    writing.kill()
    writing.wait()
    assert (tmp_path / "out").read_text() == "mine"
    assert len(names(tmp_path)) == 2
    with replacing(tmp_path / target, like=None) as replacement:
        replacement.file.write(b"next")
        replacement.commit()
    assert names(tmp_path) == sorted({"out", target})
    assert (tmp_path / target).read_text() == "next"


def test_a_living_writer_is_left_alone(tmp_path: Path, writing: subprocess.Popen[str]) -> None:
    assert remove_strays(tmp_path, "out") == []
    writing.communicate("go\n")
    assert writing.returncode == 0
    assert (tmp_path / "out").read_text() == "new"
    assert names(tmp_path) == ["out"]


def test_an_interrupted_writer_cleans_up(tmp_path: Path, writing: subprocess.Popen[str]) -> None:
    writing.send_signal(signal.SIGINT)
    _, told = writing.communicate()
    assert "KeyboardInterrupt" in told
    assert (tmp_path / "out").read_text() == "mine"
    assert names(tmp_path) == ["out"]


RACING = """
from pathlib import Path
from curator.storage.replacing import replacing

for _ in range(100):
    with replacing(Path("out"), like=None) as replacement:
        replacement.file.write(b"whole" * 100)
        replacement.commit()
"""


def test_writers_at_the_same_time_do_not_take_one_another_for_gone(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    writers = [subprocess.Popen([sys.executable, "-c", RACING], cwd=tmp_path, env=environment) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert (tmp_path / "out").read_bytes() == b"whole" * 100
    assert names(tmp_path) == ["out"]


def test_strays_of_one_target_and_no_other_files(tmp_path: Path) -> None:
    long = "n" * 250
    strays = [tmp_path / f".{name}.curator-{'0' * 16}.tmp" for name in ("a", "b", "c.jsonl")]
    kept = [tmp_path / name for name in (".a.curator-1.tmp", "a.tmp", ".curator-0.tmp", long)]
    for path in (*strays, *kept):
        path.write_text("")
    (tmp_path / f".d.curator-{'0' * 16}.tmp").mkdir()
    (tmp_path / f".e.curator-{'0' * 16}.tmp").symlink_to("a.tmp")
    assert remove_strays(tmp_path, "c.jsonl") == [strays[2]]
    assert sorted(remove_strays(tmp_path)) == strays[:2]
    assert remove_strays(tmp_path / "nowhere") == []
    assert all(path.exists() for path in kept)


def test_a_long_name_has_a_temporary_file_too(tmp_path: Path) -> None:
    target = tmp_path / ("é" * 120)
    assert len(os.fsencode(target.name)) > LONGEST_NAME
    with replacing(target, like=None) as replacement:
        assert remove_strays(tmp_path, target.name) == []
        replacement.commit()
    assert names(tmp_path) == [target.name]


LIMITED = """
import resource, sys
from pathlib import Path
from curator.storage.replacing import replacing
from curator.storage.source import Source
from curator.storage.writer import Stretch, WriteFaultError, write_segments

source = Source(Path("data.jsonl"))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    with replacing(Path("out"), like=None) as replacement:
        if sys.stdin.readline() == "segments\\n":
            write_segments(source, [Stretch(0, source.size)], replacement.descriptor)
        else:
            replacement.file.write(source.read(0, source.size))
        replacement.commit()
except WriteFaultError as error:
    print(error)
"""


@pytest.mark.parametrize("way", ["segments", "file"])
def test_a_file_that_may_not_grow_is_told_and_nothing_is_left(tmp_path: Path, way: str) -> None:
    (tmp_path / "data.jsonl").write_bytes(b"{" * 1_000_000)
    (tmp_path / "out").write_text("mine")
    done = run(LIMITED, tmp_path, f"{way}\n")
    assert done.stdout == (
        f"{tmp_path.resolve()}/out: cannot be written: File too large. What was there is unchanged; "
        "make room, or write to another place.\n"
    ), done.stderr
    assert (tmp_path / "out").read_text() == "mine"
    assert names(tmp_path) == ["data.jsonl", "out"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 4 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@AS_ROOT
def test_a_full_disk_is_foreseen_told_and_survived(tmp_path: Path, small_disk: Path) -> None:
    source = source_of(tmp_path, b"{" * 5_000_000)
    (small_disk / "out").write_text("mine")
    with pytest.raises(NoRoomError, match=r"has room for 4\.2 MB, and 6\.1 MB are needed"):
        check_room(small_disk, source.size)
    check_room(small_disk, source.size, reused=4_000_000)
    with pytest.raises(WriteFaultError, match="No space left on device"):
        saved(source, [Stretch(0, source.size)], small_disk / "out")
    assert names(small_disk) == ["out"]
    saved(source, [Stretch(0, 3_000_000)], small_disk / "out")
    assert (small_disk / "out").stat().st_size == 3_000_000


def test_room_is_not_asked_of_what_is_not_there(tmp_path: Path) -> None:
    check_room(tmp_path, 0)
    check_room(tmp_path / "nowhere", 1 << 60)
    with pytest.raises(NoRoomError):
        check_room(tmp_path, 1 << 60)
