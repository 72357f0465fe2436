"""What the tests of the terminal program share: work that runs in this process and can be held up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest
from piloting import HeldWork

from curator.engine.executors import InlineExecutor
from curator.tui import background

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))  # the driver of pseudo-terminals


@pytest.fixture(autouse=True)
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldWork]:
    """The audit's executor: no processes, and it waits where a test says so. Single records are analysed at once."""
    held = HeldWork()
    made: list[Executor] = []

    def make_executor(workers: int, *, for_screen: bool = False) -> Executor:
        assert workers >= 1
        assert for_screen
        made.append(InlineExecutor() if made else held)
        return made[-1]

    monkeypatch.setattr(background, "make_executor", make_executor)
    yield held
    held.go_on()
