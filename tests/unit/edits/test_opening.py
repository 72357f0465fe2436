"""Opening again: the same file, a longer one, another one, and one that somebody else is changing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from edited_files import SETTINGS, chat, lines_of, session_on, visible
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.edits.carrying import LINE_GONE, CarryPlan, carry, plan_carrying
from curator.edits.edited_source import ReadOnlyError
from curator.edits.labels import Verdict
from curator.edits.opening import Opened
from curator.edits.saving import plan_save
from curator.errors import UsageError
from curator.records.find_replace import Replacement, Search
from curator.session import Place, Session
from curator.session.drafts import Draft
from curator.session.saving import save
from curator.storage.journal import Journal

OTHER = chat("Something else")

HOLDING = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from edited_files import SETTINGS
from curator.session import Session
session = Session([Path(sys.argv[1])], SETTINGS)
session.editor.open_journals()
session.sources[0].opened.index.finish()
session.editor.duplicate(session.record(0))
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines_of(4))
    return path


def edit(path: Path) -> None:
    """Change the third of four records."""
    with session_on(path) as session:
        session.editor.rewrite(session.record(2), OTHER, "rewrite #3")


def opened(path: Path) -> Opened:
    """What comes of opening a file; it is left again."""
    session = Session([path], SETTINGS)
    try:
        ((_, outcome),) = session.editor.open_journals()
    finally:
        session.close()
    return outcome


# Others


def test_what_a_living_program_holds_is_read_only(path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(path), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout
        program.stdout.readline()
        session = Session([path], SETTINGS)
        (source,) = session.sources
        assert session.editor.open_journals() == [(source, Opened.HELD)]
        source.opened.index.finish()
        assert len(session) == 5
        assert f"(process {program.pid}); it is opened for reading only." in source.edited.read_only
        with pytest.raises(ReadOnlyError, match="is being changed by"):
            session.editor.duplicate(session.record(0))
        session.close()
        program.kill()
        program.wait()
    assert opened(path) is Opened.READY


def test_what_is_held_can_be_taken(path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(path), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout
        program.stdout.readline()
        session = Session([path], SETTINGS)
        (source,) = session.sources
        assert session.editor.open_journal(source, force=True) is Opened.READY
        source.opened.index.finish()
        session.editor.duplicate(session.record(0))
        assert len(session) == 6
        session.close()
        program.communicate()


def test_looking_makes_no_journal(path: Path) -> None:
    with session_on(path) as session:
        assert visible(session) == lines_of(4).splitlines(keepends=True)
    assert [one.name for one in path.parent.iterdir()] == ["a.jsonl"]


# The same file, or more of it


def test_a_file_that_is_only_touched_is_the_same(path: Path) -> None:
    edit(path)
    os.utime(path, ns=(1, 1))
    assert opened(path) is Opened.READY
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    with session_on(path) as session:
        assert session.record(2).body == OTHER


def test_a_file_that_grew_is_the_same_and_more(path: Path) -> None:
    edit(path)
    with path.open("ab") as file:
        file.write(OTHER + b"\n")
    with session_on(path) as session:
        assert [line == OTHER + b"\n" for line in visible(session)] == [False, False, True, False, True]
        assert not session.sources[0].edited.read_only


@pytest.mark.parametrize(("more", "outcome"), [(b"\n{}\n", Opened.READY), (b"}\n", Opened.CHANGED)])
def test_an_edited_last_line_without_end_may_be_ended_but_not_go_on(path: Path, more: bytes, outcome: Opened) -> None:
    path.write_bytes(lines_of(2) + chat("Last"))
    edit(path)
    with path.open("ab") as file:
        file.write(more)
    assert opened(path) is outcome


# A file that was changed


def without_first(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def turned_round(lines: list[bytes]) -> list[bytes]:
    return lines[::-1]


def with_more_before(lines: list[bytes]) -> list[bytes]:
    return [b"{}\n", b"\n", *lines]


def changed(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def carried(path: Path) -> CarryPlan:
    """Carry over what was done to a file."""
    session = Session([path], SETTINGS)
    (source,) = session.sources
    assert session.editor.open_journals() == [(source, Opened.CHANGED)]
    with pytest.raises(ReadOnlyError, match="changed by something else"):
        session.editor.insert(source, OTHER, None)
    journal = source.edited.journal
    assert journal
    plan = plan_carrying(source.edited, journal)
    carry(source.edited, journal, plan)
    session.data.close()
    return plan


@pytest.mark.parametrize("change", [without_first, turned_round, with_more_before])
def test_edits_follow_their_lines(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    before = path.read_bytes().splitlines(keepends=True)
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.rewrite(session.record(2), OTHER, "rewrite")
        session.editor.tag({source: BitMap64([1, 2])}, "good", "tag")
        session.editor.review({source: BitMap64([3])}, Verdict.REJECTED, "reject")
        session.editor.note({source: BitMap64([1])}, "a note", "note")
        session.editor.tag_message(session.record(3), 1, "odd", "tag message")
        session.editor.sweep({source: BitMap64([1, 3])}, Replacement(Search("Question"), "Why"), "replace")
    changed(path, change)
    assert not carried(path).left
    with session_on(path) as session:
        places = {line: place for place, line in enumerate(path.read_bytes().splitlines(keepends=True))}
        assert session.record(places[before[2]]).body == OTHER
        for record, tags, verdict, note in ((1, ("good",), None, "a note"), (3, (), Verdict.REJECTED, "")):
            standing = session.standing(places[before[record]])
            assert (standing.tags, standing.verdict, standing.note) == (tags, verdict, note)
            assert session.line(places[before[record]]) == before[record].replace(b"Question", b"Why")
        assert session.standing(places[before[3]]).message_tags == {1: frozenset({"odd"})}
        for _ in range(6):
            assert session.editor.undo()
        assert b"".join(visible(session)) == path.read_bytes()


def test_what_stands_behind_a_line_follows_it(path: Path) -> None:
    with session_on(path) as session:
        session.editor.duplicate(session.record(0))
        session.editor.insert(session.sources[0], OTHER, session.record(2))
        session.editor.replace_each([([session.record(5)], [(chat("one"), None), (chat("two"), None)])], "split")
        session.editor.move(0, -1)
        session.editor.move(1, 1)
        expected = visible(session)
    changed(path, with_more_before)
    assert not carried(path).left
    with session_on(path) as session:
        assert visible(session)[2:] == expected


def test_what_was_done_to_lines_that_are_gone_is_kept_with_its_texts(path: Path) -> None:
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.rewrite(session.record(0), OTHER, "rewrite #1")
        session.editor.tag({source: BitMap64([0, 1])}, "good", "tag two")
        session.editor.rewrite(session.record(2), OTHER, "rewrite #3")
        session.editor.drop({source: BitMap64([0])}, "drop #1")
    changed(path, without_first)
    plan = carried(path)
    assert [(batch.title, reason) for batch, reason in plan.left] == [
        ("rewrite #1", LINE_GONE),
        ("tag two", LINE_GONE),
        ("drop #1", LINE_GONE),
    ]
    with session_on(path) as session:
        journal = session.sources[0].edited.journal
        assert journal
        kept = list(journal.unapplied())
        assert [one.title for one in kept] == ["rewrite #1", "tag two", "drop #1"]
        assert OTHER.decode() + "\n" in orjson.loads(kept[0].payload)["texts"].values()
        assert session.standing(0).tags == ("good",)
        assert session.record(1).body == OTHER
        assert [session.standing(place).tags for place in (1, 2)] == [(), ()]


def test_equal_lines_keep_their_number_of_edits(path: Path) -> None:
    path.write_bytes(b"{}\n" * 4)
    with session_on(path) as session:
        session.editor.rewrite(session.record(1), OTHER, "rewrite")
        session.editor.tag({session.sources[0]: BitMap64([3])}, "good", "tag")
    changed(path, lambda lines: [b"[]\n", *lines])
    assert not carried(path).left
    with session_on(path) as session:
        assert visible(session).count(OTHER + b"\n") == 1
        assert [session.standing(place).tags for place in range(5)].count(("good",)) == 1


def test_what_was_saved_is_carried_as_it_is_now(path: Path) -> None:
    """Labels from before the save, and edits from after it of records that no line was read for at first."""
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.tag({source: BitMap64([0, 3])}, "good", "tag")
        session.editor.duplicate(session.record(0))
        session.editor.rewrite(session.record(1), chat("The duplicate"), "rewrite")
        session.editor.tag({source: BitMap64([session.record(1).place.id])}, "copy", "tag")
        save(session, source, plan_save(source.edited))
        session.editor.rewrite(session.record(1), OTHER, "rewrite")
        session.editor.duplicate(session.record(1))
        session.editor.tag({source: BitMap64([2])}, "later", "tag")
        expected = visible(session)
        standings = [session.standing(place).tags for place in range(len(session))]
    assert standings == [("good",), ("copy", "good"), ("copy", "good"), (), ("later",), ("good",)]
    changed(path, with_more_before)
    assert not carried(path).left
    with session_on(path) as session:
        assert visible(session)[2:] == expected
        assert [session.standing(place).tags for place in range(2, len(session))] == standings


def test_the_new_journal_is_as_open_to_others_as_the_old_one(path: Path) -> None:
    path.chmod(0o640)
    edit(path)
    changed(path, without_first)
    carried(path)
    assert (path.parent / "a.jsonl.curator").stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in path.parent.iterdir()) == ["a.jsonl", "a.jsonl.curator"]


@given(
    numbers=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    shuffled=st.permutations(range(6)),
    gone=st.integers(0, 6),
)
@settings(max_examples=60)
def test_whatever_moves_each_edit_is_carried_or_told(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], shuffled: list[int], gone: int
) -> None:
    path = tmp_path_factory.mktemp("carrying") / "a.jsonl"
    path.write_bytes(lines_of(6))
    with session_on(path) as session:
        for count, number in enumerate(numbers):
            session.editor.rewrite(session.record(number), chat(f"edit {count}"), f"edit {count}")
        final = visible(session)
    changed(path, lambda lines: [lines[one] for one in shuffled if one != gone] + [b"{}\n"])
    plan = carried(path)
    assert [batch.title for batch, _ in plan.left] == [f"edit {at}" for at, one in enumerate(numbers) if one == gone]
    with session_on(path) as session:
        assert visible(session) == [final[one] for one in shuffled if one != gone] + [b"{}\n"]


def test_a_journal_that_was_closed_in_the_middle_of_a_save_knows_its_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with session_on(path) as session:
        session.editor.rewrite(session.record(0), OTHER, "rewrite")
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "complete_save", die)
            with pytest.raises(KeyboardInterrupt):
                save(session, session.sources[0], plan_save(session.sources[0].edited))
    reading = Session([path], SETTINGS)
    assert reading.editor.open_journals(read_only=True)[0][1] is Opened.HELD
    reading.sources[0].opened.index.finish()
    assert reading.record(0).body == OTHER
    assert reading.record(0).line_number == 1
    reading.close()
    with session_on(path) as session:
        assert session.record(0).line_number == 1
        session.editor.undo()
        assert b"".join(visible(session)) == lines_of(4)


def test_a_journal_in_which_nothing_is_in_force_goes_on_with_a_changed_file(path: Path) -> None:
    with session_on(path) as session:
        source = session.sources[0]
        session.editor.drop({source: BitMap64([1])}, "drop")
        source.marked = BitMap64([2])
        session.editor.keep_marks(source)
        session.editor.undo()
    changed(path, without_first)
    assert opened(path) is Opened.READY
    with session_on(path) as session:
        assert session.sources[0].edited.redoable is None
        assert not session.sources[0].marked
        assert visible(session) == path.read_bytes().splitlines(keepends=True)


def test_marks_follow_lines_that_are_known_again_and_stand_on_no_others(path: Path) -> None:
    before = path.read_bytes().splitlines(keepends=True)
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.tag({source: BitMap64([1, 2])}, "good", "tag")
        source.marked = BitMap64([0, 2, 3])
        session.editor.keep_marks(source)
    changed(path, with_more_before)
    with session_on(path) as session:
        assert not session.sources[0].marked
    plan = carried(path)
    assert (len(plan.marked), plan.unmarked) == (1, 2)
    with session_on(path) as session:
        (source,) = session.sources
        assert [session.line(place) for place in source.marked] == [before[2]]


def test_an_unfinished_edit_is_kept_when_the_file_changed(path: Path) -> None:
    with session_on(path) as session:
        source = session.sources[0]
        session.editor.drop({source: BitMap64([1])}, "drop")
        draft = Draft(2, 0, "message", 0, 0, "", "half a sent")
        session.editor.keep_draft(Place(0, 2), draft)
    changed(path, with_more_before)
    carried(path)
    with session_on(path) as session:
        journal = session.sources[0].edited.journal
        assert journal is not None
        (left,) = journal.unapplied()
        assert Draft.unpacked(left.payload) == draft
        assert not journal.drafts()


def test_nothing_is_carried_while_another_program_reads_the_journal(path: Path) -> None:
    with session_on(path) as session:
        session.editor.drop({session.sources[0]: BitMap64([1])}, "drop")
    changed(path, with_more_before)
    reader = sqlite3.connect(path.with_name(f"{path.name}.curator"))
    assert reader.execute("SELECT count(*) FROM batches").fetchone() == (1,)
    with pytest.raises(UsageError, match="close it"):
        carried(path)
    reader.close()
    assert opened(path) is Opened.CHANGED
