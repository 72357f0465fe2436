"""Tasks go out in a bounded window and answers come back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.engine.executors import InlineExecutor
from curator.engine.scan import in_order

T = TypeVar("T")


class Idle(Executor):
    """Takes calls and never runs them."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, _: Callable[..., T], /, *__: Any, **___: Any) -> Future[T]:
        future: Future[T] = Future()
        self.futures.append(future)
        return future


class Recording(InlineExecutor):
    """Runs each call at once, and counts them."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        self.submitted += 1
        return super().submit(fn, *args, **kwargs)


def square(number: int) -> int:
    return number * number


def picky(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


@given(tasks=st.lists(st.integers(), max_size=30), window=st.integers(1, 8))
def test_answers_come_in_the_order_of_the_tasks(tasks: list[int], window: int) -> None:
    with ThreadPoolExecutor(3) as executor:
        assert list(in_order(executor, square, tasks, window)) == [(task, task * task) for task in tasks]


@given(count=st.integers(0, 30), window=st.integers(1, 8))
def test_no_more_than_the_window_is_ever_waiting(count: int, window: int) -> None:
    executor = Recording()
    received = 0
    for _ in in_order(executor, square, range(count), window):
        assert executor.submitted - received <= window
        received += 1
    assert received == executor.submitted == count


def test_tasks_are_not_planned_before_there_is_room_for_them() -> None:
    planned: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(100):
            planned.append(number)
            yield number

    answers = in_order(Recording(), square, tasks(), 4)
    next(answers)
    assert len(planned) == 4


def test_an_error_is_raised_in_its_turn_and_the_rest_given_up() -> None:
    received = []
    with pytest.raises(ValueError, match="three"):
        for task, _ in in_order(InlineExecutor(), picky, range(10), 2):
            received.append(task)
    assert received == [0, 1, 2]


def test_closing_gives_up_what_has_not_begun() -> None:
    executor = Idle()

    def tasks() -> Iterator[int]:
        yield from range(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(in_order(executor, square, tasks(), 5))
    assert [future.cancelled() for future in executor.futures] == [True] * 3


def test_no_tasks_give_no_answers() -> None:
    assert list(in_order(InlineExecutor(), square, [], 3)) == []
