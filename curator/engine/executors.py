"""Where long work runs: in worker processes, or in this one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

INLINE = -1
NICE = 5
PRELOADED = ["curator.analysis.chunk"]


class InlineExecutor(Executor):
    """Runs each call at once, in the caller's thread."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as any executor, it hands the error to whoever asks for the result
            future.set_exception(error)
        return future


def prepare_workers() -> None:
    """Start the servers that workers come from; to be called while standard error is still the terminal's own."""
    from multiprocessing import forkserver, resource_tracker

    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
    resource_tracker.ensure_running()
    forkserver.ensure_running()


def make_executor(workers: int, *, for_screen: bool = False) -> Executor:
    """An executor of `workers` processes: 0 for one a core this process may use, INLINE for none.

    Workers come from a fork server, so that they inherit neither the screen nor threads. They end with this process,
    however it ends. Workers `for_screen` write nothing to the terminal and give way to the program that draws on it.
    """
    if workers == INLINE:
        return InlineExecutor()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return ProcessPoolExecutor(
        workers or available_cores(), mp_context=context, initializer=_start_worker, initargs=(for_screen,)
    )


def available_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stop_workers() -> None:
    """End all worker processes of this process at once; what they were doing is lost."""
    for child in multiprocessing.active_children():
        child.kill()


def _start_worker(for_screen: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if for_screen:
        _silence()
        os.nice(NICE)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _end_with_parent() -> None:
    """Leave as soon as the process that asked for this worker is gone, even if it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
