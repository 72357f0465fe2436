"""The user's own editor: what it gets, what is taken from it, and what is said when that cannot be."""

from __future__ import annotations

import shlex
import stat
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, SuspendNotSupported

from curator.tui.external_editor import EditorError, edit_outside, editor_command, spelled, unspelled


class Stage:
    """A program that can stand aside."""

    def suspend(self) -> Any:
        return nullcontext()


APP = cast("App[int]", Stage())


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Texts are handed over in a folder of the test's own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes `$VISUAL` a program of some Python statements, with `path` and the bytes in `content`."""

    def make(statements: str) -> None:
        program = f"import pathlib, sys; path = pathlib.Path(sys.argv[1]); content = path.read_bytes(); {statements}"
        monkeypatch.setenv("VISUAL", shlex.join([sys.executable, "-c", program]))

    return make


@pytest.mark.parametrize(
    ("text", "statements", "edited"),
    [
        ("one", "path.write_bytes(b'two')", "two"),
        ("one", "path.write_bytes(b'two\\n')", "two"),
        ("one", "path.write_bytes(b'two\\n\\n')", "two\n"),
        ("one\n", "path.write_bytes(b'two\\n')", "two\n"),
        ("one\n", "path.write_bytes(b'two')", "two"),
        ("a\r\nb", "path.write_bytes(b'a\\r\\nc\\r\\n')", "a\r\nc"),
        ("a\r", "path.write_bytes(b'b\\r\\n')", "b\r"),
        ("", "path.write_bytes(b'new\\n')", "new"),
        ("one", "pass", None),
        ("one", "path.write_bytes(content + b'\\n')", None),
        ("a\ud800b", "path.write_bytes(content.replace(b'a', b'x'))", "x\ud800b"),
        ("⟨U+D800⟩", "path.write_bytes(content + b'x')", "⟨U+D800⟩x"),
        ("\x1b\x00\u200b", "path.write_bytes(content + b'x')", "\x1b\x00\u200bx"),
    ],
)
def test_what_the_editor_leaves_is_taken(
    editor: Any, tmp_path: Path, text: str, statements: str, edited: str | None
) -> None:
    editor(statements)
    assert edit_outside(APP, text) == edited
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private_and_named_for_what_it_is(editor: Any) -> None:
    editor("path.write_text(f'{path.suffix} {path.stat().st_mode:o} {path.parent.stat().st_mode:o}')")
    suffix, mode, folder_mode = str(edit_outside(APP, "x", ".json")).split()
    assert suffix == ".json"
    assert stat.S_IMODE(int(mode, 8)) == 0o600
    assert stat.S_IMODE(int(folder_mode, 8)) == 0o700


def test_an_editor_that_fails_changes_nothing_and_its_text_is_kept(editor: Any) -> None:
    editor("path.write_text('half done'); sys.exit(3)")
    with pytest.raises(EditorError, match="exit code 3; nothing was changed") as raised:
        edit_outside(APP, "x")
    kept = Path(str(raised.value).rpartition(" is in ")[2].removesuffix("."))
    assert kept.read_text() == "half done"


def test_an_editor_that_fails_before_it_writes_leaves_nothing(editor: Any, tmp_path: Path) -> None:
    editor("sys.exit(1)")
    with pytest.raises(EditorError, match=r"exit code 1; nothing was changed\.$"):
        edit_outside(APP, "x")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_utf_8_is_not_taken_but_kept(editor: Any) -> None:
    editor("path.write_bytes(b'caf\\xe9')")
    with pytest.raises(EditorError, match="not UTF-8") as raised:
        edit_outside(APP, "x")
    assert Path(str(raised.value).rpartition(" is in ")[2].removesuffix(".")).read_bytes() == b"caf\xe9"


def test_a_missing_editor_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VISUAL", "/nowhere/no-editor -w")
    with pytest.raises(EditorError, match="/nowhere/no-editor cannot be run: No such file"):
        edit_outside(APP, "x")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_that_cannot_be_handed_over_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def suspend(_: Stage) -> Any:
        raise SuspendNotSupported

    monkeypatch.setattr(Stage, "suspend", suspend)
    with pytest.raises(EditorError, match="cannot be handed to an editor"):
        edit_outside(APP, "x")


@pytest.mark.parametrize(
    ("visual", "editor_", "command"),
    [
        ("", "", ["vi"]),
        ("", "nano -w", ["nano", "-w"]),
        ("code --wait", "nano", ["code", "--wait"]),
        ("  ", "'my editor'", ["my editor"]),
    ],
)
def test_which_editor(monkeypatch: pytest.MonkeyPatch, visual: str, editor_: str, command: list[str]) -> None:
    monkeypatch.setenv("VISUAL", visual)
    monkeypatch.setenv("EDITOR", editor_)
    assert editor_command() == command


def test_a_command_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "vi 'unfinished")
    with pytest.raises(EditorError, match=r"\$VISUAL is no command: No closing quotation"):
        editor_command()


@given(st.lists(st.one_of(st.characters(), st.sampled_from(["\ud800", "⟨", "U+", "D800", "27E8", "⟩"]))).map("".join))
def test_every_text_can_be_written_and_comes_back(text: str) -> None:
    assert unspelled(spelled(text).encode("utf-8").decode("utf-8")) == text
