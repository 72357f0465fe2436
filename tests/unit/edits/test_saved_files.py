"""Saves of real files: untouched bytes stay, and what must not be replaced is left alone."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from edited_files import MARK, SETTINGS, chat, lines_of, session_on, visible, wait_for_no_growth
from pyroaring import BitMap64

from curator.edits.edited_source import ReadOnlyError
from curator.edits.saving import ChangedUnderneathError, plan_save, save_in_place, write_copy
from curator.errors import CuratorError, UnreadableError
from curator.session import Session
from curator.session.saving import save
from curator.storage.journal import Journal
from curator.storage.journal_faults import JournalError
from curator.storage.live import GrowthWatch
from curator.storage.replacing import NoRoomError
from curator.storage.writer import Stretch

OTHER = chat("Something else")

Open = Callable[..., Session]


@pytest.fixture
def open_session(tmp_path: Path) -> Iterator[Open]:
    """Opens a content as a file."""
    opened: list[Session] = []

    def open_content(content: bytes) -> Session:
        path = tmp_path / "a.jsonl"
        path.write_bytes(content)
        opened.append(Session([path], SETTINGS))
        opened[-1].editor.open_journals()
        opened[-1].sources[0].opened.index.finish()
        return opened[-1]

    yield open_content
    for session in opened:
        session.close()


def real_files(folder: Path) -> Iterator[Path]:
    for kind in ("chat", "formats", "broken"):
        yield from sorted((folder / kind).iterdir())


def test_nothing_changes_in_real_files_but_what_was_edited(shared_data: Path, tmp_path: Path) -> None:
    """Through the segment writer always: a save of all as it is, and one with one record changed."""
    paths = list(real_files(shared_data))
    assert len(paths) > 30
    saved = 0
    for original in paths:
        content = original.read_bytes()
        content = gzip.decompress(content) if original.suffix == ".gz" else content
        path = tmp_path / f"{original.name}.copy"
        path.write_bytes(content)
        try:
            session = Session([path], SETTINGS)
        except UnreadableError:
            continue
        session.close()
        _saves_are_exact(path, content)
        saved += 1
    assert saved > 30


def _saves_are_exact(path: Path, content: bytes) -> None:
    with session_on(path) as session:
        (source,) = session.sources
        plan = plan_save(source.edited)
        assert plan.same
        assert not (plan.changed or plan.added or plan.left_out)
        copy = path.with_name("copy")
        assert write_copy(source.edited, plan, copy).proof.bytes == len(content)
        assert copy.read_bytes() == content
        save(session, source, plan)
        assert path.read_bytes() == content
        for position in {0, len(session) // 2, len(session) - 1} if len(session) else ():
            record = session.record(position)
            start, end = source.edited.content.span(position)
            session.editor.rewrite(record, OTHER, "rewrite")
            plan = plan_save(source.edited)
            assert plan.changed == 1
            save(session, source, plan)
            assert path.read_bytes() == content[:start] + OTHER + record.line_end + content[end:]
            session.editor.undo()
            save(session, source, plan_save(source.edited))
            assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"\n", MARK, MARK + b"\n", b"a", b"\n\n\r\n", MARK + b"{}\r\n\r\n{"])
def test_a_plan_without_changes_is_the_same_file(open_session: Open, content: bytes) -> None:
    session = open_session(content)
    (source,) = session.sources
    assert plan_save(source.edited).same
    if len(session):
        session.editor.tag({source: BitMap64([0])}, "good", "tag")
        assert plan_save(source.edited).same
        session.editor.drop({source: BitMap64([0])}, "drop")
        assert not plan_save(source.edited).same
        session.editor.undo()
        assert plan_save(source.edited).same


def test_a_file_of_which_all_is_dropped_is_empty_and_comes_back(open_session: Open) -> None:
    content = MARK + lines_of(2)
    session = open_session(content)
    (source,) = session.sources
    session.editor.drop({source: BitMap64([0, 1])}, "drop")
    save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes() == b""
    assert len(session) == 0
    session.editor.undo()
    save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes() == lines_of(2)


def test_stretches_are_as_long_as_can_be(open_session: Open) -> None:
    session = open_session(lines_of(500))
    (source,) = session.sources
    session.editor.rewrite(session.record(300), OTHER, "rewrite")
    parts = plan_save(source.edited).segments
    assert [type(part) for part in parts] == [Stretch, bytes, Stretch]
    session.editor.move(100, 1)
    assert len(list(plan_save(source.edited).segments)) < 10


def test_what_a_plan_counts(open_session: Open) -> None:
    session = open_session(lines_of(10))
    (source,) = session.sources
    session.editor.rewrite(session.record(1), OTHER, "rewrite")
    session.editor.duplicate(session.record(2))
    session.editor.drop({source: BitMap64([5, 6])}, "drop")
    session.editor.move(0, 1)
    session.editor.replace_each([([session.record(8)], [(OTHER, None), (OTHER, None)])], "split")
    assert [source.edited.content.line_number(one) for one in (1, 9)] == [None, 9]
    plan = plan_save(source.edited)
    assert (plan.changed, plan.added, plan.left_out, plan.identical) == (1, 3, 3, 6)
    gone = [line for line in lines_of(10).splitlines(keepends=True) if b"1?" in line or b"5?" in line or b"6?" in line]
    assert len(gone) == 3
    assert plan.undo_bytes == sum(map(len, gone)) + len(lines_of(10).splitlines(keepends=True)[9])
    save(session, source, plan)
    plan = plan_save(source.edited)
    assert plan.same
    assert (plan.changed, plan.added, plan.left_out, plan.identical, plan.undo_bytes) == (0, 0, 0, 10, 0)


def test_saves_follow_on_one_another(open_session: Open) -> None:
    """What the program writes itself is no growth that would make it wait."""
    session = open_session(lines_of(3))
    (source,) = session.sources
    for _ in range(3):
        session.editor.duplicate(session.record(0))
        save(session, source, plan_save(source.edited))
    assert len(visible(session)) == 6


def test_a_symbolic_link_and_the_mode_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    real.write_bytes(lines_of(3))
    real.chmod(0o640)
    link.symlink_to(real)
    with session_on(link) as session:
        (source,) = session.sources
        session.editor.rewrite(session.record(0), OTHER, "rewrite")
        save(session, source, plan_save(source.edited), backup=tmp_path / "backup.jsonl")
    assert link.is_symlink()
    assert real.read_bytes().startswith(OTHER)
    assert real.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "real.jsonl.curator").exists()
    assert (tmp_path / "real.jsonl.curator").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "backup.jsonl").read_bytes() == lines_of(3)
    assert not list(tmp_path.glob(".*"))


# What is refused


def _touched(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _replaced(path: Path) -> None:
    path.with_name("new").write_bytes(path.read_bytes())
    path.with_name("new").replace(path)


def _shortened(path: Path) -> None:
    os.truncate(path, 20)


def _grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(lines_of(1))


def _removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [_touched, _replaced, _shortened, _grown, _removed])
def test_a_file_that_changed_underneath_is_not_replaced(open_session: Open, change: Callable[[Path], None]) -> None:
    session = open_session(lines_of(3))
    (source,) = session.sources
    session.editor.rewrite(session.record(0), OTHER, "rewrite")
    plan = plan_save(source.edited)
    path = source.opened.path
    change(path)
    found = path.read_bytes() if path.exists() else None
    wait_for_no_growth(source)
    with pytest.raises(ChangedUnderneathError, match=r"a\.jsonl"):
        save(session, source, plan)
    assert (path.read_bytes() if path.exists() else None) == found
    assert source.edited.journal
    assert source.edited.journal.intent is None
    assert session.record(0).body == OTHER


def test_a_file_that_changes_while_it_is_written_is_not_replaced(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(lines_of(3))
    (source,) = session.sources
    session.editor.rewrite(session.record(0), OTHER, "rewrite")
    reasons = iter(["", "a.jsonl: something writes to it."])
    monkeypatch.setattr("curator.edits.saving.why_not", lambda *_: next(reasons))
    with pytest.raises(ChangedUnderneathError):
        save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes() == lines_of(3)
    assert not list(source.opened.path.parent.glob(".*"))
    assert source.edited.journal
    assert source.edited.journal.intent is None


def test_a_file_that_another_process_writes_to_is_not_replaced(open_session: Open) -> None:
    session = open_session(lines_of(3))
    (source,) = session.sources
    session.editor.rewrite(session.record(0), OTHER, "rewrite")
    script = "import sys; file = open(sys.argv[1], 'ab'); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(source.opened.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout
        program.stdout.readline()
        with pytest.raises(ChangedUnderneathError, match="open for writing"):
            save(session, source, plan_save(source.edited))
        program.communicate()
    save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes().startswith(OTHER)


def test_growth_that_is_seen_puts_a_save_off(open_session: Open) -> None:
    session = open_session(lines_of(3))
    (source,) = session.sources
    session.editor.rewrite(session.record(0), OTHER, "rewrite")
    _grown(source.opened.path)
    assert source.grow(session.limit)
    with pytest.raises(ChangedUnderneathError, match="within the last minute"):
        save(session, source, plan_save(source.edited))
    wait_for_no_growth(source)
    save(session, source, plan_save(source.edited))
    assert len(visible(session)) == 4


@pytest.mark.parametrize("copy", [False, True])
def test_a_plan_made_before_the_file_grew_does_not_leave_out_what_was_appended(
    open_session: Open, tmp_path: Path, copy: bool
) -> None:
    """The growth is long over, and taken in: nothing but the plan tells that it is not in it."""
    session = open_session(lines_of(3))
    source = session.sources[0]
    session.editor.rewrite(session.record(0), OTHER, "rewrite #1")
    plan = plan_save(source.edited)
    with source.opened.path.open("ab") as file:
        file.write(OTHER + b"\n")
    long_ago = source.opened.path.stat().st_mtime_ns - 3600 * 10**9
    os.utime(source.opened.path, ns=(long_ago, long_ago))
    assert source.grow(session.limit)
    source.growth = GrowthWatch(source.opened.path)
    before = source.opened.path.read_bytes()
    with pytest.raises(ChangedUnderneathError, match="Save again"):
        if copy:
            write_copy(source.edited, plan, tmp_path / "copy.jsonl")
        else:
            save(session, source, plan)
    assert source.opened.path.read_bytes() == before
    assert not (tmp_path / "copy.jsonl").exists()
    source.opened.index.finish()
    save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes().splitlines()[-1] == OTHER


def test_a_plan_made_before_an_edit_is_not_carried_out(open_session: Open) -> None:
    session = open_session(lines_of(3))
    source = session.sources[0]
    session.editor.rewrite(session.record(0), OTHER, "rewrite #1")
    plan = plan_save(source.edited)
    session.editor.drop({source: BitMap64([2])}, "drop #3")
    with pytest.raises(ChangedUnderneathError, match="Save again"):
        save(session, source, plan)
    assert source.opened.path.read_bytes() == lines_of(3)


def test_what_is_opened_for_reading_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines_of(3))
    with session_on(path) as session:
        session.editor.rewrite(session.record(0), OTHER, "rewrite")
    session = Session([path], SETTINGS)
    (source,) = session.sources
    session.editor.open_journals(read_only=True)
    source.opened.index.finish()
    assert session.record(0).body == OTHER
    with pytest.raises(ReadOnlyError, match="for reading only"):
        session.editor.undo()
    plan = plan_save(source.edited)
    with pytest.raises(ChangedUnderneathError, match="for reading only"):
        save_in_place(source.edited, plan, source.growth)
    write_copy(source.edited, plan, tmp_path / "copy.jsonl")
    assert (tmp_path / "copy.jsonl").read_bytes().startswith(OTHER)
    session.close()


def test_without_room_nothing_is_begun(open_session: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(lines_of(3))
    (source,) = session.sources
    session.editor.rewrite(session.record(0), OTHER, "rewrite")

    def no_room(folder: Path, *_: object) -> None:
        raise NoRoomError(f"{folder}: has no room.")

    monkeypatch.setattr("curator.edits.saving.check_room", no_room)
    with pytest.raises(NoRoomError):
        save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes() == lines_of(3)
    assert session.record(0).body == OTHER


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_leaves_file_and_journal_as_they_were(tiny_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_disk / "a.jsonl"
    content = lines_of(16_000)
    path.write_bytes(content)
    assert len(content) > 1_500_000
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.rewrite(session.record(0), OTHER, "rewrite")
        (tiny_disk / "ballast").write_bytes(bytes(1_200_000))
        plan = plan_save(source.edited)
        with pytest.raises(NoRoomError):
            save(session, source, plan)
        monkeypatch.setattr("curator.edits.saving.check_room", lambda *_: None)
        with pytest.raises(CuratorError, match="No space left"):
            save(session, source, plan)
        assert path.read_bytes() == content
        assert not list(tiny_disk.glob(".*"))
        assert session.record(0).body == OTHER
        (tiny_disk / "ballast").unlink()
        save(session, source, plan)
        assert path.read_bytes().startswith(OTHER)


def test_a_journal_that_fails_keeps_the_file_as_it_was(open_session: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(lines_of(3))
    (source,) = session.sources
    session.editor.rewrite(session.record(0), OTHER, "rewrite")

    def fail(*_: object, **__: object) -> None:
        raise JournalError("The journal cannot be written.")

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "begin_save", fail)
        with pytest.raises(JournalError):
            save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes() == lines_of(3)
    assert not list(source.opened.path.parent.glob(".*"))
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", fail)
        with pytest.raises(JournalError):
            session.editor.rewrite(session.record(1), OTHER, "rewrite")
    assert [line == OTHER + b"\n" for line in visible(session)] == [True, False, False]
    save(session, source, plan_save(source.edited))
    assert source.opened.path.read_bytes().startswith(OTHER)


def test_segments_of_a_file_are_in_its_order(open_session: Open) -> None:
    session = open_session(lines_of(20))
    (source,) = session.sources
    session.editor.drop({source: BitMap64([3, 4, 9])}, "drop")
    stretches = [part for part in plan_save(source.edited).segments if isinstance(part, Stretch)]
    assert all(one.end <= other.start for one, other in pairwise(stretches))
