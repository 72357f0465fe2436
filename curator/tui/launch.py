"""Starts the terminal program: what can fail is opened before the screen is taken."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from curator.engine.executors import prepare_workers, stop_workers
from curator.errors import UsageError
from curator.session import Session
from curator.settings import Settings


def launch(paths: Sequence[Path], settings: Settings) -> int:
    """Open the files and show them until the user quits. Returns the exit code.

    Raises UsageError where there is no terminal, and what `Session` raises.
    """
    if not sys.stderr.isatty() or not sys.stdin.isatty():
        raise UsageError("there is no terminal to show the screen on; `curator stats` and `curator check` need none.")
    gc.disable()  # until the first screen is drawn: nearly all that is made until then stays
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    while True:
        code, others = _shown(paths, settings)
        if not others:
            return code
        paths, settings = others, replace(settings, journal="")


def _shown(paths: Sequence[Path], settings: Settings) -> tuple[int, Sequence[Path]]:
    """Show files until the user leaves them. Returns the exit code, and the files to go on with if there are any."""
    session = Session(paths, settings)
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
