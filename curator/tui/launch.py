"""Starts the terminal program: what can fail is opened before the screen is taken."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from curator.engine.executors import prepare_workers, stop_workers
from curator.errors import UsageError
from curator.session import Session
from curator.session.access import first_lines
from curator.session.naming import paths_of
from curator.settings import Settings
from curator.storage.journal import journal_path
from curator.storage.source import STDIN

if TYPE_CHECKING:
    from curator.storage.unpacked import Making


def launch(paths: Sequence[Path], settings: Settings, wait_for_all: Callable[[Making], object]) -> int:
    """Open the files and show them until the user quits. Returns the exit code.

    `wait_for_all` shows how a file is unpacked that has to be whole before the screen is taken.

    Raises UsageError where there is no terminal, and what `Session` raises.
    """
    paths = paths_of(paths)
    piped = STDIN in paths
    if piped and sys.stdin.isatty():
        raise UsageError("`-` reads the records from a pipe, and there is none: cat FILE | curator -")
    if not sys.stderr.isatty() or not (piped or sys.stdin.isatty()):
        raise UsageError("there is no terminal to show the screen on; `curator stats` and `curator check` need none.")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    while True:
        code, others = _shown(paths, settings, wait_for_all)
        if not others:
            return code
        paths, settings = others, replace(settings, journal="")


def _wait(chosen: str, wait_for_all: Callable[[Making], object], making: Making) -> None:
    """Wait for the first lines; for all of them where a journal says what was done to lines further on."""
    if making.path != STDIN and journal_path(making.path, Path(chosen) if chosen else None).exists():
        wait_for_all(making)
    else:
        first_lines(making)


def _keys_from_terminal() -> None:
    """Let keys come from the terminal, now that the records come from a pipe."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError as error:
        raise UsageError("there is no terminal to take keys from; write the records to a file.") from error
    os.dup2(terminal, 0)
    os.close(terminal)


def _shown(
    paths: Sequence[Path], settings: Settings, wait_for_all: Callable[[Making], object]
) -> tuple[int, Sequence[Path]]:
    """Show files until the user leaves them. Returns the exit code, and the files to go on with if there are any."""
    session = Session(paths, settings, partial(_wait, settings.journal, wait_for_all))
    if STDIN in paths:
        _keys_from_terminal()
    session.cache.enabled = True
    outcomes = session.editor.open_journals()
    prepare_workers()
    from curator.tui.app import CuratorApp

    app = CuratorApp(session, outcomes)
    try:
        app.run(mouse=settings.mouse)
    finally:
        stop_workers()
        session.close()
    if app.fault is not None:
        raise app.fault
    return app.return_code or 0, app.others
