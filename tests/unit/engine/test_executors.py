"""Workers do what they are asked, and never outlive whom they work for."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from curator.engine.executors import INLINE, InlineExecutor, available_cores, make_executor, stop_workers

PATIENCE = 20.0
"""Seconds after which something that should happen is taken not to happen."""

PARENT = """
import multiprocessing, sys, time
from curator.engine.executors import make_executor

executor = make_executor(2, for_screen={for_screen})
for _ in range(2):
    executor.submit(time.sleep, 600)
while len(multiprocessing.active_children()) < 2:
    time.sleep(0.01)
{wait}
print(*(child.pid for child in multiprocessing.active_children()), flush=True)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def soon(happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not happened() and time.monotonic() < end:
        time.sleep(0.02)
    return happened()


def raises() -> None:
    raise ValueError("from the worker")


@pytest.mark.parametrize("for_screen", [False, True])
@pytest.mark.parametrize("wait", ["time.sleep(1)", ""], ids=["when they work", "while they start"])
def test_workers_end_when_the_program_is_killed(project: Path, for_screen: bool, wait: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(for_screen=for_screen, wait=wait)],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    try:
        assert len(workers) == 2
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        assert soon(lambda: not any(map(alive, workers)))
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
        for pid in filter(alive, workers):
            os.kill(pid, signal.SIGKILL)


def test_stopping_leaves_no_worker_behind() -> None:
    executor = make_executor(2)
    waiting = [executor.submit(time.sleep, 600) for _ in range(4)]
    assert soon(lambda: len(multiprocessing.active_children()) == 2)
    workers = [child.pid for child in multiprocessing.active_children() if child.pid]
    stop_workers()
    executor.shutdown(cancel_futures=True)
    assert soon(lambda: not any(map(alive, workers)))
    assert multiprocessing.active_children() == []
    assert any(isinstance(one.exception(), BrokenExecutor) for one in waiting if not one.cancelled())


def test_workers_answer_and_hand_on_errors() -> None:
    with make_executor(1) as executor:
        assert executor.submit(os.getpid).result() != os.getpid()
        assert isinstance(executor.submit(raises).exception(), ValueError)


def test_workers_for_the_screen_write_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    with make_executor(1, for_screen=True) as executor:
        assert executor.submit(os.write, 1, b"to stdout").result() == 9
        assert executor.submit(os.write, 2, b"to stderr").result() == 9
    assert capfd.readouterr() == ("", "")


def test_inline_work_is_done_here_and_at_once() -> None:
    with make_executor(INLINE) as executor:
        assert isinstance(executor, InlineExecutor)
        future = executor.submit(os.getpid)
        assert future.done()
        assert future.result() == os.getpid()


def test_inline_errors_are_for_whoever_asks_for_the_result() -> None:
    future = InlineExecutor().submit(raises)
    with pytest.raises(ValueError, match="from the worker"):
        future.result()


def test_inline_work_can_be_interrupted() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InlineExecutor().submit(interrupted)


def test_there_is_a_core_to_run_on() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
