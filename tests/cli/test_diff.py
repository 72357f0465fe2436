"""curator diff: what it shows of every kind of change, and how it leaves."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from editing import chat, editing, lines_of
from pyroaring import BitMap64

from curator.edits.labels import Verdict
from curator.edits.saving import plan_save
from curator.records.find_replace import Replacement, Search
from curator.session.saving import save

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of(6))
    return path


def lines(done: subprocess.CompletedProcess[str], code: int = 1) -> list[str]:
    """What was shown, without indentation, where something differs."""
    assert done.returncode == code, done.stderr
    return [line.strip() for line in done.stdout.splitlines()]


def test_a_file_without_journal_has_no_differences_and_gets_no_journal(curator: Run, path: Path) -> None:
    done = curator("diff", "data.jsonl")
    assert lines(done, code=0) == []
    assert "has no journal" in done.stderr
    assert [one.name for one in path.parent.iterdir()] == ["data.jsonl"]


def test_a_changed_text_is_shown_by_lines_with_its_words_marked(curator: Run, path: Path) -> None:
    path.write_bytes(chat("one\ntwo\nthree\nfour\nfive", "The quick fox.") + b"\n")
    with editing(path) as at:
        at.rewrite(0, chat("one\ntwo\nthree\n4\nfive\nsix", "The slow fox.", topic="foxes"))
    done = curator("diff", "data.jsonl")
    assert done.stdout == (
        "data.jsonl:1  edited\n"
        "  message 1, user\n"
        "      ... 2 lines as before\n"
        "      three\n"
        "    - four\n"
        "    + 4\n"
        "      five\n"
        "    + six\n"
        "  message 2, assistant\n"
        "    - The [-quick-] fox.\n"
        "    + The {+slow+} fox.\n"
        "  key topic\n"
        "    + foxes\n"
    )
    assert done.stderr == "curator: data.jsonl: 1 edited; not in the file yet.\n"


def test_roles_weights_arguments_and_tools_are_shown_by_name(curator: Run, path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
    record = {
        "messages": [{"role": "user", "content": "Look."}, {"role": "assistant", "tool_calls": [call]}],
        "tools": [{"type": "function", "function": {"name": "look"}}],
    }
    path.write_bytes(json.dumps(record).encode() + b"\n")
    new = json.loads(json.dumps(record))
    new["messages"][1]["tool_calls"][0]["function"]["arguments"] = '{"at": 2}'
    new["messages"][1]["weight"] = 0
    new["messages"][0]["role"] = "developer"
    del new["tools"]
    with editing(path) as at:
        at.rewrite(0, json.dumps(new).encode())
    shown = lines(curator("diff", "data.jsonl"))
    assert shown[1:5] == ["message 1, developer", "role", "- user", "+ developer"]
    assert shown[6:9] == ["trained", "- yes", "+ no"]
    assert shown[9:12] == ["call: arguments", '- {"at": [-1-]}', '+ {"at": {+2+}}']
    assert shown[12] == "tool look"


def test_every_kind_of_change_has_its_header(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.split([4, 5], chat("Question 4?", "Answer 4.", "Question 5?", "Answer 5."))
        at.split([3], chat("Question 3?"), chat("Answer 3."))
        at.drop(2)
        at.editor.insert(at.source, chat("New?"), at.record(0))
        at.editor.move(2, -1)
    done = curator("diff", "data.jsonl")
    headers = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert headers == [
        "data.jsonl:2  new, behind this line",
        "data.jsonl:3  dropped",
        "data.jsonl:4  split into 2",
        "data.jsonl:5  joined with line 6",
    ]
    assert done.stderr == "curator: data.jsonl: 1 new, 1 dropped, 1 split, 1 joined; not in the file yet.\n"
    assert "- Answer 2." in lines(done)
    assert "+ New?" in lines(done)
    assert "piece 2: 1 message" in lines(done)


def test_a_move_is_the_record_that_moved_and_not_those_that_it_passed(curator: Run, path: Path) -> None:
    with editing(path) as at:
        for position in range(5):
            at.editor.move(position, 1)
        at.rewrite(5, chat("Question 0?", "Another answer."))
    shown = lines(curator("diff", "data.jsonl"))
    assert shown[0] == "data.jsonl:1  moved behind line 6, and edited"
    assert sum(line.startswith("data.jsonl:") for line in shown) == 1


def test_messages_that_no_piece_keeps_are_shown(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.split([0], chat("Question 0?"), chat("Other"))
    shown = lines(curator("diff", "data.jsonl"))
    assert shown[:2] == ["data.jsonl:1  split into 2", "piece 1: 1 message"]
    assert {"+ Other", "- Question 0?"} & set(shown)
    assert "- Answer 0." in shown


def test_labels_are_shown_a_line_each_and_are_no_differences(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.tag("good", 1)
        at.tag("\x1b[31mred", 1)
        at.editor.review({at.source: at.source.edited.overlay.labels.tags["good"]}, Verdict.NEEDS_WORK, "review")
        at.editor.note({at.source: BitMap64([1])}, "see\nhere", "note")
        at.editor.tag_message(at.record(1), 1, "wrong", "tag")
    done = curator("diff", "data.jsonl")
    assert lines(done, code=0) == [
        "data.jsonl:2  labelled",
        "tags: \\x1b[31mred, good",
        "review: needs work",
        "note: see\\nhere",
        "tags of message 2: wrong",
    ]
    assert "holds all that was done to its records. 1 more only with tags" in done.stderr


def test_malformed_lines_and_other_spellings_are_compared_as_they_stand(curator: Run, path: Path) -> None:
    path.write_bytes(b'{"messages": [}\n' + chat("Same?", "Same.") + b"\n\n\xff\xfe\n")
    with editing(path) as at:
        at.rewrite(0, chat("Mended"))
        at.rewrite(1, chat("Same?", "Same.").replace(b", ", b",  "))
        at.drop(2, 3)
    shown = lines(curator("diff", "data.jsonl"))
    assert shown[0] == "data.jsonl:1  edited"
    assert shown[1].startswith('- {"messages": [')
    assert shown[3:5] == ["data.jsonl:2  edited", "written otherwise; it means the same"]
    assert shown[5:] == ["data.jsonl:3  dropped", "-", "data.jsonl:4  dropped", "- \\xff\\xfe"]


def test_an_edit_that_was_taken_back_by_hand_is_no_difference(curator: Run, path: Path) -> None:
    before = path.read_bytes().splitlines()[0]
    with editing(path) as at:
        at.rewrite(0, chat("Other"))
        at.rewrite(0, before)
    assert lines(curator("diff", "data.jsonl"), code=0) == []


def test_text_of_a_file_cannot_act_on_a_terminal(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.rewrite(0, chat("\x1b]0;owned\x07 \u202e", "\x9b31m", **{"\x1b[2J": "\x1b[2J"}))
    for colour in ("never", "always"):
        done = curator("diff", "data.jsonl", "--color", colour)
        shown = done.stdout if colour == "never" else done.stdout.replace("\x1b[0m", "")
        assert "\x1b]" not in shown
        assert not set("\x07\x9b\u202e") & set(shown)
        assert "\x1b[2J" not in shown


def test_colours_are_for_terminals_unless_asked_for(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.rewrite(0, chat("Question 0?", "Answer zero."))
    assert "\x1b" not in curator("diff", "data.jsonl").stdout
    shown = curator("diff", "data.jsonl", "--color", "always", env={"NO_COLOR": "1"}).stdout
    assert "\x1b[31m" in shown
    assert "\x1b[32;7mzero\x1b[0m" in shown
    assert "{+" not in shown


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_no_color_is_heard_on_a_terminal(monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool) -> None:
    from curator.cli.difference_text import wants_colour

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour("auto") is coloured
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour("auto")


def test_after_a_save_only_later_changes_differ(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.rewrite(0, chat("Saved"))
        at.drop(2)
        save(at.session, at.source, plan_save(at.source.edited))
        at.rewrite(1, chat("Not saved"))
        at.editor.drop({at.source: at.source.edited.overlay.dropped}, "restore", on=False)
    done = curator("diff", "data.jsonl")
    headers = [line for line in lines(done) if line.startswith("data.jsonl:")]
    assert headers == ["data.jsonl:2  edited", "data.jsonl:2  brought back, behind this line"]


def test_it_works_while_another_program_holds_the_journal(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.rewrite(0, chat("Held"))
        assert "+ Held" in lines(curator("diff", "data.jsonl"))
        at.rewrite(1, chat("Goes on"))
    assert "+ Goes on" in lines(curator("diff", "data.jsonl"))


def test_the_journal_may_lie_elsewhere(curator: Run, path: Path, tmp_path: Path) -> None:
    with editing(path, journal=str(tmp_path / "elsewhere")) as at:
        at.rewrite(0, chat("Elsewhere"))
    assert lines(curator("diff", "data.jsonl"), code=0) == []
    assert "+ Elsewhere" in lines(curator("diff", "data.jsonl", "--journal", "elsewhere"))


def test_a_file_that_was_changed_by_something_else_exits_2(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.rewrite(0, chat("Edited"))
    path.write_bytes(b"".join(lines_of(6).splitlines(keepends=True)[::-1]))
    done = curator("diff", "data.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert "was changed by something else since its journal was written. Open it with `curator`" in done.stderr


def test_a_damaged_journal_exits_3(curator: Run, path: Path) -> None:
    (path.parent / "data.jsonl.curator").write_bytes(b"not a journal" * 100)
    done = curator("diff", "data.jsonl")
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.parametrize("name", ["check", "stats"])
def test_check_and_stats_say_that_the_journal_holds_more(curator: Run, path: Path, name: str) -> None:
    before = curator(name, "data.jsonl", "--workers", "inline")
    with editing(path) as at:
        at.tag("good", 1)
        labelled = curator(name, "data.jsonl", "--workers", "inline")
        at.rewrite(0, b"{broken")
        at.drop(2, 3)
    after = curator(name, "data.jsonl", "--workers", "inline")
    assert before.stderr == labelled.stderr
    assert (after.stdout, after.returncode) == (before.stdout, before.returncode)
    told = "3 records differ in data.jsonl.curator and are not in the file yet, which is read as it stands;"
    piped = f"`curator export data.jsonl -o - | curator {name} - …` takes them in."
    assert after.stderr == f"{before.stderr}curator: {told} {piped}\n"


@pytest.mark.usefixtures("lines_alone")
def test_a_journal_that_cannot_be_read_does_not_stop_check(curator: Run, path: Path) -> None:
    (path.parent / "data.jsonl.curator").write_bytes(b"not a journal" * 100)
    done = curator("check", "data.jsonl", "--workers", "inline")
    assert done.returncode == 0
    assert "data.jsonl.curator: is no journal of curator" in done.stderr


def test_a_sweep_over_many_records_is_shown_record_by_record(curator: Run, path: Path) -> None:
    with editing(path) as at:
        ids = BitMap64(range(6))
        at.editor.sweep({at.source: ids}, Replacement(Search("Question"), "Query"), "replace")
    shown = lines(curator("diff", "data.jsonl"))
    assert sum(line.endswith("edited") for line in shown) == 6
    assert "+ {+Query+} 5?" in shown
