"""curator export: which records are written, where tags go, and what is told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from editing import chat, editing, lines_of
from pyroaring import BitMap64
from xxhash import xxh3_128_hexdigest

from curator.edits.labels import Verdict
from curator.records.find_replace import Replacement, Search

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MARK = b"\xef\xbb\xbf"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of(6))
    return path


@pytest.fixture
def labelled(path: Path) -> Path:
    """Records 0 and 1 are tagged good, 1 and 2 bad; 0 accepted, 1 rejected, 2 needs work; 3 and 4 are marked."""
    with editing(path) as at:
        at.tag("good", 0, 1)
        at.tag("bad", 1, 2)
        for record, verdict in enumerate(Verdict):
            at.editor.review({at.source: BitMap64([record])}, verdict, "review")
        at.editor.note({at.source: BitMap64([4])}, "a note", "note")
        at.editor.tag_message(at.record(2), 1, "wrong", "tag")
        at.source.marked = BitMap64([3, 4])
        at.editor.keep_marks(at.source)
    return path


def numbers(content: str | bytes) -> list[int]:
    """Which of the records of `lines_of` these are."""
    questions = (json.loads(line)["messages"][0]["content"] for line in content.splitlines())
    return [int(question.removeprefix("Question ").removesuffix("?")) for question in questions]


def test_all_records_with_their_changes(curator: Run, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    with editing(path) as at:
        at.rewrite(1, chat("Edited"))
        at.drop(3)
        at.editor.duplicate(at.record(0))
    done = curator("export", "data.jsonl", "-o", "out.jsonl")
    made = (path.parent / "out.jsonl").read_bytes()
    assert (done.returncode, done.stdout) == (0, "")
    assert made == b"".join([lines[0], lines[0], chat("Edited") + b"\n", lines[2], *lines[4:]])
    assert done.stderr == (
        "curator: out.jsonl: 1 changed, 1 new, 4 identical, 1 lines of data.jsonl left out;"
        f" {len(made)} bytes; xxh3_128 {xxh3_128_hexdigest(made)}.\n"
    )
    assert path.read_bytes() == b"".join(lines)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"{broken\r\n\n  \n\xff\xfe\n"])
@pytest.mark.parametrize("mark", [b"", MARK])
def test_a_file_without_changes_is_copied_byte_for_byte(curator: Run, path: Path, mark: bytes, ending: bytes) -> None:
    path.write_bytes(mark + lines_of(2) + chat("Last") + ending)
    done = curator("export", "data.jsonl", "-o", "-", encoding=None)
    assert done.returncode == 0
    assert curator("export", "data.jsonl", "-o", "out.jsonl").returncode == 0
    assert (path.parent / "out.jsonl").read_bytes() == path.read_bytes()
    assert done.stdout.encode("utf-8", "surrogateescape").replace(b"\r", b"") == path.read_bytes().replace(b"\r", b"")
    assert not (path.parent / "data.jsonl.curator").exists()


@pytest.mark.parametrize(
    ("options", "records"),
    [
        (("--only", "accepted"), [0]),
        (("--only", "rejected"), [1]),
        (("--only", "needs-work"), [2]),
        (("--only", "unreviewed"), [3, 4, 5]),
        (("--only", "marked"), [3, 4]),
        (("--tag", "good"), [0, 1]),
        (("--tag", "good", "--tag", "bad"), [0, 1, 2]),
        (("--drop-tag", "bad"), [0, 3, 4, 5]),
        (("--tag", "good", "--drop-tag", "bad"), [0]),
        (("--tag", "good", "--only", "rejected"), [1]),
        (("--tag", "none such"), []),
    ],
)
@pytest.mark.usefixtures("labelled")
def test_records_are_chosen_by_what_was_said_of_them(
    curator: Run, options: tuple[str, ...], records: list[int]
) -> None:
    done = curator("export", "data.jsonl", "-o", "-", *options)
    assert (done.returncode, numbers(done.stdout)) == (0, records), done.stderr
    assert f"{6 - len(records)} lines of data.jsonl left out" in done.stderr
    assert ("no record has the tag 'none such'; there are bad, good." in done.stderr) == ("none such" in options)


def test_tags_stay_in_the_journal_unless_asked_for(curator: Run, labelled: Path) -> None:
    assert curator("export", "data.jsonl", "-o", "-").stdout.encode() == labelled.read_bytes()
    assert curator("export", "data.jsonl", "-o", "-", "--tags", "none").stdout.encode() == labelled.read_bytes()


def test_tags_go_into_a_key_and_all_other_bytes_stay(curator: Run, labelled: Path) -> None:
    done = curator("export", "data.jsonl", "-o", "out.jsonl", "--tags", "key:labels")
    before = labelled.read_bytes().splitlines(keepends=True)
    after = (labelled.parent / "out.jsonl").read_bytes().splitlines(keepends=True)
    assert done.returncode == 0
    assert after[:3] == [
        old.replace(b"]}\n", b'], "labels": %s}\n' % json.dumps(tags).encode())
        for old, tags in zip(before, (["good"], ["bad", "good"], ["bad"]), strict=False)
    ]
    assert after[3:] == before[3:]
    assert "3 records have what was said of them in the key `labels`." in done.stderr
    assert "3 changed, 0 new, 3 identical" in done.stderr


def test_a_key_of_tags_is_replaced_and_one_of_other_things_refused(curator: Run, path: Path) -> None:
    path.write_bytes(chat("A", labels=["old"]) + b"\n" + chat("B", labels="mine") + b"\n[1]\n")
    with editing(path) as at:
        at.tag("new", 0, 2)
    done = curator("export", "data.jsonl", "-o", "-", "--tags", "key:labels")
    assert done.stdout.splitlines()[0].endswith('"labels": ["new"]}')
    assert "1 tagged lines are no records and went without their tags." in done.stderr
    with editing(path) as at:
        at.tag("new", 1)
    done = curator("export", "data.jsonl", "-o", "out.jsonl", "--tags", "key:labels")
    assert done.returncode == 2
    assert "record 2 has a key `labels` that holds no tags; choose another key for them." in done.stderr
    assert not (path.parent / "out.jsonl").exists()


def labels(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_labels_go_into_a_file_by_the_lines_of_the_output(curator: Run, labelled: Path) -> None:
    with editing(labelled) as at:
        at.drop(0)
        at.editor.insert(at.source, chat("New"), None)
        at.editor.move(2, -1)
    done = curator("export", "data.jsonl", "-o", "out.jsonl", "--tags", "file:labels.jsonl")
    assert done.returncode == 0, done.stderr
    assert labels(labelled.parent / "labels.jsonl") == [
        {"line": 2, "tags": ["bad"], "review": "needs work", "message_tags": {"1": ["wrong"]}},
        {"line": 3, "tags": ["bad", "good"], "review": "rejected"},
        {"line": 5, "note": "a note"},
    ]
    assert "3 records have what was said of them in labels.jsonl." in done.stderr
    done = curator("export", "data.jsonl", "-o", "out.jsonl", "--tags", "file:labels.jsonl")
    assert (done.returncode, "is there already" in done.stderr) == (2, True)
    done = curator(
        "export", "data.jsonl", "-o", "out.jsonl", "--tags", "file:labels.jsonl", "--force", "--only", "rejected"
    )
    assert done.returncode == 0
    assert labels(labelled.parent / "labels.jsonl") == [{"line": 1, "tags": ["bad", "good"], "review": "rejected"}]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-o", "data.jsonl"), "is the file that is read"),
        (("-o", "data.jsonl", "--force"), "is the file itself, or its journal"),
        (("-o", "data.jsonl.curator", "--force"), "is the file itself, or its journal"),
        (("-o", "out.jsonl", "--tags", "file:data.jsonl", "--force"), "is the file itself, or its journal"),
        (("-o", "out.jsonl", "--tags", "file:out.jsonl"), "records and tags cannot go to one file"),
        (("-o", "out.jsonl", "--tags", "file:-"), "Tags go to a file of their own"),
        (("-o", "out.jsonl", "--tags", "somewhere"), "takes none, key:NAME or file:PATH, not 'somewhere'"),
        (("-o", "out.jsonl", "--only", "some"), "invalid choice: 'some'"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_written(
    curator: Run, labelled: Path, options: tuple[str, ...], told: str
) -> None:
    before = {one: one.read_bytes() for one in labelled.parent.iterdir()}
    done = curator("export", "data.jsonl", *options)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert {one: one.read_bytes() for one in labelled.parent.iterdir()} == before


def test_it_works_while_another_program_holds_the_journal(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.rewrite(0, chat("Held"))
        assert "Held" in curator("export", "data.jsonl", "-o", "-").stdout


@pytest.mark.parametrize("workers", ["0", "-1", "2"])
def test_replacements_over_many_records_are_made_by_workers(curator: Run, path: Path, workers: str) -> None:
    path.write_bytes(lines_of(300))
    with editing(path) as at:
        at.rewrite(7, chat("Question seven?", "Answer 7."))
        at.drop(8)
        at.editor.duplicate(at.record(5))
        replacement = Replacement(Search("question"), "Riddle")
        at.editor.sweep({at.source: BitMap64(range(300))}, replacement, "replace")
        at.tag("good", 0, 299)
        expected = [at.session.line(position) for position in range(len(at.session))]
    tagged = ["--tags", "key:tags"]
    for options in ([], tagged):
        done = curator("export", "data.jsonl", "-o", "-", *options, env={"CURATOR_WORKERS": workers})
        assert done.returncode == 0, done.stderr
        made = done.stdout.encode().splitlines(keepends=True)
        if options:
            assert [number for number, line in enumerate(made) if b'"tags": ["good"]' in line] == [0, len(made) - 1]
        else:
            assert made == expected
