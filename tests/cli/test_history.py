"""curator history: the list of what was done, and undo and redo without the screen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from editing import chat, editing, lines_of

from curator.cli.exit_codes import Exit
from curator.edits.carrying import LINE_GONE, carry, plan_carrying
from curator.edits.saving import plan_save
from curator.session.drafts import Draft
from curator.session.saving import save
from curator.session.values import Place

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


@pytest.fixture
def changed(path: Path) -> Path:
    """The file, rewritten by others, with a journal of changes of which some fit no longer."""
    with editing(path) as at:
        at.rewrite(1, chat("Lost \U0001f9e8"))
        at.tag("odd", 0, 3)
        at.editor.keep_draft(Place(0, 0), Draft(0, 0, "message", 0, 0, "", "half a sent\ud800"))
    first, _ = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"{}\n" + first)
    return path


def carry_over(path: Path) -> None:
    with editing(path) as at:
        journal = at.source.edited.journal
        assert journal is not None
        carry(at.source.edited, journal, plan_carrying(at.source.edited, journal))


def test_what_could_not_be_applied_is_written_out_and_forgotten(curator: Run, changed: Path) -> None:
    done = curator("history", "data.jsonl", "--left")
    assert (done.returncode, done.stdout) == (0, "")
    assert "holds nothing that could not be applied" in done.stderr
    carry_over(changed)
    done = curator("history", "data.jsonl", "--left")
    assert (done.returncode, done.stderr) == (0, "")
    edit, tag, draft = [json.loads(line) for line in done.stdout.splitlines()]
    assert edit["title"] == "edit #2"
    assert edit["reason"] == LINE_GONE
    assert abs(datetime.now(UTC) - datetime.fromisoformat(edit["when"])).days == 0
    assert [json.loads(text) for text in edit["payload"]["texts"].values()] == [json.loads(chat("Lost \U0001f9e8"))]
    assert tag["payload"]["records"] == [[[0, 0], [3, 3]]]
    assert draft["payload"]["text"] == "half a sent\ud800"
    listed = curator("history", "data.jsonl").stderr
    assert listed.count("not applied, since the file changed") == 3
    with editing(changed):
        assert curator("history", "data.jsonl", "--left").stdout == done.stdout
        held = curator("history", "data.jsonl", "--forget-left")
        assert (held.returncode, "is being changed by" in held.stderr) == (2, True)
    changed.write_bytes(b"{}\n{}\n")
    assert curator("history", "data.jsonl", "--left").stdout == done.stdout
    assert curator("history", "data.jsonl", "--forget-left").stderr == (
        "curator: forgotten: 3 changes that could not be applied.\n"
    )
    assert curator("history", "data.jsonl", "--left").stdout == ""


@pytest.mark.parametrize("options", [("--to", "x"), ("--to", "-1"), ("--undo", "--redo"), ("--left", "--forget-left")])
@pytest.mark.usefixtures("path")
def test_what_makes_no_sense_is_told(curator: Run, options: tuple[str, ...]) -> None:
    done = curator("history", "data.jsonl", *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


FULL = """
import resource, sys
from curator.__main__ import main

resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
main()
"""


@pytest.mark.usefixtures("path")
def test_a_full_disk_is_a_fault_of_the_disk(curator: Run, environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, "history", "data.jsonl", "--undo"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (Exit.UNREADABLE, "")
    assert done.stderr.startswith("curator: ")
    assert "data.jsonl.curator: " in done.stderr
    assert done.stderr.count("\n") == 1
    assert [row[2] for row in rows(curator("history", "data.jsonl"))] == [
        "edit #1",
        "drop saved here",
        r"tag \x1b[31mgood now",
    ]
