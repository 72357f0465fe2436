"""Runs the real command, as a user's shell does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.lint.file_rules import FILE_RULES

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command() -> list[str]:
    """How the command is started from any folder."""
    return [sys.executable, "-m", "curator"]


@pytest.fixture
def lines_alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No rule is asked that looks at whole files: for tests of small files that are about single lines."""
    folder = tmp_path_factory.mktemp("settings") / "curator"
    folder.mkdir()
    (folder / "curator.toml").write_text(f"[lint]\noff = {json.dumps([rule.code for rule in FILE_RULES])}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder.parent))


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
