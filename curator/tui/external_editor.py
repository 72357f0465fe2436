"""Edits a text in the user's own editor, while the program stands aside."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from textual.app import App, SuspendNotSupported

from curator.errors import CuratorError

FALLBACK = "vi"

_SURROGATE = "D[89A-F][0-9A-F]{2}"
_BRACKET = "27E8"
_LITERAL = re.compile(f"⟨(?=U\\+(?:{_SURROGATE}|{_BRACKET})⟩)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SPELLED = re.compile(f"⟨U\\+({_SURROGATE}|{_BRACKET})⟩")


class EditorError(CuratorError):
    """The user's editor could not be run, or what it left cannot be taken."""


def edit_outside(app: App[int], text: str, suffix: str = ".txt") -> str | None:
    """Return the text as the user's editor left it, or None if it is the same.

    The editor is $VISUAL, else $EDITOR, else vi. The file is UTF-8, private, and holds the text as it is but for lone
    surrogates, which stand as `⟨U+D800⟩`. A final newline is kept only if the text had one, since editors add it.
    Raises EditorError; where the user may have written something, its text says in which file that is kept.
    """
    command = editor_command()
    folder = Path(tempfile.mkdtemp(prefix="curator-"))
    path = folder / f"text{suffix}"
    before = spelled(text).encode("utf-8")
    kept = False
    try:
        path.touch(mode=0o600)
        path.write_bytes(before)
        code = _run(app, [*command, str(path)])
        after = path.read_bytes()
        kept = after != before
        if code:
            raise EditorError(f"{command[0]} ended with exit code {code}; nothing was changed.{_left(path, kept)}")
        if not kept:
            return None
        edited = _taken(after, text, path)
        kept = False
    except OSError as error:
        raise EditorError(f"The text cannot be handed to an editor in {folder}: {error.strerror}.") from error
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    return None if edited == text else edited


def kept_aside(text: str) -> Path:
    """Write a text that could not be taken to a file of its own. Raises EditorError where that fails."""
    try:
        with tempfile.NamedTemporaryFile("wb", prefix="curator-", suffix=".txt", delete=False) as file:
            file.write(spelled(text).encode("utf-8"))
    except OSError as error:
        raise EditorError(f"The text cannot be kept in {tempfile.gettempdir()}: {error.strerror}.") from error
    return Path(file.name)


def editor_command() -> list[str]:
    """The words of the command that edits a file."""
    for name in ("VISUAL", "EDITOR"):
        value = os.environ.get(name, "").strip()
        if value:
            try:
                return shlex.split(value)
            except ValueError as error:
                raise EditorError(f"${name} is no command: {error}. It stands as: {value}") from error
    return [FALLBACK]


def spelled(text: str) -> str:
    """Return `text` as it stands in the file: UTF-8 has no lone surrogates, so they are spelled by number."""
    return _LONE_SURROGATE.sub(_by_number, _LITERAL.sub(_by_number, text))


def unspelled(content: str) -> str:
    """Return the text that a file's content stands for: `unspelled(spelled(text)) == text` for every string."""
    return _SPELLED.sub(lambda match: chr(int(match[1], 16)), content)


def _by_number(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


def _taken(content: bytes, text: str, path: Path) -> str:
    try:
        edited = unspelled(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise EditorError(
            f"What the editor wrote is not UTF-8; nothing was changed.{_left(path, kept=True)}"
        ) from error
    if text.endswith("\n"):
        return edited
    return edited.removesuffix("\r\n" if "\r\n" in text else "\n")


def _left(path: Path, kept: bool) -> str:
    return f" What was written is in {path}." if kept else ""


def _run(app: App[int], command: list[str]) -> int:
    try:
        with app.suspend(), _interrupts_are_the_editors():
            return subprocess.call(command)
    except SuspendNotSupported as error:
        raise EditorError("This terminal cannot be handed to an editor; nothing was changed.") from error
    except OSError as error:
        raise EditorError(
            f"The editor {command[0]} cannot be run: {error.strerror}; nothing was changed. $EDITOR names another one."
        ) from error


@contextmanager
def _interrupts_are_the_editors() -> Iterator[None]:
    """While the editor has the terminal, ctrl+c is a matter between the user and it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
