"""Runs the real command, as a user's shell does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command() -> list[str]:
    """How the command is started from any folder."""
    return [sys.executable, "-m", "curator"]


@pytest.fixture
def environment(project: Path) -> dict[str, str]:
    """What the command finds around it."""
    return os.environ | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def curator(command: list[str], environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs the command in an empty folder; nobody is ever shown a traceback."""

    def run(*arguments: Any, **more: Any) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*command, *map(os.fspath, arguments)],
            cwd=more.get("cwd", tmp_path),
            env=environment | more.get("env", {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "fault of its own" not in done.stderr, done.stderr
        return done

    return run


@pytest.fixture(autouse=True)
def _fault_reports_stay_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a command run in this process writes about a fault of its own goes with the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
