"""Unpacked copies: made once, found again, never taken for whole when they are not."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curator.errors import UnreadableError, UnwritableError
from curator.storage.copies import Copies
from curator.storage.line_index import LineIndex
from curator.storage.opening_sources import Access, CacheRules, open_source
from curator.storage.replacing import NoRoomError
from curator.storage.source import Source
from curator.storage.unpacked import Making

CONTENT = b"".join(b'{"n": %d}\n' % n for n in range(50_000))


@pytest.fixture
def rules(tmp_path: Path) -> CacheRules:
    return CacheRules(tmp_path / "cache", 10**9, 30)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(CONTENT))
    return path


def whole(path: Path, rules: CacheRules) -> Source:
    return open_source(path, Access(rules, lambda making: making.wait(seconds=20)))


def test_a_copy_is_read_by_the_name_of_its_file(packed: Path, rules: CacheRules) -> None:
    source = whole(packed, rules)
    assert source.path == packed and source.place.parent == rules.folder
    assert source.whole and source.read(0, len(CONTENT) + 1) == CONTENT
    assert rules.folder.stat().st_mode & 0o777 == 0o700 and source.place.stat().st_mode & 0o777 == 0o600
    source.close()


def test_it_is_found_again_as_long_as_the_file_is_the_same(packed: Path, rules: CacheRules) -> None:
    first = whole(packed, rules)
    first.close()
    again = whole(packed, rules)
    assert again.place == first.place
    again.close()
    packed.write_bytes(gzip.compress(CONTENT[::-1]))
    other = whole(packed, rules)
    assert other.place != first.place and other.read(0, 10) == CONTENT[::-1][:10]
    other.close()


def test_it_grows_by_whole_lines_while_it_is_made(tmp_path: Path, rules: CacheRules) -> None:
    path = tmp_path / "y.gz"
    path.write_bytes(gzip.compress(CONTENT * 20, 1))
    source = open_source(path, Access(rules, lambda making: making.wait(1)))
    index = LineIndex(source)
    while not source.whole:
        assert source.size == 0 or source.read(source.size - 1, 1) == b"\n"
        source.grow()
        index.finish()
    index.finish()
    assert source.size == len(CONTENT) * 20 and len(index) == 50_000 * 20
    assert not source.grow()
    source.close()


def test_a_damaged_file_is_readable_up_to_there_and_told_once(packed: Path, rules: CacheRules) -> None:
    packed.write_bytes(packed.read_bytes()[:-2000])
    source = whole(packed, rules)
    assert source.fault.startswith(f"{packed}: ends in the middle of its gzip data")
    assert 0 < source.size < len(CONTENT) and source.read(0, source.size) == CONTENT[: source.size]
    assert "under another name" in source.why_not_replace()
    with pytest.raises(UnreadableError, match="in the middle"):
        source.grow()
    assert not source.grow()
    source.close()
    assert list(rules.folder.iterdir()) == [], "what is not whole does not stay"


def test_a_copy_whose_making_was_killed_is_never_taken_for_the_file(
    packed: Path, rules: CacheRules, project: Path
) -> None:
    program = """
import sys, time
from pathlib import Path
from curator.storage import unpacked
from curator.storage.copies import Copies
from curator.storage.opening_sources import CacheRules
def slow(descriptor, block, write=unpacked._write):
    write(descriptor, block[:1000]); print("writing", flush=True); time.sleep(60)
unpacked._write = slow
unpacked.Making.of(Path(sys.argv[1]), Copies(CacheRules(Path(sys.argv[2]), 10**9, 30))).wait()
"""
    environment = os.environ | {"PYTHONPATH": str(project)}
    with subprocess.Popen(
        [sys.executable, "-c", program, packed, rules.folder], env=environment, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == b"writing\n"
        half = next(rules.folder.glob("*.lines"))
        Copies(rules).tidy()
        assert half.exists(), "somebody writes it"
        child.send_signal(signal.SIGKILL)
    assert half.stat().st_size == 1000
    source = whole(packed, rules)
    assert source.read(0, len(CONTENT) + 1) == CONTENT
    assert not half.exists(), "it was cleared away"
    source.close()


def test_no_room_is_told_before_anything_is_written(
    packed: Path, rules: CacheRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.statvfs_result((4096, 4096, 1000, 10, 10, 10, 10, 10, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    with pytest.raises(NoRoomError, match="CURATOR_CACHE_DIR"):
        whole(packed, rules)
    assert list(rules.folder.iterdir()) == []


def test_no_room_while_unpacking_leaves_what_is_there(
    tmp_path: Path, rules: CacheRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bz2

    path = tmp_path / "y.bz2"
    path.write_bytes(bz2.compress(CONTENT * 4))
    roomy = os.statvfs_result((4096, 4096, 10**6, 10**6, 10**6, 10, 10, 10, 0, 255))
    full = os.statvfs_result((4096, 4096, 10**6, 10, 10, 10, 10, 10, 0, 255))
    answers = iter([roomy])
    monkeypatch.setattr("curator.storage.unpacked.ROOM_BYTES", 1 << 20)
    monkeypatch.setattr(os, "statvfs", lambda _: next(answers, full))
    source = whole(path, rules)
    assert "was unpacked as far as byte" in source.fault and 0 < source.size < len(CONTENT) * 4
    source.close()


def test_a_file_that_changes_while_it_is_unpacked_is_told(packed: Path, rules: CacheRules) -> None:
    making = Making.of(packed, Copies(rules))
    os.utime(packed, (1, 1))
    making.wait(seconds=20)
    if making.fault:  # else it was unpacked before its time was changed
        assert "was changed since it was opened" in making.fault
    making.stop()


def test_old_copies_go_and_those_in_use_stay(tmp_path: Path, rules: CacheRules) -> None:
    sources = []
    for number in range(3):
        path = tmp_path / f"{number}.gz"
        path.write_bytes(gzip.compress(CONTENT))
        sources.append(whole(path, rules))
    copies = Copies(CacheRules(rules.folder, len(CONTENT), 30))
    for number, one in enumerate(copies.all()):
        os.utime(one.note, (time.time() - number, time.time() - number))
    copies.tidy()
    assert len(list(copies.all())) == 3, "all are in use"
    for source in sources:
        source.close()
    copies.tidy()
    assert len(list(copies.all())) == 1
    gone, used = copies.clear()
    assert (len(gone), len(used)) == (1, 0) and list(rules.folder.iterdir()) == []


def test_copies_go_by_age(tmp_path: Path, packed: Path, rules: CacheRules) -> None:
    other = tmp_path / "other.gz"
    other.write_bytes(gzip.compress(b"{}\n"))
    whole(packed, rules).close()
    old = next(Copies(rules).all())
    os.utime(old.note, (1, 1))
    whole(other, rules).close()
    Copies(rules).tidy()
    assert [one.packed.name for one in Copies(rules).all()] == ["other.gz"]


def test_a_folder_that_cannot_be_made_is_told(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError, match=r"no unpacked copy of .* CURATOR_CACHE_DIR names another folder"):
        whole(packed, CacheRules(tmp_path / "file" / "cache", 10**9, 30))
