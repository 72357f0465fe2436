"""curator check --fix: what is safe is mended and told in numbers; the rest is found as before; other bytes stay."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from editing import editing

from curator.edits.saving import plan_save
from curator.session.saving import save

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def said(*texts: str) -> list[dict[str, str]]:
    return [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(texts)]


SOUND = b"".join(
    json.dumps({"messages": said(f"What is {n} and {n}?", f"It is {2 * n} of course, {n}.")}).encode() + b"\n"
    for n in range(60)
)
WEIGHTED = b'{ "messages": [{"role": "user", "content": "How?", "weight": 1} , %s]}\n'
EXTRA = b'{"messages": %s, "note": 3}'
ANSWER = json.dumps(said("", "So it is done.")[1]).encode()
OTHER = json.dumps(said("Why?", "Because of that.")).encode()
CONTENT = SOUND + b"\n" + WEIGHTED % ANSWER + EXTRA % OTHER + b"\r\n" + b"{broken\n"
MENDED = (WEIGHTED % ANSWER).replace(b', "weight": 1', b"")
SAFE = SOUND + MENDED + EXTRA % OTHER + b"\n" + b"{broken\n"
ALL = SOUND + MENDED + b'{"messages": %s}\n' % OTHER + b"{broken\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "records.jsonl"
    file.write_bytes(CONTENT)
    return file


def test_what_is_safe_is_mended_in_place_and_undone_by_the_journal(curator: Run, path: Path) -> None:
    done = curator("check", path, "--fix")
    assert path.read_bytes() == SAFE
    assert "3 records mended:" in done.stderr
    assert "3 findings mended: 1 CUR013, 1 CUR035, 1 CUR036." in done.stderr
    assert "1 record may be mended by `--fix unknown-keys --unsafe`" in done.stderr
    assert {line.split()[1] for line in done.stdout.splitlines()} == {"CUR009", "CUR033"}
    assert done.returncode == 1
    again = curator("check", path, "--fix")
    assert "nothing to mend." in again.stderr
    assert path.read_bytes() == SAFE
    curator("history", path, "--undo")
    assert curator("export", path, "-o", "back.jsonl").returncode == 0
    assert (path.parent / "back.jsonl").read_bytes() == CONTENT


def test_unsafe_fixes_are_asked_for(curator: Run, path: Path) -> None:
    refused = curator("check", path, "--fix", "unknown-keys")
    assert refused.returncode == 2
    assert "what stands under these keys is lost. Give --unsafe, and see --diff." in refused.stderr
    assert path.read_bytes() == CONTENT
    assert curator("check", path, "-o", "out.jsonl").returncode == 2
    done = curator("check", path, "--fix", "--unsafe", "-o", "out.jsonl")
    assert (path.parent / "out.jsonl").read_bytes() == ALL
    assert path.read_bytes() == CONTENT
    assert not path.with_name("records.jsonl.curator").exists()
    assert done.stdout.splitlines()[0].startswith("out.jsonl:63: CUR033")


def test_one_fix_by_name_and_to_stdout(curator: Run, path: Path) -> None:
    done = curator("check", path, "--fix", "blank-lines", "-o", "-")
    assert done.returncode == 1
    assert done.stdout.encode() == CONTENT.replace(b"\n\n", b"\n").replace(b"\r", b"")
    assert curator("check", path, "--fix", "blank").returncode == 2


def test_a_difference_is_shown_and_nothing_written(curator: Run, path: Path) -> None:
    done = curator("check", path, "--diff")
    assert done.returncode == 1
    assert ":61  dropped" in done.stdout
    assert ":62  edited" in done.stdout
    assert [one.name for one in path.parent.iterdir()] == ["records.jsonl"]
    assert path.read_bytes() == CONTENT
    path.write_bytes(SOUND)
    assert curator("check", path, "--diff").returncode == 0


def test_other_changes_are_not_saved_along_unless_that_is_meant(curator: Run, path: Path) -> None:
    curator("check", path, "--fix", "weights")
    curator("history", path, "--undo")
    done = curator("check", path, "--fix", "line-ends")
    assert done.returncode == 2
    assert "saving it would save 1 other record along with this" in done.stderr
    assert curator("check", path, "--fix", "line-ends", "-o", "out.jsonl").returncode == 1


def test_several_files_are_mended_one_by_one(curator: Run, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(SOUND.replace(b"\n", b"\r\n"))
    assert curator("check", path, other, "--fix", "-o", "out.jsonl").returncode == 2
    assert curator("check", other, path, "--fix").returncode == 1
    assert other.read_bytes() == SOUND
    assert path.read_bytes() == SAFE


def test_a_rule_is_explained_with_its_fixes(curator: Run) -> None:
    told = curator("explain", "CUR024").stdout
    assert "A fix: trim blanks at the ends of texts\n  curator check FILE --fix spaces\n" in told
    assert "--fix last-answer --unsafe" in curator("explain", "CUR011").stdout


def test_what_is_excused_or_not_asked_is_not_mended(curator: Run, path: Path) -> None:
    curator("check", path, "--fix", "--ignore", "CUR036", "-o", "out.jsonl")
    assert b"\r\n" in (path.parent / "out.jsonl").read_bytes()
    assert b"weight" not in (path.parent / "out.jsonl").read_bytes()


def test_duplicates_are_dropped_but_for_the_first(curator: Run, project: Path, tmp_path: Path) -> None:
    lines = (project / "samples" / "repeats.jsonl").read_bytes().splitlines(keepends=True)
    path = tmp_path / "twice.jsonl"
    path.write_bytes(b"".join([*lines, *SOUND.splitlines(keepends=True), *lines]))
    done = curator("check", path, "--fix", "duplicates", "--unsafe", "-o", "once.jsonl")
    assert "CUR021" in done.stderr
    assert "CUR021" not in done.stdout
    assert (tmp_path / "once.jsonl").read_bytes() == b"".join([*lines[:15], *lines[16:]]) + SOUND
    again = curator("check", tmp_path / "once.jsonl", "--fix", "duplicates", "--unsafe", "-o", "again.jsonl")
    assert "nothing to mend by `duplicates`" in again.stderr


def test_a_step_whose_save_was_cut_off_is_saved_when_that_is_meant(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"messages": [{"role": "user", "content": " Hi"}, {"role": "assistant", "content": "Yes."}]}\n')
    before = path.read_bytes()
    assert curator("check", "--fix", "spaces", path, "--ignore", "CUR008").returncode == 0
    mended = path.read_bytes()
    assert mended != before
    with editing(path) as edits:  # as a kill between the journal's step and the save leaves it
        session = edits.session
        session.editor.undo()
        save(session, session.sources[0], plan_save(session.sources[0].edited))
        session.editor.redo()
    assert path.read_bytes() == before
    refused = curator("check", "--fix", "spaces", path)
    assert refused.returncode == 2
    assert "give --force" in refused.stderr
    assert curator("check", "--fix", "spaces", path, "--force", "--ignore", "CUR008").returncode == 0
    assert path.read_bytes() == mended
