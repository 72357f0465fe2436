"""Patches: on their own file they give what an export gives, on another what fits, and twice nothing."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from edited_files import chat, lines_of, session_on, wait_for_no_growth
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.edits.differences import Differences
from curator.edits.edited_source import EditedSource
from curator.edits.fitting import Fitted, Target, fit
from curator.edits.patches import Anchor, Do, Entry, Header, Sum, entries, header_of, read_patch, written
from curator.edits.saving import plan_save
from curator.edits.segments import all_records
from curator.errors import UnreadableError
from curator.records.dialects import dialect_named
from curator.records.find_replace import Replacement, Search
from curator.session import Session
from curator.session.saving import save
from curator.storage.line_index import LineIndex
from curator.storage.source import Source, opened
from curator.storage.writer import Segment


def content_of(source: Source, parts: tuple[Segment, ...]) -> bytes:
    return b"".join(one if isinstance(one, bytes) else source.read(one.start, one.end - one.start) for one in parts)


def exported(edited: EditedSource) -> bytes:
    return content_of(edited.source, plan_save(edited).segments)


def patch_of(edited: EditedSource) -> bytes:
    return b"".join(written(header_of(edited), entries(Differences(edited))))


def fitted(patch: bytes, path: Path) -> tuple[Fitted, bytes]:
    """A patch on a file, and the file that it makes."""
    with opened(path) as source:
        edited = EditedSource(source, LineIndex(source), path.with_suffix(".none"))
        outcome = fit(*read_patch(patch, "patch"), edited)
        return outcome, content_of(source, outcome.segments)


# On the file itself


ALIKE = (b"\n", chat("Same?", "Same.") + b"\n", b"{broken\n", chat("CRLF?", "CRLF.") + b"\r\n", b"\xff\xfe caf\xe9\n")
CHAT = dialect_named("openai-chat")
NUMBERS = st.integers(0, 1 << 16)
KINDS = ("edit", "drop", "new", "split", "join", "move", "undo", "sweep", "save")
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), NUMBERS), max_size=12)
LAST = st.sampled_from([b"", chat("Last?", "Last.")])


@given(
    st.lists(st.sampled_from(ALIKE), max_size=8), st.booleans(), st.sampled_from([b"", chat("Last?", "Last.")]), STEPS
)
@settings(max_examples=120)
def test_a_patch_makes_of_its_file_what_an_export_is(
    lines: list[bytes], mark: bool, last: bytes, steps: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.jsonl"
        path.write_bytes(b"\xef\xbb\xbf" * mark + b"".join(lines) + lines_of(3) + last)
        with session_on(path) as session:
            for name, number in steps:
                do(session, name, number)
            edited = session.sources[0].edited
            wanted, patch = exported(edited), patch_of(edited)
            changes = len(Differences(edited))
        outcome, made = fitted(patch, path)
        assert made == wanted
        assert outcome.unfit == ()
        assert (outcome.target is Target.RESULT) == (path.read_bytes() == wanted)
        assert changes or path.read_bytes() == wanted
        path.write_bytes(made)
        again, unchanged = fitted(patch, path)
        assert (again.target, again.applied, unchanged) == (Target.RESULT, 0, wanted)


def do(session: Session, name: str, number: int) -> None:
    """One random step, where it is possible."""
    source = session.sources[0]
    if name == "undo":
        session.editor.undo()
    elif name == "save":
        wait_for_no_growth(source)
        save(session, source, plan_save(source.edited))
    elif name == "sweep":
        runs = (BitMap64(range(first, first + count)) for first, count in all_records(source.edited))
        session.editor.sweep({source: BitMap64().union(*runs)}, Replacement(Search("Same"), "Swept"), "sweep")
    elif len(session):
        change(session, name, number % len(session), number)


def change(session: Session, name: str, position: int, number: int) -> None:
    """Change the record at a position."""
    editor, record = session.editor, session.record(position)
    if name == "edit":
        editor.rewrite(record, chat("New?", f"New {number % 3}."), "edit")
    elif name == "drop":
        editor.drop({session.sources[0]: BitMap64([record.place.id])}, "drop")
    elif name == "new":
        editor.duplicate(record)
    elif name == "split":
        editor.replace_each([([record], [(chat("Piece", str(one)), None) for one in range(number % 3)])], "split")
    elif name == "join" and position:
        editor.replace_each([([session.record(position - 1), record], [(chat("Joined"), None)])], "join")
    elif name == "move":
        editor.move(position, 1 if number % 2 else -1)


def test_the_patch_of_a_file_without_changes_has_no_entries(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of(3))
    with session_on(path) as session:
        edited = session.sources[0].edited
        assert len(Differences(edited)) == 0
        assert patch_of(edited).count(b"\n") == 1


# On another file


class Work:
    """A file of ten records, of which some were changed, with its patch."""

    def __init__(self, path: Path) -> None:
        self.path = path / "data.jsonl"
        self.lines = lines_of(10).splitlines(keepends=True)
        self.path.write_bytes(b"".join(self.lines))
        with session_on(self.path) as session:
            editor, source = session.editor, session.sources[0]
            editor.rewrite(session.record(1), chat("Edited?", "Yes."), "edit")
            editor.drop({source: BitMap64([3])}, "drop")
            editor.insert(source, chat("New?", "Yes."), session.record(4))
            editor.move(8, 1)
            self.wanted = exported(source.edited).splitlines(keepends=True)
            self.patch = patch_of(source.edited)

    def on(self, lines: list[bytes]) -> tuple[Fitted, list[bytes]]:
        self.path.write_bytes(b"".join(lines))
        outcome, made = fitted(self.patch, self.path)
        return outcome, made.splitlines(keepends=True)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def counts(outcome: Fitted) -> tuple[int, int, int]:
    return outcome.applied, outcome.already, len(outcome.unfit)


def test_a_file_with_lines_before_and_behind_takes_all_of_it(work: Work) -> None:
    before, behind = [chat("Before") + b"\n"] * 2, [chat("Behind") + b"\n"]
    outcome, made = work.on([*before, *work.lines, *behind])
    assert (outcome.target, counts(outcome)) == (Target.OTHER, (4, 0, 0))
    assert made == [*before, *work.wanted, *behind]


def test_other_line_ends_do_not_matter(work: Work) -> None:
    outcome, made = work.on([line.replace(b"\n", b"\r\n") for line in work.lines])
    assert counts(outcome) == (4, 0, 0)
    assert [line.rstrip() for line in made] == [line.rstrip() for line in work.wanted]


def test_what_is_there_already_is_left_alone(work: Work) -> None:
    more = [*work.wanted, chat("More") + b"\n"]
    outcome, made = work.on(more)
    assert counts(outcome) == (0, 4, 0)
    assert made == more


def test_a_line_that_changed_slightly_does_not_fit(work: Work) -> None:
    changed = work.lines[1].replace(b"Question", b"question")
    outcome, made = work.on([work.lines[0], changed, *work.lines[2:]])
    assert counts(outcome) == (3, 0, 1)
    (unfit,) = outcome.unfit
    assert unfit.entry.at is not None
    assert (unfit.entry.at.line, unfit.entry.do) == (2, Do.REPLACE)
    assert "says something else" in unfit.reason
    assert made[1] == changed


def test_a_dropped_line_that_was_changed_stays_and_is_told(work: Work) -> None:
    changed = work.lines[3].replace(b"Question", b"question")
    outcome, made = work.on([*work.lines[:3], changed, *work.lines[4:]])
    assert counts(outcome) == (3, 0, 1)
    assert changed in made


def test_new_lines_stand_before_what_followed_when_their_line_is_gone(work: Work) -> None:
    outcome, made = work.on([*work.lines[:5], *work.lines[6:]])
    assert counts(outcome) == (4, 0, 0)
    assert made == [line for line in work.wanted if line != work.lines[5]]


def test_new_lines_whose_neighbours_are_gone_do_not_fit(work: Work) -> None:
    outcome, _ = work.on([*work.lines[:5], *work.lines[7:]])
    assert counts(outcome) == (3, 0, 1)
    assert "stand between" in outcome.unfit[0].reason


def test_of_equal_lines_the_one_with_the_same_neighbours_is_meant(tmp_path: Path) -> None:
    path, same = tmp_path / "data.jsonl", chat("Same?", "Same.") + b"\n"
    lines = lines_of(3).splitlines(keepends=True)
    path.write_bytes(b"".join([same, lines[0], same, lines[1], same, lines[2]]))
    with session_on(path) as session:
        session.editor.rewrite(session.record(2), chat("Edited"), "edit")
        patch = patch_of(session.sources[0].edited)
    path.write_bytes(b"".join([lines[0], same, lines[1], same, lines[2], same]))
    outcome, made = fitted(patch, path)
    assert counts(outcome) == (1, 0, 0)
    assert made.splitlines(keepends=True)[1] == chat("Edited") + b"\n"
    path.write_bytes(made + lines[0])
    outcome, unchanged = fitted(patch, path)
    assert counts(outcome) == (0, 1, 0)
    assert unchanged == made + lines[0]


def test_very_many_equal_lines_are_dropped_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"\n" * 5_000 + lines_of(2))
    with session_on(path) as session:
        source = session.sources[0]
        session.editor.drop({source: BitMap64(range(5_000))}, "drop blank lines")
        patch = patch_of(source.edited)
    path.write_bytes(lines_of(1) + b"\n" * 5_000 + lines_of(2))
    outcome, made = fitted(patch, path)
    assert counts(outcome) == (5_000, 0, 0)
    assert made == lines_of(1) + lines_of(2)


def test_a_duplicate_beside_an_edited_line_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of(5))
    with session_on(path) as session:
        editor, source = session.editor, session.sources[0]
        editor.duplicate(session.record(2))
        editor.rewrite(session.record(1), chat("Edited"), "edit")
        editor.insert(source, chat("New"), session.record(1))
        editor.drop({source: BitMap64([4])}, "drop")
        patch, wanted = patch_of(source.edited), exported(source.edited)
    path.write_bytes(b"\n" + wanted)
    outcome, made = fitted(patch, path)
    assert (outcome.target, counts(outcome)) == (Target.OTHER, (0, 4, 0))
    assert made == b"\n" + wanted


# The file of a patch


@given(st.lists(st.lists(st.binary().filter(lambda line: b"\n" not in line[:-1]), max_size=3), max_size=3))
def test_any_bytes_survive_in_a_patch(lines: list[list[bytes]]) -> None:
    work = [Entry(Do.INSERT, None, anchor(), tuple(one)) for one in lines]
    packed = b"".join(written(header(), work))
    packed.decode("utf-8")
    assert packed.count(b"\n") == 1 + len(lines)
    assert read_patch(packed, "p") == (header(), work)


def anchor() -> Anchor:
    return Anchor(3, "aa", "", "bb")


def header() -> Header:
    return Header("data.jsonl", Sum(1, "a"), Sum(2, "b"))


def lines_of_patches(lines: list[Any]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


HEAD = json.loads(next(written(header(), ())))
AT = {"line": 1, "hash": "a", "before": None, "after": None}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "p: is no patch of curator"),
        (b"{}\n", "p: is no patch of curator"),
        (b"\x00\xff", "p: is no patch of curator"),
        (lines_of_patches([HEAD | {"curator_patch": 2}]), "p: is a patch of another version"),
        (lines_of_patches([{"curator_patch": 1}]), "p:1: is not as a patch should be"),
        (lines_of_patches([HEAD, []]), "p:2: is not as a patch should be"),
        (lines_of_patches([HEAD, {"do": "burn", "at": AT, "lines": []}]), "p:2: is not as"),
        (lines_of_patches([HEAD, {"do": "replace", "lines": []}]), "p:2: is not as"),
        (lines_of_patches([HEAD, {"do": "insert", "at": AT, "behind": AT, "lines": []}]), "p:2: is not as"),
        (lines_of_patches([HEAD, {"do": "replace", "at": {"line": 1}, "lines": []}]), "p:2: is not as"),
        (lines_of_patches([HEAD, {"do": "replace", "at": AT, "lines": [1]}]), "p:2: is not as"),
        (lines_of_patches([HEAD, {"do": "replace", "at": AT, "lines": ["a\nb\n"]}]), "p:2: is not as"),
    ],
)
def test_what_is_no_patch_is_told(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableError) as fault:
        read_patch(content, "p")
    assert str(fault.value).startswith(told)
