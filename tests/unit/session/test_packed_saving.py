"""A compressed file is edited, saved and undone like any other, and keeps its compression."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.edits.opening import Opened
from curator.edits.operations import Drop
from curator.edits.saving import ChangedUnderneathError, plan_save, write_copy
from curator.errors import UsageError
from curator.session import Session
from curator.session.saving import save
from curator.settings import Settings
from curator.storage.packing import PACKINGS, PackedOutput, Packing, Unpacking, packing_of_start

LINES = [b'{"messages": [{"role": "user", "content": "%d"}]}\n' % n for n in range(200)]
CONTENT = b"".join(LINES)


def packed(content: bytes, packing: Packing) -> bytes:
    file = io.BytesIO()
    out = PackedOutput(file, packing)
    out.write(content)
    out.finish()
    return file.getvalue()


def unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    packing = packing_of_start(data[:8])
    return b"".join(Unpacking(io.BytesIO(data), packing, "x").blocks()) if packing else data


def opened(path: Path) -> Session:
    session = Session([path], Settings(cache_dir=str(path.parent / "cache")))
    session.editor.open_journals()
    return session


def drop(session: Session, record: int) -> None:
    change = session.sources[0].edited.begin()
    change.add(Drop(BitMap64([record])))
    session.sources[0].edited.commit("Drop", change)


@pytest.fixture(params=PACKINGS, ids=lambda one: one.name)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    packing: Packing = request.param
    path = tmp_path / f"x.jsonl{packing.suffix}"
    path.write_bytes(packed(CONTENT, packing))
    path.chmod(0o640)
    yield path


def test_saving_in_place_keeps_the_compression_and_all_other_bytes(file: Path) -> None:
    start = file.read_bytes()[:3]
    session = opened(file)
    source = session.sources[0]
    drop(session, 3)
    assert (file.parent / f"{file.name}.curator").exists(), "the journal is the packed file's"
    report = save(session, source, plan_save(source.edited), file.with_name("before"))
    assert report.path == file and report.plan.left_out == 1
    assert file.read_bytes()[:3] == start and file.stat().st_mode & 0o777 == 0o640
    assert unpacked(file) == b"".join(LINES[:3] + LINES[4:])
    assert unpacked(file.with_name("before")) == CONTENT
    session.editor.undo()
    save(session, source, plan_save(source.edited))
    assert unpacked(file) == CONTENT
    session.close()


def test_what_was_done_is_there_again_when_the_copy_is_made_anew(file: Path) -> None:
    session = opened(file)
    drop(session, 3)
    session.close()
    for one in (file.parent / "cache" / "unpacked").iterdir():
        one.unlink()
    session = Session([file], Settings(cache_dir=str(file.parent / "cache")))
    assert session.editor.open_journals()[0][1] is Opened.READY
    assert len(session) == 0 or session.data.indexed
    session.data.sources[0].index.finish()
    assert len(session) == 199
    session.close()


def test_the_name_decides_how_a_copy_is_packed(file: Path) -> None:
    session = opened(file)
    plan = plan_save(session.sources[0].edited)
    for packing in PACKINGS:
        target = file.with_name(f"copy.jsonl{packing.suffix}")
        write_copy(session.sources[0].edited, plan, target)
        assert packing_of_start(target.read_bytes()[:8]) is packing and unpacked(target) == CONTENT
    write_copy(session.sources[0].edited, plan, file.with_name("plain.jsonl"))
    assert file.with_name("plain.jsonl").read_bytes() == CONTENT
    session.close()


def test_a_file_that_was_packed_anew_meanwhile_is_not_replaced(file: Path) -> None:
    session = opened(file)
    source = session.sources[0]
    drop(session, 3)
    plan = plan_save(source.edited)
    file.write_bytes(gzip.compress(b"{}\n"))
    with pytest.raises(ChangedUnderneathError, match="was changed since it was opened"):
        save(session, source, plan)
    assert gzip.decompress(file.read_bytes()) == b"{}\n"
    session.close()


def test_nothing_is_written_of_a_file_that_is_not_all_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(CONTENT))
    session = opened(path)
    session.sources[0].edited.source.whole = False
    with pytest.raises(UsageError, match="still being unpacked"):
        plan_save(session.sources[0].edited)
    session.close()


def test_a_damaged_file_is_saved_under_another_name_only(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(CONTENT)[:-8])
    session = opened(path)
    source = session.sources[0]
    drop(session, 3)
    plan = plan_save(source.edited)
    with pytest.raises(ChangedUnderneathError, match="would lose what comes after"):
        save(session, source, plan)
    write_copy(source.edited, plan, tmp_path / "y.jsonl")
    assert (tmp_path / "y.jsonl").read_bytes() == b"".join(LINES[:3] + LINES[4:])
    session.close()
