"""Where long work runs: in worker processes, or in this one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
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


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put an interrupt off until the block is done; processes that are started in it are deaf to it."""
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    in_main_thread = threading.current_thread() is threading.main_thread()
    late: list[int] = []
    answer = signal.signal(signal.SIGINT, lambda number, _: late.append(number)) if in_main_thread else None
    try:
        yield
    finally:
        if in_main_thread:
            signal.signal(signal.SIGINT, answer or signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
    if late:
        signal.raise_signal(signal.SIGINT)


class WorkerPool(ProcessPoolExecutor):
    """Worker processes. None is begun by halves: an interrupt in the middle would leave one that nobody knows of."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give a call to a worker, which may have to be started for it."""
        with undisturbed():
            return super().submit(fn, *args, **kwargs)


def prepare_workers() -> None:
    """Start the servers that workers come from; to be called while standard error is still the terminal's own.

    They are started deaf to Ctrl-C, which is for this process alone to answer.
    """
    from multiprocessing import forkserver, resource_tracker

    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
    resource_tracker.ensure_running()
    with undisturbed():
        forkserver.ensure_running()


def make_executor(workers: int, *, for_screen: bool = False) -> Executor:
    """An executor of `workers` processes: 0 for one a core this process may use, INLINE for none.

    Workers come from a fork server, so that they inherit neither the screen nor threads. They end with this process,
    however it ends. Workers `for_screen` write nothing to the terminal and give way to the program that draws on it.
    """
    if workers == INLINE:
        return InlineExecutor()
    prepare_workers()
    return WorkerPool(
        workers or available_cores(),
        mp_context=multiprocessing.get_context("forkserver"),
        initializer=_start_worker,
        initargs=(for_screen,),
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
