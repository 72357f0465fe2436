"""Keeps a bounded number of chunks in work and hands their reports out in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def in_order(
    executor: Executor, work: Callable[[Task], Answer], tasks: Iterable[Task], window: int
) -> Generator[tuple[Task, Answer]]:
    """Each task with its answer, in the order of the tasks, while at most `window` of them are submitted.

    `work` is a top-level function. Closing the iterator gives up what has not begun. Errors of a task are raised here.
    """
    waiting: deque[tuple[Task, Future[Answer]]] = deque()
    try:
        for task in tasks:
            waiting.append((task, executor.submit(work, task)))
            if len(waiting) >= window:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()
