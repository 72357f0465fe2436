"""curator history: the list of what was done, and undo and redo without the screen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from editing import chat, editing, lines_of

from curator.edits.saving import plan_save
from curator.session.saving import save

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of(4))
    with editing(path) as at:
        at.rewrite(0, chat("Edited"))
        at.drop(1, 2)
        save(at.session, at.source, plan_save(at.source.edited))
        at.tag("\x1b[31mgood", 0)
    return path


def rows(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """Number, records, what and marks of each batch."""
    assert done.returncode == 0, done.stderr
    words = [line.split() for line in done.stdout.splitlines()[1:]]
    return [[one[0], one[3], " ".join(one[4:])] for one in words]


@pytest.mark.usefixtures("path")
def test_what_was_done_is_listed_with_where_it_was_saved(curator: Run) -> None:
    done = curator("history", "data.jsonl")
    assert done.stdout.splitlines()[0].split() == ["number", "when", "records", "what"]
    assert rows(done) == [
        ["1", "1", "edit #1"],
        ["2", "2", "drop saved here"],
        ["3", "1", "tag \\x1b[31mgood now"],
    ]


@pytest.mark.usefixtures("path")
def test_undo_and_redo_move_through_it(curator: Run) -> None:
    assert curator("history", "data.jsonl", "--undo").stderr == "curator: undone: tag \\x1b[31mgood.\n"
    assert rows(curator("history", "data.jsonl"))[1:] == [
        ["2", "2", "drop saved here, now"],
        ["3", "1", "tag \\x1b[31mgood undone"],
    ]
    assert curator("history", "data.jsonl", "--redo").stderr == "curator: done again: tag \\x1b[31mgood.\n"
    assert curator("history", "data.jsonl", "--to", "0").stderr == "curator: 3 steps to number 0.\n"
    made = curator("export", "data.jsonl", "-o", "-").stdout
    assert made.encode() == lines_of(4)
    done = curator("history", "data.jsonl", "--undo")
    assert (done.returncode, done.stderr) == (2, "curator: data.jsonl: there is nothing to undo.\n")
    done = curator("history", "data.jsonl", "--to", "9")
    assert (done.returncode, "there is no state 9; the states are 0 to 3." in done.stderr) == (2, True)


def test_what_was_undone_is_gone_after_something_new(curator: Run, path: Path) -> None:
    curator("history", "data.jsonl", "--to", "1")
    with editing(path) as at:
        at.rewrite(3, chat("New"))
    assert [row[:2] for row in rows(curator("history", "data.jsonl"))] == [["1", "1"], ["2", "1"]]


def test_only_listing_works_while_another_program_holds_the_journal(curator: Run, path: Path) -> None:
    with editing(path):
        assert len(rows(curator("history", "data.jsonl"))) == 3
        done = curator("history", "data.jsonl", "--undo")
        assert done.returncode == 2
        assert "data.jsonl is being changed by" in done.stderr
    assert len(rows(curator("history", "data.jsonl"))) == 3


def test_a_file_without_journal_has_no_history(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_bytes(lines_of(1))
    done = curator("history", "other.jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    assert "has no journal" in done.stderr
    assert curator("history", "other.jsonl", "--undo").returncode == 2
    assert [one.name for one in tmp_path.iterdir()] == ["other.jsonl"]


@pytest.mark.parametrize("options", [("--to", "x"), ("--to", "-1"), ("--undo", "--redo")])
@pytest.mark.usefixtures("path")
def test_what_makes_no_sense_is_told(curator: Run, options: tuple[str, ...]) -> None:
    done = curator("history", "data.jsonl", *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
