"""--where: a command is done to the records of a filter, and all others are copied byte for byte in their place."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from editing import chat, editing

Run = Callable[..., "subprocess.CompletedProcess[str]"]

ODD = "assistant ~ /Answer [13579]\\./"
SYSTEM = {"role": "system", "content": "Be careful."}


def line(number: int) -> bytes:
    """A record of two turns in a spelling that nothing would write anew."""
    value = json.loads(chat(f"Question  {number}? ", f"Answer {number}.", "And then?", "Nothing."))
    value["messages"].insert(0, SYSTEM)
    return json.dumps(value).encode().replace(b'{"messages": [', b'{"messages" :  [') + b"\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(line, range(10))) + b"\n" + b"broken\r\n")
    return path


@pytest.mark.parametrize(
    "call",
    [
        ["replace", "--find", "Question", "--by", "Q"],
        ["shorten", "--prompt", "Be careful.", "--to", "Brief."],
        ["split", "--by", "turn"],
        ["convert", "--to", "sharegpt", "--skip", "--allow-lossy"],
        ["check", "--fix", "spaces"],
        ["tag", "--tag", "odd"],
    ],
    ids=lambda call: call[0],
)
def test_other_records_are_copied(curator: Run, path: Path, call: list[str]) -> None:
    name, *options = call
    done = curator(name, path, *options, "--where", ODD, "-o", "out.jsonl")
    assert "5 of 12 records are meant" in done.stderr
    out = (path.parent / "out.jsonl").read_bytes()
    assert [one for one in out.splitlines(keepends=True) if one in map(line, range(0, 10, 2))] == [
        line(number) for number in range(0, 10, 2)
    ]
    assert not any(line(number) in out for number in range(1, 10, 2))
    assert out.endswith(b"\nbroken\r\n")
    whole = curator(name, path, *options, "-o", "whole.jsonl")
    assert (path.parent / "whole.jsonl").read_bytes() != out, whole.stderr


def test_what_the_journal_says_can_be_asked_for(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.tag("good", 2, 3)
        at.drop(3)
    done = curator("export", path, "--where", "tag:good", "-o", "-")
    assert done.stdout.encode() == line(2)
    done = curator("replace", path, "--find", "Answer", "--by", "A", "--where", "tag:good", "-o", "b.jsonl")
    assert "1 record changed" in done.stderr
    assert (path.parent / "b.jsonl").read_bytes() == path.read_bytes().replace(line(3), b"").replace(
        b"Answer 2", b"A 2"
    )


def test_figures_are_those_of_the_model(curator: Run, path: Path) -> None:
    done = curator("split", path, "--by", "pair", "--where", "tokens > 100000", "-o", "out.jsonl")
    assert "0 of 12 records are meant: tokens > 100000." in done.stderr
    assert (path.parent / "out.jsonl").read_bytes() == path.read_bytes()


def test_what_is_not_understood_is_told_before_anything_is_written(curator: Run, path: Path) -> None:
    done = curator("replace", path, "--find", "a", "--by", "b", "--where", "tokens >", "-o", "out.jsonl")
    assert done.returncode == 2
    assert "The filter is not understood at character" in done.stderr
    assert curator("check", path, "--where", "over").returncode == 2
    assert not (path.parent / "out.jsonl").exists()


def test_a_tag_goes_behind_those_that_are_there(curator: Run, path: Path) -> None:
    path.write_bytes(
        chat("a", tags=["x"]) + b"\n" + chat("b", tags=["good"]) + b"\n" + chat("c") + b"\n" + chat("d", tags=3) + b"\n"
    )
    done = curator("tag", path, "--tag", "good", "--where", "not user ~ d", "-o", "-")
    assert done.returncode == 0, done.stderr
    assert [json.loads(one).get("tags") for one in done.stdout.splitlines()] == [["x", "good"], ["good"], ["good"], 3]
    done = curator("tag", path, "--tag", "good", "-o", "out.jsonl")
    assert done.returncode == 2
    assert "holds no tags; choose another key" in done.stderr
    assert not (path.parent / "out.jsonl").exists()
    assert curator("tag", path, "--tag", "good", "--key", "labels", "-o", "out.jsonl").returncode == 0


def test_a_fix_in_place_keeps_what_it_was_asked_for(curator: Run, path: Path) -> None:
    curator("check", path, "--fix", "spaces", "--where", "role:system")
    steps = curator("history", path, "--recipe").stdout
    assert 'do = "fix"\nwhere = "role:system"\nfix = "spaces"\n' in steps
